"""Messages that were sent."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import State
from schwung.measure.message_rate import MESSAGE_LEAVES_OUT, sent_messages
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import RUN_CUTS
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    return scope.group(sent_messages(scope), value=_.count())


METRIC = Metric(
    name="messages_sent",
    title=Text("Messages sent", "Verschickte Nachrichten"),
    unit="count",
    subject="messages",
    better="neither",
    needs=("messages",),
    expression=expression,
    cuts=RUN_CUTS,
    basis=Text("messages", "Nachrichten"),
    requires=always("messages"),
    definition=Text(
        "Messages that were sent in the window, each once whatever became of it.",
        "Im Zeitraum verschickte Nachrichten, jede einmal, was immer daraus wurde.",
    ),
    leaves_out=MESSAGE_LEAVES_OUT,
    reading=Text(
        "A count, so it is exact. More is not better: look at unsubscriptions and complaints beside it.",
        "Eine Anzahl, also exakt. Mehr ist nicht besser: Abmeldungen und Beschwerden daneben beachten.",
    ),
    source=OWN_DEFINITION,
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
        answers={None: ({"value": 4},), "month": ({"month": "2026-01", "value": 3}, {"month": "2026-02", "value": 1})},
    ),
)
