"""Differences of two estimates, each with a plain word, and what remains of many of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

from schwung.core.text import Text
from schwung.measure.inference.estimate import LEVEL, Estimate, Z

Word = Literal["clearly_higher", "clearly_lower", "no_clear_difference", "too_few", "higher", "lower", "unchanged"]
WORDS: dict[Word, Text] = {
    "clearly_higher": Text("clearly higher", "deutlich höher"),
    "clearly_lower": Text("clearly lower", "deutlich niedriger"),
    "no_clear_difference": Text("no clear difference", "kein klarer Unterschied"),
    "too_few": Text("too few", "zu wenige"),
    "higher": Text("higher", "höher"),
    "lower": Text("lower", "niedriger"),
    "unchanged": Text("unchanged", "unverändert"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """after − before, with interval where both have one. relative: the change as a share of before; None from 0."""

    value: float | None
    low: float | None
    high: float | None
    relative: float | None
    word: Word


def difference(after: Estimate, before: Estimate, least: int = 0) -> Difference:
    """What changed. `least`: with fewer cases on either side there is no verdict."""
    if after.value is None or before.value is None:
        return Difference(None, None, None, None, "too_few")
    change = after.value - before.value
    relative = change / abs(before.value) if before.value else None
    if not least:
        word: Word = "higher" if change > 0 else "lower" if change < 0 else "unchanged"
        return Difference(change, None, None, relative, word)
    if None in (after.low, after.high, before.low, before.high) or min(after.n, before.n) < least:
        return Difference(change, None, None, relative, "too_few")
    low = change - math.hypot(after.value - _of(after.low), _of(before.high) - before.value)
    high = change + math.hypot(_of(after.high) - after.value, before.value - _of(before.low))
    word = "clearly_higher" if low > 0 else "clearly_lower" if high < 0 else "no_clear_difference"
    return Difference(change, low, high, relative, word)


def p_value(found: Difference) -> float | None:
    """Two-sided, read from the side of the interval that faces 0. None without an interval."""
    if found.value is None or found.low is None or found.high is None:
        return None
    half = found.value - found.low if found.value > 0 else found.high - found.value
    if not half:
        return 0.0 if found.value else 1.0
    return 2 * (1 - NormalDist().cdf(abs(found.value) / half * Z))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values that bound the chance of any false alarm (Holm 1979)."""
    count, largest = len(p_values), 0.0
    found = [0.0] * count
    for place, index in enumerate(sorted(range(count), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (count - place) * p_values[index]))
        found[index] = largest
    return found


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values that bound the expected share of false alarms (Benjamini & Hochberg 1995)."""
    count, smallest = len(p_values), 1.0
    found = [0.0] * count
    ranked = sorted(range(count), key=lambda index: p_values[index])
    for place, index in reversed(list(enumerate(ranked, 1))):
        smallest = min(smallest, p_values[index] * count / place)
        found[index] = smallest
    return found


def corrected(
    differences: Sequence[Difference], method: Literal["holm", "benjamini_hochberg"] = "holm"
) -> list[Difference]:
    """The same differences, “clearly” only where it holds for all looks at once; for boards with many tiles."""
    judged = {place: p for place, one in enumerate(differences) if (p := p_value(one)) is not None}
    adjust = holm if method == "holm" else benjamini_hochberg
    adjusted = dict(zip(judged, adjust(list(judged.values())), strict=True))
    found = list(differences)
    for place, p in adjusted.items():
        if p >= 1 - LEVEL and found[place].word in ("clearly_higher", "clearly_lower"):
            found[place] = replace(found[place], word="no_clear_difference")
    return found


def _of(bound: float | None) -> float:
    assert bound is not None
    return bound
