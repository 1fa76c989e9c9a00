"""Subscriptions at any moment: which run, and what they bring a month."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.lifecycle import NEVER, at_moments
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS

PLAN_CUTS = (*TIME_CUTS, "plan")
_RUNNING = ("started", "changed", "renewed")


def contracts(scope: Scope) -> ir.Table:
    """One row for each state of a subscription: subscription_key, customer_id, plan, happened_at, next_at (NEVER: none
    yet), is_running, monthly_minor. What a row does not say of plan and price holds on; a trial does not run, and what is
    cancelled runs no more.
    """
    rows = scope.table("subscriptions", True).filter(_.happened_at < scope.question.until_at)
    own = rows.currency.isnull() | (rows.currency == scope.question.currency)
    rows = rows.mutate(monthly_minor=ibis.cases((own, rows.monthly_minor)))
    here = {"group_by": "subscription_key", "order_by": ["happened_at", "state"]}
    so_far = ibis.window(**here, preceding=None, following=0)
    rows = rows.mutate(
        next_at=_.happened_at.lead().over(ibis.window(**here)).fill_null(NEVER),
        is_running=_.state.isin(_RUNNING),
        plan_no=_.plan.count().over(so_far),
        price_no=_.monthly_minor.count().over(so_far),
    )
    return rows.select(
        "subscription_key",
        "customer_id",
        "happened_at",
        "next_at",
        "is_running",
        plan=_.plan.max().over(group_by=["subscription_key", "plan_no"]),
        monthly_minor=_.monthly_minor.max().over(group_by=["subscription_key", "price_no"]).fill_null(0),
    )


def kept(scope: Scope) -> ir.Table:
    """Subscriptions that ran at the start of each asked period: the cuts, unit (whose), x what they brought a month then,
    y what they bring at its end (0: they do not run any more), n = 1, is_lost."""
    rows = contracts(scope)
    starts = at_moments(
        scope,
        rows,
        lambda row, at: [row.is_running, row.happened_at < at.since_at, row.next_at >= at.since_at],
    )
    ends = at_moments(scope, rows, lambda row, at: [row.happened_at < at.end_at, row.next_at >= at.end_at])
    unit = scope.question.unit
    keys = ["subscription_key", *([unit] if unit else [])]
    ends = ends.select(*keys, y=ends.is_running.ifelse(ends.monthly_minor, 0), is_lost=~ends.is_running)
    met = starts.join(ends, keys)
    return met.mutate(unit=met.subscription_key, x=met.monthly_minor, n=ibis.literal(1, "int64")).select(
        *scope.by, "unit", "x", "y", "n", "is_lost"
    )
