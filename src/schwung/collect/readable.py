"""JSON that came from outside, as it may be shown to a person: whatever it holds, it can be read and written again."""

import json
import math
from typing import Any

MOST_LEVELS = 50


def readable(text: bytes | str) -> Any:
    """The value, with the text of numbers that have no place in 64 bits; all of it as text where it lies deeper than 50 levels.

    Text that is no JSON comes back as it is.
    """
    try:
        value = json.loads(text, parse_float=number_or_text, parse_int=number_or_text, parse_constant=str)
        if _levels(value, MOST_LEVELS):
            return value
    except (ValueError, RecursionError):
        pass
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


def number_or_text(text: str) -> float | int | str:
    """The number, or its text where it has no place in 64 bits."""
    if len(text) > 400:
        return text
    value = float(text)
    if not math.isfinite(value):
        return text
    whole = text.lstrip("-").isdigit()
    return int(text) if whole and abs(value) < 2**63 else text if whole else value


def _levels(value: Any, left: int) -> bool:
    """Whether it lies no deeper than so many levels."""
    if isinstance(value, dict):
        return left > 0 and all(_levels(inner, left - 1) for inner in value.values())
    if isinstance(value, list):
        return left > 0 and all(_levels(inner, left - 1) for inner in value)
    return True
