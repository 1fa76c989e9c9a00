"""Numbers, money, dates and periods as people of each language write them. One table: docs of the look, section 3."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from schwung.core.clock import Instant, to_datetime
from schwung.core.money import to_major
from schwung.core.text import Language

Number = int | float | Decimal
MISSING = "–"
NBSP = "\u00a0"


def integer(value: Number | None, language: Language) -> str:
    return MISSING if value is None else _minus(format_decimal(round(value), locale=language))


def decimal(value: Number | None, language: Language, digits: int = 2) -> str:
    return MISSING if value is None else _minus(format_decimal(value, format=_pattern(digits), locale=language))


def share(value: Number | None, language: Language, digits: int = 1) -> str:
    """0.463 → 46.3%, in German 46,3 % with a no-break space."""
    if value is None:
        return MISSING
    pattern = _pattern(digits) + (f"{NBSP}%" if language == "de" else "%")
    return _minus(format_percent(value, format=pattern, locale=language))


def points(value: Number | None, language: Language, digits: int = 1, *, long: bool = False) -> str:
    """A change of a share: 0.006 → 0.6 pts. Without sign; the arrow says the direction."""
    if value is None:
        return MISSING
    short, full = ("Pkt.", "Punkte") if language == "de" else ("pts", "points")
    return f"{decimal(abs(float(value)) * 100, language, digits)}{NBSP}{full if long else short}"


def money(minor: int | float | None, language: Language, currency: str, *, exact: bool = False) -> str:
    """Minor units as money; see `amount`."""
    return MISSING if minor is None else amount(to_major(round(minor), currency), language, currency, exact=exact)


def amount(major: Number | None, language: Language, currency: str, *, exact: bool = False) -> str:
    """Major units: whole from 100 up, cents below, three digits from a million up. exact: always with cents."""
    if major is None:
        return MISSING
    size = abs(float(major))
    if size >= 1_000_000 and not exact:
        power, english, german = (9, "bn", "Mrd.") if size >= 10**9 else (6, "M", "Mio.")
        scaled = size / 10**power
        digits = max(0, 2 - int(math.log10(scaled)))
        word = german if language == "de" else english
        text = _with_symbol(f"{decimal(scaled, language, digits)}{NBSP}{word}", currency, language)
    elif exact or size < 100:
        text = format_currency(size, currency, locale=language)
    else:
        text = _with_symbol(decimal(size, language, 0), currency, language)
    return f"−{text}" if major < 0 else text


def span(low: str, high: str, language: Language) -> str:
    """Two shown numbers as an interval: 52.1 to 53.4."""
    return f"{low} {'bis' if language == 'de' else 'to'} {high}"


def interval(low: Number | None, high: Number | None, language: Language, unit: str, currency: str = "EUR") -> str:
    """An interval in its unit ("share", "money" in major units, "number"), with no digit finer than a hundredth of its width."""
    if low is None or high is None:
        return MISSING
    low, high = float(low), float(high)
    if unit == "money":
        return span(amount(low, language, currency), amount(high, language, currency), language)
    if unit == "share":
        digits = digits_for((high - low) * 100, share_digits(high))
        return span(decimal(low * 100, language, digits), decimal(high * 100, language, digits), language)
    digits = digits_for(high - low, 2)
    return span(decimal(low, language, digits), decimal(high, language, digits), language)


def share_digits(value: Number | None) -> int:
    """Most decimals of a percentage: two below one percent."""
    return 2 if value and abs(float(value)) < 0.01 else 1


def digits_for(width: Number, most: int) -> int:
    """Decimals to show for an estimate whose interval is that wide."""
    return most if width <= 0 else max(0, min(most, math.floor(-math.log10(float(width) / 100) + 1e-9)))


def day(value: date | None, language: Language) -> str:
    """20 Nov 2026 · 20.11.2026."""
    return MISSING if value is None else _date(value, {"en": "d MMM y", "de": "dd.MM.y"}[language], language)


def day_in_words(value: date, language: Language) -> str:
    return _date(value, {"en": "d MMMM y", "de": "d. MMMM y"}[language], language)


def day_with_weekday(value: date, language: Language) -> str:
    return _date(value, {"en": "EEE d MMM y", "de": "EEE, dd.MM.y"}[language], language)


def short_day(value: date, language: Language) -> str:
    return _date(value, {"en": "d MMM", "de": "dd.MM."}[language], language)


def month(value: date, language: Language) -> str:
    """Nov 26 · Nov. 26."""
    return _date(value, "MMM yy", language)


def unit_name(first_day: date, unit: str, language: Language) -> str:
    """A calendar unit by its first day: 20 Nov 2026, Nov 26, Q4 2026, 2026."""
    if unit == "quarter":
        return f"Q{(first_day.month + 2) // 3} {first_day.year}"
    if unit == "year":
        return str(first_day.year)
    return month(first_day, language) if unit == "month" else day(first_day, language)


def period(since: date, until: date, language: Language) -> str:
    """24 Oct – 20 Nov 2026 · 24.10. – 20.11.2026; the year stands at the start too where it differs."""
    start = day(since, language) if since.year != until.year else short_day(since, language)
    return day(until, language) if since == until else f"{start} – {day(until, language)}"


def local(instant: Instant, zone: str) -> datetime:
    return to_datetime(instant).astimezone(ZoneInfo(zone))


def clock(instant: Instant, language: Language, zone: str) -> str:
    """09:14 · 09:14 Uhr."""
    return f"{local(instant, zone):%H:%M}{f'{NBSP}Uhr' if language == 'de' else ''}"


def ago(instant: Instant | None, now: Instant, language: Language) -> str:
    """2 minutes ago · vor 2 Minuten."""
    if instant is None:
        return {"en": "never", "de": "nie"}[language]
    passed = timedelta(microseconds=max(0, now - instant))
    if passed < timedelta(seconds=5):
        return {"en": "just now", "de": "gerade eben"}[language]
    return format_timedelta(-passed, add_direction=True, threshold=1.2, locale=language)


def duration(seconds: float, language: Language) -> str:
    """A stretch of time in words: 2 minutes · 2 Minuten."""
    return format_timedelta(timedelta(seconds=seconds), threshold=1.2, locale=language)


def iso(instant: Instant) -> str:
    """For machines, in UTC."""
    return to_datetime(instant).astimezone(UTC).isoformat(timespec="seconds")


def _date(value: date, pattern: str, language: Language) -> str:
    return format_date(value, format=pattern, locale=language)


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _with_symbol(number: str, currency: str, language: Language) -> str:
    symbol = get_currency_symbol(currency, locale=language)
    return f"{number}{NBSP}{symbol}" if language == "de" else f"{symbol}{number}"
