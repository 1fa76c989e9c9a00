"""Fits one way of predicting and calibrates it: out-of-fold log-odds of shuffled folds tell how far they are to be trusted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from schwung.predict.classify.coding import Column, Flags, Floats
from schwung.predict.classify.linear import fit_linear
from schwung.predict.classify.trees import grow

Way = Literal["trees", "logistic", "single"]
"""single: one column alone, named by who fits."""


class Predictor(Protocol):
    """Log-odds of rows, and what each column adds to them."""

    def margin(self, matrix: Floats) -> Floats: ...

    def contributions(self, matrix: Floats) -> Floats: ...

    def state(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Calibration:
    """probability = 1 ÷ (1 + exp(−(slope · log-odds + shift)))."""

    slope: float
    shift: float

    def __call__(self, margin: Floats) -> Floats:
        found: Floats = 1 / (1 + np.exp(-np.clip(self.slope * margin + self.shift, -35, 35)))
        return found


@dataclass(frozen=True, slots=True)
class Calibrated:
    """held_out: probabilities of the rows it was fitted on, each from folds that did not hold the row."""

    predictor: Predictor
    calibration: Calibration
    held_out: Floats

    def probability(self, matrix: Floats) -> Floats:
        return self.calibration(self.predictor.margin(matrix))


def fit_way(
    way: Way, matrix: Floats, happened: Floats, columns: Sequence[Column], folds: Sequence[Flags], seed: int,
    single: int | None = None,
) -> Calibrated:  # fmt: skip
    """folds: masks of the rows held out in turn. single: place of the column of that way."""
    fit = fitter(way, columns, seed, single)
    margin = np.zeros(len(happened))
    for held in folds:
        margin[held] = fit(matrix[~held], happened[~held]).margin(matrix[held])
    held_out = np.zeros(len(happened))
    for held in folds:
        held_out[held] = calibrate(margin[~held], happened[~held])(margin[held])
    return Calibrated(fit(matrix, happened), calibrate(margin, happened), held_out)


def fitter(
    way: Way, columns: Sequence[Column], seed: int, single: int | None = None
) -> Callable[[Floats, Floats], Predictor]:
    if way == "trees":
        return lambda matrix, happened: grow(matrix, happened, columns, seed=seed)
    only = None if way == "logistic" else single
    return lambda matrix, happened: fit_linear(matrix, happened, columns, only)


def calibrate(margin: Floats, happened: Floats) -> Calibration:
    """Platt's sigmoid by Newton. Log-odds that rank the wrong way round say nothing: then the base rate holds for all."""
    base = (happened.sum() + 0.5) / (len(happened) + 1)
    shift, slope = float(np.log(base / (1 - base))), 0.0
    center = float(margin.mean())
    x = margin - center
    # Platt's targets keep it finite where the outcomes fall apart perfectly.
    positives = happened.sum()
    target = np.where(happened > 0, (positives + 1) / (positives + 2), 1 / (len(happened) - positives + 2))
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(slope * x + shift, -35, 35)))
        weight, miss = p * (1 - p), target - p
        a, b, c = weight.sum(), (weight * x).sum(), (weight * x * x).sum()
        size = a * c - b * b
        if size <= 1e-12:
            break
        step_shift, step_slope = (
            (c * miss.sum() - b * (miss * x).sum()) / size,
            (a * (miss * x).sum() - b * miss.sum()) / size,
        )
        shift, slope = shift + step_shift, slope + step_slope
        if abs(step_shift) + abs(step_slope) < 1e-10:
            break
    if not np.isfinite(slope) or not np.isfinite(shift) or slope <= 0:
        return Calibration(0.0, float(np.log(base / (1 - base))))
    return Calibration(float(slope), float(shift - slope * center))
