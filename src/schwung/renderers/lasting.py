"""How long something took, as people say it: at once, 45 s, 12 min, 3.5 h, 2.1 days."""

from schwung.core.clock import DAY, HOUR, MINUTE, SECOND
from schwung.core.text import Language, Text
from schwung.renderers.numbers import THIN_DASH, plain

_STEPS = (
    (2 * MINUTE, SECOND, Text("s", "s")),
    (2 * HOUR, MINUTE, Text("min", "Min.")),
    (2 * DAY, HOUR, Text("h", "Std.")),
    (2**62, DAY, Text("days", "Tage")),
)

_AT_ONCE = Text("at once", "sofort")


def lasting(microseconds: int | None, language: Language) -> str:
    """One decimal below ten hours or days; a missing value is a dash."""
    if microseconds is None:
        return THIN_DASH
    if microseconds < SECOND:
        return _AT_ONCE.in_(language)
    _, unit, word = next(step for step in _STEPS if microseconds < step[0])
    value = microseconds / unit
    digits = 1 if unit >= HOUR and value < 10 else 0
    return f"{plain(value, digits, language)}\u00a0{word.in_(language)}"
