"""What is learned of a shop for its recommendations: the rule that ranks, and how scores become probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schwung.predict.recommend.calibrate import Calibration, calibrate, expected_error
from schwung.predict.recommend.candidates import Candidates, again_for, bought_in, new_to, step_ups, steps_of
from schwung.predict.recommend.choose import Choice, choose
from schwung.predict.recommend.purchases import Ints
from schwung.predict.recommend.split import Split, newcomers, split_of
from schwung.predict.sight import Sight

_MOST_CUSTOMERS = 20_000
"""Customers whose rows the probabilities are learned from."""
_FOLDS = 5


@dataclass(frozen=True)
class Learned:
    """new, again, step: how probable a candidate of that kind is within `window_days`; None: too few to say.
    cold: customers without purchases at the cut, and those of them who bought in the window."""

    ranker: str
    window_days: int
    new: Calibration | None
    again: Calibration | None
    step: Calibration | None
    cold: tuple[int, int]

    def to_json(self) -> dict[str, Any]:
        kinds = {name: getattr(self, name) for name in ("new", "again", "step")}
        told = {name: None if one is None else one.to_json() for name, one in kinds.items()}
        return {"ranker": self.ranker, "window_days": self.window_days, "cold": list(self.cold), **told}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Learned":
        new, again, step = (Calibration.read(kept[name]) for name in ("new", "again", "step"))
        return cls(kept["ranker"], int(kept["window_days"]), new, again, step, (kept["cold"][0], kept["cold"][1]))


NEW, AGAIN, STEP = range(3)


@dataclass(frozen=True)
class KeptOut:
    """Candidates, each with what was learned of other customers. kind: NEW, AGAIN, STEP. gain: of a purchase, minor
    units; NaN: not known."""

    customer: Ints
    product: Ints
    kind: Ints
    p: NDArray[np.float64]
    bought: NDArray[np.bool_]
    gain: NDArray[np.float64]

    def where(self, chosen: NDArray[np.bool_]) -> "KeptOut":
        return KeptOut(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Lesson:
    """learned, with what showed how good it is: ece and tenths of predicted against actual shares, each customer
    kept out of the calibration that speaks of him, and what was said of them."""

    learned: Learned
    choice: Choice
    split: Split
    ece: float | None
    tenths: list[dict[str, float]]
    kept_out: KeptOut


def learn(sight: Sight, horizon_days: int, seed: int) -> Lesson:
    """InputError where the shop's purchases do not carry it."""
    split = split_of(sight, horizon_days)
    return lesson_of(split, seed, _cold(sight, split))


def lesson_of(split: Split, seed: int = 1, cold: tuple[int, int] = (0, 0)) -> Lesson:
    """cold: as `Learned` has it."""
    choice, rankers = choose(split, seed)
    chance = np.random.Generator(np.random.PCG64(seed))
    everybody = split.before.purchases.orders.shape[0]
    chosen = np.zeros(everybody, bool)
    chosen[chance.permutation(everybody)[:_MOST_CUSTOMERS]] = True
    allowed = np.ones(split.before.purchases.orders.shape[1], bool)
    new = new_to(split.before, rankers[choice.name], allowed, np.flatnonzero(chosen))
    again = again_for(split.before, allowed)
    steps = step_ups(split.before, steps_of(split.before), allowed)
    kinds = {"new": new, "again": again.where(chosen[again.customer]), "step": steps.where(chosen[steps.customer])}
    found = {name: _calibrated(split, one) for name, one in kinds.items()}
    kept_out = _kept_out(split, kinds, chance.integers(0, _FOLDS, everybody))
    products = kept_out.where(kept_out.kind != STEP)
    ece, tenths = expected_error(products.p, products.bought) if len(products.p) else (None, [])
    learned = Learned(choice.name, split.window_days, found["new"], found["again"], found["step"], cold)
    return Lesson(learned, choice, split, ece, tenths, kept_out)


def _calibrated(split: Split, found: Candidates) -> Calibration | None:
    if not len(found.customer):
        return None
    return calibrate(found.features, bought_in(split.after, found), found.customer)


def _kept_out(split: Split, kinds: Mapping[str, Candidates], fold: Ints) -> KeptOut:
    """Said of the customers of each fold by what was learned of the others."""
    gain, parts = (
        split.before.goods.gain,
        [KeptOut(*(np.array([], kind) for kind in (int, int, int, float, bool, float)))],
    )
    for number, found in enumerate(kinds.values()):
        p = _crossed(split, found, fold[found.customer])
        if p is None:
            continue
        beyond = gain[found.via] if number == STEP else 0.0
        kind = np.full(len(p), number)
        parts.append(
            KeptOut(found.customer, found.product, kind, p, bought_in(split.after, found), gain[found.product] - beyond)
        )
    return KeptOut(*(np.concatenate([getattr(one, name) for one in parts]) for name in KeptOut.__dataclass_fields__))


def _crossed(split: Split, found: Candidates, fold: Ints) -> NDArray[np.float64] | None:
    p = np.empty(len(found.customer))
    for one in range(_FOLDS):
        fitted = _calibrated(split, found.where(fold != one))
        if fitted is None:
            return None
        p[fold == one] = fitted.probability(found.features[fold == one], 0.8)[0]
    return p


def _cold(sight: Sight, split: Split) -> tuple[int, int]:
    """Customers that were known at the cut without a purchase, and how many of them bought a product afterwards."""
    from ibis import _

    cut = split.before.at
    early = sight.scope.table("profiles", False).filter(_.first_seen_at <= cut, ~_.is_gone, ~_.has_objected)
    known: Ints = sight.run(early.select("customer_id"))["customer_id"].to_numpy()
    cold = np.setdiff1d(known, split.before.purchases.customers)
    still = newcomers(sight, np.array([], np.int64) if not len(cold) else _buyers(sight))
    return len(cold), int(len(cold) - np.isin(cold, still).sum())


def _buyers(sight: Sight) -> Ints:
    from schwung.predict.recommend.purchases import pairs

    rows = sight.run(pairs(sight).select("customer_id").distinct())
    found: Ints = rows["customer_id"].to_numpy()
    return found
