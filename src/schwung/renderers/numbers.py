"""Numbers as people read them, in English and German."""

from schwung.core.money import exponent_of
from schwung.core.text import Language, Text

MINUS, THIN_DASH = "\u2212", "\u2013"
_WORDS = {1: None, 1_000: Text("thousand", "Tsd."), 1_000_000: Text("million", "Mio.")}
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "CHF": "CHF", "JPY": "¥"}
_UNITS = {
    "share": Text("share", "Anteil"),
    "count": Text("count", "Anzahl"),
    "ratio": Text("ratio", "Verhältnis"),
    "per_customer": Text("per customer", "je Kunde"),
    "score": Text("points, −100 to 100", "Punkte, −100 bis 100"),
    "rating": Text("place on the scale", "Platz auf der Skala"),
    "duration": Text("time", "Zeit"),
    "months": Text("months", "Monate"),
    "hours": Text("hours", "Stunden"),
    "points": Text("points", "Punkte"),
}
_DIGITS = {"count": 0, "points": 0, "ratio": 2, "per_customer": 2, "rating": 2, "score": 1, "months": 1, "hours": 1}
_STRETCHES = (
    (2 * 86_400, 86_400, Text("days", "Tage")),
    (2 * 3_600, 3_600, Text("h", "Std.")),
    (0, 60, Text("min", "Min.")),
)
"""From so many seconds on, a stretch of time is told in a unit of so many seconds."""


def unit_name(unit: str, language: Language) -> str:
    """A unit in words; of money the ISO currency."""
    return _UNITS[unit].in_(language) if unit in _UNITS else unit


def number(value: float | None, unit: str, language: Language, *, digits: int | None = None) -> str:
    """A value with its unit: `share` in percent, `count` whole, `ratio` and the like with decimals, `duration` (seconds) in
    minutes, hours or days, else money of that ISO currency, whole from 100 up. A missing value is a dash. digits: decimals in place of the usual."""
    if value is None:
        return THIN_DASH
    if unit == "share":
        return plain(100 * value, 1 if digits is None else digits, language) + ("\u00a0%" if language == "de" else "%")
    if unit in _DIGITS:
        return plain(value, _DIGITS[unit] if digits is None else digits, language)
    if unit == "duration":
        size, word = stretch(value)
        return f"{plain(value / size, 0 if size == 60 else 1, language)}\u00a0{word.in_(language)}"
    decimals = exponent_of(unit) if abs(value) < 100 else 0
    text = plain(abs(value), decimals if digits is None else digits, language)
    sign = MINUS if value < 0 else ""
    symbol = _SYMBOLS.get(unit, unit)
    if language == "de":
        return f"{sign}{text}\u00a0{symbol}"
    return f"{sign}{symbol}{text}" if len(symbol) == 1 else f"{sign}{symbol}\u00a0{text}"


def stretch(seconds: float) -> tuple[int, Text]:
    """In which unit a stretch of time reads well: its seconds, and its word."""
    return next((size, word) for least, size, word in _STRETCHES if abs(seconds) >= least)


def plain(value: float, digits: int, language: Language) -> str:
    """Grouped, with a real minus: 1,042,318.25 or 1.042.318,25."""
    text = f"{abs(value):,.{digits}f}"
    if language == "de":
        text = text.replace(",", "\u0000").replace(".", ",").replace("\u0000", ".")
    return (MINUS if round(value, digits) < 0 else "") + text


def money_unit(largest: float) -> tuple[int, Text | None]:
    """What amounts of that size are divided by on an axis, and the word for it."""
    scale = 1_000_000 if largest >= 20_000_000 else 1_000 if largest >= 20_000 else 1
    return scale, _WORDS[scale]


def money_word(word: Text | None, currency: str, language: Language) -> str:
    """£ thousand · Tsd. £."""
    symbol = _SYMBOLS.get(currency, currency)
    if word is None:
        return symbol
    return f"{word.de} {symbol}" if language == "de" else f"{symbol} {word.en}"
