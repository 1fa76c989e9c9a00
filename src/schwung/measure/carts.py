"""What became of carts, by the day on which they were begun: one pass, for all who count them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.measure.lifecycle import NEVER
from schwung.measure.rolling import local_day
from schwung.measure.scope import Scope


def cart_days(scope: Scope) -> ir.Table:
    """day, channel, is_left (not ordered within a day), is_reached (the checkout), is_ordered (ever): n."""
    known = scope.ready("cart_days", until_now=True)
    if known is not None:
        return known
    return days_of(states(scope))


def states(scope: Scope) -> ir.Table:
    """cart_key, and what `cart_days` counts by."""
    rows = scope.table("carts", False).filter(_.happened_at < scope.question.until_at)
    at = {f"{state}_at": ibis.cases((rows.state == state, rows.happened_at)).min() for state in ("checkout", "ordered")}
    rows = rows.group_by("cart_key").agg(begun_at=rows.happened_at.min(), channel=rows.channel.max(), **at)
    return rows.select(
        "cart_key",
        day=local_day(scope, rows.begun_at),
        channel=rows.channel,
        is_left=rows.ordered_at.fill_null(NEVER) > rows.begun_at + DAY,
        is_reached=rows.checkout_at.notnull() | rows.ordered_at.notnull(),
        is_ordered=rows.ordered_at.notnull(),
    )


def days_of(states: ir.Table) -> ir.Table:
    return states.group_by([name for name in states.columns if name != "cart_key"]).agg(n=_.count())
