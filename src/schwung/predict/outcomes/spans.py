"""Subscriptions as spans: when each began, whether and when it ended, what was known at its start."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.contracts import contracts
from schwung.predict.features.feature import in_days
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

KNOWN_AT_START = ("plan", "monthly", "was_trial")


def spans(sight: Sight) -> ir.Table:
    """Per subscription: subscription_key, customer_id, started_at, age (days until the end or now), ended, plan, monthly (minor
    units), was_trial (0, 1), all three as at the start. The end is the first moment after the start at which it did not run;
    who came back after it is no case any more, but runs again under `came_back`."""
    scope = whole(sight.scope)
    states = sight.without_objected(contracts(scope))
    tried = scope.facts("subscriptions").filter(_.state == "trial").select("subscription_key").distinct()
    first = states.filter(_.is_running).group_by("subscription_key").agg(started_at=_.happened_at.min())
    met = states.join(first, "subscription_key", rname="first_{name}").filter(_.happened_at >= _.started_at)
    each = met.group_by("subscription_key").agg(
        customer_id=met.customer_id.max(),
        started_at=met.started_at.max(),
        ended_at=ibis.cases((~met.is_running, met.happened_at)).min(),
        plan=ibis.cases((met.happened_at == met.started_at, met.plan)).max(),
        monthly=ibis.cases((met.happened_at == met.started_at, met.monthly_minor.cast("float64"))).max(),
        last_running=ibis.cases((met.is_running, met.happened_at)).max(),
    )
    each = each.left_join(tried.mutate(is_tried=1.0), "subscription_key", rname="tried_{name}")
    now = ibis.literal(sight.as_of, "int64")
    until = ibis.coalesce(each.ended_at, now)
    return each.select(
        "subscription_key", "customer_id", "started_at", "plan", "monthly",
        age=in_days(until - each.started_at),
        ended=each.ended_at.notnull(),
        came_back=(each.last_running > each.ended_at).fill_null(False),
        was_trial=each.is_tried.fill_null(0.0),
    )  # fmt: skip
