"""What became of the messages that were sent."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.scope import Scope
from schwung.measure.things import hits, things

MESSAGE_LEAVES_OUT = Text(
    "Messages that were held back for the control group, and such of which no sending is known.",
    "Nachrichten, die für die Vergleichsgruppe zurückgehalten wurden, und solche, deren Versand nicht bekannt ist.",
)
_STATES = ("delivered", "opened", "clicked", "bounced", "failed", "complained", "unsubscribed", "converted")


def sent_messages(scope: Scope) -> ir.Table:
    """Messages sent in the window, one row each, with what became of them until now and `is_delivered`: whoever opens or
    clicks has got it, even where nothing says so."""
    rows = things(scope, "messages", "message_key", "sent", _STATES)
    reached = rows.delivered_at.notnull() | rows.opened_at.notnull() | rows.clicked_at.notnull()
    return rows.mutate(is_delivered=reached)


def message_rate(scope: Scope, state: str) -> ir.Table:
    """Statistics of the share of delivered messages that reached a state."""
    rows = sent_messages(scope).filter(lambda row: row.is_delivered)
    return hits(scope, rows, rows[f"{state}_at"].notnull())
