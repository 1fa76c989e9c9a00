"""The base of active customers at the start of a period, and who of them is lost at its end."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.lifecycle import at_moments, customer_orders, stays
from schwung.measure.scope import Scope


def at_risk(scope: Scope) -> ir.Table:
    """Per asked period and customer who was active at its start: the cuts, customer_id, worth_minor (goods ordered until
    then), is_lost (not active at its end)."""
    orders = customer_orders(scope)
    so_far = ibis.window(group_by="customer_id", order_by=["ordered_at", "order_key"], preceding=None, following=0)
    orders = orders.mutate(worth_minor=orders.amount_minor.fill_null(0).sum().over(so_far))
    rows = stays(orders, scope.question).mutate(ends_at=_.ordered_at + scope.question.lost_after)
    starts = at_moments(
        scope,
        rows,
        lambda row, at: [row.ordered_at < at.since_at, row.next_at >= at.since_at, row.ends_at >= at.since_at],
    )
    unit = scope.question.unit
    keys = ["customer_id", *([unit] if unit else [])]
    columns = [*scope.by, *(key for key in keys if key not in scope.by), "worth_minor"]
    if _is_short(scope):
        return starts.select(*columns, is_lost=(starts.next_at >= starts.end_at) & (starts.ends_at < starts.moment_at))
    ends = at_moments(scope, rows, lambda row, at: [row.ordered_at < at.end_at, row.next_at >= at.end_at])
    ends = ends.select(*keys, is_lost=ends.ends_at < ends.moment_at)
    return starts.select(*columns).join(ends, keys)


def _is_short(scope: Scope) -> bool:
    """Whether an order within a period keeps its customer active until the end: then who is lost ordered before it."""
    asked = scope.moments
    assert asked is not None
    return all(
        end - since <= scope.question.lost_after for since, end in zip(asked.since_at, asked.end_at, strict=True)
    )
