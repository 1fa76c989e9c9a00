"""Recommendations for all customers at once: candidates with probabilities, what they bring, and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy
from numpy.typing import NDArray

from schwung.predict.model import PREDICTED
from schwung.predict.recommend.calibrate import Calibration
from schwung.predict.recommend.candidates import (
    Candidates,
    again_for,
    first_by_worth,
    nearest,
    new_to,
    step_ups,
    steps_of,
)
from schwung.predict.recommend.choose import fit_ranker
from schwung.predict.recommend.learn import Learned
from schwung.predict.recommend.purchases import Floats, Ints
from schwung.predict.recommend.ranking import ItemCosine, similarity
from schwung.predict.recommend.split import Shelf, newcomers, shelf
from schwung.predict.sight import Sight

KINDS = ("bought_with", "popular", "again", "step_up", "cold")
BOUGHT_WITH, POPULAR, AGAIN, STEP_UP, COLD = range(len(KINDS))


@dataclass(frozen=True)
class Scored:
    """One row per customer (number) and product (place). value: what they are ranked by; gain: what one purchase brings, minor
    units. likeness: of `via` and the product, for the words."""

    customer: Ints
    product: Ints
    via: Ints
    kind: Ints
    p: Floats
    low: Floats
    high: Floats
    gain: Floats

    def where(self, kept: NDArray) -> Scored:
        return Scored(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Advice:
    """All candidates of a shop at a moment."""

    at: Shelf
    new: Scored
    again: Scored
    steps: Scored
    cold: Scored
    similar: scipy.sparse.csr_matrix


def advise(sight: Sight, learned: Learned, horizon_days: int, level: float, seed: int) -> Advice:
    """Everything that may be recommended to everybody: nothing sold out, nothing that they have and nobody buys again."""
    at = shelf(sight)
    allowed = at.goods.for_sale
    ranker = fit_ranker(learned.ranker, at, seed)
    stretch = horizon_days / learned.window_days
    new = new_to(at, ranker, allowed)
    again, steps = again_for(at, allowed), step_ups(at, steps_of(at), allowed)
    similar = ranker.similar if isinstance(ranker, ItemCosine) else similarity(at.purchases.owned)
    kind = np.where(new.is_popular, POPULAR, BOUGHT_WITH)
    return Advice(
        at,
        _scored(at, new, learned.new, kind, at.goods.gain[new.product], level, stretch),
        _scored(at, again, learned.again, np.full(len(again.product), AGAIN), at.goods.gain[again.product], level, stretch),
        _scored(
            at, steps, learned.step, np.full(len(steps.product), STEP_UP),
            at.goods.gain[steps.product] - at.goods.gain[steps.via], level, stretch,
        ),
        _cold(at, newcomers(sight, at.purchases.customers), learned, level, stretch),
        similar,
    )  # fmt: skip


def _scored(
    at: Shelf, found: Candidates, fitted: Calibration | None, kind: NDArray, gain: Floats, level: float, stretch: float
) -> Scored:  # fmt: skip
    """Without a calibration there is no probability, and new products keep the order of their rule."""
    who = at.purchases.customers[found.customer]
    if fitted is None:
        nothing = np.full(len(who), np.nan)
        return Scored(who, found.product, found.via, kind.astype(np.int64), nothing, nothing, nothing, gain)
    p, low, high = fitted.probability(found.features, level, stretch)
    return Scored(who, found.product, found.via, kind.astype(np.int64), p, low, high, gain)


def _cold(at: Shelf, who: Ints, learned: Learned, level: float, stretch: float) -> Scored:
    """Customers without a purchase: what is popular, as probable as such customers bought before."""
    nobody = scipy.sparse.csr_matrix((1, len(at.goods.price)), dtype=np.float32)
    places, shares = at.popularity.top(nobody, at.goods.for_sale, 20)
    product, share = places[0][places[0] >= 0], shares[0][places[0] >= 0].astype(float)
    n, hits = learned.cold
    chance = np.full(3, np.nan)
    if n:
        tail = (1 - level) / 2
        chance = np.array([hits / n, *(scipy.stats.beta.ppf(q, hits + 0.5, n - hits + 0.5) for q in (tail, 1 - tail))])
    chance = 1 - (1 - chance) ** stretch
    customer, goods = np.repeat(who, len(product)), np.tile(product, len(who))
    p, low, high = (np.tile(share * part, len(who)) for part in chance)
    none = np.full(len(customer), -1, np.int64)
    return Scored(customer, goods, none, np.full(len(customer), COLD), p, low, high, at.goods.gain[goods])


def best(parts: list[Scored], value: list[Floats], k: int) -> tuple[Scored, Floats, Ints]:
    """The k best products per customer by value, no product twice; with value and rank. What has no value stands last."""
    both = Scored(*(np.concatenate([getattr(one, name) for one in parts]) for name in Scored.__dataclass_fields__))
    worth = np.concatenate(value)
    order, rank = first_by_worth(both.customer, both.product, worth, k)
    return both.where(order), worth[order], rank


def with_reasons(advice: Advice, found: Scored) -> tuple[Scored, Floats]:
    """`via` of what buyers of the same products have, and the share of its buyers who have the product too."""
    at, similar = advice.at, advice.similar
    asked = np.flatnonzero(found.kind == BOUGHT_WITH)
    via, share = found.via.copy(), np.full(len(found.via), np.nan)
    row = np.searchsorted(at.purchases.customers, found.customer[asked])
    owned = at.purchases.owned
    near, likeness = nearest(similar, owned, row, found.product[asked])
    via[asked] = near
    buyers = np.bincount(owned.indices, minlength=owned.shape[1]).astype(float)
    joint = likeness * (np.sqrt(buyers[np.maximum(near, 0)] * buyers[found.product[asked]]) + 10.0)
    share[asked] = np.where(near >= 0, joint / np.maximum(1, buyers[np.maximum(near, 0)]), np.nan)
    kind = found.kind.copy()
    kind[asked[near < 0]] = POPULAR
    return Scored(found.customer, found.product, via, kind, found.p, found.low, found.high, found.gain), share


def as_rows(
    advice: Advice, found: Scored, rank: Ints, target: str, value: tuple[Floats, Floats, Floats], share: Floats
) -> pa.Table:  # fmt: skip
    """As models give predictions; reasons: one object: why, name, product and product_name that it rests
    on, share, days, probability, gain_minor."""
    names = np.asarray(advice.at.purchases.products, object)
    quoted, called = (pa.array([_quoted(name) for name in each]) for each in (names, advice.at.goods.names))
    days = advice.at.again.days
    via, rests = np.maximum(found.via, 0), (found.via >= 0) & (found.kind != AGAIN)

    def part(name: str, values: pa.Array, shown: NDArray[np.bool_]) -> pa.Array:
        told = pc.binary_join_element_wise(f', "{name}": ', values, "")
        return pc.if_else(pa.array(shown), told, "")

    def number(values: Floats, digits: int) -> pa.Array:
        return pc.cast(pa.array(np.round(np.nan_to_num(values), digits)), pa.string())

    reasons = pc.binary_join_element_wise(
        '[{"why": ', pa.array([f'"{name}"' for name in KINDS]).take(pa.array(found.kind)),
        part("name", called.take(pa.array(found.product)), np.ones(len(via), bool)),
        part("product", quoted.take(pa.array(via)), rests),
        part("product_name", called.take(pa.array(via)), rests),
        part("share", number(share, 4), ~np.isnan(share)),
        part("days", number(days[found.product], 0), found.kind == AGAIN),
        part("probability", number(found.p, 6), ~np.isnan(found.p)),
        part("gain_minor", number(found.gain, 0), ~np.isnan(found.gain)), "}]", "",
    )  # fmt: skip
    middle, low, high = (pa.array(each, pa.float64(), mask=np.isnan(each)) for each in value)
    count = len(found.customer)
    return pa.table(
        [
            pa.array(found.customer, pa.int64()), pa.array(np.full(count, target, object), pa.string()),
            pa.array(rank, pa.int32()), middle, low, high,
            pa.array(names, pa.string()).take(pa.array(found.product)), pc.cast(reasons, pa.string()),
        ],
        schema=PREDICTED,
    )  # fmt: skip


def _quoted(name: str) -> str:
    import json

    return json.dumps(name, ensure_ascii=False)
