"""What schwung itself does is an event in the same log as what customers do."""

from collections.abc import Mapping
from typing import Any

import msgspec

from schwung.app.ports import Transaction
from schwung.app.receive import add_events
from schwung.collect.arrival import key_of_id
from schwung.collect.event import Event
from schwung.collect.wire import Accepted
from schwung.core.clock import Instant

SOURCE = "schwung"


def add_own_event(
    tx: Transaction, now: Instant, name: str, message_id: str, properties: Mapping[str, Any], *, as_of: Instant
) -> None:
    """Within a commit of the caller's, so that deed and event are one. name: of a declared type; it concerns nobody.

    It happened at `as_of`, the moment for which the workspace's numbers hold: old data (`last_fact`) stay as old.
    """
    event = Event(message_id, "track", name, min(as_of, now), now, SOURCE, (), msgspec.json.encode(properties))
    add_events(tx, [Accepted(key_of_id(SOURCE, message_id, now // 1_000), event)], [])
    tx.run("intake.count_name", name=name, source=SOURCE, is_declared=1, now=now, count=1)
