"""A mapping says how a file is read: which column is which field, and the rules of its source. Kept as YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from schwung.collect.import_kind import Kind
from schwung.core.text import Text

Whole = Literal["auto", "whole", "parts"]

# What is no article, in shops that book everything by article number. Letters count in either case; * stands for any.
SHIPPING = ("POST", "POSTAGE", "DOT", "SHIPPING", "VERSAND", "PORTO", "FREIGHT", "FRACHT")
EXTRAS = ("MANUAL", "DISCOUNT", "RABATT", "GIFT_*")
CORRECTIONS = ("ADJUST*", "BANK CHARGES", "AMAZONFEE", "KORREKTUR*")
# Only where real articles have numbers, so that a letter cannot be one.
SHORT_SHIPPING, SHORT_EXTRAS, SHORT_CORRECTIONS = ("C2", "C3"), ("M", "D"), ("B", "S", "TEST*")


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """One column: the field that it becomes, and how its text is read.

    format: of dates, as strptime has it, or iso, epoch_s, epoch_ms; `whole` takes “.0” off numbers that are names.
    decimal: the mark before the decimals. empty: what stands for no value, such as 99 for “no answer”.
    add: of a number, further columns that are added to it.
    """

    field: str
    format: str | None = None
    decimal: Literal[".", ","] = "."
    empty: tuple[str, ...] = ()
    add: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Join:
    """Another file whose columns are added to each row. on: the column in both; file: relative to the mapping."""

    file: str
    on: str


@dataclass(frozen=True, slots=True)
class FileMapping:
    """Everything that a person decides about a file.

    constants: field → value for the whole file. extra: column → name of a trait or property.
    return_prefix: order numbers that begin so are returns. negative_is_return: a quantity below zero is one.
    shipping, extras, corrections: patterns of product numbers that are no products. Shipping goes to the order's
    shipping; extras (an article typed by hand, a discount) count in its amount; corrections (fees, bad debt) do not.
    cancelled: words of `status` that make an order a cancelled one.
    orders: whole: each order stands in the file with all its lines, so that missing ones are gone; parts: it may be
    cut; auto: see docs/how-to/import.md.
    """

    kind: str
    source: str
    zone: str
    currency: str
    is_net: bool = False
    country: str = "DE"
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    columns: Mapping[str, ColumnRule] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    return_prefix: str | None = None
    negative_is_return: bool = False
    discount_percent: bool = False
    shipping: tuple[str, ...] = SHIPPING
    extras: tuple[str, ...] = EXTRAS
    corrections: tuple[str, ...] = CORRECTIONS
    return_amounts: Literal["signed", "positive"] = "signed"
    cancelled: tuple[str, ...] = ("cancelled", "canceled", "storniert", "voided")
    orders: Whole = "auto"
    join: tuple[Join, ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """Columns that the file must have."""
        added = (name for rule in self.columns.values() for name in rule.add)
        return (*self.columns, *added, *self.extra)

    @property
    def fields(self) -> frozenset[str]:
        return frozenset({*(rule.field for rule in self.columns.values()), *self.constants})

    def missing(self, kind: Kind) -> tuple[str, ...]:
        """Required fields that no column and no constant fills; of a group that needs one, the first."""
        groups = (group[0] for group in kind.any_of if not self.fields.intersection(group))
        return (*(name for name in kind.required if name not in self.fields), *groups)


def to_yaml(mapping: FileMapping, notes: Mapping[str, Text] | None = None) -> str:
    """The mapping as a person edits it. notes: column → a remark that is put behind it."""
    head: dict[str, Any] = {
        name: getattr(mapping, name)
        for name in (
            "kind",
            "source",
            "zone",
            "currency",
            "is_net",
            "country",
            "format",
            "encoding",
            "delimiter",
            "sheet",
        )
        if getattr(mapping, name) is not None
    }
    columns = {name: _rule_as_data(rule) for name, rule in mapping.columns.items()}
    rules: dict[str, Any] = {name: dict(value) for name in ("constants", "extra") if (value := getattr(mapping, name))}
    if mapping.kind in ("orders", "order_lines"):
        rules["returns"] = {
            "prefix": mapping.return_prefix,
            "negative_quantity": mapping.negative_is_return,
            "amounts": mapping.return_amounts,
        }
        rules["not_products"] = {name: list(getattr(mapping, name)) for name in ("shipping", "extras", "corrections")}
        rules["cancelled"] = list(mapping.cancelled)
        rules["orders"] = mapping.orders
        rules["discount"] = "percent" if mapping.discount_percent else "amount"
    if mapping.join:
        rules["join"] = [{"file": join.file, "on": join.on} for join in mapping.join]
    lines = [
        "".join(f"{name}: {_inline(value)}\n" for name, value in head.items()),
        "# column in the file: field of schwung\n",
        "columns:\n" if columns else "columns: {}\n",
    ]
    for name, rule in columns.items():
        note = f"  # {notes[name].en}" if notes and name in notes else ""
        lines.append(f"  {_inline(name)}: {_inline(rule)}{note}\n")
    return "".join([*lines, _dump(rules) if rules else ""])


def _rule_as_data(rule: ColumnRule) -> Any:
    data: dict[str, Any] = {"field": rule.field}
    if rule.format:
        data["format"] = rule.format
    if rule.decimal != ".":
        data["decimal"] = rule.decimal
    if rule.empty:
        data["empty"] = list(rule.empty)
    if rule.add:
        data["add"] = list(rule.add)
    return data if len(data) > 1 else rule.field


def _dump(data: Any) -> str:
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120))


def _inline(data: Any) -> str:
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10_000)
    return str(text).removesuffix("...\n").rstrip("\n")
