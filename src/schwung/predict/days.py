"""A day in words, as sentences about customers say it."""

from schwung.core.period import day_of
from schwung.core.text import Text


def day_text(instant: float, zone: str) -> Text:
    """20 November 2026 · 20. November 2026"""
    from babel.dates import format_date

    day = day_of(round(instant), zone)
    return Text(format_date(day, "d MMMM yyyy", locale="en"), format_date(day, "d. MMMM yyyy", locale="de"))
