"""What schwung itself does is an event in the same log as what customers do; what it does to a customer, the customer's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from schwung.app.ports import Transaction
from schwung.app.receive import add_events
from schwung.collect.arrival import key_of_id
from schwung.collect.event import Call, Claim, Event
from schwung.collect.wire import Accepted
from schwung.core.clock import Instant
from schwung.unify.identifier import ORDER

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


def add_customer_events(
    tx: Transaction, now: Instant, name: str, told: Iterable[tuple[str, Claim | None, bytes]], *, traits: bytes = b""
) -> None:
    """Within a commit of the caller's. told: (message id, who, properties) of each; of whom nothing is known is passed over.

    name: of a declared type, or profile_identified with its traits.
    """
    call: Call = "identify" if traits else "track"
    events = [
        Accepted(
            key_of_id(SOURCE, message_id, now // 1_000),
            Event(message_id, call, name, now, now, SOURCE, (who,), properties, traits),
        )
        for message_id, who, properties in told
        if who is not None
    ]
    if events:
        add_events(tx, events, [])
        tx.run("intake.count_name", name=name, source=SOURCE, is_declared=1, now=now, count=len(events))


def strongest(known: Sequence[tuple[str, str]]) -> Claim | None:
    """Of a customer's identifiers (kind, value) the one by which an event finds them; None where there is none."""
    usable = [one for one in known if one[0] in ORDER]
    return Claim(*min(usable, key=lambda one: ORDER[one[0]])) if usable else None
