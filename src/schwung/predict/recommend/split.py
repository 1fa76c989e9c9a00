"""The time split: what customers had before a moment, and what they bought after it. The rules are judged there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import scipy
from ibis import _
from numpy.typing import NDArray

from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.recommend.goods import Again, Goods, bought_again, read_goods
from schwung.predict.recommend.purchases import Ints, Purchases, goods, pairs, read
from schwung.predict.recommend.ranking import Popularity
from schwung.predict.sight import Sight

LEAST_CUSTOMERS, LEAST_PRODUCTS, LEAST_BUYERS = 50, 5, 30
LEAST_DAYS = 14
LATELY_DAYS = 90
"""What counts as popular is what customers bought in so many days."""


@dataclass(frozen=True)
class Shelf:
    """What is known at a moment. lately: products that customers bought in the days before it."""

    at: Instant
    purchases: Purchases
    goods: Goods
    again: Again
    lately: scipy.sparse.csr_matrix

    @cached_property
    def popularity(self) -> Popularity:
        return Popularity.fit(self.lately if self.lately.nnz else self.purchases.owned)

    @cached_property
    def recency_days(self) -> NDArray[np.float64]:
        """Days since the customer's last purchase."""
        return (self.at - self.purchases.last_at) / DAY


@dataclass(frozen=True)
class Split:
    """before: the shelf at the cut. after: 1 where a customer of before bought the product in the window."""

    before: Shelf
    after: scipy.sparse.csr_matrix
    window_days: int

    @cached_property
    def new(self) -> scipy.sparse.csr_matrix:
        """Of `after` what the customer did not have before."""
        found = self.after - self.after.multiply(self.before.purchases.owned)
        found.eliminate_zeros()
        return scipy.sparse.csr_matrix(found)


def shelf(sight: Sight) -> Shelf:
    """At the moment of the sight. InputError where too little was bought to learn from."""
    rows = sight.run(pairs(sight))
    products = len(rows["product_id"].unique()) if rows.num_rows else 0
    customers = len(rows["customer_id"].unique()) if rows.num_rows else 0
    if customers < LEAST_CUSTOMERS or products < LEAST_PRODUCTS:
        raise InputError(
            "too_few_purchases",
            Text(
                "Too few known customers bought products to learn what comes next: customers {customers}, products {products}.",
                "Zu wenige bekannte Kunden haben Artikel gekauft, um daraus den nächsten zu lernen: Kunden {customers}, Artikel {products}.",
            ).fill(customers=customers, products=products),
            Text(
                "It takes {customers} customers and {products} products, on order lines with a product number in the reporting currency.",
                "Nötig sind {customers} Kunden und {products} Artikel, auf Bestellpositionen mit Artikelnummer in der Berichtswährung.",
            ).fill(customers=LEAST_CUSTOMERS, products=LEAST_PRODUCTS),
        )  # fmt: skip
    purchases = read(rows)
    told = read_goods(sight.run(goods(sight.scope)), purchases.products, sight.question)
    again = bought_again(purchases, told, sight.question.value.bought_again)
    return Shelf(sight.as_of, purchases, told, again, bought_lately(purchases, sight.as_of))


def bought_lately(purchases: Purchases, at: Instant) -> scipy.sparse.csr_matrix:
    """1 where a customer bought the product in the last LATELY_DAYS before the moment."""
    lately = purchases.owned.copy()
    lately.data = (purchases.bought_at.data > at - LATELY_DAYS * DAY).astype(np.float32)
    lately.eliminate_zeros()
    return lately


def split_of(sight: Sight, horizon_days: int) -> Split:
    """The last quarter of the time, at most the horizon, is held out. InputError where that is too short."""
    first = sight.run(
        sight.scope.table("orders", True)
        .filter(_.customer_id.notnull(), ~_.is_cancelled)
        .aggregate(at=_.ordered_at.min())
    )["at"][0].as_py()
    days = 0 if first is None else (sight.as_of - first) // DAY
    window = int(min(horizon_days, days // 4))
    if window < LEAST_DAYS:
        raise InputError(
            "time_too_short",
            Text(
                "Days from the first order until now: {days}; too few to learn on the first part and to judge on the last.",
                "Tage von der ersten Bestellung bis heute: {days}; zu wenige, um am Anfang zu lernen und am Ende zu prüfen.",
            ).fill(days=days),
            Text("It takes {days} days of orders.", "Nötig sind Bestellungen aus {days} Tagen.").fill(days=4 * LEAST_DAYS),
        )  # fmt: skip
    cut = sight.as_of - window * DAY
    return split_at(sight, cut, window)


def split_at(sight: Sight, cut: Instant, window_days: int) -> Split:
    """cut: learned up to here; judged on what the sight knows beyond."""
    before = shelf(sight.earlier(cut))
    rows = sight.run(pairs(sight, cut))
    after = read(rows, before.purchases.products, before.purchases.customers).owned
    return enough_held_out(Split(before, after, window_days))


def enough_held_out(found: Split) -> Split:
    """The split itself. InputError where too few bought something new in its window."""
    buyers = int((np.diff(found.new.indptr) > 0).sum())
    if buyers < LEAST_BUYERS:
        raise InputError(
            "too_few_held_out",
            Text(
                "In the {days} days held out only {n} known customers bought a product that was new to them; that is too few to judge.",
                "In den {days} zurückgehaltenen Tagen kauften nur {n} bekannte Kunden einen für sie neuen Artikel; das ist zu wenig, um zu prüfen.",
            ).fill(days=found.window_days, n=buyers),
            Text("It takes {n}.", "Nötig sind {n}.").fill(n=LEAST_BUYERS),
        )  # fmt: skip
    return found


def newcomers(sight: Sight, known: Ints) -> Ints:
    """Customers without any purchase of a product: leads, and those whose orders name none."""
    profiles = sight.scope.table("profiles", False).filter(~_.is_gone, ~_.has_objected).select("customer_id")
    rows: pa.Table = sight.run(profiles)
    return np.setdiff1d(rows["customer_id"].to_numpy(), known)
