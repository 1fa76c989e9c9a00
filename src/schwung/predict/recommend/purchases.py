"""Who kept which product, and what the products are: small tables that the engine makes, sparse matrices from them."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import scipy
from ibis import _
from numpy.typing import NDArray

from schwung.core.clock import Instant
from schwung.measure.scope import Scope
from schwung.predict.sight import Sight

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Purchases:
    """customers: numbers, ascending; products: ids, ascending. The matrices are customers × products with the same pattern:
    orders that held the product, its first and its last purchase (microseconds). last_at: of anything, per customer."""

    customers: Ints
    products: NDArray[np.str_]
    orders: scipy.sparse.csr_matrix
    first_at: scipy.sparse.csr_matrix
    bought_at: scipy.sparse.csr_matrix
    last_at: Ints

    @property
    def owned(self) -> scipy.sparse.csr_matrix:
        """1 where the customer has it."""
        return scipy.sparse.csr_matrix(
            (np.ones(self.orders.nnz, np.float32), self.orders.indices, self.orders.indptr), self.orders.shape
        )


def goods_lines(scope: Scope) -> ir.Table:
    """Lines of goods in orders that were not cancelled, in the reporting currency, with customer_id and is_net."""
    orders = scope.table("orders", False).filter(~_.is_cancelled).select("order_key", "is_net")
    lines = scope.table("order_lines", True)
    own = lines.currency.isnull() | (lines.currency == scope.question.currency)
    if scope.question.since_at is not None:
        lines = lines.filter(lines.ordered_at >= scope.question.since_at)
    lines = lines.filter(lines.is_product, lines.product_id.notnull(), lines.amount_minor >= 0, own)
    lines = lines.select(
        "order_key", "customer_id", "product_id", "ordered_at", "amount_minor",
        quantity=_.quantity.cast("float64"),
    )  # fmt: skip
    return lines.join(orders, "order_key")


def pairs(sight: Sight, since_at: Instant | None = None) -> ir.Table:
    """customer_id, product_id, orders, first_at, last_at of what customers bought after `since_at` and did not send back."""
    lines = sight.without_objected(goods_lines(sight.scope))
    back = sight.scope.table("returns", True).filter(_.is_product, _.product_id.notnull(), _.customer_id.notnull())
    if since_at is not None:
        lines = lines.filter(lines.ordered_at > since_at)
        back = back.filter(back.returned_at > since_at)
    each = lines.group_by(["customer_id", "product_id", "order_key"]).agg(
        ordered_at=_.ordered_at.min(), quantity=_.quantity.sum()
    )
    kept = each.group_by(["customer_id", "product_id"]).agg(
        orders=_.count(), first_at=_.ordered_at.min(), last_at=_.ordered_at.max(), quantity=_.quantity.sum()
    )
    gone = back.group_by(["customer_id", "product_id"]).agg(gone=_.quantity.cast("float64").sum())
    kept = kept.left_join(gone, ["customer_id", "product_id"], rname="b_{name}")
    kept = kept.filter(kept.quantity > kept.gone.fill_null(0.0))
    return kept.select("customer_id", "product_id", "orders", "first_at", "last_at")


def read(rows: pa.Table, products: NDArray[np.str_] | None = None, customers: Ints | None = None) -> Purchases:
    """From rows of `pairs`; given products and customers bind the matrices to theirs, and what is not among them is left out."""
    who = rows["customer_id"].to_numpy()
    names = rows["product_id"].combine_chunks().dictionary_encode()
    codes = np.asarray(names.indices, dtype=np.int64)
    listed = np.asarray(names.dictionary.to_pylist(), dtype=object)
    if products is None:
        products = np.array(sorted(listed), dtype=object)
    place = {name: at for at, name in enumerate(products)}
    column = np.array([place.get(name, -1) for name in listed], np.int64)[codes] if len(codes) else codes
    customers = np.unique(who) if customers is None else customers
    row = np.searchsorted(customers, who)
    known = (column >= 0) & (row < len(customers))
    known[known] &= customers[row[known]] == who[known]
    row, column = row[known], column[known]
    shape = (len(customers), len(products))

    def matrix(name: str, kind: type) -> scipy.sparse.csr_matrix:
        found = scipy.sparse.csr_matrix((rows[name].to_numpy()[known].astype(kind), (row, column)), shape)
        found.sort_indices()
        return found

    orders, first, last = matrix("orders", np.float32), matrix("first_at", np.int64), matrix("last_at", np.int64)
    newest = np.zeros(len(customers), np.int64)
    np.maximum.at(newest, row, rows["last_at"].to_numpy()[known])
    return Purchases(customers, products, orders, first, last, newest)


def described(scope: Scope) -> ir.Table:
    """product_id, described: the description that most lines of the product have."""
    lines = scope.table("order_lines", False).filter(_.is_product, _.product_id.notnull(), _.description.notnull())
    told = lines.group_by(["product_id", "description"]).agg(many=_.count())
    place = ibis.row_number().over(group_by="product_id", order_by=[ibis.desc("many"), "description"])
    return told.mutate(place=place).filter(_.place == 0).select("product_id", described="description")


def goods(scope: Scope) -> ir.Table:
    """Per product that was bought or is listed: name, category, price and cost (major units), tax_rate, stock, and of its
    purchases so far: orders, customers, net_minor and quantity an order, price_minor (paid for one, tax as stated)."""
    value, lines = scope.question.value, goods_lines(scope)
    products = scope.table("products", False)
    own = products.currency.isnull() | (products.currency == scope.question.currency)
    listed = products.mutate(
        own_price=ibis.cases((own, products.price.cast("float64"))),
        own_cost=ibis.cases((own, products.cost.cast("float64"))),
    ).group_by("product_id").agg(
        name=_.name.max(), category=_.category.min(), price=_.own_price.max(), cost=_.own_cost.max(),
        tax_rate=_.tax_rate.max(), stock=_.stock.cast("float64").sum(),
    )  # fmt: skip
    flat = ibis.null("float64") if value.tax_rate is None else ibis.literal(value.tax_rate)
    lines = lines.left_join(listed.select("product_id", "tax_rate"), "product_id", rname="p_{name}")
    rate = ibis.cases((lines.is_net, 0.0), else_=ibis.coalesce(lines.tax_rate, flat, 0.0))
    lines = lines.mutate(net=lines.amount_minor / (1.0 + rate))
    sold = lines.group_by("product_id").agg(
        orders=_.order_key.nunique(), customers=_.customer_id.nunique(),
        net=_.net.sum(), pieces=_.quantity.sum(), amount=_.amount_minor.sum(),
    )  # fmt: skip
    sold = sold.left_join(described(scope), "product_id").drop("product_id_right")
    both = sold.outer_join(listed, "product_id")
    return both.select(
        "category", "price", "cost", "tax_rate", "stock",
        product_id=ibis.coalesce(both.product_id, both.product_id_right),
        name=ibis.coalesce(both.name, both.described),
        orders=both.orders.fill_null(0), customers=both.customers.fill_null(0),
        net_minor=both.net / both.orders.nullif(0), pieces=both.pieces / both.orders.nullif(0),
        price_minor=both.amount / both.pieces.nullif(0.0),
    )  # fmt: skip
