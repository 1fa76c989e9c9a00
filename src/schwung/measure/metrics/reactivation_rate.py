"""Dormant customers who bought again after they were written to."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.approached import approached
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL


def expression(scope: Scope) -> ir.Table:
    return approached(scope, "dormant")


METRIC = Metric(
    name="reactivation_rate",
    title=Text("Reactivation rate", "Reaktivierungsrate"),
    unit="share",
    subject="customers",
    better="higher",
    needs=(
        "messages",
        "orders",
    ),
    expression=expression,
    estimate="share",
    least=100,
    window_days=365,
    cuts=(*TIME_CUTS, "channel", "campaign", "country", "source", "cohort", "list"),
    basis=Text("customers approached", "angesprochene Kunden"),
    requires=always("messages"),
    definition=Text(
        "Customers who were dormant when a message was sent to them in the window and ordered within "
        "`value.effect_days` days (28) ÷ customers who were dormant when they were written to.",
        "Kunden, die ruhend waren, als ihnen im Zeitraum eine Nachricht geschickt wurde, und binnen "
        "`value.effect_days` Tagen (28) bestellt haben, ÷ Kunden, die ruhend waren, als sie angeschrieben wurden.",
    ),
    leaves_out=Text(
        "Messages of which no sending is known, messages to nobody known, and such whose days are not over.",
        "Nachrichten, deren Versand nicht bekannt ist, Nachrichten an Unbekannte und solche, deren Tage noch laufen.",
    ),
    reading=Text(
        "Some come back by themselves: what the message did shows only against customers who were held back (ROI "
        "of measures).",
        "Manche kommen von selbst wieder: Was die Nachricht bewirkt hat, zeigt nur der Vergleich mit "
        "Zurückgehaltenen (ROI von Maßnahmen).",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-12-31",
        sales=(
            Sale("anna", "2026-01-01"),
            Sale("anna", "2026-05-20"),
            Sale("ben", "2026-01-01"),
            Sale("cem", "2026-05-01"),
        ),
        states={
            "messages": (
                State("m1", "sent", "anna", "2026-05-10"),
                State("m2", "sent", "anna", "2026-05-12"),
                State("m3", "sent", "ben", "2026-05-10"),
                State("m4", "sent", "cem", "2026-05-10"),  # a new customer
                State("m5", "held_back", "dana", "2026-05-10"),
            )
        },
        answers={None: ({"value": 0.5, "low": 0.094531, "high": 0.905469, "n": 2},)},
    ),
)
