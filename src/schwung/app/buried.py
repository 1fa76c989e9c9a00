"""Erased people stay away: their identifiers are known again by keyed hashes, until one is admitted again."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from schwung.app import audit
from schwung.app.customers import known_value
from schwung.app.ports import Transaction
from schwung.app.resolve import mark_of
from schwung.app.wiring import TABLES, Workspace
from schwung.collect.chunk import pack
from schwung.collect.event import Event
from schwung.collect.import_kind import PERSON_NAMES
from schwung.collect.reason import Reason
from schwung.collect.wire import Refused
from schwung.core.text import Text
from schwung.unify.identifier import KINDS, normalize
from schwung.unify.mention import may_name

MOST_VALUES = 500
"""Values of one refused event that are looked up: what is sent to keep the intake busy gets no further."""
_PERSONAL = {*PERSON_NAMES, "extra"}.union(*(TABLES[name].personal for name in ("orders", "order_lines", "returns")))
_SLICE = 20_000
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
    buried = _buried(tx, set().union(*marks))
    return [
        (number, husk(event), Reason(reason.code, _ERASED, reason.place)) if own & buried else (number, event, reason)
        for (number, event, reason), own in zip(misfits, marks, strict=True)
    ]


def refused_without_buried(tx: Transaction, workspace: Workspace, refused: Sequence[Refused]) -> list[Refused]:
    """Events refused at the door, as quarantine may keep them: those that name erased people without their content."""
    if not refused or not tx.value("identity.has_tombstones"):
        return list(refused)
    secret, country = workspace.secret, workspace.settings.workspace.country
    marks = [_marks(secret, country, event.body) for event in refused]
    buried = _buried(tx, set().union(*marks))
    return [
        event._replace(body=b"{}", message_id=None, reason=Reason(event.reason.code, _ERASED, event.reason.place))
        if own & buried
        else event
        for event, own in zip(refused, marks, strict=True)
    ]


def husked_chunks(
    chunks: Sequence[Mapping[str, Any]], numbered: Sequence[tuple[int, Event]], erased: AbstractSet[int]
) -> list[dict[str, Any]]:
    """New bodies of the chunks that hold erased people's events. numbered: all their events. erased: numbers of those."""
    if not erased:
        return []
    found: dict[int, list[Event]] = {chunk["chunk_no"]: [] for chunk in chunks}
    starts = [chunk["first_event_no"] for chunk in chunks]
    hit = set()
    for event_no, event in numbered:
        chunk_no = chunks[bisect_right(starts, event_no) - 1]["chunk_no"]
        found[chunk_no].append(husk(event) if event_no in erased else event)
        if event_no in erased:
            hit.add(chunk_no)
    return [{"chunk_no": chunk_no, "body": pack(found[chunk_no])} for chunk_no in sorted(hit)]


def rows_without_buried(workspace: Workspace, rows: pa.Table) -> pa.Table:
    """Rows of a file with the personal columns empty where one of them names an erased person."""
    named = pa.array([False] * rows.num_rows, pa.bool_())
    with workspace.store.read() as tx:
        if not tx.value("identity.has_tombstones"):
            return rows
        for kind in PERSON_NAMES:
            if kind in rows.column_names:
                raw = rows[kind].unique().drop_null().to_pylist()
                mark_by_raw = {
                    one: mark_of(workspace.secret, kind, value)
                    for one in raw
                    if (value := normalize(kind, one, workspace.settings.workspace.country))
                }
                buried = _buried(tx, mark_by_raw.values())
                gone = pa.array([one for one, mark in mark_by_raw.items() if mark in buried], rows[kind].type)
                named = pc.or_(named, pc.fill_null(pc.is_in(rows[kind], gone), False).combine_chunks())
    for name in _PERSONAL.intersection(rows.column_names):
        column = rows.schema.get_field_index(name)
        empty = pc.if_else(named, pa.scalar(None, rows.schema.field(name).type), rows[name])
        rows = rows.set_column(column, rows.schema.field(name), empty)
    return rows


def _marks(secret: bytes, country: str, body: bytes) -> set[str]:
    """Of everything in an event that could be an identifier."""
    try:
        texts = set(islice(may_name(msgspec.json.decode(body)), MOST_VALUES))
    except (msgspec.DecodeError, RecursionError):
        return set()
    found = ((kind, normalize(kind, text, country)) for text in texts for kind in KINDS)
    return {mark_of(secret, kind, value) for kind, value in found if value is not None}


def _buried(tx: Transaction, marks: Iterable[str]) -> set[str]:
    asked = sorted(set(marks))
    return {
        row["mark"]
        for at in range(0, len(asked), _SLICE)
        for row in tx.rows("identity.tombstones", marks=asked[at : at + _SLICE])
    }
