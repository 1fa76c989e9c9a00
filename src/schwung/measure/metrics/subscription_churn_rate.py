"""Share of subscriptions that were lost."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.contracts import PLAN_CUTS, kept
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    rows = kept(scope)
    return hits(scope, rows, rows.is_lost)


METRIC = Metric(
    name="subscription_churn_rate",
    title=Text("Subscription churn", "Kündigungsquote"),
    unit="share",
    subject="subscriptions",
    better="lower",
    needs=("subscriptions",),
    expression=expression,
    estimate="share",
    shape="state",
    least=100,
    window_days=28,
    cuts=PLAN_CUTS,
    basis=Text("subscriptions", "Abonnements"),
    requires=always("subscriptions"),
    definition=Text(
        "Subscriptions that ran at the start of the period and do not at its end ÷ subscriptions that ran at its "
        "start.",
        "Abonnements, die zu Beginn des Zeitraums liefen und an seinem Ende nicht, ÷ Abonnements, die zu Beginn "
        "liefen.",
    ),
    leaves_out=Text(
        "Trials, and subscriptions that were begun and cancelled within the period.",
        "Probezeiten und Abonnements, die im Zeitraum begonnen und gekündigt wurden.",
    ),
    reading=Text(
        "A cancellation counts when it is declared, not when the term ends. The longer the period, the higher the "
        "rate.",
        "Eine Kündigung zählt, wenn sie erklärt wird, nicht erst zum Vertragsende. Je länger der Zeitraum, desto "
        "höher die Quote.",
    ),
    source=AGRESTI_COULL,
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
        answers={
            "month": (
                {"month": "2026-01", "n": 0},
                {"month": "2026-02", "value": 0.0, "n": 2},
                {"month": "2026-03", "value": 0.333333, "n": 3},
            ),
        },
    ),
)
