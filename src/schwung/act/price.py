"""Money and days as a message shows them, in the language of its receiver: one function each, for every place."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_currency

from schwung.core.money import to_major
from schwung.core.text import Language


def price(minor: int | None, currency: str, language: Language) -> str:
    """€1,234.50 · 1.234,50 €; empty where there is none."""
    return "" if minor is None else format_currency(to_major(minor, currency), currency, locale=language)


def day(value: date, language: Language) -> str:
    """20 November 2026 · 20. November 2026."""
    return format_date(value, format={"en": "d MMMM y", "de": "d. MMMM y"}[language], locale=language)
