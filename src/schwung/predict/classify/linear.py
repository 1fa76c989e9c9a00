"""Logistic regression on standardized columns: what the trees must beat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.predict.classify.coding import Column, Floats

_PENALTY = 1.0


@dataclass(frozen=True, slots=True)
class Linear:
    """middle, scale: of number columns, where unknown values take the middle. weights: and mean of the expanded columns:
    each number and whether it is unknown, each word."""

    columns: tuple[Column, ...]
    middle: Floats
    scale: Floats
    weights: Floats
    mean: Floats
    start: float

    def margin(self, matrix: Floats) -> Floats:
        """Log-odds before calibration."""
        wide, _ = expand(matrix, self.columns, self.middle, self.scale)
        found: Floats = (wide - self.mean) @ self.weights + self.start
        return found

    def contributions(self, matrix: Floats) -> Floats:
        """What each column adds beyond its mean; the last column is what all start from."""
        wide, owner = expand(matrix, self.columns, self.middle, self.scale)
        parts = (wide - self.mean) * self.weights
        found = np.zeros((len(matrix), len(self.columns) + 1))
        for at in range(len(self.columns)):
            found[:, at] = parts[:, owner == at].sum(axis=1)
        found[:, -1] = self.start
        return found

    def state(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "middle": self.middle.tolist(), "scale": self.scale.tolist(),
            "weights": self.weights.tolist(), "mean": self.mean.tolist(), "start": self.start,
        }  # fmt: skip


def fit_linear(matrix: Floats, happened: Floats, columns: Sequence[Column], only: int | None = None) -> Linear:
    """Ridge penalty 1 on standardized columns, none on the start; the start holds for the mean of all columns.

    only: place of the one column that is to count.
    """
    from sklearn.linear_model import LogisticRegression

    with np.errstate(all="ignore"):
        known = ~np.isnan(matrix)
        counts = np.maximum(known.sum(axis=0), 1)
        middle = np.where(known, matrix, 0.0).sum(axis=0) / counts
        spread = np.sqrt((np.where(known, matrix - middle, 0.0) ** 2).sum(axis=0) / counts)
    scale = np.where(spread > 0, spread, 1.0)
    wide, owner = expand(matrix, columns, middle, scale)
    if not wide.shape[1]:
        raise ValueError("no columns")
    mean = wide.mean(axis=0)
    counts_in = np.ones(wide.shape[1], bool) if only is None else owner == only
    found = LogisticRegression(C=_PENALTY, solver="newton-cholesky", max_iter=200).fit(
        wide[:, counts_in] - mean[counts_in], happened
    )
    weights = np.zeros(wide.shape[1])
    weights[counts_in] = found.coef_[0]
    return Linear(tuple(columns), middle, scale, weights, mean, float(found.intercept_[0]))


def linear_of(state: Mapping[str, Any], columns: Sequence[Column]) -> Linear:
    """Read back."""
    middle, scale, weights, mean = (
        np.array(state[one], dtype=np.float64) for one in ("middle", "scale", "weights", "mean")
    )
    return Linear(tuple(columns), middle, scale, weights, mean, float(state["start"]))


def expand(
    matrix: Floats, columns: Sequence[Column], middle: Floats, scale: Floats
) -> tuple[Floats, np.ndarray[Any, np.dtype[np.int64]]]:
    """Numbers standardized, with a mark for unknown ones; a mark for each word. With the column that each part is of."""
    parts: list[Floats] = []
    owner: list[int] = []
    for at, column in enumerate(columns):
        values = matrix[:, at]
        unknown = np.isnan(values)
        if column.kind == "word":
            marks = [(values == place).astype(np.float64) for place in range(len(column.words))]
        else:
            marks = [np.where(unknown, 0.0, (values - middle[at]) / scale[at]), unknown.astype(np.float64)]
        parts += marks
        owner += [at] * len(marks)
    wide = np.column_stack(parts) if parts else np.empty((len(matrix), 0))
    return wide, np.array(owner, dtype=np.int64)
