"""The newest events as they came in, read from the store's last chunks: seconds after arrival, at bounded cost."""

from collections.abc import Iterator
from dataclasses import dataclass

from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from schwung.core.clock import MINUTE

MOST_CHUNKS = 40
MOST_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Arrivals:
    """events: (number, event), newest first. top: number of the newest. per_minute: events received in the last minute."""

    events: tuple[tuple[int, Event], ...]
    top: int
    per_minute: int


def arrivals(workspace: Workspace, after: int = 0, *, source: str = "", name: str = "") -> Arrivals:
    """Events with a number beyond `after`, at most 100, of one source or name where given."""
    with workspace.store.read() as tx:
        chunks = tx.rows("intake.newest_chunks", after=after, most=MOST_CHUNKS)
        per_minute = tx.value("intake.received_since", since=workspace.clock() - MINUTE)
    found: list[tuple[int, Event]] = []
    for event_no, event in _newest_first(chunks):
        if event_no > after and source in ("", event.source) and name in ("", event.name):
            found.append((event_no, event))
            if len(found) == MOST_EVENTS:
                break
    top = max((row["first_event_no"] + row["event_count"] - 1 for row in chunks), default=after)
    return Arrivals(tuple(found), top, int(per_minute or 0))


def customer_of(workspace: Workspace, event_no: int) -> int | None:
    """Whose event it is by now. None for a guest, for an event that is not unified yet, or no longer in the store."""
    with workspace.store.read() as tx:
        for row in tx.rows("intake.chunk_of", event_no=event_no):
            place = event_no - row["first_event_no"]
            for claim in unpack(row["body"])[place].claims if place < row["event_count"] else ():
                found = tx.row("identity.one", kind=claim.kind, value=claim.value)
                if found is not None:
                    return int(found["customer_id"])
    return None


def _newest_first(chunks: list[dict[str, object]]) -> Iterator[tuple[int, Event]]:
    for row in chunks:
        first, body = row["first_event_no"], row["body"]
        assert isinstance(first, int) and isinstance(body, bytes)
        for place, event in reversed(list(enumerate(unpack(body)))):
            yield first + place, event
