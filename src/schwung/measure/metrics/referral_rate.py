"""Share of customers who referred somebody."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale, Touch
from schwung.measure.example_facts import Happened, Spent
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import meanwhile, so_far, ticks


def expression(scope: Scope) -> ir.Table:
    events = scope.table("events", True).filter(_.name.isin(("referral_sent", "referral_converted")))
    events = events.filter(_.happened_at < scope.question.until_at)
    acts = events.join(scope.first_orders(), "customer_id", rname="first_{name}").filter(_.happened_at >= _.ordered_at)
    unit = scope.question.unit
    acted = meanwhile(scope, acts.select("customer_id", at="happened_at")).select(
        "customer_id", *([unit] if unit else [])
    )
    base = so_far(scope, ticks(scope.first_orders(), "ordered_at", count=_.count()))
    none = ibis.literal(0, "int64")
    rows = base.select(*scope.by, hits=none, n="count").union(
        acted.distinct().select(*scope.by, hits=ibis.literal(1, "int64"), n=none)
    )
    return scope.group(rows, hits=_.hits.sum(), n=_.n.sum())


METRIC = Metric(
    name="referral_rate",
    title=Text("Referral rate", "Empfehlungsrate"),
    unit="share",
    subject="delight",
    better="higher",
    needs=(
        "events",
        "orders",
    ),
    expression=expression,
    estimate="share",
    shape="state",
    least=100,
    window_days=28,
    cuts=TIME_CUTS,
    basis=Text("customers", "Kunden"),
    requires=always("referrals"),
    definition=Text(
        "Customers who recommended the shop to somebody in the period (a referral sent, or one that led to a "
        "customer) ÷ customers who had ever ordered by its end.",
        "Kunden, die den Shop im Zeitraum jemandem empfohlen haben (verschickte oder erfolgreiche Empfehlung), ÷ "
        "Kunden, die bis zu seinem Ende je bestellt hatten.",
    ),
    leaves_out=Text(
        "Recommendations that no code and no link tells of.",
        "Empfehlungen, von denen kein Code und kein Link weiß.",
    ),
    reading=Text(
        "Most word of mouth is not recorded: read it as a lower bound.",
        "Das meiste Weitersagen wird nicht erfasst: als Untergrenze lesen.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-02-28",
        sales=(
            Sale("anna", "2026-01-05"),
            Sale("ben", "2026-01-06"),
            Sale("cem", "2026-02-07"),
            Sale("dana", "2026-02-08"),
        ),
        touches=(Touch("dana", "2026-02-08 10:00", "paid_search"),),
        spent=(Spent("2026-02-01", "paid_search", 30),),
        happened=(
            Happened("anna", "2026-01-20", "referral_sent"),
            Happened("cem", "2026-02-06", "referral_accepted"),
            Happened("anna", "2026-02-07", "referral_converted", order_id="2"),
        ),
        answers={
            None: ({"value": 0.25, "low": 0.034086, "high": 0.710859, "n": 4},),
            "month": ({"month": "2026-01", "value": 0.5, "n": 2}, {"month": "2026-02", "value": 0.25, "n": 4}),
        },
    ),
)
