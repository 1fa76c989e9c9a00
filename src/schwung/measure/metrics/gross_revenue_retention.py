"""Recurring revenue kept, growth not counted."""

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.contracts import PLAN_CUTS, kept
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import ratio_statistics
from schwung.measure.sources import DELTA


def expression(scope: Scope) -> ir.Table:
    rows = kept(scope)
    return ratio_statistics(scope, rows.mutate(y=ibis.least(rows.x, rows.y)))


METRIC = Metric(
    name="gross_revenue_retention",
    title=Text("Gross revenue retention", "Bruttoumsatzbindung"),
    unit="share",
    subject="subscriptions",
    better="higher",
    needs=("subscriptions",),
    expression=expression,
    estimate="ratio",
    shape="state",
    least=30,
    window_days=365,
    cuts=PLAN_CUTS,
    basis=Text("subscriptions", "Abonnements"),
    requires=always("subscriptions"),
    definition=Text(
        "What the subscriptions that ran at the start of the period bring a month at its end, each at most what "
        "it brought at the start ÷ what they brought at the start.",
        "Was die zu Beginn des Zeitraums laufenden Abonnements an seinem Ende monatlich bringen, jedes höchstens "
        "seinen Anfangswert, ÷ was sie zu Beginn brachten.",
    ),
    leaves_out=Text(
        "New subscriptions, trials, and all growth.",
        "Neue Abonnements, Probezeiten und jedes Wachstum.",
    ),
    reading=Text(
        "Never above 100%. The gap to the net figure is growth of those who stayed.",
        "Nie über 100 %. Der Abstand zur Nettoumsatzbindung ist Wachstum der Gebliebenen.",
    ),
    source=DELTA,
    example=Example(
        as_of="2026-03-31",
        sales=(Sale("anna", "2026-01-01"),),
        states={
            "subscriptions": (
                State("s1", "started", "anna", "2026-01-05", {"monthly_minor": 1000, "plan": "small"}),
                State("s1", "changed", "anna", "2026-02-10", {"monthly_minor": 1500, "plan": "large"}),
                State("s2", "started", "ben", "2026-01-06", {"monthly_minor": 2000, "plan": "large"}),
                State("s2", "renewed", "ben", "2026-02-06"),
                State("s2", "cancelled", "ben", "2026-03-10"),
                State("s3", "trial", "cem", "2026-01-07", {"monthly_minor": 1000, "plan": "small"}),
                State("s3", "started", "cem", "2026-02-07", {"monthly_minor": 1000, "plan": "small"}),
                State("s3", "changed", "cem", "2026-03-07", {"monthly_minor": 800}),
            )
        },
        # March: s1 15, s2 20, s3 10 at the start; 15, 0, 8 at the end.
        answers={
            "month": (
                {"month": "2026-01", "n": 0},
                {"month": "2026-02", "value": 1.0, "n": 2},
                {"month": "2026-03", "value": 0.511111, "n": 3},
            )
        },
    ),
)
