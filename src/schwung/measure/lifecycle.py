"""Customer kinds at any moment: one row per order says what the customer is from this order until the next.

Kinds, first that fits: lost (no order for more than `lost_after_days`), dormant (`dormant_after_days`), won back (came
back after being lost, until dormant again), existing (two or more orders), new (exactly one), lead (none).
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.question import Question
from schwung.measure.scope import Scope

KINDS: dict[str, Text] = {
    "lead": Text("Lead", "Interessent"),
    "new": Text("New customer", "Neukunde"),
    "existing": Text("Existing customer", "Bestandskunde"),
    "won_back": Text("Won back", "Zurückgewonnen"),
    "dormant": Text("Dormant", "Ruhend"),
    "lost": Text("Lost", "Abgewandert"),
}
When = Callable[[ir.Table, ir.Table], list[ir.BooleanValue]]
NEVER = 2**62
"""Stands for the instant of an order that has not come."""


COURSE = ("nth", "first_at", "previous_at", "next_at", "is_won_back")
"""An order's place among its customer's: nth (from 1), first_at, previous_at and next_at of the other ones, is_won_back:
whether it finds or leaves the customer won back."""


def with_course(orders: ir.Table, question: Question) -> ir.Table:
    """Orders (all that there are: customer_id, ordered_at, order_key, is_cancelled, …) with `COURSE`, null for guests' and
    cancelled ones: for what many figures read; `stays` and `Scope.first_orders` take it from there."""
    counted = orders.filter(orders.customer_id.notnull(), ~orders.is_cancelled)
    course = _course(counted.select("customer_id", "ordered_at", "order_key"), question)
    both = orders.left_join(course.select("order_key", *COURSE), "order_key", rname="own_{name}")
    return both.select(*orders.columns, *COURSE)


def stays(orders: ir.Table, question: Question) -> ir.Table:
    """orders (of customers, up to an instant: customer_id, ordered_at, order_key, …) with `COURSE`; next_at is NEVER where
    none came."""
    if not has_course(orders):
        rows = _course(orders, question)
        return rows.mutate(next_at=rows.next_at.fill_null(NEVER))
    known = orders.next_at < question.until_at  # a course that is at hand may reach further
    return orders.mutate(next_at=ibis.cases((known, orders.next_at), else_=ibis.literal(NEVER, "int64")))


def has_course(orders: ir.Table) -> bool:
    return set(COURSE) <= set(orders.columns)


def _course(orders: ir.Table, question: Question) -> ir.Table:
    here = {"group_by": "customer_id", "order_by": ["ordered_at", "order_key"]}
    so_far = ibis.window(**here, preceding=None, following=0)
    rows = orders.mutate(
        nth=ibis.row_number().over(**here) + 1,
        first_at=_.ordered_at.min().over(so_far),
        previous_at=_.ordered_at.lag().over(ibis.window(**here)),
        next_at=_.ordered_at.lead().over(ibis.window(**here)),
    )
    gap = rows.ordered_at - rows.previous_at
    rows = rows.mutate(
        broke_at=ibis.cases((gap > question.dormant_after, rows.ordered_at)),
        returned_at=ibis.cases((gap > question.lost_after, rows.ordered_at)),
    )
    rows = rows.mutate(broke_at=_.broke_at.max().over(so_far), returned_at=_.returned_at.max().over(so_far))
    return rows.mutate(is_won_back=(rows.broke_at == rows.returned_at).fill_null(False))


def customer_orders(scope: Scope) -> ir.Table:
    """All orders of customers up to the end of the window, guests left out."""
    return scope.sales(ever=True).filter(_.customer_id.notnull())


def kind_of(rows: ir.Table, moment_at: ir.Value | int, question: Question) -> ir.StringValue:
    """Kind at a moment of the customer whose last order before it is the row."""
    age = moment_at - rows.ordered_at
    return ibis.cases(
        (age > question.lost_after, "lost"),
        (age > question.dormant_after, "dormant"),
        (rows.is_won_back, "won_back"),
        (rows.nth > 1, "existing"),
        else_="new",
    )


def standing(scope: Scope) -> ir.Table:
    """Per asked moment and customer the stay that is in force then, with `moment_at` and the calendar unit's column."""
    rows = stays(customer_orders(scope), scope.question)
    return at_moments(scope, rows, lambda row, at: [row.ordered_at < at.end_at, row.next_at >= at.end_at])


def at_moments(scope: Scope, rows: ir.Table, when: When) -> ir.Table:
    """rows × the asked periods where `when` holds, with the periods' columns and the calendar unit's one."""
    moments, unit = scope.moments, scope.question.unit
    if moments is None:
        raise ValueError("a state needs moments")
    if unit is None:
        once = rows.mutate(
            since_at=ibis.literal(moments.since_at[0], "int64"),
            end_at=ibis.literal(moments.end_at[0], "int64"),
            moment_at=ibis.literal(moments.moment_at[0], "int64"),
        )
        return once.filter(*when(once, once))
    periods = moments.table()
    return rows.join(periods, when(rows, periods)).rename({unit: "period"})
