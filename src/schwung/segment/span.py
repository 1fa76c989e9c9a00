"""Lengths of time as people write them in a rule: 30 days, 90 minutes, 2 weeks; in German too."""

import re
from typing import Any

from schwung.core.clock import DAY, HOUR, MINUTE
from schwung.core.text import Text

_UNITS = {
    "minute": MINUTE, "minutes": MINUTE, "min": MINUTE, "minuten": MINUTE,
    "hour": HOUR, "hours": HOUR, "h": HOUR, "stunde": HOUR, "stunden": HOUR,
    "day": DAY, "days": DAY, "d": DAY, "tag": DAY, "tage": DAY, "tagen": DAY,
    "week": 7 * DAY, "weeks": 7 * DAY, "woche": 7 * DAY, "wochen": 7 * DAY,
}  # fmt: skip
_FORM = re.compile(r"\s*(\d{1,6})\s*([a-zA-Z]+)\s*")
_MOST = 36_500 * DAY
_SHOWN = ((DAY, "day", "days", "Tag", "Tagen"), (HOUR, "hour", "hours", "Stunde", "Stunden"),
          (MINUTE, "minute", "minutes", "Minute", "Minuten"))  # fmt: skip


def read_span(written: Any) -> int | None:
    """Microseconds; a bare number is days. None: no length."""
    if isinstance(written, int) and not isinstance(written, bool):
        return written * DAY if 0 < written * DAY <= _MOST else None
    found = _FORM.fullmatch(written) if isinstance(written, str) else None
    unit = _UNITS.get(found[2].lower()) if found else None
    length = int(found[1]) * unit if found and unit else 0
    return length if 0 < length <= _MOST else None


def said_span(length: int) -> Text:
    """As people say it after “in the last”; the English form can be read back."""
    unit, one_en, en, one_de, de = next(shown for shown in _SHOWN if length % shown[0] == 0)
    count = length // unit
    return Text(f"{count} {one_en if count == 1 else en}", f"{count} {one_de if count == 1 else de}")


def ever_or_within(window: int | None) -> Text:
    """When: in the last 30 days, or ever."""
    if window is None:
        return Text("ever", "jemals")
    return Text("in the last {span}", "in den letzten {span}").fill(span=said_span(window))
