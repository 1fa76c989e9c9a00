"""What running subscriptions bring a month."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.contracts import PLAN_CUTS, contracts
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.lifecycle import at_moments
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    rows = at_moments(
        scope,
        contracts(scope),
        lambda row, at: [row.is_running, row.happened_at < at.end_at, row.next_at >= at.end_at],
    )
    return scope.group(rows, value=rows.monthly_minor.sum(), n=rows.count())


METRIC = Metric(
    name="monthly_recurring_revenue",
    title=Text("Monthly recurring revenue (MRR)", "Monatlich wiederkehrender Umsatz (MRR)"),
    unit="money",
    subject="subscriptions",
    better="higher",
    needs=("subscriptions",),
    expression=expression,
    shape="state",
    cuts=PLAN_CUTS,
    basis=Text("subscriptions", "Abonnements"),
    requires=always("subscriptions"),
    definition=Text(
        "Price a month of all subscriptions that run at the end of the period; a yearly price counts a twelfth.",
        "Monatspreis aller am Ende des Zeitraums laufenden Abonnements; ein Jahrespreis zählt zu einem Zwölftel.",
    ),
    leaves_out=Text(
        "Trials, and subscriptions whose price or period is not stated; amounts in other currencies than the "
        "reporting one.",
        "Probezeiten und Abonnements, deren Preis oder Zahlungszeitraum nicht genannt ist; Beträge in anderen "
        "Währungen als der Berichtswährung.",
    ),
    reading=Text(
        "A state, exact. A subscription that was cancelled counts no more, even where it runs on to the end of "
        "its term.",
        "Ein Stand, exakt. Ein gekündigtes Abonnement zählt nicht mehr, auch wenn es bis Vertragsende weiterläuft.",
    ),
    source=OWN_DEFINITION,
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
            None: ({"value": 23.0, "n": 2},),
            "month": (
                {"month": "2026-01", "value": 30.0},
                {"month": "2026-02", "value": 45.0},
                {"month": "2026-03", "value": 23.0},
            ),
            "plan": ({"plan": "large", "value": 15.0}, {"plan": "small", "value": 8.0}),
        },
    ),
)
