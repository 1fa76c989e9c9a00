"""Numbers within sentences, in both languages: a basis that names its factors."""

from schwung.core.text import Text

_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


def count(value: float) -> Text:
    """1,204 · 1.204"""
    return decimal(value, 0)


def decimal(value: float, digits: int) -> Text:
    """12.6 · 12,6"""
    text = f"{abs(value):,.{digits}f}"
    sign = "\u2212" if round(value, digits) < 0 else ""
    return Text(sign + text, sign + text.replace(",", "\0").replace(".", ",").replace("\0", "."))


def share(value: float, digits: int = 1) -> Text:
    """18.2% · 18,2 %"""
    text = decimal(100 * value, digits)
    return Text(f"{text.en}%", f"{text.de}\u00a0%")


def points(value: float, digits: int = 1) -> Text:
    """8.7 points · 8,7 Punkte: a difference of two shares."""
    text = decimal(100 * value, digits)
    return Text(f"{text.en} points", f"{text.de} Punkte")


def money(value: float, currency: str) -> Text:
    """€65.60 · 65,60 €; whole from 100 up."""
    text = decimal(abs(value), 2 if abs(value) < 100 else 0)
    sign = "\u2212" if value < 0 else ""
    symbol = _SYMBOLS.get(currency, currency)
    space = "" if len(symbol) == 1 else "\u00a0"
    return Text(f"{sign}{symbol}{space}{text.en}", f"{sign}{text.de}\u00a0{symbol}")
