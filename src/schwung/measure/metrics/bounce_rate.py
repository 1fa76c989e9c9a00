"""Messages that bounced or failed ÷ messages that were sent in the window."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import State
from schwung.measure.message_rate import MESSAGE_LEAVES_OUT, sent_messages
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import RUN_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    rows = sent_messages(scope)
    return hits(scope, rows, rows.bounced_at.notnull() | rows.failed_at.notnull())


METRIC = Metric(
    name="bounce_rate",
    title=Text("Bounce rate", "Unzustellbar"),
    unit="share",
    subject="messages",
    better="lower",
    needs=("messages",),
    expression=expression,
    estimate="share",
    least=100,
    cuts=RUN_CUTS,
    basis=Text("messages sent", "verschickte Nachrichten"),
    requires=always("messages"),
    definition=Text(
        "Messages that bounced or failed ÷ messages that were sent in the window.",
        "Unzustellbare und fehlgeschlagene ÷ im Zeitraum verschickte Nachrichten.",
    ),
    leaves_out=MESSAGE_LEAVES_OUT,
    reading=Text(
        "Counts what is known by now, so messages of the last days still grow. Slices by month are those of the "
        "sending.",
        "Gezählt wird, was bis jetzt bekannt ist; Nachrichten der letzten Tage legen also noch zu. Nach Monat "
        "zählt der Versand.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        states={
            "messages": (
                State("m1", "sent", "anna", "2026-01-05"),
                State("m1", "delivered", "anna", "2026-01-05 12:01"),
                State("m1", "opened", "anna", "2026-01-06"),
                State("m1", "clicked", "anna", "2026-01-06 12:05"),
                State("m2", "sent", "ben", "2026-01-05"),
                State("m2", "delivered", "ben", "2026-01-05 12:01"),
                State("m2", "unsubscribed", "ben", "2026-01-07"),
                State("m3", "sent", "cem", "2026-01-05"),
                State("m3", "bounced", "cem", "2026-01-05 12:02"),
                State("m4", "sent", "dana", "2026-02-05"),
                State("m4", "opened", "dana", "2026-03-05"),  # so it was delivered, though nothing says so
                State("m4", "complained", "dana", "2026-03-06"),
                State("m5", "held_back", "emil", "2026-02-05"),
            )
        },
        # Sent: m1 to m4; m3 bounced.
        answers={
            None: ({"value": 0.25, "low": 0.034086, "high": 0.710859, "n": 4},),
            "month": (
                {"month": "2026-01", "value": 0.333333, "n": 3},
                {"month": "2026-02", "value": 0.0, "n": 1},
            ),
        },
    ),
)
