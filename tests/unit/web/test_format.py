"""Numbers, dates and money as the look's table (section 3) writes them."""

from datetime import date

import pytest

from schwung.core.clock import DAY, HOUR, MINUTE, SECOND
from schwung.core.text import Language
from schwung.web.console import format as shown

EN_DE: tuple[Language, Language] = ("en", "de")
NBSP = "\u00a0"


def both(function, *values, **options) -> tuple[str, str]:
    return tuple(function(*values, language, **options) for language in EN_DE)


def test_integers_and_decimals() -> None:
    assert both(shown.integer, 1_042_318) == ("1,042,318", "1.042.318")
    assert both(shown.decimal, 12.62) == ("12.62", "12,62")
    assert both(shown.integer, -5) == ("−5", "−5")
    assert both(shown.integer, None) == ("–", "–")


def test_shares_and_their_changes() -> None:
    assert both(shown.share, 0.463) == ("46.3%", f"46,3{NBSP}%")
    assert both(shown.points, -0.006) == (f"0.6{NBSP}pts", f"0,6{NBSP}Pkt.")
    assert shown.points(0.0043, "en", 2, long=True) == f"0.43{NBSP}points"


@pytest.mark.parametrize(
    ("minor", "currency", "en", "de"),
    [
        (18_430_000, "EUR", "€184,300", f"184.300{NBSP}€"),
        (3_184, "EUR", "€31.84", f"31,84{NBSP}€"),
        (377_000_000, "EUR", f"€3.77{NBSP}M", f"3,77{NBSP}Mio.{NBSP}€"),
        (1_234_500_000_000, "EUR", f"€12.3{NBSP}bn", f"12,3{NBSP}Mrd.{NBSP}€"),
        (-2_620_000, "EUR", "−€26,200", f"−26.200{NBSP}€"),
        (-262, "GBP", "−£2.62", f"−2,62{NBSP}£"),
        (0, "EUR", "€0.00", f"0,00{NBSP}€"),
        (123_456, "JPY", "¥123,456", f"123.456{NBSP}¥"),
        (None, "EUR", "–", "–"),
    ],
)
def test_money(minor: int | None, currency: str, en: str, de: str) -> None:
    assert (shown.money(minor, "en", currency), shown.money(minor, "de", currency)) == (en, de)


def test_a_persons_orders_keep_their_cents() -> None:
    assert shown.money(123_456_789, "en", "EUR", exact=True) == "€1,234,567.89"


def test_an_interval_shows_no_digit_finer_than_a_hundredth_of_its_width() -> None:
    assert shown.interval(0.521, 0.534, "en", "share") == "52.1 to 53.4"
    assert shown.interval(0.521, 0.534, "de", "share") == "52,1 bis 53,4"
    assert shown.interval(0.11598, 0.77091, "en", "share") == "12 to 77"
    assert shown.interval(1.234567, 1.3, "en", "number") == "1.23 to 1.30"
    assert shown.interval(10.123, 950.5, "en", "number") == "10 to 950"
    assert shown.interval(171_200.4, 197_900, "de", "money", "EUR") == f"171.200{NBSP}€ bis 197.900{NBSP}€"
    assert shown.interval(None, 3, "en", "number") == "–"


def test_dates_and_periods() -> None:
    day = date(2026, 11, 20)
    assert both(shown.day, day) == ("20 Nov 2026", "20.11.2026")
    assert both(shown.day, date(2026, 9, 2)) == ("2 Sep 2026", "02.09.2026")
    assert both(shown.day_in_words, day) == ("20 November 2026", "20. November 2026")
    assert both(shown.day_with_weekday, day) == ("Fri 20 Nov 2026", "Fr., 20.11.2026")
    assert both(shown.period, date(2026, 10, 24), day) == ("24 Oct – 20 Nov 2026", "24.10. – 20.11.2026")
    assert both(shown.period, date(2025, 12, 24), day) == ("24 Dec 2025 – 20 Nov 2026", "24.12.2025 – 20.11.2026")
    assert both(shown.period, day, day) == ("20 Nov 2026", "20.11.2026")


def test_time_ago_and_clock() -> None:
    now = 1_000 * DAY
    assert both(shown.ago, now - 2 * MINUTE, now) == ("2 minutes ago", "vor 2 Minuten")
    assert both(shown.ago, now - 2 * SECOND, now) == ("just now", "gerade eben")
    assert both(shown.ago, now + HOUR, now) == ("just now", "gerade eben"), "a clock that was set back"
    assert both(shown.ago, None, now) == ("never", "nie")
    instant = 1_795_162_440 * SECOND  # 20 November 2026, 08:14 UTC
    assert shown.clock(instant, "en", "Europe/Berlin") == "09:14"
    assert shown.clock(instant, "de", "Europe/London") == f"08:14{NBSP}Uhr"
