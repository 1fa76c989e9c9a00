"""Intervals of parameters by the likelihood ratio: how far one can go while the others do their best. Lopsided as the likelihood is."""

import numpy as np

from schwung.predict.clv.newton import Objective, maximize
from schwung.predict.clv.rows import Floats

POINTS = np.array([-1.959963984540054, -1.2815515655446004, 1.2815515655446004, 1.959963984540054])
"""Quantiles of 95 % and 80 % at which the way is found; others lie on the curve through them."""
_TRIES = 5
_CLOSE = 0.01
_REACH = 60.0
_MOST = 8.0


def sides(objective: Objective, at: Floats, covariance: Floats, value: float) -> Floats:
    """Parameters × POINTS: ways from the optimum in standard errors. objective: of the logarithms."""
    found = np.empty((len(at), len(POINTS)))
    for place in range(len(at)):
        for step, point in enumerate(POINTS):
            found[place, step] = _way(objective, at, covariance, value, place, float(point))
    return found


def _way(objective: Objective, at: Floats, covariance: Floats, value: float, place: int, point: float) -> float:
    error = float(np.sqrt(covariance[place, place]))
    low, high = at - _REACH, at + _REACH
    along = covariance[place] / error
    start, way, known = at + along * point, point, [(0.0, 0.0)]
    for _ in range(_TRIES):
        low[place] = high[place] = at[place] + error * way
        start[place] = low[place]
        optimum = maximize(objective, start, low, high)
        start = optimum.at.copy()
        root = float(np.sign(point) * np.sqrt(max(2 * (value - optimum.value), 1e-12)))
        if abs(root - point) < _CLOSE:
            break
        before_way, before_root = known[-1]
        known.append((way, root))
        slope = (way - before_way) / (root - before_root) if root != before_root else 1.0
        way = float(np.clip(way + slope * (point - root), -_MOST, _MOST))
        if np.sign(way) != np.sign(point):
            way = 0.5 * known[-1][0]
    return way


def way_at(ways: Floats, z: float) -> float:
    """Of one parameter at ±z: on the curve through its four points and 0; further out along a line."""
    furthest = float(np.clip(z, POINTS[0], POINTS[-1]))
    factors = np.linalg.solve(np.vander(POINTS, 4, increasing=True), ways / POINTS)
    found = furthest * float(np.vander([furthest], 4, increasing=True)[0] @ factors)
    return found * z / furthest
