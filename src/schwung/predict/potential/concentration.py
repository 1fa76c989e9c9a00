"""Step 2, analyse: how value is spread over customers: ABC classes, Gini, the share of the best fifth, RFM."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schwung.core.text import Text
from schwung.measure.inference import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
A_SHARE, B_SHARE = 0.8, 0.95
DRAWS, _MANY = 200, 5_000
CLASSES = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class AbcClass:
    """share: of the customers; minor: what they brought; value_share: of what all brought who brought more than nothing."""

    name: str
    customers: int
    share: float
    minor: int
    value_share: float

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Concentration:
    """gini: 0 all alike, 1 one has all; top_share: of the best fifth. Over customers with an order in the year, amounts below
    zero as zero. 95 % intervals by bootstrap."""

    classes: tuple[AbcClass, ...]
    gini: Estimate
    top_share: Estimate

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("gini", "top_share")}
        return {"abc": [one.to_json() for one in self.classes]} | {
            name: {"value": one.value, "low": one.low, "high": one.high} for name, one in told.items()
        }


GROUPS: Mapping[str, tuple[Text, Text]] = {
    "best": (Text("Best", "Beste"), Text("ordered lately and often", "zuletzt und oft bestellt")),
    "promising": (Text("Promising", "Aussichtsreiche"), Text("ordered lately, not often", "zuletzt bestellt, nicht oft")),
    "loyal": (Text("Loyal, quieter", "Treue, ruhiger"), Text("often, but not lately", "oft, aber nicht zuletzt")),
    "fading": (Text("Fading", "Nachlassende"), Text("neither lately nor often", "weder zuletzt noch oft")),
    "at_risk": (Text("At risk", "Gefährdete"), Text("often, but long ago", "oft, aber lange her")),
    "asleep": (Text("Asleep", "Schlafende"), Text("seldom, and long ago", "selten und lange her")),
}  # fmt: skip
"""Groups of RFM cells: title, and who they are."""


def abc(value: Floats) -> Ints:
    """0 for A, 1 for B, 2 for C: from the largest on, who brings the first 80 % of the sum of what is above zero, up to 95 %,
    and the rest. Who stands on an edge belongs to the class before it; ties by place."""
    order = np.argsort(-value, kind="stable")
    positive = np.maximum(value[order], 0.0)
    total = positive.sum()
    found = np.full(len(value), 2, np.int64)
    if total <= 0:
        return found
    before = (np.cumsum(positive) - positive) / total
    found[order] = np.where(positive <= 0, 2, np.where(before < A_SHARE, 0, np.where(before < B_SHARE, 1, 2)))
    return found


def concentration(value: Floats, seed: int) -> Concentration:
    """value: of every customer, minor units."""
    classes, n = abc(value), len(value)
    total = float(np.maximum(value, 0).sum())
    told = tuple(
        AbcClass(
            name, int(here.sum()), float(here.mean()) if n else 0.0, int(value[here].sum()),
            float(np.maximum(value[here], 0).sum() / total) if total else 0.0,
        )
        for place, name in enumerate(CLASSES)
        for here in [classes == place]
    )  # fmt: skip
    amounts, count = np.unique(np.maximum(value, 0.0), return_counts=True)
    gini, top = _spread(amounts, count[None, :].astype(float))
    amounts, count = _gathered(amounts, count)
    chance = np.random.Generator(np.random.PCG64(seed))
    draws = _spread(amounts, chance.poisson(count, (DRAWS, len(count))).astype(float)) if n > 1 and total else None
    bounds = [np.nanquantile(one, (0.025, 0.975)) if draws else (None, None) for one in draws or (gini, top)]
    return Concentration(
        told,
        *(
            Estimate(float(one[0]) if total else None, _or_none(low), _or_none(high), n)
            for one, (low, high) in zip((gini, top), bounds, strict=True)
        ),
    )  # fmt: skip


def _gathered(amounts: Floats, count: Ints) -> tuple[Floats, Ints]:
    """Many amounts by steps of half a percent, each with its mean: the draws need no more."""
    if len(amounts) <= _MANY:
        return amounts, count
    step = np.unique(np.round(np.log1p(amounts) / 0.005), return_inverse=True)[1]
    many = np.bincount(step, count)
    return np.bincount(step, amounts * count) / many, many.astype(np.int64)


def _or_none(bound: Any) -> float | None:
    return None if bound is None else float(bound)


def _spread(amounts: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Gini and share of the best fifth per row of weights; amounts ascending."""
    n = weight.sum(1)
    people = np.cumsum(weight, 1)
    money = np.cumsum(weight * amounts, 1)
    total = money[:, -1]
    before = money - weight * amounts
    with np.errstate(divide="ignore", invalid="ignore"):
        gini = 1 - (weight * (before + money)).sum(1) / (n * total)
        rest = np.minimum(weight, np.maximum(0.0, people - 0.8 * n[:, None]))
        top = (rest * amounts).sum(1) / total
    return gini, top


def rfm(days: Floats, orders: Floats, minor: Floats) -> tuple[Ints, Ints, Ints]:
    """Fifths, 5 the best: of days since the last order, orders so far, minor units so far. Equal values stand together: a class
    is 1 + five times the share of customers with less, rounded down."""
    return _fifth(-days), _fifth(orders), _fifth(minor)


def _fifth(value: Floats) -> Ints:
    fewer = np.searchsorted(np.sort(value), value, side="left")
    return np.minimum(5, 1 + (5 * fewer) // max(1, len(value))).astype(np.int64)


def group_of(recency: Ints, frequency: Ints) -> Ints:
    """Place in GROUPS of each customer."""
    often = frequency >= 4
    return np.where(
        recency >= 4, np.where(often, 0, 1), np.where(recency == 3, np.where(often, 2, 3), np.where(often, 4, 5))
    ).astype(np.int64)
