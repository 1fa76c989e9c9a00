"""Share of active customers who stayed."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.base import at_risk
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    rows = at_risk(scope)
    return hits(scope, rows, ~rows.is_lost)


METRIC = Metric(
    name="retention_rate",
    title=Text("Retention rate", "Bindungsrate"),
    unit="share",
    subject="customers",
    better="higher",
    needs=("orders",),
    expression=expression,
    estimate="share",
    shape="state",
    least=100,
    window_days=28,
    cuts=(*TIME_CUTS, "country", "source", "cohort"),
    basis=Text("active customers", "aktive Kunden"),
    definition=Text(
        "Customers who were active at the start of the period and still are at its end ÷ customers who were "
        "active at its start. One minus the churn rate.",
        "Kunden, die zu Beginn des Zeitraums aktiv waren und es an seinem Ende noch sind, ÷ Kunden, die zu Beginn "
        "aktiv waren. Eins minus Abwanderungsrate.",
    ),
    leaves_out=Text(
        "Guests. Who was lost already at the start of the period is not in the base.",
        "Gäste. Wer zu Beginn des Zeitraums schon abgewandert war, ist nicht in der Basis.",
    ),
    reading=Text(
        "Not the share that came back in each month: that stands in cohort retention.",
        "Nicht der Anteil, der in jedem Monat wiederkam: Der steht in der Kohortenbindung.",
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
            "quarter": (
                {"quarter": "2026-Q1", "value": None, "n": 0},
                {"quarter": "2026-Q2", "value": 1.0, "n": 2},
                {"quarter": "2026-Q3", "value": 0.5, "n": 2},
                {"quarter": "2026-Q4", "value": 1.0, "n": 2},
            ),
        },
    ),
)
