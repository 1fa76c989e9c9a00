"""Texts, money, periods, hashes: what every room builds on."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schwung.core.clock import to_datetime, to_instant
from schwung.core.errors import InputError
from schwung.core.money import to_major, to_minor
from schwung.core.period import UNITS, Period, day_of, first_day_of, last_days, next_unit, start_of
from schwung.core.registry import Registry
from schwung.core.stable_hash import bucket_of, key_of
from schwung.core.text import Text

DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))


def test_a_text_has_both_languages_and_fills_its_marks_in_each() -> None:
    kind = Text("metric", "Kennzahl")
    filled = Text("no {kind} {n}", "keine {kind} {n}").fill(kind=kind, n=3)
    assert (filled.in_("en"), filled.in_("de")) == ("no metric 3", "keine Kennzahl 3")
    with pytest.raises(ValueError, match="both languages"):
        Text("only English", " ")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.345", "EUR", 1235),
        ("-12.345", "EUR", -1235),
        ("0.001", "GBP", 0),
        ("0.005", "GBP", 1),
        ("1", "JPY", 1),
        ("1.2345", "KWD", 1235),
    ],
)
def test_money_is_rounded_half_away_from_zero_in_the_currency_s_own_digits(
    amount: str, currency: str, minor: int
) -> None:
    assert to_minor(amount, currency) == minor


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_survive_the_way_to_major_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor


@pytest.mark.parametrize("wrong", ["abc", "NaN", "Infinity", ""])
def test_what_is_no_number_is_no_money(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        to_minor(wrong, "EUR")


@given(DAYS, st.sampled_from(UNITS))
def test_units_tile_the_calendar(day: date, unit: str) -> None:
    first = first_day_of(day, unit)  # type: ignore[arg-type]
    following = next_unit(first, unit)  # type: ignore[arg-type]
    assert first <= day < following
    assert first_day_of(following, unit) == following  # type: ignore[arg-type]


def test_a_day_in_berlin_is_23_hours_long_when_summer_begins() -> None:
    day = Period(date(2026, 3, 29), date(2026, 3, 29), "Europe/Berlin")
    assert day.until_at - day.since_at == 23 * 3600 * 1_000_000
    assert day_of(day.since_at - 1, "Europe/Berlin") == date(2026, 3, 28)


def test_the_28_days_before_have_the_same_weekdays() -> None:
    as_of = to_instant(datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    period = last_days(28, as_of, "Europe/Berlin")
    assert (period.since_on, period.until_on) == (date(2026, 10, 25), date(2026, 11, 21))
    assert period.before().since_on.weekday() == period.since_on.weekday()
    assert period.before().until_at == period.since_at


def test_months_of_a_quarter() -> None:
    parts = list(Period(date(2026, 1, 15), date(2026, 3, 2), "UTC").parts("month"))
    assert [part.since_on for part in parts] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert parts[-1].until_on == date(2026, 3, 31)


@given(st.integers(-(10**15), 4 * 10**15))
def test_instants_survive_the_way_to_datetime_and_back(instant: int) -> None:
    assert to_instant(to_datetime(instant)) == instant
    assert to_datetime(start_of(day_of(instant, "UTC"), "UTC")).hour == 0


def test_hashes_are_what_they_were_yesterday() -> None:
    assert [bucket_of(n) for n in (1, 2, 1_000_000)] == [56, 13, 20]
    assert key_of("shop", "90-22814") == key_of("shop", "90-22814") != key_of("shop9", "0-22814")
    assert 0 <= key_of("a") < 2**60


def test_a_registry_names_what_it_knows() -> None:
    registry: Registry[Text] = Registry(Text("metric", "Kennzahl"), "schwung.core", "NONE", ())
    with pytest.raises(InputError, match="no metric named “x”"):
        registry.find("x")


def test_decimal_text_is_taken_as_it_is_written() -> None:
    assert to_minor(Decimal("2.675"), "EUR") == 268
