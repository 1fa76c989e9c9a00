"""The classic funnel of a period in three steps: who was there, who of them filled a cart, who of them ordered."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.scope import Scope

STEPS = {
    "visited": Text("Were there", "Waren da"),
    "filled_cart": Text("Filled a cart", "Füllten einen Warenkorb"),
    "ordered": Text("Ordered", "Bestellten"),
}
_SHOWN = ("page_viewed", "screen_viewed", "product_viewed", "product_list_viewed", "products_searched")
"""What only somebody who is there does."""


@dataclass(frozen=True, slots=True)
class PurchaseFunnel:
    """Customers (or visitors of one profile) who reached each step and all before it."""

    visited: int
    filled_cart: int
    ordered: int

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in STEPS}


def reached(scope: Scope, since_at: int) -> ir.Table:
    """One row: visited, filled_cart, ordered."""
    until_at = scope.question.until_at

    def people(table: ir.Table, time: str) -> ir.Table:
        inside = table.filter(table[time] >= since_at, table[time] < until_at, table.customer_id.notnull())
        return inside.select("customer_id").distinct()

    events = scope.table("events", True)
    seen = people(events.filter(events.name.isin(_SHOWN)), "happened_at")
    carts = people(scope.table("carts", True).filter(_.state == "started"), "happened_at").mutate(cart=ibis.literal(1))
    orders = people(scope.table("orders", True).filter(~_.is_cancelled), "ordered_at").mutate(order=ibis.literal(1))
    rows = seen.left_join(carts, "customer_id", rname="cart_{name}").left_join(
        orders, "customer_id", rname="order_{name}"
    )
    has_cart = rows.cart.notnull()
    return rows.aggregate(
        visited=rows.count(), filled_cart=has_cart.sum(), ordered=(has_cart & rows.order.notnull()).sum()
    )


def funnel_of(row: dict[str, Any]) -> PurchaseFunnel:
    return PurchaseFunnel(*(int(row[name] or 0) for name in STEPS))
