"""Columns are recognized in both languages by name and by what they hold."""

import pytest

from schwung.collect.guess import Proposal, propose
from schwung.collect.import_kind import KINDS, fold
from schwung.collect.mapping import FileMapping


def _guess(kind: str, columns: dict[str, list[str]]) -> Proposal:
    return propose(KINDS[kind], columns, FileMapping(kind, "shop", "Europe/London", "GBP"))


def _fields(proposal: Proposal) -> dict[str, str]:
    return {column: rule.field for column, rule in proposal.mapping.columns.items()}


def test_names_fold() -> None:
    assert fold("Kunden-Nr.") == fold("kundennr") == "kundennr"
    assert fold("Währung") == "waehrung"


def test_every_synonym_names_one_field_at_most() -> None:
    for kind in KINDS.values():
        names = [field.name for field in kind.fields]
        assert len(names) == len(set(names))
        for field in kind.fields:
            proposal = _guess(kind.name, {field.title.de: []})
            assert set(_fields(proposal).values()) == {field.name}, (kind.name, field.title.de)


def test_online_retail() -> None:
    proposal = _guess(
        "order_lines",
        {
            "Invoice": ["489434", "C489449"],
            "StockCode": ["85048", "79323P"],
            "Description": ["GLASS BALL", ""],
            "Quantity": ["12", "-1"],
            "InvoiceDate": ["2009-12-01 07:45:00"] * 2,
            "Price": ["6.95", "0.001"],
            "Customer ID": ["13085", ""],
            "Country": ["France", "Germany"],
        },
    )
    assert proposal.is_certain
    assert list(_fields(proposal).values()) == [
        "order_id", "product_id", "description", "quantity", "ordered_at", "unit_price", "user_id", "country",
    ]  # fmt: skip
    assert (proposal.mapping.return_prefix, proposal.mapping.negative_is_return) == ("C", False)
    assert "M" in proposal.mapping.extras
    readings = {guess.column: guess.reading.en for guess in proposal.guesses if guess.reading}
    assert readings["InvoiceDate"] == "year-month-day, London time"
    assert readings["Price"] == "decimal point"


def test_a_letter_may_be_an_article_in_another_shop() -> None:
    proposal = _guess("order_lines", {"order": ["1", "2"], "product": ["A", "B"], "price": ["1", "2"]})
    assert "B" not in proposal.mapping.corrections
    assert proposal.mapping.negative_is_return


def test_german_names_dates_and_numbers() -> None:
    proposal = _guess(
        "order_lines",
        {
            "Belegnummer": ["R-1", "R-2"],
            "Datum": ["01.02.2026", "13.02.2026"],
            "Kunden-Nr.": ["1", "2"],
            "Artikelnr": ["4711", "4712"],
            "Stückzahl": ["1", "2"],
            "Einzelpreis": ["1.234,50", "3,99 €"],
        },
    )
    assert proposal.is_certain
    rules = proposal.mapping.columns
    assert rules["Datum"].format == "%d.%m.%Y"
    assert rules["Einzelpreis"].decimal == ","


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["31/12/2025", "01/02/2026"], "%d/%m/%Y"),
        (["12/31/2025", "02/01/2026"], "%m/%d/%Y"),
        (["20260131", "20260201"], "%Y%m%d"),
        (["1767225600", "1767225601"], "epoch_s"),
        (["1767225600000", "1767225601000"], "epoch_ms"),
        (["2026-01-31T10:00:00Z"], None),
        (["12/31/2025 11:59:59 PM"], "%m/%d/%Y %I:%M:%S %p"),
    ],
)
def test_forms_of_dates(values: list[str], form: str | None) -> None:
    proposal = _guess("orders", {"order": ["1"], "date": values})
    assert proposal.mapping.columns["date"].format == form
    assert not proposal.questions


def test_day_or_month_is_a_question() -> None:
    proposal = _guess("orders", {"order": ["1"], "date": ["01/02/2026", "03/04/2026"]})
    assert not proposal.is_certain
    [question] = proposal.questions
    assert question.title.de == "„date“ enthält 01/02/2026. Was steht zuerst, Tag oder Monat?"
    assert [answer.mapping.columns["date"].format for answer in question.answers] == ["%d/%m/%Y", "%m/%d/%Y"]


def test_percent_or_money_is_a_question() -> None:
    proposal = _guess("order_lines", {"order": ["1"], "price": ["2"], "Rabatt": ["10", "0,10"]})
    [question] = proposal.questions
    assert question.title.de == "„Rabatt“ enthält 0,10 und 10. Prozent oder Betrag?"
    assert [answer.mapping.discount_percent for answer in question.answers] == [False, True, False]
    assert "Rabatt" not in question.answers[2].mapping.columns


def test_what_does_not_fit_is_not_taken() -> None:
    proposal = _guess("order_lines", {"order": ["1"], "price": ["on request"]})
    assert proposal.missing == ("unit_price",)
    assert not proposal.is_certain


def test_numbers_that_a_spreadsheet_made_decimal_are_names() -> None:
    proposal = _guess("orders", {"order": ["536365.0", "536366.0"], "date": ["2026-01-01"] * 2})
    assert proposal.mapping.columns["order"].format == "whole"


def test_further_columns_become_traits() -> None:
    proposal = _guess("customers", {"customer id": ["1"], "Favorite Roast": ["dark"]})
    assert proposal.mapping.extra == {"Favorite Roast": "favorite_roast"}


def test_a_network_address_is_not_taken_along() -> None:
    proposal = _guess(
        "customers", {"customer id": ["1"], "ip": ["10.0.0.1"], "IP-Adresse": ["10.0.0.1"], "Trip": ["x"]}
    )
    assert proposal.mapping.extra == {"Trip": "trip"}


def test_a_column_with_the_field_s_name_is_taken_even_where_many_values_are_bad() -> None:
    """Left out, no row would be reported: the lines would wait for an order that never comes."""
    columns = {
        "order_id": ["1", "2", "3"],
        "ordered_at": ["01.10.2026", "02.10.2026", "never"],
        "price": ["1", "2", "x"],
    }
    proposal = _guess("order_lines", columns)
    assert _fields(proposal) == {"order_id": "order_id", "ordered_at": "ordered_at", "price": "unit_price"}
    assert proposal.mapping.columns["ordered_at"].format == "%d.%m.%Y"
    assert _guess("orders", {**columns, "total": ["1", "2", "3"]}).missing == ("ordered_at",), "required: a person says"
