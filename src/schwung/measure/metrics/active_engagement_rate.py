"""Share of loyalty members who were active."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import Points
from schwung.measure.lifecycle import customer_orders
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits, meanwhile, so_far


def expression(scope: Scope) -> ir.Table:
    entries = scope.table("points", True).filter(_.customer_id.notnull(), _.happened_at < scope.question.until_at)
    members = entries.group_by("customer_id").agg(at=_.happened_at.min())
    moved = entries.filter(_.kind.isin(("earned", "redeemed"))).select("customer_id", at="happened_at")
    bought = customer_orders(scope.bare).semi_join(members, "customer_id").select("customer_id", at="ordered_at")
    unit = scope.question.unit
    keys = ["customer_id", *([unit] if unit else [])]
    there = so_far(scope, members).select(*keys).mutate(is_active=ibis.literal(0, "int64"))
    acted = meanwhile(scope, moved.union(bought)).select(*keys).distinct()
    there = there.select(*keys).left_join(acted.mutate(is_hit=ibis.literal(True)), keys, rname="a_{name}")
    return hits(scope, there, there.is_hit)


METRIC = Metric(
    name="active_engagement_rate",
    title=Text("Active engagement rate (AER)", "Aktive Mitglieder (AER)"),
    unit="share",
    subject="loyalty",
    better="higher",
    needs=(
        "points",
        "orders",
    ),
    expression=expression,
    estimate="share",
    shape="state",
    least=100,
    window_days=90,
    cuts=TIME_CUTS,
    basis=Text("members", "Mitglieder"),
    requires=always("points"),
    definition=Text(
        "Members who earned or redeemed points or ordered in the period ÷ all members at its end.",
        "Mitglieder, die im Zeitraum Punkte gesammelt oder eingelöst oder bestellt haben, ÷ alle Mitglieder an "
        "seinem Ende.",
    ),
    leaves_out=Text(
        "Nobody: a member stays one. Expiry and adjustments by hand are no activity.",
        "Niemanden: Wer Mitglied ist, bleibt es. Verfall und Korrekturen von Hand sind keine Aktivität.",
    ),
    reading=Text(
        "The longer the period, the higher the rate: compare periods of the same length only.",
        "Je länger der Zeitraum, desto höher die Rate: nur gleich lange Zeiträume vergleichen.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        points=(
            Points("anna", "2026-01-01", "joined"),
            Points("anna", "2026-01-05", "earned", 100),
            Points("anna", "2026-02-05", "redeemed", -50),
            Points("ben", "2026-01-05", "earned", 60),
            Points("ben", "2026-03-05", "expired", -30),
            Points("cem", "2026-02-01", "joined"),
            Points("cem", "2026-02-02", "adjusted", 5),
        ),
        sales=(Sale("cem", "2026-01-15"), Sale("dana", "2026-01-01")),  # cem joins later; dana is no member
        # March: nobody of three. February: anna of three. January: anna and ben of two.
        answers={
            "month": (
                {"month": "2026-01", "value": 1.0, "n": 2},
                {"month": "2026-02", "value": 0.333333, "n": 3},
                {"month": "2026-03", "value": 0.0, "n": 3},
            ),
            None: ({"value": 1.0, "low": 0.382528, "high": 1.000000, "n": 3},),
        },
    ),
)
