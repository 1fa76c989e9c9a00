"""Quantile regression (Koenker & Bassett 1978) on distinct rows with counts, by an interior point method on its dual program."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROUNDS = 120
_CENTER, _STEP = 0.1, 0.995


def quantile_fit(features: Floats, y: Floats, weight: Floats, quantile: float, exact: float = 1e-9) -> Floats:
    """Coefficients that minimise Σ weight × check loss. features: with a column of ones.

    The dual is max y'a with X'a = (1 − τ) X'w, 0 ≤ a ≤ w; its multipliers are the coefficients. Rows of weight 0 are left out.
    exact: gap to the optimum, of its size.
    """
    kept = weight > 0
    x, y, w = features[kept], y[kept], weight[kept].astype(float)
    ridge = 1e-10 * np.eye(x.shape[1]) * max(1.0, float(w.sum()))
    beta = np.linalg.solve((x * w[:, None]).T @ x + ridge, x.T @ (w * y))
    wanted = (1 - quantile) * (x.T @ w)
    a = (1 - quantile) * w
    rest = y - x @ beta
    slack = float(np.abs(rest).mean()) + 1e-6
    upper, lower = np.maximum(rest, 0) + slack, np.maximum(-rest, 0) + slack
    for _ in range(_ROUNDS):
        s = w - a
        gap = float(a @ lower + s @ upper)
        if gap < exact * (1 + abs(float(y @ a))):
            break
        middle = _CENTER * gap / (2 * len(y))
        for_lower, for_upper = middle - a * lower, middle - s * upper
        curve = lower / a + upper / s
        right = (y - x @ beta + lower - upper) + for_lower / a - for_upper / s
        scaled = x / curve[:, None]
        step = _solved(scaled.T @ x + ridge * 1e-6, scaled.T @ right - (wanted - x.T @ a))
        da = (right - x @ step) / curve
        d_lower, d_upper = (for_lower - lower * da) / a, (for_upper + upper * da) / s
        primal = min(_reach(a, da), _reach(s, -da))
        dual = min(_reach(lower, d_lower), _reach(upper, d_upper))
        a = a + primal * da
        beta, lower, upper = beta + dual * step, lower + dual * d_lower, upper + dual * d_upper
    return beta


def _solved(matrix: Floats, right: Floats) -> Floats:
    """The shortest solution where features say the same of all rows, as they may of a draw of few."""
    try:
        found = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        found = np.linalg.lstsq(matrix, right)[0]
    return np.asarray(found, np.float64)


def check_loss(rest: Floats, weight: Floats, quantile: float) -> float:
    """Σ weight × (τ − 1[rest < 0]) × rest."""
    return float((weight * rest * (quantile - (rest < 0))).sum())


def _reach(value: Floats, change: Floats) -> float:
    """How far a step may go before a value becomes 0."""
    down = change < 0
    return min(1.0, _STEP * float((-value[down] / change[down]).min())) if down.any() else 1.0
