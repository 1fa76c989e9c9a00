"""Bounds for a few planned looks: Pocock (1977), O'Brien and Fleming (1979), and spending after Lan and DeMets (1983).

The chance of not yet having crossed is carried from look to look by integration over a grid (Armitage, McPherson, Rowe 1969).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import scipy

_POINTS = 401
_Density = tuple[Any, Any]
"""Points of the sum's grid, and the density there times the weights."""


def pocock(looks: int, level: float = 0.95) -> float:
    """The one bound of |z| at each of equally spaced looks."""
    return _solved(lambda bound: [bound] * looks, looks, level)


def obrien_fleming(looks: int, level: float = 0.95) -> float:
    """The bound of |z| at the last of equally spaced looks; at look k it is this × √(looks ÷ k)."""
    return _solved(lambda bound: [bound * math.sqrt(looks / (k + 1)) for k in range(looks)], looks, level)


def lan_demets(
    times: Sequence[float], spending: Literal["obrien_fleming", "pocock"], level: float = 0.95
) -> list[float]:
    """Bounds of |z| at looks at these shares of the information, ascending to 1. spending: how the error is spent."""
    alpha = 1 - level
    spent = [_spent(time, spending, alpha) for time in times]
    bounds: list[float] = []
    density: _Density | None = None
    for nth, time in enumerate(times):
        step = time - (times[nth - 1] if nth else 0.0)
        wanted = spent[nth] - (spent[nth - 1] if nth else 0.0)
        root = math.sqrt(time)

        def missing(
            bound: float,
            density: _Density | None = density,
            step: float = step,
            root: float = root,
            wanted: float = wanted,
        ) -> float:
            return _beyond(density, bound * root, step) - wanted

        bounds.append(float(scipy.optimize.brentq(missing, 0.0, 12.0, xtol=1e-10)))
        density = _carried(density, bounds[-1] * root, step)
    return bounds


def _solved(bounds: Callable[[float], list[float]], looks: int, level: float) -> float:
    times = [(k + 1) / looks for k in range(looks)]
    return float(scipy.optimize.brentq(lambda bound: _crossed(bounds(bound), times) - (1 - level), 0.5, 6.0, xtol=1e-9))


def _crossed(bounds: Sequence[float], times: Sequence[float]) -> float:
    """Chance to cross at any look when there is no effect."""
    density: _Density | None = None
    found, last = 0.0, 0.0
    for bound, time in zip(bounds, times, strict=True):
        found += _beyond(density, bound * math.sqrt(time), time - last)
        density, last = _carried(density, bound * math.sqrt(time), time - last), time
    return found


def _beyond(density: _Density | None, bound: float, step: float) -> float:
    """Chance that the sum is beyond ± bound after a step, having stayed within all bounds before."""
    scale = math.sqrt(step)
    if density is None:
        return float(2 * scipy.stats.norm.sf(bound / scale))
    points, mass = density
    return float(
        mass @ (scipy.stats.norm.sf((bound - points) / scale) + scipy.stats.norm.cdf((-bound - points) / scale))
    )


def _carried(density: _Density | None, bound: float, step: float) -> _Density:
    points = np.linspace(-bound, bound, _POINTS)
    weights = np.full(_POINTS, 2.0)  # Simpson's rule
    weights[1::2], weights[0], weights[-1] = 4.0, 1.0, 1.0
    weights *= (points[1] - points[0]) / 3
    scale = math.sqrt(step)
    if density is None:
        return points, scipy.stats.norm.pdf(points, scale=scale) * weights
    before, mass = density
    return points, scipy.stats.norm.pdf(points[:, None] - before[None, :], scale=scale) @ mass * weights


def _spent(time: float, spending: str, alpha: float) -> float:
    if spending == "pocock":
        return alpha * math.log(1 + (math.e - 1) * time)
    return float(4 * scipy.stats.norm.sf(scipy.stats.norm.ppf(1 - alpha / 4) / math.sqrt(time)))
