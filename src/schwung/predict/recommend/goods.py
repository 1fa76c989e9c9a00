"""The products beside the matrices: what they are called, bring, cost; which are sold out, which are bought again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from schwung.core.clock import DAY
from schwung.core.money import exponent_of
from schwung.measure.question import Question
from schwung.predict.recommend.purchases import Floats, Purchases

AGAIN = 0.15
"""From that share of its buyers on who bought it again, a product may be recommended to who has it."""
_BORROWED = 10
"""Buyers by whose weight the share of its category counts beside a product's own."""
_UNKNOWN = ""


@dataclass(frozen=True)
class Goods:
    """One value per product, in the order of `Purchases.products`.

    price: of one, minor units. gain: what a purchase brings, minor units: the margin where it is known of most products that
    are bought, else net revenue (`is_margin` says which); NaN where it is not known. for_sale: not sold out.
    """

    names: NDArray[np.object_]
    categories: NDArray[np.object_]
    price: Floats
    gain: Floats
    is_margin: bool
    for_sale: NDArray[np.bool_]


@dataclass(frozen=True)
class Again:
    """Which products people buy again: share of buyers who did (own and category's), usual days between, and the verdict."""

    share: Floats
    days: Floats
    allowed: NDArray[np.bool_]


def read_goods(rows: pa.Table, products: NDArray[np.str_], question: Question) -> Goods:
    """From rows of `purchases.goods`."""
    found: Mapping[str, dict[str, Any]] = {row["product_id"]: row for row in rows.to_pylist()}
    told = [found.get(name, {}) for name in products]
    scale = 10 ** exponent_of(question.currency)

    def column(name: str) -> Floats:
        return np.array([np.nan if one.get(name) is None else float(one[name]) for one in told], np.float64)

    listed, paid = column("price") * scale, column("price_minor")
    net, orders = column("net_minor"), np.nan_to_num(column("orders"))
    margin = net - column("pieces") * column("cost") * scale
    if question.value.margin_rate is not None:
        margin = np.where(np.isnan(margin), net * question.value.margin_rate, margin)
    known = orders[~np.isnan(margin)].sum()
    is_margin = bool(orders.sum()) and known >= 0.5 * orders.sum()
    stock = column("stock")
    return Goods(
        np.array([one.get("name") or name for one, name in zip(told, products, strict=True)], object),
        np.array([one.get("category") or _UNKNOWN for one in told], object),
        np.where(np.isnan(paid), listed, paid),
        margin if is_margin else net,
        is_margin,
        np.isnan(stock) | (stock > 0),
    )


def bought_again(purchases: Purchases, goods: Goods, categories: tuple[str, ...] = ()) -> Again:
    """By its own repeat rate, drawn towards its category's; `categories`: those whose products always count."""
    orders = purchases.orders
    many = orders.copy()
    many.data = (orders.data >= 2).astype(np.float32)
    buyers = np.bincount(orders.indices, minlength=orders.shape[1]).astype(float)
    repeated = np.asarray(many.sum(0)).ravel().astype(float)
    kinds, kind = np.unique(goods.categories.astype(str), return_inverse=True)
    kind_share = np.bincount(kind, repeated, len(kinds)) / np.maximum(1, np.bincount(kind, buyers, len(kinds)))
    share = (repeated + _BORROWED * kind_share[kind]) / (buyers + _BORROWED)
    gaps = (purchases.bought_at.data - purchases.first_at.data) / DAY / np.maximum(1, orders.data - 1)
    twice = orders.data >= 2
    usual = float(np.median(gaps[twice])) if twice.any() else 30.0
    total = np.bincount(orders.indices[twice], gaps[twice], orders.shape[1])
    days = (total + _BORROWED * usual) / (np.bincount(orders.indices[twice], minlength=orders.shape[1]) + _BORROWED)
    named = np.isin(goods.categories.astype(str), list(categories)) if categories else np.zeros(len(share), bool)
    return Again(share, np.maximum(1.0, days), named | ((share >= AGAIN) & (repeated > 0)))
