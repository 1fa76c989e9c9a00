"""From sufficient statistics to value, low, high: the engine aggregates, this infers. 95 % intervals.

Shares: adjusted Wald (Agresti & Coull 1998). Odds: the same interval, transformed. Means: Student's t. Ratios of sums: the
delta method over independent units (customers). Net promoter score: adjusted Wald of Rocks (2016). Differences of two
estimates: MOVER (Zou & Donner 2008), which needs no more than both intervals. Counts and totals are exact: none.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from schwung.core.text import Text

LEVEL = 0.95
_Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
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
class Estimate:
    """value None: there is nothing to divide by. low, high None: exact, or too little to say. n: what it rests on."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """after − before, with interval where both have one. relative: the change as a share of before; None from 0."""

    value: float | None
    low: float | None
    high: float | None
    relative: float | None
    word: Word


def share(hits: int, n: int) -> Estimate:
    """hits ÷ n. The interval is centered at (hits + z²/2) ÷ (n + z²) and cut at 0 and 1."""
    if not n:
        return Estimate(None)
    padded = n + _Z**2
    center = (hits + _Z**2 / 2) / padded
    half = _Z * math.sqrt(center * (1 - center) / padded)
    return Estimate(hits / n, max(0.0, center - half), min(1.0, center + half), n)


def odds(hits: int, n: int) -> Estimate:
    """hits ÷ (n − hits)."""
    whole = share(hits, n)
    if whole.low is None or whole.high is None:
        return whole
    value = hits / (n - hits) if n > hits else None
    high = whole.high / (1 - whole.high) if whole.high < 1 else None
    return Estimate(value, whole.low / (1 - whole.low), high, n)


def mean(n: int, total: float, squares: float) -> Estimate:
    """total ÷ n."""
    if not n:
        return Estimate(None)
    value = total / n
    if n < 2:
        return Estimate(value, n=n)
    half = t_quantile(n - 1) * math.sqrt(max(0.0, squares - n * value**2) / (n - 1) / n)
    return Estimate(value, value - half, value + half, n)


def ratio(units: int, n: int, sum_x: float, sum_y: float, sum_xx: float, sum_yy: float, sum_xy: float) -> Estimate:
    """sum_y ÷ sum_x over `units` independent pairs (x ≥ 0, y ≥ 0); n is only passed on. Delta method, cut at 0."""
    if not sum_x:
        return Estimate(None, n=n)
    value = sum_y / sum_x
    if units < 2:
        return Estimate(value, n=n)
    residual = max(0.0, sum_yy - 2 * value * sum_xy + value**2 * sum_xx)
    half = t_quantile(units - 1) * math.sqrt(residual * units / (units - 1)) / sum_x
    return Estimate(value, max(0.0, value - half), value + half, n)


def net_promoter_score(promoters: int, detractors: int, n: int) -> Estimate:
    """Share of promoters minus share of detractors; adjusted Wald: 3 answers more, ¾ of them on either end."""
    if not n:
        return Estimate(None)
    top, bottom = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    center = top - bottom
    half = _Z * math.sqrt((top + bottom - center**2) / (n + 3))
    return Estimate((promoters - detractors) / n, max(-1.0, center - half), min(1.0, center + half), n)


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


def infer(kind: str, row: Mapping[str, float | int | None], money: int = 1) -> Estimate:
    """An estimate from one row of statistics. money: minor units in a major one, 1 for what is no money."""
    if kind == "exact":
        value = row.get("value")
        return Estimate(_major(value, money) if money > 1 else value, n=int(row.get("n", value) or 0))
    values = {name: row.get(name) or 0 for name in _NEEDS[kind]}
    found: Estimate = {"share": share, "odds": odds, "mean": mean, "ratio": ratio}[kind](**values)  # type: ignore[operator]
    if money == 1:
        return found
    return Estimate(_major(found.value, money), _major(found.low, money), _major(found.high, money), found.n)


def _major(minor: float | None, money: int) -> float | None:
    return None if minor is None else minor / money


_NEEDS = {
    "share": ("hits", "n"),
    "odds": ("hits", "n"),
    "mean": ("n", "total", "squares"),
    "ratio": ("units", "n", "sum_x", "sum_y", "sum_xx", "sum_yy", "sum_xy"),
}


def t_quantile(freedom: int) -> float:
    """Quantile of Student's t for `LEVEL`: exact for 1 and 2 degrees, else Fisher's expansion (0.004 off at 3, 0.0003 at 5)."""
    p = 0.5 + LEVEL / 2
    if freedom == 1:
        return math.tan(math.pi * (p - 0.5))
    if freedom == 2:
        return (2 * p - 1) * math.sqrt(2 / (4 * p * (1 - p)))
    z, v = _Z, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def _of(bound: float | None) -> float:
    assert bound is not None
    return bound
