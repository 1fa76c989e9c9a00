"""Money put into the flywheel."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import Spent
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import OWN_DEFINITION
from schwung.measure.spending import SPEND_CUTS


def expression(scope: Scope) -> ir.Table:
    rows = scope.facts("spend", customer=False)
    return scope.group(rows, value=_.amount_minor.sum(), n=_.count())


METRIC = Metric(
    name="energy_spend",
    title=Text("Energy: spend", "Energie: Ausgaben"),
    unit="money",
    subject="money",
    better="neither",
    needs=("spend",),
    expression=expression,
    cuts=(*SPEND_CUTS, "phase"),
    basis=Text("entries", "Einträge"),
    requires=always("energy"),
    definition=Text(
        "Spend of the window in all phases of the flywheel.",
        "Ausgaben des Zeitraums in allen Phasen des Schwungrads.",
    ),
    leaves_out=Text(
        "Amounts in other currencies than the reporting one.",
        "Beträge in anderen Währungen als der Berichtswährung.",
    ),
    reading=Text(
        "A total, exact. Beside the flywheel's speed it shows what investment does.",
        "Eine Summe, exakt. Neben dem Tempo des Schwungrads zeigt sie, was Investition bewirkt.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        spent=(
            Spent("2026-01-02", "paid_search", 60, hours=0.5),
            Spent("2026-01-31", "email", 20, phase="delight", hours=2.5),
            Spent("2026-02-02", "paid_search", 30),
        ),
        answers={
            None: ({"value": 110.0, "n": 3},),
            "month": ({"month": "2026-01", "value": 80.0}, {"month": "2026-02", "value": 30.0}),
            "phase": ({"phase": "attract", "value": 90.0}, {"phase": "delight", "value": 20.0}),
        },
    ),
)
