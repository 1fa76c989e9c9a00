"""Messages in which a link was clicked ÷ messages that were delivered, of those sent in the window."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import State
from schwung.measure.message_rate import MESSAGE_LEAVES_OUT, message_rate
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import RUN_CUTS
from schwung.measure.sources import AGRESTI_COULL


def expression(scope: Scope) -> ir.Table:
    return message_rate(scope, "clicked")


METRIC = Metric(
    name="click_rate",
    title=Text("Click rate", "Klickrate"),
    unit="share",
    subject="messages",
    better="higher",
    needs=("messages",),
    expression=expression,
    estimate="share",
    least=100,
    cuts=RUN_CUTS,
    basis=Text("messages delivered", "zugestellte Nachrichten"),
    requires=always("messages"),
    definition=Text(
        "Messages in which a link was clicked ÷ messages that were delivered, of those sent in the window.",
        "Nachrichten mit angeklicktem Verweis ÷ zugestellte Nachrichten unter den im Zeitraum verschickten.",
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
        # Delivered: m1, m2, m4. n = 3: center (1 + 1.920729) ÷ 6.841459, half 1.959964 · √(c (1 − c) ÷ 6.841459)
        answers={
            None: ({"value": 0.333333333, "low": 0.056275, "high": 0.797558, "n": 3},),
            "month": (
                {"month": "2026-01", "value": 0.5, "n": 2},
                {"month": "2026-02", "value": 0.0, "n": 1},
            ),
        },
    ),
)
