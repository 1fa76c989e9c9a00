"""Recurring revenue kept, growth within it included."""

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
    return ratio_statistics(scope, kept(scope))


METRIC = Metric(
    name="net_revenue_retention",
    title=Text("Net revenue retention", "Nettoumsatzbindung"),
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
        "What the subscriptions that ran at the start of the period bring a month at its end ÷ what they brought "
        "at its start.",
        "Was die zu Beginn des Zeitraums laufenden Abonnements an seinem Ende monatlich bringen, ÷ was sie zu "
        "Beginn brachten.",
    ),
    leaves_out=Text(
        "New subscriptions and trials.",
        "Neue Abonnements und Probezeiten.",
    ),
    reading=Text(
        "Above 100%: those who stay grow more than those who leave take away.",
        "Über 100 %: Wer bleibt, wächst mehr, als die Gehenden mitnehmen.",
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
        # February: s1 10 → 15, s2 20 → 20.
        answers={
            "month": (
                {"month": "2026-01", "n": 0},
                {"month": "2026-02", "value": 1.166667, "n": 2},
                {"month": "2026-03", "value": 0.511111, "n": 3},
            )
        },
    ),
)
