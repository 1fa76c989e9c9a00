"""How much rarer customers whom something befell do what others of the same kind do: matched within strata.

Average effect on the concerned (standardization): within each stratum the rate of the others, weighted by how many of the
concerned lie in it, minus the rate of the concerned. Variance: binomial, or from the sums of squares where outcomes are counts.
"""

import math
from dataclasses import dataclass

import numpy as np

from schwung.measure.inference import t_quantile
from schwung.measure.rolling import ByDay

LEAST = 100
"""Fewer concerned or compared customers than this carry no effect."""
_LEAST_IN_STRATUM = 10
_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class Effect:
    """expected, happened: outcomes per case of the comparable others and of the concerned. error: standard error of `lost`.

    n, compared: cases on either side.
    """

    expected: float
    happened: float
    error: float
    n: int
    compared: int

    @property
    def lost(self) -> float:
        return self.expected - self.happened

    @property
    def low(self) -> float:
        return self.lost - t_quantile(max(1, self.n - 1)) * self.error

    @property
    def high(self) -> float:
        return self.lost + t_quantile(max(1, self.n - 1)) * self.error


def matched(rows: ByDay) -> Effect | None:
    """rows: day, is_hit, level, n, again, again_squared. Strata: month × level. None where either side has under `LEAST`."""
    month = (rows["day"] / _MONTH).astype(np.int64)
    stratum = month * 10 + rows["level"].astype(np.int64)
    _, place = np.unique(stratum, return_inverse=True)
    hit = rows["is_hit"].astype(bool)

    def sums(name: str, kept: np.ndarray) -> np.ndarray:
        return np.bincount(place[kept], rows[name][kept].astype(float), minlength=int(place.max(initial=-1)) + 1)

    n1, n0 = sums("n", hit), sums("n", ~hit)
    y1, y0, s1, s0 = sums("again", hit), sums("again", ~hit), sums("again_squared", hit), sums("again_squared", ~hit)
    used = (n1 > 0) & (n0 >= _LEAST_IN_STRATUM)
    n1, n0, y1, y0, s1, s0 = (values[used] for values in (n1, n0, y1, y0, s1, s0))
    hits, others = float(n1.sum()), float(n0.sum())
    if hits < LEAST or others < LEAST:
        return None
    weight, rate = n1 / hits, y0 / n0
    happened = float(y1.sum()) / hits
    spread = max(0.0, float(s1.sum()) / hits - happened**2) / hits
    spread += float((weight**2 * np.maximum(0.0, s0 / n0 - rate**2) / n0).sum())
    return Effect(float((weight * rate).sum()), happened, math.sqrt(spread), round(hits), round(others))
