"""Share of customers who ever bought again."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.lifecycle import standing
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    rows = standing(scope)
    return hits(scope, rows, rows.nth > 1)


METRIC = Metric(
    name="repeat_customer_share",
    title=Text("Repeat customers (all time)", "Wiederkäufer (jemals)"),
    unit="share",
    subject="customers",
    better="higher",
    needs=("orders",),
    expression=expression,
    estimate="share",
    shape="state",
    least=100,
    cuts=(*TIME_CUTS, "country", "source", "cohort"),
    basis=Text("customers", "Kunden"),
    definition=Text(
        "Customers with two or more orders ever by the end of the period ÷ customers with at least one.",
        "Kunden mit mindestens zwei Bestellungen bis zum Ende des Zeitraums ÷ Kunden mit mindestens einer.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "A state over all time: it moves slowly, and falls while many new customers come. For a window see the "
        "repeat purchase rate.",
        "Ein Stand über alle Zeit: Er bewegt sich langsam und sinkt, wenn viele neue Kunden kommen. Für einen "
        "Zeitraum siehe Wiederkaufrate.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-12-31",
        sales=(
            Sale("anna", "2026-01-10", 30),
            Sale("anna", "2026-06-01", 30),
            Sale("anna", "2026-11-20", 30),
            Sale("ben", "2026-02-01", 10),  # lost on 2026-07-31
            Sale("cem", "2026-08-01", 20),
            Sale("cem", "2026-12-01", 20),
            Sale(None, "2026-08-02"),
        ),
        answers={
            None: ({"value": 0.666666667, "low": 0.202442, "high": 0.943725, "n": 3},),
            "quarter": (
                {"quarter": "2026-Q1", "value": 0.0, "n": 2},
                {"quarter": "2026-Q2", "value": 0.5, "n": 2},
                {"quarter": "2026-Q3", "value": 0.333333, "n": 3},
                {"quarter": "2026-Q4", "value": 0.666667, "n": 3},
            ),
        },
    ),
)
