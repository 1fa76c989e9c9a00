"""What open points are worth."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.money import exponent_of
from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import Points
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import OWN_DEFINITION
from schwung.measure.things import so_far, ticks
from schwung.measure.valuation import Valuation


def expression(scope: Scope) -> ir.Table:
    entries = scope.table("points", False).filter(_.happened_at < scope.question.until_at)
    rows = so_far(scope, ticks(entries, "happened_at", points=_.points.sum(), n=_.count()))
    worth = (scope.question.value.point_value or 0.0) * 10 ** exponent_of(scope.question.currency)
    return scope.group(rows, value=rows.points.sum() * worth, n=rows.n.sum())


METRIC = Metric(
    name="points_liability",
    title=Text("Points liability", "Punkteverbindlichkeit"),
    unit="money",
    subject="loyalty",
    better="neither",
    needs=("points",),
    expression=expression,
    shape="state",
    cuts=TIME_CUTS,
    basis=Text("entries", "Buchungen"),
    requires=always("points", "point_value"),
    definition=Text(
        "Points that are neither redeemed nor expired at the end of the period × what a point is worth "
        "(`value.point_value`).",
        "Punkte, die am Ende des Zeitraums weder eingelöst noch verfallen sind, × Wert eines Punkts "
        "(`value.point_value`).",
    ),
    leaves_out=Text(
        "That some of them will expire unused: no estimate of future breakage is taken off.",
        "Dass manche davon ungenutzt verfallen werden: Künftiger Verfall ist nicht abgezogen.",
    ),
    reading=Text(
        "A state, exact. The books may ask for less: they may take expected breakage off (IFRS 15).",
        "Ein Stand, exakt. Die Bilanz darf weniger ansetzen: erwarteter Verfall kann abgehen (IFRS 15).",
    ),
    source=OWN_DEFINITION,
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
        value=Valuation(point_value=0.01),
        # 100 + 60 at the end of January, 50 fewer and 5 more in February, 30 fewer in March: 85 points of a cent.
        answers={
            None: ({"value": 0.85},),
            "month": (
                {"month": "2026-01", "value": 1.6},
                {"month": "2026-02", "value": 1.15},
                {"month": "2026-03", "value": 0.85},
            ),
        },
        sales=(Sale("anna", "2026-01-01"),),
    ),
)
