"""Candidates with what is known of them: products that are new to a customer, those bought again, and steps up in price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from schwung.core.clock import DAY
from schwung.predict.recommend.ranking import Popularity, Ranker, filled
from schwung.predict.recommend.split import Shelf

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
DEPTH = 20
"""New products that are looked at per customer."""
STEP_FROM, STEP_TO = 1.1, 2.5
"""A step up costs so many times what the customer has."""
_BORROWED = 20
"""Owners by whose weight the share of all steps counts beside a step's own."""
_BLOCK, _PAIRS = 256, 200_000


@dataclass(frozen=True)
class Candidates:
    """One row per customer (place in the shelf) and product. via: the product that it rests on, −1: none.
    features: as its calibration takes them, the score first; of what is new the price last, since offers are chosen by what they
    bring, and dear ones would promise too much otherwise. is_popular: it stands here because many buy it."""

    customer: Ints
    product: Ints
    via: Ints
    features: Floats
    is_popular: NDArray[np.bool_]

    def where(self, kept: NDArray[np.bool_]) -> Candidates:
        return Candidates(
            self.customer[kept], self.product[kept], self.via[kept], self.features[kept], self.is_popular[kept]
        )


@dataclass(frozen=True)
class Steps:
    """target: per product the step up that most took, −1: none. share: of its owners who took it, drawn to the mean."""

    target: Ints
    share: Floats


def new_to(shelf: Shelf, ranker: Ranker, allowed: NDArray[np.bool_], rows: Ints | None = None) -> Candidates:
    """The best new products by the rule, then popular ones. rows: only these customers."""
    owned = shelf.purchases.owned
    places, scores = ranker.top(owned, allowed, DEPTH)
    spare = shelf.popularity.top(owned, allowed, 2 * DEPTH)[0]
    places, scores, is_spare = filled(places, scores, spare)
    who = np.arange(owned.shape[0]) if rows is None else rows
    row, slot = np.nonzero(places[who] >= 0)
    product, score, popular = places[who][row, slot], scores[who][row, slot], is_spare[who][row, slot]
    least = float(scores[scores > 0].min()) if (scores > 0).any() else 1e-6
    breadth = np.diff(owned.indptr)[who][row]
    features = np.column_stack(
        [
            np.log(np.maximum(score, least)), popular, np.log1p(breadth), np.log1p(shelf.recency_days[who][row]),
            _dearness(shelf)[product],
        ]
    )  # fmt: skip
    customer = who[row].astype(np.int64)
    popular = popular | isinstance(ranker, Popularity)
    return Candidates(customer, product, np.full(len(row), -1, np.int64), features, popular)


def _dearness(shelf: Shelf) -> Floats:
    """Logarithm of each product's price; where it is not known, the middle of all."""
    price = shelf.goods.price
    known = price > 0
    middle = float(np.median(price[known])) if known.any() else 1.0
    found: Floats = np.log(np.where(known, price, middle))
    return found


def again_for(shelf: Shelf, allowed: NDArray[np.bool_]) -> Candidates:
    """What customers have of products that people buy again."""
    orders, again = shelf.purchases.orders, shelf.again
    row = np.repeat(np.arange(orders.shape[0]), np.diff(orders.indptr)).astype(np.int64)
    kept = (again.allowed & allowed)[orders.indices]
    row, product, times = row[kept], orders.indices[kept].astype(np.int64), orders.data[kept].astype(float)
    since = (shelf.at - shelf.purchases.bought_at.data[kept]) / DAY
    wait = np.log((since + 1) / (again.days[product] + 1))
    share = np.clip(again.share[product], 1e-3, 1 - 1e-3)
    features = np.column_stack(
        [np.log(share / (1 - share)), np.log(times), wait, wait * wait, np.log1p(shelf.recency_days[row])]
    )
    return Candidates(row, product, product, features, np.zeros(len(row), bool))


def steps_of(shelf: Shelf) -> Steps:
    """Within a category: of the products that cost more, but not much more, the one that most customers have."""
    goods, owners = shelf.goods, np.bincount(shelf.purchases.orders.indices, minlength=len(shelf.goods.price))
    target = np.full(len(goods.price), -1, np.int64)
    for kind in np.unique(goods.categories.astype(str)):
        inside = np.flatnonzero((goods.categories == kind) & (goods.price > 0)) if kind else np.array([], np.int64)
        if len(inside) < 2:
            continue
        inside = inside[np.argsort(-owners[inside], kind="stable")][:2_000]
        price = goods.price[inside]
        fits = (price[None, :] >= STEP_FROM * price[:, None]) & (price[None, :] <= STEP_TO * price[:, None])
        fits &= goods.for_sale[inside][None, :] & (owners[inside] > 0)[None, :]
        target[inside] = np.where(fits.any(1), inside[fits.argmax(1)], -1)
    return Steps(target, _step_shares(shelf, target))


