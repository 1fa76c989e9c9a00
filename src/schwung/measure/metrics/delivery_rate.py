"""Messages that were delivered ÷ messages that were sent in the window."""

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
    return hits(scope, rows, rows.is_delivered)


METRIC = Metric(
    name="delivery_rate",
    title=Text("Delivery rate", "Zustellrate"),
    unit="share",
    subject="messages",
    better="higher",
    needs=("messages",),
    expression=expression,
    estimate="share",
    least=100,
    cuts=RUN_CUTS,
    basis=Text("messages sent", "verschickte Nachrichten"),
    requires=always("messages"),
    definition=Text(
        "Messages that were delivered ÷ messages that were sent in the window.",
        "Zugestellte ÷ im Zeitraum verschickte Nachrichten.",
    ),
    leaves_out=MESSAGE_LEAVES_OUT,
    reading=Text(
        "Counts what is known by now, so messages of the last days still grow. Slices by month are those of the "
        "sending. Where a channel does not report deliveries, only what was opened or clicked counts as "
        "delivered.",
        "Gezählt wird, was bis jetzt bekannt ist; Nachrichten der letzten Tage legen also noch zu. Nach Monat "
        "zählt der Versand. Meldet ein Kanal Zustellungen nicht, gilt nur Geöffnetes oder Angeklicktes als "
        "zugestellt.",
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
        # Sent: m1 to m4, not delivered: m3.
        answers={
            None: ({"value": 0.75, "low": 0.289141, "high": 0.965914, "n": 4},),
            "month": (
                {"month": "2026-01", "value": 0.666667, "n": 3},
                {"month": "2026-02", "value": 1.0, "n": 1},
            ),
        },
    ),
)
