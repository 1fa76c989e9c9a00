"""A prediction for every customer: values, intervals at any level, the sum with its interval."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from schwung.measure.inference import Estimate
from schwung.predict.clv.one_thread import one_thread
from schwung.predict.clv.rows import Floats, Ints

LEVEL = 0.8
"""Intervals are shown at 80 %."""
Scale = Literal["log", "logit", "plain"]
Compute = Callable[[Floats], Floats]
"""Value of each distinct row from the logarithms of the parameters."""
_STEP = 1e-4


def z_of(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    return NormalDist().inv_cdf(0.5 + level / 2)


@dataclass(frozen=True, eq=False)
class Predicted:
    """Of distinct rows, spread to customers by `place`.

    compute: from the logarithms of the parameters; center, covariance: of those. count: customers of each distinct row.
    scale: on which the uncertainty of the parameters is taken for symmetric. scatter: variance of what will happen around what is
    expected, per distinct row; it belongs into intervals of sums that will be observed.
    """

    compute: Compute
    logs: Floats
    center: Floats
    covariance: Floats
    place: Ints
    count: Floats
    scale: Scale = "log"
    scatter: Callable[[], Floats] | None = None

    def __len__(self) -> int:
        return len(self.place)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray:
        return np.asarray(self.value, dtype)

    def __getitem__(self, which: Any) -> Any:
        return self.value[which]

    def __repr__(self) -> str:
        shown = np.array2string(self.value[:6], precision=4)
        return f"Predicted for {len(self):,} customers: {shown}{' …' if len(self) > 6 else ''}; .interval(0.8), .total(0.8)"

    @cached_property
    def distinct(self) -> Floats:
        """Value of each distinct row."""
        with one_thread():
            return self.compute(self.logs)

    @cached_property
    def value(self) -> Floats:
        return self.distinct[self.place]

    @cached_property
    def slopes(self) -> Floats:
        """Of each distinct row by the logarithm of each parameter: rows × parameters, by central differences."""
        found = np.empty((len(self.count), len(self.logs)))
        with one_thread():
            for place in range(len(self.logs)):
                step = np.zeros(len(self.logs))
                step[place] = _STEP
                found[:, place] = (self.compute(self.center + step) - self.compute(self.center - step)) / (2 * _STEP)
        return found

    @cached_property
    def error(self) -> Floats:
        """Standard error of each distinct row, from the uncertainty of the parameters."""
        found: Floats = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", self.slopes, self.covariance, self.slopes), 0))
        return found

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """low, high of each customer's value: how far the parameters leave it open."""
        low, high = spread(self.distinct, z_of(level) * self.error, self.scale)
        return low[self.place], high[self.place]

    def total(self, level: float = LEVEL, *, observed: bool = True) -> Estimate:
        """The sum over all customers. observed: with the scatter of what will happen, where that is known; else of the expectation."""
        value = float(self.count @ self.distinct)
        slope = self.count @ self.slopes
        variance = float(slope @ self.covariance @ slope)
        if observed and self.scatter is not None:
            with one_thread():
                variance += float(self.count @ self.scatter())
        low, high = spread(np.array([value]), np.array([z_of(level) * np.sqrt(variance)]), "log")
        return Estimate(value, float(low[0]), float(high[0]), round(float(self.count.sum())))

    def to_json(self) -> str:
        low, high = self.interval()
        return json.dumps({"value": self.value.tolist(), "low": low.tolist(), "high": high.tolist(), "level": LEVEL})


def spread(value: Floats, half: Floats, scale: Scale) -> tuple[Floats, Floats]:
    """value ∓ half, symmetric on the scale; what has no room on it (0, or 0 and 1) stays."""
    if scale == "plain":
        return value - half, value + half
    if scale == "log":
        known = value > 0
        factor = np.exp(np.divide(half, value, out=np.zeros_like(value), where=known))
        return value / factor, value * factor
    room = value * (1 - value)
    known = room > 0
    safe = np.where(known, value, 0.5)
    odds, width = np.log(safe / (1 - safe)), np.divide(half, room, out=np.zeros_like(value), where=known)
    low, high = (1 / (1 + np.exp(-np.clip(edge, -700, 700))) for edge in (odds - width, odds + width))
    return np.where(known, low, value), np.where(known, high, value)
