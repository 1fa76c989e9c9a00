"""Churn, each customer weighing what it bought so far."""

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.base import at_risk
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS, ratio_statistics
from schwung.measure.sources import DELTA


def expression(scope: Scope) -> ir.Table:
    rows = at_risk(scope)
    one = ibis.literal(1, "int64")
    return ratio_statistics(
        scope, rows.mutate(unit=rows.customer_id, x=rows.worth_minor, y=rows.is_lost.ifelse(rows.worth_minor, 0), n=one)
    )


METRIC = Metric(
    name="revenue_churn_rate",
    title=Text("Churn by revenue", "Abwanderung nach Umsatz"),
    unit="share",
    subject="customers",
    better="lower",
    needs=("orders",),
    expression=expression,
    estimate="ratio",
    shape="state",
    least=100,
    window_days=28,
    cuts=(*TIME_CUTS, "country", "source", "cohort"),
    basis=Text("active customers", "aktive Kunden"),
    definition=Text(
        "Goods ever ordered by the customers who were lost in the period ÷ goods ever ordered by all who were "
        "active at its start, both until its start.",
        "Je bestellte Ware der im Zeitraum abgewanderten Kunden ÷ je bestellte Ware aller, die zu Beginn aktiv "
        "waren, beides bis zum Beginn.",
    ),
    leaves_out=Text(
        "Guests. Who was lost already at the start of the period is not in the base.",
        "Gäste. Wer zu Beginn des Zeitraums schon abgewandert war, ist nicht in der Basis.",
    ),
    reading=Text(
        "Above the churn rate: the better customers leave. Below: the small ones do.",
        "Über der Abwanderungsrate: Die besseren Kunden gehen. Darunter: die kleinen.",
    ),
    source=DELTA,
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
        # Q3: anna 60, ben 10 lost. Q2: anna 30, ben 10.
        answers={
            "quarter": (
                {"quarter": "2026-Q1", "value": None, "n": 0},
                {"quarter": "2026-Q2", "value": 0.0, "n": 2},
                {"quarter": "2026-Q3", "value": 0.142857, "n": 2},
                {"quarter": "2026-Q4", "value": 0.0, "n": 2},
            ),
        },
    ),
)
