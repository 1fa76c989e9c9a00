"""Events that did not fit: kept with their reason, listed by it, and after a fix taken in, each once."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from schwung.app import audit
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.collect.arrival import key_of_id
from schwung.collect.event import Event
from schwung.collect.event_type import validate
from schwung.collect.readable import readable
from schwung.collect.reason import Reason
from schwung.collect.wire import Accepted, Reception, Refused, read_event
from schwung.core.clock import Instant
from schwung.core.text import Text

_AT_A_TIME = 500
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """One event in quarantine. body: its JSON, as text where it is too deep to show. event_no: its number where it was taken in before it was found not to fit."""

    quarantine_no: int
    source: str
    message_id: str | None
    name: str | None
    reason: Reason
    body: Any
    received_at: Instant
    event_no: int | None


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Events of one source and name that are held for the same reason; `example` is the reason of one of them."""

    source: str
    name: str | None
    example: Reason
    event_count: int
    first_at: Instant
    last_at: Instant


@dataclass(frozen=True, slots=True)
class Replayed:
    """replayed: put back. known: their id had come in meanwhile. held: still do not fit, with their present reason."""

    replayed: int
    known: int
    held: int


def hold_refused(tx: Transaction, refused: Sequence[Refused]) -> int:
    """Keep events that were refused at the door. The same one again changes nothing."""
    return tx.run_many(
        "intake.hold",
        [
            {
                "source": event.source,
                "message_id": event.message_id,
                "name": event.name,
                "reason": event.reason.code,
                "detail": _detail(event.reason),
                "body": event.body,
                "received_at": event.received_at,
                "event_no": None,
                "batch_no": None,
                "identifier_id": None,
                "seen_key": event.key,
            }
            for event in refused
        ],
    )


def hold_misfits(tx: Transaction, batch_no: int, misfits: Sequence[tuple[int, Event, Reason]]) -> int:
    """Keep events (number, event, why) that the mirror found not to fit their type. A repeat of the batch changes nothing."""
    tx.run("work.note_held", batch_no=batch_no, count=len(misfits))
    return tx.run_many(
        "intake.hold",
        [
            {
                "source": event.source,
                "message_id": event.message_id.replace("\x00", ""),
                "name": event.name,
                "reason": reason.code,
                "detail": _detail(reason),
                "body": _readable(event),
                "received_at": event.received_at,
                "event_no": event_no,
                "batch_no": batch_no,
                "identifier_id": None,
                "seen_key": None,
            }
            for event_no, event, reason in misfits
        ],
    )


def groups(workspace: Workspace) -> list[HeldGroup]:
    """What is held, most frequent first."""
    with workspace.store.read() as tx:
        rows = tx.rows("intake.held_groups")
    return [
        HeldGroup(
            row["source"],
            row["name"],
            _reason(row["reason"], row["detail"]),
            row["event_count"],
            row["first_at"],
            row["last_at"],
        )
        for row in rows
    ]


def held(
    workspace: Workspace, *, reason: str = "", source: str = "", name: str = "", after: int = 0, most: int = 100
) -> list[HeldEvent]:
    """Single events, oldest first, beyond number `after`."""
    with workspace.store.read() as tx:
        rows = tx.rows("intake.held", reason=reason, source=source, name=name, after=after, most=most)
    return [_held(row) for row in rows]


def held_count(workspace: Workspace) -> int:
    with workspace.store.read() as tx:
        return int(tx.value("intake.held_count"))


def replay(
    workspace: Workspace,
    *,
    numbers: Sequence[int] | None = None,
    reason: str = "",
    source: str = "",
    name: str = "",
    actor: str = "system",
) -> Replayed:
    """Read the held events again by today's rules; those that fit come in as new events, exactly once.

    numbers: these only. Each part of 500 is one commit: the events come in and leave the quarantine together.
    """
    totals = [0, 0, 0]
    for rows in _parts(workspace, numbers, reason, source, name):
        for place, count in enumerate(_replay_part(workspace, rows)):
            totals[place] += count
    done = Replayed(*totals)
    with workspace.store.write() as tx:
        details = {"replayed": done.replayed, "known": done.known, "held": done.held}
        audit.add(tx, workspace.clock(), actor, "quarantine_replayed", **details)
    return done


def drop(
    workspace: Workspace,
    *,
    numbers: Sequence[int] | None = None,
    reason: str = "",
    source: str = "",
    name: str = "",
    actor: str = "system",
) -> int:
    """Give the held events up; their content is emptied. How many."""
    dropped = 0
    for rows in _parts(workspace, numbers, reason, source, name):
        with workspace.store.write() as tx:
            count = len(_settle(tx, [row["quarantine_no"] for row in rows], "dropped", workspace.clock()))
            audit.add(tx, workspace.clock(), actor, "quarantine_dropped", dropped=count)
        dropped += count
    return dropped


