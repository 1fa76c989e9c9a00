"""Units and formats of axes."""

from babel.numbers import get_currency_symbol

from schwung.core.text import Language, Text

_WORDS = {1: None, 1_000: Text("thousand", "Tsd."), 1_000_000: Text("million", "Mio.")}


def money_unit(largest: float) -> tuple[int, Text | None]:
    """What amounts of that size are divided by on an axis, and the word for it."""
    scale = 1_000_000 if largest >= 20_000_000 else 1_000 if largest >= 20_000 else 1
    return scale, _WORDS[scale]


def money_word(word: Text | None, currency: str, language: Language) -> str:
    """£ thousand · Tsd. £."""
    symbol = get_currency_symbol(currency, locale=language)
    if word is None:
        return symbol
    return f"{word.de} {symbol}" if language == "de" else f"{symbol} {word.en}"
