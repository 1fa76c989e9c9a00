"""Hours put into the flywheel."""

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
    return scope.group(rows, value=_.hours.sum(), n=_.hours.count())


METRIC = Metric(
    name="energy_hours",
    title=Text("Energy: hours", "Energie: Stunden"),
    unit="hours",
    subject="money",
    better="neither",
    needs=("spend",),
    expression=expression,
    cuts=(*SPEND_CUTS, "phase"),
    basis=Text("entries", "Einträge"),
    requires=always("hours"),
    definition=Text(
        "Hours worked in the window in all phases of the flywheel.",
        "Im Zeitraum geleistete Arbeitsstunden in allen Phasen des Schwungrads.",
    ),
    leaves_out=Text(
        "Entries that state no hours.",
        "Einträge ohne Stunden.",
    ),
    reading=Text(
        "A total, as exact as the hours were written down.",
        "Eine Summe, so exakt, wie die Stunden aufgeschrieben wurden.",
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
            None: ({"value": 3.0, "n": 2},),
            "phase": ({"phase": "delight", "value": 2.5}, {"phase": "attract", "value": 0.5}),
        },
    ),
)
