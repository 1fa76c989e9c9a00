"""New customers that each existing customer brought."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale, Touch
from schwung.measure.example_facts import Happened, Spent
from schwung.measure.lifecycle import at_moments
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import POISSON
from schwung.measure.things import meanwhile, ticks


def expression(scope: Scope) -> ir.Table:
    events = scope.table("events", False).filter(
        _.name == "referral_converted", _.happened_at < scope.question.until_at
    )
    came = meanwhile(scope, ticks(events, "happened_at", count=_.count()))
    first = ticks(scope.first_orders(), "ordered_at", count=_.count())
    base = at_moments(scope, first, lambda row, moment: [row["at"] < moment.since_at])
    none = ibis.literal(0, "int64")
    rows = base.select(*scope.by, total=none, n="count").union(came.select(*scope.by, total="count", n=none))
    return scope.group(rows, total=_.total.sum(), squares=_.total.sum(), n=_.n.sum(), cost=_.n.sum())


METRIC = Metric(
    name="k_factor",
    title=Text("K factor", "K-Faktor"),
    unit="ratio",
    subject="delight",
    better="higher",
    needs=(
        "events",
        "orders",
    ),
    expression=expression,
    estimate="compound",
    shape="state",
    least=100,
    window_days=28,
    cuts=TIME_CUTS,
    basis=Text("customers", "Kunden"),
    requires=always("referrals"),
    definition=Text(
        "New customers who came by a referral in the period ÷ customers who had ordered before it.",
        "Neue Kunden, die im Zeitraum durch Empfehlung kamen, ÷ Kunden, die vor ihm bestellt hatten.",
    ),
    leaves_out=Text(
        "Recommendations that no code and no link tells of.",
        "Empfehlungen, von denen kein Code und kein Link weiß.",
    ),
    reading=Text(
        "From 1 on the base would double each period by referrals alone; a few hundredths a month are usual.",
        "Ab 1 würde sich die Basis je Zeitraum allein durch Empfehlungen verdoppeln; üblich sind wenige "
        "Hundertstel im Monat.",
    ),
    source=POISSON,
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
            None: ({"value": 0.5, "n": 2},),
            "month": ({"month": "2026-01", "value": None, "n": 0}, {"month": "2026-02", "value": 0.5, "n": 2}),
        },
    ),
)