def _parts(
    workspace: Workspace, numbers: Sequence[int] | None, reason: str, source: str, name: str
) -> Iterator[list[dict[str, Any]]]:
    if numbers is not None:
        for start in range(0, len(numbers), _AT_A_TIME):
            with workspace.store.read() as tx:
                yield tx.rows("intake.held_by_no", numbers=list(numbers[start : start + _AT_A_TIME]))
        return
    after = 0
    while True:
        with workspace.store.read() as tx:
            rows = tx.rows("intake.held", reason=reason, source=source, name=name, after=after, most=_AT_A_TIME)
        if not rows:
            return
        after = rows[-1]["quarantine_no"]
        yield rows


def _replay_part(workspace: Workspace, rows: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    """Within one commit: rows that another replay has settled meanwhile are left out."""
    from schwung.app.receive import add_events

    read = [(row, _read_again(workspace, row)) for row in rows]
    fitting = {row["quarantine_no"]: (row, found) for row, found in read if isinstance(found, Accepted)}
    with workspace.store.write() as tx:
        claimed = _settle(tx, list(fitting), "replayed", workspace.clock())
        taken = [fitting[number] for number in fitting if number in claimed]
        # An event that the mirror refused has been counted once; one from the door is new unless its id came meanwhile.
        counted = [found for row, found in taken if row["event_no"] is not None]
        fresh = list({found.key: found for row, found in taken if row["event_no"] is None}.values())
        known = add_events(tx, fresh, counted)
        for row, found in read:
            if isinstance(found, Reason):
                tx.run("intake.amend", quarantine_no=row["quarantine_no"], reason=found.code, detail=_detail(found))
    return len(counted) + len(fresh) - known, len(taken) - len(counted) - len(fresh) + known, len(rows) - len(fitting)


def _settle(tx: Transaction, numbers: list[int], state: str, now: Instant) -> set[int]:
    """Those of the numbers that were still held: nobody else takes them any more."""
    if not numbers:
        return set()
    settled = {row["quarantine_no"] for row in tx.rows("intake.settle", numbers=numbers, state=state, now=now)}
    tx.run("intake.forget_settled", numbers=sorted(settled), empty=b"{}")
    return settled


def _read_again(workspace: Workspace, row: dict[str, Any]) -> Accepted | Reason:
    """The event as today's rules read it, with the time of its first arrival; or why it still does not fit."""
    if row["event_no"] is not None:
        event = _from_readable(row["body"])
        found: Accepted | Refused = Accepted(key_of_id(event.source, event.message_id, 0), event)
    else:
        found = read_event(row["body"], None, reception(workspace, row["source"], row["received_at"]))
    if isinstance(found, Refused):
        return found.reason
    return validate(found.event) or found


def reception(workspace: Workspace, source: str, received_at: Instant) -> Reception:
    """How bodies of a source are read now. Consent was applied when the event first came; it is applied again."""
    from schwung.unify.identifier import alias_kind, normalize

    with workspace.store.read() as tx:
        row = tx.row("key.source", name=source)
    return Reception(
        source,
        received_at,
        partial(normalize, country=workspace.settings.workspace.country),
        alias_kind,
        lambda: str(uuid.uuid4()),
        bool(row and row["requires_consent"]),
        frozenset(msgspec.json.decode(row["consent_categories"])) if row else frozenset(),
    )


def _readable(event: Event) -> bytes:
    """The event as JSON that a person can read and `_from_readable` turns back."""
    return _encode(
        {
            "messageId": event.message_id,
            "type": event.call,
            "event": event.name,
            "happenedAt": event.happened_at,
            "receivedAt": event.received_at,
            "source": event.source,
            "claims": event.claims,
            "properties": msgspec.Raw(event.properties or b"{}"),
            "traits": msgspec.Raw(event.traits or b"{}"),
            "context": msgspec.Raw(event.context or b"{}"),
            "channel": event.channel,
        }
    )


class _Readable(msgspec.Struct, rename="camel"):
    message_id: str
    type: str
    event: str
    happened_at: int
    received_at: int
    source: str
    claims: list[tuple[str, str]]
    properties: msgspec.Raw
    traits: msgspec.Raw
    context: msgspec.Raw
    channel: str | None


_readable_event = msgspec.json.Decoder(_Readable)


def _from_readable(body: bytes) -> Event:
    from typing import cast

    from schwung.collect.event import Call, Claim

    held_event = _readable_event.decode(body)
    empty = b"{}"
    traits, context = bytes(held_event.traits), bytes(held_event.context)
    return Event(
        held_event.message_id,
        cast(Call, held_event.type),
        held_event.event,
        held_event.happened_at,
        held_event.received_at,
        held_event.source,
        tuple(Claim(kind, value) for kind, value in held_event.claims),
        bytes(held_event.properties),
        b"" if traits == empty else traits,
        b"" if context == empty else context,
        held_event.channel,
    )


def _held(row: dict[str, Any]) -> HeldEvent:
    return HeldEvent(
        row["quarantine_no"],
        row["source"],
        row["message_id"],
        row["name"],
        _reason(row["reason"], row["detail"]),
        readable(bytes(row["body"])),
        row["received_at"],
        row["event_no"],
    )


def _detail(reason: Reason) -> str:
    return _encode({"place": reason.place, "en": reason.text.en, "de": reason.text.de}).decode()


def _reason(code: str, detail: str) -> Reason:
    content = msgspec.json.decode(detail)
    return Reason(code, Text(content["en"], content["de"]), content["place"])
