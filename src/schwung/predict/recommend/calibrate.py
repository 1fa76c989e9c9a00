"""From scores to probabilities: a logistic regression on held-out time, its errors robust to what one customer's rows share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_HITS = 20
"""So many bought, and so many did not, else there is no probability."""
_RIDGE = 1e-3
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """p = expit(beta₀ + Σ betaᵢ (xᵢ − meanᵢ) ÷ spreadᵢ); covariance of beta. n, hits: rows and purchases that it rests on."""

    mean: tuple[float, ...]
    spread: tuple[float, ...]
    beta: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    n: int
    hits: int

    def probability(self, features: Floats, level: float, stretch: float = 1.0) -> tuple[Floats, Floats, Floats]:
        """value, low, high per row. stretch: periods of the length that was learned from, each with the same chance. Features
        that it did not learn from (an older version) are left out."""
        features = features[:, : len(self.mean)]
        design = _design((features - np.array(self.mean)) / np.array(self.spread))
        line = design @ np.array(self.beta)
        error = np.sqrt(np.maximum(0.0, np.einsum("ij,jk,ik->i", design, np.array(self.covariance), design)))
        half = scipy.special.ndtri(0.5 + level / 2) * error
        value, low, high = (
            1.0 - (1.0 - scipy.special.expit(part)) ** stretch for part in (line, line - half, line + half)
        )
        return value, low, high

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def read(cls, kept: Mapping[str, Any] | None) -> "Calibration | None":
        if kept is None:
            return None
        rows = tuple(tuple(row) for row in kept["covariance"])
        return cls(tuple(kept["mean"]), tuple(kept["spread"]), tuple(kept["beta"]), rows, kept["n"], kept["hits"])


def calibrate(features: Floats, bought: NDArray[np.bool_], customer: NDArray[np.int64]) -> Calibration | None:
    """None where too few bought. The first feature is the score: more of it never means less."""
    hits = int(bought.sum())
    if min(hits, len(bought) - hits) < LEAST_HITS:
        return None
    mean, spread = features.mean(0), features.std(0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    design, y = _design((features - mean) / spread), bought.astype(float)
    beta = _newton(design, y)
    if beta[1] < 0:
        design[:, 1] = 0.0
        beta = _newton(design, y)
        beta[1] = 0.0
    p = scipy.special.expit(design @ beta)
    bread = np.linalg.inv((design * (p * (1 - p))[:, None]).T @ design + _RIDGE * np.eye(design.shape[1]))
    owner, count = np.unique(customer, return_inverse=True)
    per_customer = np.zeros((len(owner), design.shape[1]))
    np.add.at(per_customer, count, design * (y - p)[:, None])
    covariance = bread @ (per_customer.T @ per_customer) @ bread
    return Calibration(
        tuple(map(float, mean)), tuple(map(float, spread)), tuple(map(float, beta)),
        tuple(tuple(map(float, row)) for row in covariance), len(bought), hits,
    )  # fmt: skip


def _design(features: Floats) -> Floats:
    return np.column_stack([np.ones(len(features)), features])


def _newton(design: Floats, y: Floats) -> Floats:
    """A hair of ridge keeps it finite where a feature tells everything."""
    beta = np.zeros(design.shape[1])
    share = float(np.clip(y.mean(), 1e-9, 1 - 1e-9))
    beta[0] = np.log(share / (1 - share))
    for _ in range(_ROUNDS):
        p = scipy.special.expit(design @ beta)
        gradient = design.T @ (y - p) - _RIDGE * beta
        curve = (design * (p * (1 - p))[:, None]).T @ design + _RIDGE * np.eye(len(beta))
        step = np.linalg.solve(curve, gradient)
        beta += np.clip(step, -4, 4)
        if np.abs(step).max() < 1e-9:
            break
    return beta


def expected_error(p: Floats, bought: NDArray[np.bool_], bins: int = 10) -> tuple[float, list[dict[str, float]]]:
    """Mean distance of predicted and real share over tenths of the predictions (ECE), and the tenths themselves."""
    order = np.array_split(np.argsort(p, kind="stable"), bins)
    rows = [
        {"predicted": float(p[one].mean()), "actual": float(bought[one].mean()), "n": len(one)}
        for one in order
        if len(one)
    ]
    return float(sum(row["n"] * abs(row["predicted"] - row["actual"]) for row in rows) / max(1, len(p))), rows
