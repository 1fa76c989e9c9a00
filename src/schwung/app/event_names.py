"""Which event names came in, from where, how often; declared or not."""

from dataclasses import dataclass

from schwung.app.wiring import Workspace
from schwung.core.clock import Instant


@dataclass(frozen=True, slots=True)
class EventName:
    """One name from one source. is_declared: the name has an event type with texts and properties."""

    name: str
    source: str
    is_declared: bool
    first_seen_at: Instant
    last_seen_at: Instant
    event_count: int


def event_names(workspace: Workspace) -> list[EventName]:
    """Undeclared ones first, then the most frequent."""
    with workspace.store.read() as tx:
        rows = tx.rows("intake.names")
    return [EventName(**{**row, "is_declared": bool(row["is_declared"])}) for row in rows]
