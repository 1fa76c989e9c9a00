"""How many messages a new sending domain may send today: steps that are earned, not only waited for."""

from collections.abc import Sequence
from dataclasses import dataclass

FULL_ENOUGH = 0.5
"""A day counts towards the next step when at least this share of its own step was used."""
MOST_BOUNCED = 0.03
MOST_COMPLAINED = 0.001
"""Above these shares a day takes one step back."""
_FEW = 50


@dataclass(frozen=True, slots=True)
class Day:
    """What one day sent, and what of it came back."""

    sent: int
    bounced: int = 0
    complained: int = 0

    @property
    def is_bad(self) -> bool:
        if self.sent < _FEW:
            return False
        return self.bounced > MOST_BOUNCED * self.sent or self.complained > MOST_COMPLAINED * self.sent


def most_today(days: Sequence[Day], steps: Sequence[int]) -> int | None:
    """What may be sent today after those days, oldest first; None: as much as one likes.

    Each day that used its step and went well earns the next one; a bad day falls back by one.
    """
    at = 0
    for day in days:
        if at >= len(steps):
            at = len(steps) - 1 if day.is_bad else at
        elif day.is_bad:
            at = max(0, at - 1)
        elif day.sent >= FULL_ENOUGH * steps[at]:
            at += 1
    return steps[at] if at < len(steps) else None
