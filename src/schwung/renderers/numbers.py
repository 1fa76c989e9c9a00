"""Numbers as people read them, in English and German."""

from schwung.core.money import exponent_of
from schwung.core.text import Language

MINUS, THIN_DASH = "\u2212", "\u2013"
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF", "JPY": "¥"}


def number(value: float | None, unit: str, language: Language, *, digits: int | None = None) -> str:
    """A value with its unit: `share` in percent, `count` whole, `ratio` and `per_customer` with two decimals, else
    money of that ISO currency, whole from 100 up. A missing value is a dash. digits: decimals in place of the usual."""
    if value is None:
        return THIN_DASH
    if unit == "share":
        return plain(100 * value, 1 if digits is None else digits, language) + ("\u00a0%" if language == "de" else "%")
    if unit == "count":
        return plain(value, digits or 0, language)
    if unit in ("ratio", "per_customer"):
        return plain(value, 2 if digits is None else digits, language)
    decimals = exponent_of(unit) if abs(value) < 100 else 0
    text = plain(abs(value), decimals if digits is None else digits, language)
    sign = MINUS if value < 0 else ""
    symbol = _SYMBOLS.get(unit, unit)
    if language == "de":
        return f"{sign}{text}\u00a0{symbol}"
    return f"{sign}{symbol}{text}" if len(symbol) == 1 else f"{sign}{symbol}\u00a0{text}"


def plain(value: float, digits: int, language: Language) -> str:
    """Grouped, with a real minus: 1,042,318.25 or 1.042.318,25."""
    text = f"{abs(value):,.{digits}f}"
    if language == "de":
        text = text.replace(",", "\u0000").replace(".", ",").replace("\u0000", ".")
    return (MINUS if round(value, digits) < 0 else "") + text
