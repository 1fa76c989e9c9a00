"""Things that have one row for each state they reach (messages, cases, carts, leads), each brought to one row."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY, SECOND
from schwung.measure.lifecycle import at_moments, customer_orders
from schwung.measure.scope import Scope

_STEPS = ((6 * 3600, 60), (2 * 86_400, 900), (30 * 86_400, 3600))
"""Waiting times below so many seconds are told to so many seconds; longer ones to the day."""
_TICK = 900 * SECOND
"""Every zone's midnight lies on one."""


def things(scope: Scope, name: str, key: str, begins: str | None, states: Sequence[str]) -> ir.Table:
    """One row a thing that began in the window: key, customer_id, what all its rows say, begun_at, and {state}_at for each
    of `states` (null: not reached so far, as of now), with the cuts. begins: the state; None: whatever came first.
    """
    rows = scope.table(name, True)
    if begins is not None and scope.question.since_at is not None:
        rows = rows.filter(rows.happened_at >= scope.question.since_at)
    shared = [column for column in rows.columns if column in _SAME and column != key]
    at = {f"{state}_at": ibis.cases((rows.state == state, rows.happened_at)).min() for state in states}
    first = rows.happened_at if begins is None else ibis.cases((rows.state == begins, rows.happened_at))
    found = rows.group_by(key).agg(begun_at=first.min(), **{one: rows[one].max() for one in shared}, **at)
    found = found.filter(found.begun_at.notnull(), found.begun_at < scope.question.until_at)
    if scope.question.since_at is not None:
        found = found.filter(found.begun_at >= scope.question.since_at)
    return scope.cut(found.rename(case_kind="kind") if "kind" in found.columns else found, "begun_at")


_SAME = frozenset({"customer_id", "source", "channel", "campaign", "cause", "kind", "order_id"})


def ordered_within(scope: Scope, rows: ir.Table, key: str, time: str, days: int) -> ir.Table:
    """rows with `is_ordered`: whether the customer ordered within so many days after the instant in column `time`."""
    orders = customer_orders(scope.bare).select(buyer="customer_id", bought_at="ordered_at")
    since = rows[time]
    met = rows.join(
        orders,
        [rows.customer_id == orders.buyer, orders.bought_at > since, orders.bought_at <= since + days * DAY],
    )
    hits = met.select(key).distinct().mutate(is_hit=ibis.literal(True))
    known = rows.left_join(hits, key, rname="hit_{name}")
    return known.mutate(is_ordered=known.is_hit.fill_null(False)).drop("is_hit")


def waits(scope: Scope, rows: ir.Table, since: str, until: ir.IntegerValue) -> ir.Table:
    """Statistics of a waiting time per slice: after (seconds), ended, waiting. until: null for who still waits."""
    now = ibis.literal(scope.question.as_of, "int64")
    seconds = ((ibis.coalesce(until, now) - rows[since]) // SECOND).cast("int64")
    arms = [(seconds < below, seconds // step * step) for below, step in _STEPS]
    rows = rows.mutate(after=ibis.cases(*arms, else_=seconds // 86_400 * 86_400), is_over=until.notnull())
    return scope.group(rows, "after", ended=_.is_over.sum(), waiting=(~_.is_over).sum())


def hits(scope: Scope, rows: ir.Table, hit: ir.BooleanValue) -> ir.Table:
    """Statistics of a share per slice."""
    return scope.group(rows, hits=hit.fill_null(False).cast("int64").sum(), n=_.count())


def ticks(rows: ir.Table, time: str, **values: ir.Value) -> ir.Table:
    """Sums by quarter of an hour, so that a state at many moments is counted over few rows: at, and the values."""
    return rows.group_by(at=rows[time] // _TICK * _TICK).agg(**values)


def so_far(scope: Scope, rows: ir.Table) -> ir.Table:
    """rows (at, …) × the asked periods at whose end they had happened."""
    return at_moments(scope, rows, lambda row, moment: [row.at < moment.end_at])


def meanwhile(scope: Scope, rows: ir.Table) -> ir.Table:
    """rows (at, …) × the asked periods within which they happened."""
    return at_moments(scope, rows, lambda row, moment: [row.at >= moment.since_at, row.at < moment.end_at])
