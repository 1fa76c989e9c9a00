"""Erased people stay away: their identifiers are known again by keyed hashes, until one is admitted again."""

from collections.abc import Sequence

from schwung.app import audit
from schwung.app.customers import known_value
from schwung.app.ports import Transaction
from schwung.app.resolve import mark_of
from schwung.app.wiring import Workspace
from schwung.collect.event import Event
from schwung.collect.reason import Reason
from schwung.core.text import Text

_ERASED = Text("It spoke of a person who was erased.", "Es sprach von einer gelöschten Person.")


def is_buried(workspace: Workspace, kind: str, value: str) -> bool:
    """An identifier of someone who was erased."""
    mark = mark_of(workspace.secret, kind, known_value(workspace, kind, value))
    with workspace.store.read() as tx:
        return bool(tx.rows("identity.tombstones", marks=[mark]))


def readmit(workspace: Workspace, kind: str, value: str, actor: str) -> bool:
    """An erased person came back by their own will: take the tombstone of one identifier away. False if there is none."""
    known = known_value(workspace, kind, value)
    with workspace.store.write() as tx:
        found = bool(tx.run("person.exhume", mark=mark_of(workspace.secret, kind, known)))
        if found:
            tx.run("store.draw", name="known", count=1)
            audit.add(tx, workspace.clock(), actor, "readmitted", None, kind=kind)
    return found


def husk(event: Event) -> Event:
    """That an event happened, without anything about a person."""
    return Event("", event.call, event.name, event.happened_at, event.received_at, event.source, (), b"{}")


def without_buried(
    tx: Transaction, secret: bytes, misfits: Sequence[tuple[int, Event, Reason]]
) -> list[tuple[int, Event, Reason]]:
    """Events that did not fit, as quarantine may keep them: those of erased people as husks."""
    if not misfits or not tx.value("identity.has_tombstones"):
        return list(misfits)
    marks = [{mark_of(secret, kind, value) for kind, value in event.claims} for _, event, _ in misfits]
    asked = sorted(set().union(*marks))
    buried = {row["mark"] for row in tx.rows("identity.tombstones", marks=asked)}
    return [
        (number, husk(event), Reason(reason.code, _ERASED, reason.place)) if own & buried else (number, event, reason)
        for (number, event, reason), own in zip(misfits, marks, strict=True)
    ]
