"""Points that members earned in the window."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import Points
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    rows = scope.facts("points", where=lambda row: row.kind == "earned")
    return scope.group(rows, value=rows.points.sum(), n=rows.count())


METRIC = Metric(
    name="points_earned",
    title=Text("Points earned", "Gesammelte Punkte"),
    unit="points",
    subject="loyalty",
    better="higher",
    needs=("points",),
    expression=expression,
    cuts=(*TIME_CUTS, *CUSTOMER_CUTS),
    basis=Text("entries", "Buchungen"),
    requires=always("points"),
    definition=Text(
        "Points that members earned in the window.",
        "Punkte, die Mitglieder im Zeitraum gesammelt haben.",
    ),
    leaves_out=Text(
        "Nothing; adjustments by hand count in the balance alone.",
        "Nichts; Korrekturen von Hand zählen nur im Bestand.",
    ),
    reading=Text(
        "A total, so it is exact.",
        "Eine Summe, also exakt.",
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
        answers={None: ({"value": 160},), "month": ({"month": "2026-01", "value": 160},)},
    ),
)
