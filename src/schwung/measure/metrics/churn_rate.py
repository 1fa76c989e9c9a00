"""Share of active customers who were lost."""

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
    return hits(scope, rows, rows.is_lost)


METRIC = Metric(
    name="churn_rate",
    title=Text("Churn rate", "Abwanderungsrate"),
    unit="share",
    subject="customers",
    better="lower",
    needs=("orders",),
    expression=expression,
    estimate="share",
    shape="state",
    least=100,
    window_days=28,
    cuts=(*TIME_CUTS, "country", "source", "cohort"),
    basis=Text("active customers", "aktive Kunden"),
    definition=Text(
        "Customers who were active at the start of the period and are not at its end ÷ customers who were active "
        "at its start. Active: an order within `lost_after_days` days (180).",
        "Kunden, die zu Beginn des Zeitraums aktiv waren und an seinem Ende nicht, ÷ Kunden, die zu Beginn aktiv "
        "waren. Aktiv: eine Bestellung innerhalb von `lost_after_days` Tagen (180).",
    ),
    leaves_out=Text(
        "Guests. Who was lost already at the start of the period is not in the base.",
        "Gäste. Wer zu Beginn des Zeitraums schon abgewandert war, ist nicht in der Basis.",
    ),
    reading=Text(
        "By rule, not by contract: nobody says that he leaves. What counts today was decided `lost_after_days` "
        "days ago, so it warns late. The longer the period, the higher the rate.",
        "Nach Regel, nicht nach Vertrag: Niemand sagt, dass er geht. Was heute zählt, entschied sich vor "
        "`lost_after_days` Tagen; die Rate warnt also spät. Je länger der Zeitraum, desto höher.",
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
        # Start of Q3: anna and ben; ben is lost. Start of Q4: anna and cem.
        answers={
            "quarter": (
                {"quarter": "2026-Q1", "value": None, "n": 0},
                {"quarter": "2026-Q2", "value": 0.0, "n": 2},
                {"quarter": "2026-Q3", "value": 0.5, "n": 2},
                {"quarter": "2026-Q4", "value": 0.0, "n": 2},
            ),
        },
    ),
)
