"""Whether a period is worse than those before it, beyond what such a shop's periods vary anyhow.

Two looks, and both must agree: the step from the period right before, and the step from the mean of the three before. Each is
held against the same steps of all earlier periods, so that seasons, growth and campaigns, which move every shop, alarm nobody;
their spread is never taken smaller than chance alone (quasi-likelihood, McCullagh & Nelder 1989); Student's t with as many
degrees as there are earlier steps.
Periods are whole weeks long, so that the same weekdays stand on both sides.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from schwung.measure.inference import Estimate
from schwung.measure.rolling import ByDay, Windows

EARLIER = 13
"""Periods before that are looked at, where the facts reach back so far."""
LEAST_EARLIER = 7
LEVEL = 3
"""So many periods before are the usual."""
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Change:
    """now, before, usual: mean of the period, of the one before, of the three before. p: one-sided, for the worse.

    excess: cases more (or fewer, where more is better) than usual, with its 95 % interval. slice: empty for all.
    """

    slice: str
    now: Estimate
    before: Estimate
    usual: Estimate
    p: float
    excess: Estimate

    @property
    def relative(self) -> float:
        """By which share of the usual it is off; 0 where the usual is 0."""
        assert self.now.value is not None and self.usual.value is not None
        return abs(self.now.value / self.usual.value - 1) if self.usual.value else 0.0


def changes(
    rows: ByDay, windows: Windows, better: Literal["higher", "lower"], least: int, cumulated: bool
) -> list[Change]:
    """rows: slice, day, n, total, squares (of single outcomes; of a count of 0 or 1 the total itself).

    least: of cases in each period. cumulated: n tells by how many the cases at risk change that day.
    """
    found = []
    for name in sorted(set(rows["slice"].tolist())) if len(rows) else ():
        own = rows.where(rows["slice"] == name)
        if (one := _change(name, own, windows, better, least, cumulated)) is not None:
            found.append(one)
    return found


def _change(name: str, rows: ByDay, windows: Windows, better: str, least: int, cumulated: bool) -> Change | None:
    begins = int(rows["day"].min())
    kept = [back for back in range(EARLIER + 1) if windows.back(back * windows.days)[0] >= begins]
    if len(kept) < LEAST_EARLIER + 1:
        return None
    n, total, squares = _sums(rows, windows, kept, begins, cumulated)
    if n.min() < least:
        return None
    means = total / n
    mean = float(total[1:].sum() / n[1:].sum())
    variance = max(float(squares[1:].sum() / n[1:].sum()) - mean**2, 1e-9)
    if cumulated or variance == 1e-9:
        variance = max(mean, 1e-9)  # events among those at risk: a Poisson count
    sign = 1.0 if better == "lower" else -1.0
    p = max(_step(n, total, variance, sign, periods) for periods in (1, LEVEL))
    usual_n, usual_total = float(n[1 : LEVEL + 1].sum()), float(total[1 : LEVEL + 1].sum())
    usual = usual_total / usual_n
    spread = _apart(n, total, variance, LEVEL)
    error = math.sqrt(variance * max(1.0, float((spread[1:] ** 2).mean())) * (1 / n[0] + 1 / usual_n))
    more = sign * (float(means[0]) - usual) * float(n[0])
    half = _Z * error * float(n[0])
    return Change(
        name,
        _estimate(float(means[0]), variance, int(n[0])),
        _estimate(float(means[1]), variance, int(n[1])),
        _estimate(usual, variance, int(usual_n)),
        p,
        Estimate(more, max(0.0, more - half), more + half, int(n[0])),
    )


def _apart(n: np.ndarray, total: np.ndarray, variance: float, periods: int) -> np.ndarray:
    """How far each period lies from the mean of so many before it, in standard errors of chance alone; the newest first."""
    own = np.arange(len(n) - periods)
    before = own[:, None] + 1 + np.arange(periods)
    sizes, sums = n[before].sum(1), total[before].sum(1)
    found: np.ndarray = (total[own] / n[own] - sums / sizes) / np.sqrt(variance * (1 / n[own] + 1 / sizes))
    return found


def _step(n: np.ndarray, total: np.ndarray, variance: float, sign: float, periods: int) -> float:
    """Chance of such a step for the worse, by the steps that were seen before; never by less than chance alone."""
    apart = _apart(n, total, variance, periods)
    spread = max(1.0, float((apart[1:] ** 2).mean()))
    return _tail(sign * float(apart[0]) / math.sqrt(spread), len(apart) - 1)


def _sums(rows: ByDay, windows: Windows, kept: list[int], begins: int, cumulated: bool) -> tuple[np.ndarray, ...]:
    """n, total, squares of each kept period, the newest first."""
    size = max(windows.last, int(rows["day"].max())) + 1 - begins
    day = (rows["day"] - begins).astype(np.int64)
    columns = [np.bincount(day, rows[name].astype(float), minlength=size) for name in ("n", "total", "squares")]
    if cumulated:
        columns[0] = np.cumsum(columns[0])
    spans = [windows.back(back * windows.days) for back in kept]
    return tuple(np.array([one[since - begins : until - begins].sum() for since, until in spans]) for one in columns)


def _estimate(mean: float, variance: float, n: int) -> Estimate:
    half = _Z * math.sqrt(variance / n)
    return Estimate(mean, mean - half, mean + half, n)


def _tail(t: float, freedom: int) -> float:
    """Chance that Student's t exceeds it."""
    from scipy.special import stdtr

    return float(stdtr(freedom, -t))