def _step_shares(shelf: Shelf, target: Ints) -> Floats:
    """Share of owners of a product who bought its step up later."""
    first = shelf.purchases.first_at
    row = np.repeat(np.arange(first.shape[0]), np.diff(first.indptr))
    has = target[first.indices] >= 0
    later = _at(first, row[has], target[first.indices[has]]) > first.data[has]
    taken = np.bincount(first.indices[has], later, len(target))
    owners = np.bincount(first.indices[has], minlength=len(target))
    mean = taken.sum() / max(1, owners.sum())
    return (taken + _BORROWED * mean) / (owners + _BORROWED)


def step_ups(shelf: Shelf, steps: Steps, allowed: NDArray[np.bool_]) -> Candidates:
    """Steps that a customer could take and has not."""
    orders = shelf.purchases.orders
    row = np.repeat(np.arange(orders.shape[0]), np.diff(orders.indptr)).astype(np.int64)
    product = steps.target[orders.indices]
    kept = (product >= 0) & allowed[np.maximum(product, 0)]
    kept[kept] &= _at(shelf.purchases.owned, row[kept], product[kept]) == 0
    via = orders.indices[kept].astype(np.int64)
    row, product = row[kept], product[kept]
    share = np.clip(steps.share[via], 1e-4, 1 - 1e-4)
    since = (shelf.at - shelf.purchases.bought_at.data[kept]) / DAY
    features = np.column_stack(
        [np.log(share / (1 - share)), np.log(orders.data[kept]), np.log1p(since), _dearness(shelf)[product]]
    )
    return Candidates(row, product, via, features, np.zeros(len(row), bool))


def _at(matrix: scipy.sparse.csr_matrix, row: Ints, column: Ints) -> NDArray:
    """Values at many places, 0 where nothing is: by search among the sorted keys of the matrix."""
    keys = (
        np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr)) * matrix.shape[1] + matrix.indices
    )
    wanted = row.astype(np.int64) * matrix.shape[1] + column
    place = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
    if not len(keys):
        return np.zeros(len(wanted), matrix.dtype)
    return np.where(keys[place] == wanted, matrix.data[place], 0)


def bought_in(after: scipy.sparse.csr_matrix, found: Candidates) -> NDArray[np.bool_]:
    """Whether the customer bought it in the window."""
    after.sort_indices()
    return _at(after, found.customer, found.product) > 0


def nearest(
    similar: scipy.sparse.csr_matrix, owned: scipy.sparse.csr_matrix, customer: Ints, product: Ints
) -> tuple[Ints, Floats]:
    """Of what the customer has, the product most similar to another one, and how similar; −1 where nothing is."""
    via, value = np.full(len(customer), -1, np.int64), np.zeros(len(customer))
    columns, order = similar.tocsc(), np.argsort(product, kind="stable")
    for first in range(0, similar.shape[1], _BLOCK):
        low, high = np.searchsorted(product[order], (first, first + _BLOCK))
        likeness = columns[:, first : first + _BLOCK].toarray()
        for at in range(low, high, _PAIRS):
            part = order[at : min(at + _PAIRS, high)]
            via[part], value[part] = _nearest(likeness, owned, customer[part], product[part] - first)
    return via, value


def _nearest(likeness: NDArray, owned: scipy.sparse.csr_matrix, customer: Ints, column: Ints) -> tuple[Ints, Floats]:
    """Each customer has at least one product."""
    many = np.diff(owned.indptr)[customer]
    starts = np.cumsum(many) - many
    has = owned.indices[np.arange(many.sum()) + np.repeat(owned.indptr[customer] - starts, many)]
    values = likeness[has, np.repeat(column, many)]
    best = np.maximum.reduceat(values, starts)
    place = np.where(values == np.repeat(best, many), np.arange(len(values)), len(values))
    return np.where(best > 0, has[np.minimum.reduceat(place, starts)], -1), best


def first_by_worth(customer: Ints, product: Ints, worth: Floats, k: int) -> tuple[Ints, Ints]:
    """Places of the k best products per customer, no product twice, and their ranks. What has no worth stands last."""
    order = np.lexsort((np.where(np.isnan(worth), np.inf, -worth), customer))
    places = int(product.max()) + 1 if len(product) else 1
    _, number = np.unique(customer, return_inverse=True)
    order = first_of_each(order, number.astype(np.int64) * places + product)
    rows = number[order]
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(starts, append=len(rows)))
    kept = rank < k
    return order[kept], rank[kept].astype(np.int64)


def first_of_each(order: Sequence[int] | Ints, key: Ints) -> Ints:
    """Of the places in `order` those where a key comes for the first time, in that order."""
    order = np.asarray(order)
    _, first = np.unique(key[order], return_index=True)
    return order[np.sort(first)]
