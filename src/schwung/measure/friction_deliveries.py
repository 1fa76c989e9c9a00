"""Interact → delight: orders that came late, and goods that came back. Lost: the next orders that comparable customers place."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.measure.lifecycle import NEVER, customer_orders, stays
from schwung.measure.promise import due_at
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

NEXT_DAYS = 60
"""So long a next order is waited for."""
LATE_AFTER_DAYS = 5
"""Where no day was promised, later than so many days after the order is late."""
_ORDER = ("customer_id", "order_key", "ordered_at", "order_day", "level", "next_at", "amount_minor")
_ARRIVED = ("delivered_at", "delivered_day", "is_late", "returned_at", "returned_day")


def orders_with_next(scope: Scope) -> ir.Table:
    """Customers' orders: order_day, level (1 first, 2 second or third, 3 later), next_at (null: none), amount_minor."""
    rows = stays(customer_orders(scope), scope.question)
    rows = rows.mutate(next_at=rows.next_at.nullif(NEVER))
    level = ibis.cases((rows.nth == 1, 1), (rows.nth <= 3, 2), else_=3).cast("int64")
    return rows.mutate(level=level, order_day=local_day(scope, rows.ordered_at)).select(*_ORDER)


def arrivals(scope: Scope) -> ir.Table:
    """Customers' orders with what became of them: is_late (null: not known as delivered), returned_at (null: kept)."""
    until_at = scope.question.until_at
    states = scope.table("deliveries", False).filter(_.happened_at < until_at)
    arrived = states.filter(_.state == "delivered").select("order_key", "promised_at", delivered_at=_.happened_at)
    shipped = states.filter(_.state == "shipped").select("order_key", told_at=_.promised_at)
    returns = scope.table("returns", False).filter(_.returned_at < until_at, _.is_product, _.order_key.notnull())
    back = returns.group_by("order_key").agg(returned_at=_.returned_at.min())
    orders = orders_with_next(scope)
    orders = orders.left_join(arrived, "order_key", rname="arrived_{name}")
    orders = orders.left_join(shipped, "order_key", rname="shipped_{name}")
    orders = orders.left_join(back, "order_key", rname="back_{name}")
    orders = orders.mutate(promised_at=ibis.coalesce(orders.promised_at, orders.told_at))
    delivered_day = local_day(scope, orders.delivered_at)
    slow = delivered_day > orders.order_day + LATE_AFTER_DAYS
    orders = orders.mutate(
        delivered_day=delivered_day,
        is_late=ibis.coalesce(orders.delivered_at > due_at(scope, orders.promised_at), slow),
        returned_day=local_day(scope, orders.returned_at),
    )
    return orders.select(*_ORDER, *_ARRIVED)


def courses(scope: Scope) -> ir.Table:
    """`arrivals` as flags and days, small enough to hold: customer_id, order_day, level, amount_minor, delivered_day,
    is_late, returned_day, waits (no order between order and delivery), again (a next order within `NEXT_DAYS` of the
    delivery), came_back (goods, within `NEXT_DAYS` of the order), next_soon (a next order within `NEXT_DAYS` of it)."""
    known = scope.ready("courses", until_now=True)
    if known is not None:
        return known
    rows = arrivals(scope)
    waits = rows.delivered_at.notnull() & (rows.next_at.isnull() | (rows.next_at > rows.delivered_at))
    return rows.select(
        "customer_id", "order_day", "level", "amount_minor", "delivered_day", "is_late", "returned_day",
        waits=_one(waits),
        again=_one(waits & (rows.next_at <= rows.delivered_at + NEXT_DAYS * DAY)),
        came_back=(rows.returned_at <= rows.ordered_at + NEXT_DAYS * DAY).fill_null(False),
        next_soon=_one(rows.next_at <= rows.ordered_at + NEXT_DAYS * DAY),
    )  # fmt: skip


def sums(rows: ir.Table, windows: Windows) -> ir.Table:
    """All that deliveries and returns need, by which, day, is_hit, level: cases, n, again, waited, amount, squared, priced.

    rows: `courses`. which `delivery`: by day of delivery; hit: late; n leaves out who ordered again before the delivery,
    which no delivery moved. `order`: by day of the order, without late ones (they are priced as late); hit: goods came
    back. `return`: by day on which the goods came back. `late`, `returned`: distinct customers of the period, in n.
    """
    since, until = windows.now
    late = rows.filter(rows.delivered_day >= windows.first)
    fine = rows.filter(~rows.is_late.fill_null(False))
    back = fine.filter(fine.returned_day >= windows.first)
    counted = [
        _deliveries(late),
        _orders(fine.filter(fine.order_day >= windows.first)),
        _counted(back.mutate(day=back.returned_day), "return"),
        _customers(late.filter(late.is_late, late.delivered_day >= since, late.delivered_day < until), "late"),
        _customers(back.filter(back.returned_day >= since, back.returned_day < until), "returned"),
    ]
    return ibis.union(*counted)


def _deliveries(rows: ir.Table) -> ir.Table:
    """A next order within `NEXT_DAYS` of the delivery."""
    rows = rows.mutate(day=rows.delivered_day, is_hit=rows.is_late, days=rows.delivered_day - rows.order_day)
    summed = rows.group_by(["day", "is_hit", "level"]).agg(
        cases=_.count(), n=_.waits.sum(), again=_.again.sum(), waited=_.days.sum()
    )
    return _shaped(summed, "delivery")


def _orders(rows: ir.Table) -> ir.Table:
    """A next order within `NEXT_DAYS` of the order; and what the orders are worth."""
    amount = rows.amount_minor.cast("float64")
    rows = rows.mutate(day=rows.order_day, is_hit=rows.came_back, square=amount * amount)
    summed = rows.group_by(["day", "is_hit", "level"]).agg(
        cases=_.count(), n=_.count(), again=_.next_soon.sum(), amount=_.amount_minor.sum(), squared=_.square.sum(),
        priced=_.amount_minor.count(),
    )  # fmt: skip
    return _shaped(summed, "order")


def _counted(rows: ir.Table, which: str) -> ir.Table:
    return _shaped(rows.group_by("day").agg(cases=_.count(), n=_.count()), which)


def _customers(rows: ir.Table, which: str) -> ir.Table:
    return _shaped(rows.aggregate(n=_.customer_id.nunique()), which)


def _one(condition: ir.BooleanValue) -> ir.IntegerValue:
    return ibis.cases((condition, 1), else_=0)


def _shaped(rows: ir.Table, which: str) -> ir.Table:
    """The shared columns; what a part does not count is 0."""
    whole = dict.fromkeys(("day", "level", "cases", "n", "again", "waited", "amount", "priced"), "int64")

    def column(name: str, kind: str) -> ir.Value:
        return (rows[name] if name in rows.columns else ibis.literal(0)).cast(kind).fill_null(0).name(name)

    is_hit = rows["is_hit"] if "is_hit" in rows.columns else ibis.literal(True)
    return rows.select(
        ibis.literal(which).name("which"), is_hit.name("is_hit"),
        *(column(name, kind) for name, kind in whole.items()), column("squared", "float64"),
    )  # fmt: skip
