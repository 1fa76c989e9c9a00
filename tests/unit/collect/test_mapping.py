"""A mapping survives its file, and every mistake in one is told with its line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schwung.collect.import_kind import KINDS
from schwung.collect.mapping import ColumnRule, FileMapping, Join, to_yaml
from schwung.collect.mapping_file import parse_mapping, read_mapping
from schwung.core.errors import InputError

DEFAULT = FileMapping("order_lines", "shop", "Europe/Berlin", "EUR")
_NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
_FIELDS = st.sampled_from([field.name for field in KINDS["order_lines"].fields])
_RULES = st.builds(
    ColumnRule, _FIELDS, st.sampled_from([None, "%d.%m.%Y", "epoch_s", "whole"]), st.sampled_from([".", ","])
)


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(_NAMES, _RULES, max_size=6),
    st.sampled_from(["auto", "whole", "parts"]),
    st.booleans(),
    st.sampled_from([None, "C", "1", "no"]),
)
def test_what_is_written_is_read(columns: dict[str, ColumnRule], orders: str, flag: bool, prefix: str | None) -> None:
    taken: dict[str, str] = {}
    columns = {name: rule for name, rule in columns.items() if taken.setdefault(rule.field, name) == name}
    mapping = FileMapping(
        "order_lines", "shop.2", "Europe/London", "GBP", is_net=flag, country="GB", delimiter="\t", columns=columns,
        constants={"channel": "1.0"}, return_prefix=prefix, negative_is_return=flag, return_amounts="positive",
        discount_percent=flag, shipping=("P", "07"), corrections=(), orders=orders, join=(Join("a.csv", "id"),),  # type: ignore[arg-type]
    )  # fmt: skip
    assert read_mapping(to_yaml(mapping), DEFAULT) == mapping


def test_every_mistake_has_its_line() -> None:
    text = """\
kind: order_lines
zone: Berlin
currency: DM
colums: {}
columns:
  Nr: order_number
  A: product_id
  B: product_id
  Preis: {field: unit_price, decimal: ";", colour: red}
constants: {shade: blue}
returns: {prefix: C, sign: minus}
orders: all
join: {file: a.csv}
is_net: perhaps
"""
    _, mistakes = parse_mapping(text, DEFAULT)
    assert [(mistake.line, mistake.name) for mistake in sorted(mistakes)] == [
        (2, "zone"),
        (3, "currency"),
        (4, "colums"),
        (6, "columns.Nr"),
        (8, "columns.B"),
        (9, "columns.Preis.colour"),
        (9, "columns.Preis.decimal"),
        (10, "constants.shade"),
        (11, "returns.sign"),
        (12, "orders"),
        (13, "join"),
        (14, "is_net"),
    ]
    with pytest.raises(InputError, match=r"6: columns\.Nr there is no field") as caught:
        read_mapping(text, DEFAULT)
    assert caught.value.code == "mapping_invalid"
    assert "9: columns.Preis.decimal muss" in caught.value.message.de


@pytest.mark.parametrize("text", ["- a\n- b", "columns: [", "kind: shoes", "a: 1\na: 2", "\x00"])
def test_what_is_no_mapping_is_a_mistake(text: str) -> None:
    _, mistakes = parse_mapping(text, DEFAULT)
    assert mistakes


def test_an_empty_mapping_is_the_default() -> None:
    assert read_mapping("", DEFAULT) == DEFAULT


def test_required_fields_and_groups_are_missed() -> None:
    assert DEFAULT.missing(KINDS["order_lines"]) == ("order_id", "unit_price")
    mapped = FileMapping("customers", "shop", "UTC", "EUR", columns={"mail": ColumnRule("email")})
    assert mapped.missing(KINDS["customers"]) == ()
