"""Bought together: which products stand in the same orders more often than by chance, counted on the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.reading import Reading
from schwung.measure.scope import Scope
from schwung.predict.recommend.purchases import described, goods_lines

LEAST_ORDERS = 10
"""Orders that must hold both products."""
MOST = 100
_LARGEST = 200
"""Orders of more products say nothing about two of them, and would cost most of the work."""
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Pair:
    """Of the orders that hold `first`, `confidence` hold `second` too. support: share of all orders that hold both.
    lift: how many times more often than by chance, with its 95 % interval. beyond: orders with both beyond those of chance."""

    first: str
    first_name: str
    second: str
    second_name: str
    orders: int
    first_orders: int
    second_orders: int
    support: float
    confidence: float
    lift: float
    lift_low: float
    lift_high: float
    beyond: float

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Together:
    """orders: of goods, guests' too. product: the one asked about, its number and name; None: pairs of all."""

    orders: int
    product: str | None
    name: str
    pairs: tuple[Pair, ...]
    sentence: Text

    def to_json(self) -> dict[str, Any]:
        return {
            "product": self.product,
            "name": self.name,
            "orders": self.orders,
            "sentence": {"en": self.sentence.en, "de": self.sentence.de},
            "pairs": [pair.to_json() for pair in self.pairs],
        }


def baskets(scope: Scope) -> ir.Table:
    """order_key, product_id, once each, of orders with at most so many products."""
    rows = goods_lines(scope).select("order_key", "product_id").distinct()
    size = rows.group_by("order_key").agg(size=_.count())
    return rows.join(size.filter(_.size <= _LARGEST), "order_key").select("order_key", "product_id")


def counted(scope: Scope, product: str | None) -> ir.Table:
    """first, second, orders, first_orders, second_orders, total of pairs with at least LEAST_ORDERS orders."""
    rows = baskets(scope)
    singles = rows.group_by("product_id").agg(held=_.count())
    common = rows.join(singles.filter(_.held >= LEAST_ORDERS), "product_id").select("order_key", "product_id")
    left = common if product is None else common.filter(_.product_id == product)
    right = common.view()
    rule = left.product_id < right.product_id if product is None else left.product_id != right.product_id
    both = left.join(right, [left.order_key == right.order_key, rule], rname="{name}_two")
    both = both.group_by(first=both.product_id, second=both.product_id_two).agg(orders=_.count())
    both = both.filter(_.orders >= LEAST_ORDERS)
    one = singles.select(first="product_id", first_orders="held")
    two = singles.select(second="product_id", second_orders="held")
    total = rows.aggregate(total=_.order_key.nunique())
    return both.join(one, "first").join(two, "second").cross_join(total).select(
        "first", "second", "orders", "first_orders", "second_orders", "total"
    )  # fmt: skip


def best(counts: ir.Table) -> ir.Table:
    """The pairs that most orders hold beyond chance, at most MOST."""
    chance = counts.first_orders.cast("float64") * counts.second_orders / counts.total
    ranked = counts.mutate(beyond=counts.orders - chance)
    return ranked.filter(_.beyond > 0).order_by(ibis.desc("beyond"), "first", "second").limit(MOST)


def names_of(scope: Scope) -> ir.Table:
    """product_id, name: of the product, else the description that most of its lines have."""
    listed = scope.table("products", False).group_by("product_id").agg(name=_.name.max())
    both = described(scope).outer_join(listed, "product_id")
    return both.select(
        product_id=ibis.coalesce(both.product_id, both.product_id_right), name=ibis.coalesce(both.name, both.described)
    )


def together(reading: Reading, product: str | None = None) -> Together:
    """reading: of all facts. InputError for a product that nobody bought."""
    known = reading.rows("names", names_of).to_pylist()
    names = {row["product_id"]: row["name"] or row["product_id"] for row in known}
    product = _found(product, names)
    rows = reading.rows(f"pairs {product!r}", lambda scope: best(counted(scope, product))).to_pylist()
    whole = reading.rows("baskets", lambda scope: baskets(scope).aggregate(total=_.order_key.nunique()))
    total = int(whole["total"][0].as_py())
    found = (_pair(row, names, turned=product is None) for row in rows)
    pairs = tuple(pair for pair in found if pair.lift_low > 1)
    return Together(total, product, names.get(product or "", ""), pairs, _sentence(pairs, product, names))


def _found(product: str | None, names: Mapping[str, str]) -> str | None:
    """The product's number, from its number or its whole name."""
    if product is None or product in names:
        return product
    named = [number for number, name in names.items() if name.casefold() == product.strip().casefold()]
    if len(named) == 1:
        return named[0]
    raise InputError(
        "unknown_product",
        Text("No order holds a product “{name}”.", "Keine Bestellung enthält einen Artikel „{name}“.").fill(
            name=product[:80]
        ),
        Text("Give the product's number or its whole name.", "Artikelnummer oder ganzen Namen angeben."),
    )


def _pair(row: Mapping[str, Any], names: Mapping[str, str], *, turned: bool) -> Pair:
    """turned: the product of fewer orders comes first, since more of its orders hold the other."""
    first, second, a, b = row["first"], row["second"], row["first_orders"], row["second_orders"]
    if turned and a > b:
        first, second, a, b = second, first, b, a
    both, total = row["orders"], row["total"]
    lift = both * total / (a * b)
    half = _Z * _log_error(both, a, b, total)
    return Pair(
        first, names.get(first, first), second, names.get(second, second), both, a, b, both / total, both / a, lift,
        float(lift * np.exp(-half)), float(lift * np.exp(half)), row["beyond"],
    )  # fmt: skip


def _log_error(both: int, a: int, b: int, total: int) -> float:
    """Of the logarithm of the lift: delta method over the four cells of the table."""
    slope = total / both - total / a - total / b
    spread = both * slope**2 + (a - both) * (total / a) ** 2 + (b - both) * (total / b) ** 2
    return float(np.sqrt(max(0.0, spread / total - 1) / total))


def _sentence(pairs: tuple[Pair, ...], product: str | None, names: Mapping[str, str]) -> Text:
    if not pairs:
        return Text(
            "No two products stand in at least {n} orders together more often than by chance.",
            "Keine zwei Artikel stehen in mindestens {n} Bestellungen öfter zusammen als durch Zufall.",
        ).fill(n=LEAST_ORDERS) if product is None else Text(
            "{name} stands with no other product in at least {n} orders more often than by chance.",
            "{name} steht mit keinem anderen Artikel in mindestens {n} Bestellungen öfter zusammen als durch Zufall.",
        ).fill(name=names.get(product, product), n=LEAST_ORDERS)  # fmt: skip
    top = pairs[0]
    return Text(
        "{share} of the {n} orders with {first} hold {second} too: {lift} times as many as by chance.",
        "{share} der {n} Bestellungen mit {first} enthalten auch {second}: {lift}-mal so viele wie durch Zufall.",
    ).fill(
        share=said.share(top.confidence, 0), n=said.count(top.first_orders), first=top.first_name,
        second=top.second_name, lift=said.decimal(top.lift, 1),
    )  # fmt: skip
