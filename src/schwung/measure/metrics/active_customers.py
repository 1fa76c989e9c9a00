"""Customers who ordered within the days after which they would be lost."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.lifecycle import standing
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, STATE_CUTS
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    last = standing(scope)
    active = last.filter(last.moment_at - last.ordered_at <= scope.question.lost_after)
    return scope.group(active, value=_.count())


METRIC = Metric(
    name="active_customers",
    title=Text("Active customers", "Aktive Kunden"),
    unit="count",
    subject="customers",
    better="higher",
    needs=("orders",),
    expression=expression,
    shape="state",
    cuts=STATE_CUTS,
    definition=Text(
        "Customers whose last order is at most `lost_after_days` (180) old, at the end of each period.",
        "Kunden, deren letzte Bestellung höchstens `lost_after_days` (180) Tage her ist, am Ende jedes Zeitraums.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "A state, exact. It is the base of growth accounting. Channel, country and source are those of the last order.",
        "Ein Stand, exakt. Er ist der Bestand der Bestandsrechnung. Kanal, Land und Quelle sind die der letzten "
        "Bestellung.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-12-31",
        sales=(
            Sale("anna", "2026-01-10"),
            Sale("anna", "2026-03-10", country="AT"),
            Sale("ben", "2026-10-01"),
            Sale("cem", "2026-07-04 13:00"),  # exactly 180 times 24 hours before noon of the last day
            Sale(None, "2026-12-24"),
        ),
        answers={
            None: ({"value": 2, "n": 2},),
            "quarter": (
                {"quarter": "2026-Q1", "value": 1},
                {"quarter": "2026-Q2", "value": 1},
                {"quarter": "2026-Q3", "value": 1},
                {"quarter": "2026-Q4", "value": 2},
            ),
            "country": ({"country": "DE", "value": 2},),
        },
    ),
)
