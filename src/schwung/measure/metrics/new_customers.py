"""Customers whose first order ever lies in the window."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, WHOLE_ORDER_CUTS
from schwung.measure.sources import OWN_DEFINITION
from schwung.measure.spending import newcomers


def expression(scope: Scope) -> ir.Table:
    return scope.group(newcomers(scope), value=_.count())


METRIC = Metric(
    name="new_customers",
    title=Text("New customers", "Neue Kunden"),
    unit="count",
    subject="attract",
    better="higher",
    needs=("orders",),
    expression=expression,
    cuts=WHOLE_ORDER_CUTS,
    definition=Text(
        "Customers whose first order ever was placed in the window.",
        "Kunden, deren allererste Bestellung im Zeitraum liegt.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "A count, so it is exact. Channel and country are those of the first order. In the first months of the data "
        "many old customers look new.",
        "Eine Anzahl, also exakt. Kanal und Land sind die der ersten Bestellung. In den ersten Monaten der Daten sehen "
        "viele alte Kunden neu aus.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05"),
            Sale("anna", "2026-02-05"),
            Sale("ben", "2026-02-07", cancelled=True),
            Sale("ben", "2026-03-07", country="AT"),
            Sale("cem", "2026-01-09"),
            Sale(None, "2026-01-10"),
        ),
        answers={
            None: ({"value": 3},),
            "month": (
                {"month": "2026-01", "value": 2},
                {"month": "2026-02", "value": 0},
                {"month": "2026-03", "value": 1},
            ),
            "country": ({"country": "DE", "value": 2}, {"country": "AT", "value": 1}),
        },
    ),
)
