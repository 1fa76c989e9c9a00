"""Puts events of people into a workspace the way intake does, and mirrors them."""

import json
from collections.abc import Mapping
from typing import Any

from schwung.app.lane import lane
from schwung.app.mirror import mirror_next
from schwung.app.wiring import Workspace
from schwung.collect.chunk import pack
from schwung.collect.event import Call, Claim, Event
from schwung.unify.identifier import ORDER

_SERIAL = iter(range(1, 10**9))


def event(
    name: str,
    happened_at: int,
    properties: Mapping[str, Any] | None = None,
    traits: Mapping[str, Any] | None = None,
    call: Call = "track",
    source: str = "shop",
    **claims: str,
) -> Event:
    """`event("page_viewed", t, user_id="u1", email="anna@example.de")`."""
    found = tuple(Claim(kind, claims[kind]) for kind in sorted(claims, key=ORDER.__getitem__))
    return Event(
        f"m{next(_SERIAL)}", call, name, happened_at, happened_at, source, found,
        json.dumps(properties or {}).encode(), json.dumps(traits).encode() if traits else b"", b"{}",
    )  # fmt: skip


def receive(workspace: Workspace, *events: Event) -> None:
    """One chunk, as intake commits it."""
    with workspace.store.write() as tx:
        last = tx.value("store.draw", name="event", count=len(events))
        row = (last - len(events) + 1, len(events), workspace.clock(), pack(events))
        tx.load("chunk", ("first_event_no", "event_count", "received_at", "body"), [row])


def mirror(workspace: Workspace) -> None:
    with lane(workspace, "test") as held:
        while mirror_next(workspace, held) is not None:
            pass


def bring(workspace: Workspace, *events: Event) -> None:
    receive(workspace, *events)
    mirror(workspace)


def customer_of(workspace: Workspace, kind: str, value: str) -> int | None:
    with workspace.store.read() as tx:
        row = tx.row("identity.one", kind=kind, value=value)
    return row["customer_id"] if row else None
