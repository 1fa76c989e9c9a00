"""What the engine counts for an audit: two tables of sums, however many customers there are."""

from dataclasses import replace
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.period import Period, Unit
from schwung.measure.local_time import period_key
from schwung.measure.scope import Scope

DECILES = 10
MOST_ORDERS = 10
"""Customers with so many orders or more stand in one row."""


def all_facts(scope: Scope, until_on: date | None = None) -> Scope:
    """The scope without cuts and start, up to its own end or an earlier day."""
    last = scope.question.last_day if until_on is None else min(until_on, scope.question.last_day)
    return Scope(replace(scope.question, by=(), since_on=None, until_on=last), scope.table)


def flows(scope: Scope) -> ir.Table:
    """One row per order and per returned line: customer_id (null: a guest), happened_at, orders, amount_minor (signed),
    unvalued (1: an order whose amount is not known)."""
    sold = scope.sales().select(
        "customer_id",
        happened_at="ordered_at",
        orders=ibis.literal(1, "int64"),
        amount_minor=_.amount_minor.fill_null(0),
        unvalued=_.amount_minor.isnull().cast("int64"),
    )
    back = scope.returns().select(
        "customer_id",
        happened_at="returned_at",
        orders=ibis.literal(0, "int64"),
        amount_minor=-_.amount_minor.fill_null(0),
        unvalued=ibis.literal(0, "int64"),
    )
    return sold.union(back)


def by_place(scope: Scope, period: Period, before: Period, unit: Unit) -> ir.Table:
    """A period and an earlier one: sums per (cohort, is_new, decile, decile_before, move, order_count), with customers and
    order_count_before's sum; null deciles: did not order then. One row more for guests (is_guest).

    decile 1 holds the tenth that brought most; ties go by customer number. move: sign of the change of those who ordered
    in both. cohort: number of the unit of the first order, null for those who never ordered.
    """
    scope = all_facts(scope, period.until_on)
    rows = flows(scope).mutate(
        now=_.happened_at >= period.since_at,
        then=(_.happened_at >= before.since_at) & (_.happened_at < before.until_at),
    )
    sums = rows.group_by("customer_id").agg(
        first_at=ibis.cases((_.orders == 1, _.happened_at)).min(),
        orders=_within(_.now, _.orders),
        minor=_within(_.now, _.amount_minor),
        unvalued=_within(_.now, _.unvalued),
        orders_before=_within(_.then, _.orders),
        minor_before=_within(_.then, _.amount_minor),
    )
    sums = sums.filter((_.orders > 0) | (_.minor != 0) | (_.orders_before > 0) | (_.minor_before != 0))
    placed = sums.mutate(
        is_guest=_.customer_id.isnull(),
        cohort=period_key(scope.local(sums.first_at, ever=True), unit),
        is_new=(_.first_at >= period.since_at).fill_null(False),
        decile=_decile(sums, "orders", "minor"),
        decile_before=_decile(sums, "orders_before", "minor_before"),
        move=((_.orders > 0) & (_.orders_before > 0)).ifelse((_.minor - _.minor_before).sign().cast("int64"), 0),
        order_count=ibis.least(_.orders, MOST_ORDERS),
    )
    placed = placed.mutate(cohort=ibis.cases((~_.is_guest, _.cohort)))
    return placed.group_by("is_guest", "cohort", "is_new", "decile", "decile_before", "move", "order_count").agg(
        customers=_.count(),
        orders=_.orders.sum(),
        minor=_.minor.sum(),
        unvalued=_.unvalued.sum(),
        orders_before=_.orders_before.sum(),
        minor_before=_.minor_before.sum(),
        least_minor=_.minor.min(),
        most_minor=_.minor.max(),
    )


def by_age(scope: Scope, unit: Unit) -> ir.Table:
    """Sums per (is_guest, cohort, period): active (customers who ordered), orders, minor; first_minor: of first orders."""
    scope = all_facts(scope)
    rows = flows(scope)
    rows = rows.mutate(period=period_key(scope.local(rows.happened_at, ever=True), unit))
    first = scope.first_orders()
    first = first.select("customer_id", cohort=period_key(scope.local(first.ordered_at, ever=True), unit))
    cells = rows.group_by("customer_id", "period").agg(orders=_.orders.sum(), minor=_.amount_minor.sum())
    cells = cells.left_join(first, "customer_id", rname="first_{name}")
    cells = cells.mutate(is_guest=_.customer_id.isnull())
    return cells.group_by("is_guest", "cohort", "period").agg(
        active=(_.orders > 0).sum(), orders=_.orders.sum(), minor=_.minor.sum()
    )


def first_baskets(scope: Scope, unit: Unit) -> ir.Table:
    """Per cohort: size, and first_minor, the sum of its first orders."""
    scope = all_facts(scope)
    first = scope.first_orders()
    first = first.select("order_key", cohort=period_key(scope.local(first.ordered_at, ever=True), unit))
    sales = scope.sales().join(first, "order_key", rname="first_{name}")
    return sales.group_by("cohort").agg(size=_.count(), first_minor=_.amount_minor.fill_null(0).sum())


def concentration(scope: Scope, period: Period, shares: tuple[float, ...]) -> ir.Table:
    """customers: who ordered in the period; needed_<percent>: how many of the best bring that share of their revenue."""
    scope = all_facts(scope, period.until_on)
    rows = flows(scope).filter(_.happened_at >= period.since_at, _.customer_id.notnull())
    sums = rows.group_by("customer_id").agg(orders=_.orders.sum(), minor=_.amount_minor.sum()).filter(_.orders > 0)
    best = {"order_by": [ibis.desc("minor"), ibis.asc("customer_id")]}
    ranked = sums.mutate(
        before=sums.minor.sum().over(ibis.window(**best, preceding=None, following=0)) - sums.minor,
        total=sums.minor.sum().over(ibis.window()),
    )
    needed = {f"needed_{round(share * 100)}": (ranked.before < ranked.total * share).sum() for share in shares}
    return ranked.aggregate(customers=ranked.count(), **needed)


def _within(when: ir.BooleanValue, value: ir.IntegerValue) -> ir.IntegerScalar:
    return ibis.cases((when, value), else_=0).sum()


def _decile(sums: ir.Table, orders: str, minor: str) -> ir.IntegerValue:
    """1 to 10 among known customers with an order, by money; null for the others."""
    counts = (sums[orders] > 0) & sums.customer_id.notnull()
    order = [ibis.desc(sums[minor]), ibis.asc(sums.customer_id)]
    place = ibis.ntile(DECILES).over(ibis.window(group_by=counts, order_by=order))
    return ibis.cases((counts, place.cast("int64") + 1))
