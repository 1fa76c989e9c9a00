"""The form of a mapping: what it shows of each column, and what a filled form means."""

from dataclasses import replace

import pytest

from schwung.app.import_looks import Inspection
from schwung.collect.connector import Layout
from schwung.collect.guess import propose
from schwung.collect.import_kind import KINDS
from schwung.collect.mapping import FileMapping
from schwung.web.console.imports import form

SAMPLES = {
    "Bestellnr": ["1", "1", "2", "3"],
    "Datum": ["01.02.2026", "31.02.2026", "03.02.2026", "04.02.2026"],
    "Kunde": ["K1", "K1", "", "K2"],
    "Artikel": ["A", "B", "C", "D"],
    "Menge": ["1", "2", "-1", "1"],
    "Einzelpreis": ["1.234,50", "auf Anfrage", "2,00 €", "3"],
    "Bearbeiter": ["jk", "", "", ""],
}


@pytest.fixture
def looked() -> Inspection:
    default = FileMapping("order_lines", "kasse", "Europe/Berlin", "EUR")
    proposal = propose(KINDS.find("order_lines"), SAMPLES, default)
    return Inspection(Layout("csv", tuple(SAMPLES)), 100, 4, (), SAMPLES, proposal)


def test_each_column_says_what_the_samples_hold(looked: Inspection) -> None:
    found = {column.name: column for column in form.columns(looked, looked.proposal.mapping)}
    assert {name: column.unreadable for name, column in found.items() if column.unreadable} == {
        "Datum": 1,
        "Einzelpreis": 1,
    }
    assert {name: column.different for name, column in found.items()} == {
        "Bestellnr": 3, "Datum": 4, "Kunde": 2, "Artikel": 4, "Menge": 3, "Einzelpreis": 4, "Bearbeiter": 1,
    }  # fmt: skip
    assert (found["Kunde"].filled_share, found["Bearbeiter"].filled_share) == (0.75, 0.25)
    assert found["Bearbeiter"].field is None


@pytest.mark.parametrize(
    ("value", "form_", "fits"),
    [("2026-02-28", "iso", True), ("2026-2-8 10:00", "iso", True), ("2026-02-30", "iso", False), ("1.2.2026", "iso", False),
     ("29.02.2024", "%d.%m.%Y", True), ("29.02.2025", "%d.%m.%Y", False), ("1700000000", "epoch_s", True)],
)  # fmt: skip
def test_days_that_do_not_exist_are_seen(value: str, form_: str, fits: bool) -> None:
    assert form._is_date(value, form_) is fits


@pytest.mark.parametrize(
    ("value", "decimal", "fits"),
    [("1.234,50", ",", True), ("1,234.50", ".", True), ("€ 3", ",", True), ("-0,5", ",", True), ("1e3", ".", True),
     ("12 EUR", ",", True), ("", ",", False), ("x", ",", False), ("1,2,3,", ",", False)],
)  # fmt: skip
def test_numbers_are_seen(value: str, decimal: str, fits: bool) -> None:
    assert form._is_number(value, decimal) is fits


def test_a_filled_form_becomes_a_mapping(looked: Inspection) -> None:
    before = looked.proposal.mapping
    places = {name: place for place, name in enumerate(SAMPLES)}
    given = {f"field-{places[name]}": rule.field for name, rule in before.columns.items()}
    given |= {"source": " filiale ", "zone": "Europe/London", "currency": "chf", "shipping": "POST, VERSAND*"}
    given[f"way-{places['Einzelpreis']}"] = "."
    given[f"field-{places['Kunde']}"] = ""
    found = form.filled(looked, before, given)
    assert (found.source, found.zone, found.currency) == ("filiale", "Europe/London", "CHF")
    assert found.columns["Einzelpreis"].decimal == "." and "Kunde" not in found.columns
    assert found.shipping == ("POST", "VERSAND*") and form.wrong(found) == {}


def test_what_cannot_be_is_named(looked: Inspection) -> None:
    wrong = replace(looked.proposal.mapping, zone="Mars", currency="EURO", source="a b")
    assert set(form.wrong(wrong)) == {"zone", "currency", "source"}
