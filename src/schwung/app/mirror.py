"""Received events become facts: one batch at a time, exactly once, the same on every repeat."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schwung.app.buried import husked_chunks, without_buried
from schwung.app.facts import Facts, open_facts
from schwung.app.lane import Held
from schwung.app.log import described, log
from schwung.app.own_customers import Record, keep_records, records_of
from schwung.app.ports import Row, Store, Transaction
from schwung.app.profiles import changed_tables
from schwung.app.publish import finish_open_batch, newest_snapshot, open_batch, publish
from schwung.app.quarantine import hold_misfits
from schwung.app.relationship import keep_carts, project_all, setting_of
from schwung.app.resolve import resolve
from schwung.app.set_aside import is_due, unfit
from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from schwung.collect.projection import Attribution, Reading, claims_of, event_rows, read_events, traits_of
from schwung.collect.projection_orders import Known, order_keys, order_rows, product_rows
from schwung.collect.projections import answers
from schwung.collect.projections.carts import Memory
from schwung.collect.projections.reading import received
from schwung.collect.reason import Reason
from schwung.core.clock import Instant

MOST_EVENTS = 20_000
"""Events of one batch: more would let the newest wait longer, fewer would cost more commits."""
_MOST_CHUNKS = 2_000
_MOST_PRODUCTS = 200_000
_products: WeakKeyDictionary[Store, tuple[int, dict[int, int]]] = WeakKeyDictionary()
"""The batch that this process published last, and what it knows of products since."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a batch brought."""

    batch_no: int
    events: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class _Made:
    """A batch before it goes to the lake. erased: numbers of events that carry an erased person's identifier."""

    reading: Reading
    tables: Mapping[str, pa.Table]
    carts: Memory
    erased: AbstractSet[int]
    known_products: dict[int, int]
    own: Sequence[Record]


def mirror_next(workspace: Workspace, held: Held, most: int = MOST_EVENTS) -> int | None:
    """Bring the oldest waiting events into the lake. Number of the batch; None when nothing waits."""
    finish_open_batch(workspace, held)
    with workspace.store.read() as tx:
        waiting = tx.rows("mirror.waiting_chunks", most=_MOST_CHUNKS)
    if not waiting:
        return None
    top, count = _first(waiting, most)
    with workspace.store.write() as tx:
        batch_no = open_batch(tx, held, "events", workspace.clock(), event_count=count)
        tx.run("mirror.take_chunks", batch_no=batch_no, top=top)
    mirror_batch(workspace, held, batch_no)
    return batch_no


def _first(waiting: Sequence[dict[str, Any]], most: int) -> tuple[int, int]:
    """The last chunk of the batch, and how many events it has: at most `most`, but at least one chunk."""
    count, top = 0, waiting[0]["chunk_no"]
    for row in waiting:
        if count and count + row["event_count"] > most:
            break
        count, top = count + row["event_count"], row["chunk_no"]
    return top, count


def mirror_batch(workspace: Workspace, held: Held, batch_no: int) -> Mirrored:
    """Decode, check, unify, project, append, publish. May be repeated after a crash at any line.

    Events at which it fails again and again, and nothing but them, go to quarantine.
    """
    with workspace.store.read() as tx:
        chunks = tx.rows("mirror.chunks", batch_no=batch_no)
    numbered: list[tuple[int, Event]] = []
    with _no_collection():
        for chunk in chunks:
            numbered.extend(enumerate(unpack(chunk["body"]), chunk["first_event_no"]))
        make = partial(_make, workspace, batch_no)
        aside: Mapping[int, Reason] = {}
        try:
            made = make(numbered)
        except Exception as error:
            if not is_due(workspace.store, batch_no, error) or workspace.lake.last_batch() >= batch_no:
                raise
            aside = unfit(numbered, make)
            if not aside:
                raise
            log("events_set_aside", level="error", batch_no=batch_no, events=len(aside), **described(error))
            made = make([one for one in numbered if one[0] not in aside])
        return _bring(workspace, held, batch_no, chunks, numbered, made, aside)


@contextmanager
def _no_collection() -> Iterator[None]:
    """A batch makes a hundred thousand small objects, none in a cycle: looking for cycles costs a quarter of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _make(workspace: Workspace, batch_no: int, numbered: Sequence[tuple[int, Event]]) -> _Made:
    """Everything before the lake."""
    setting = setting_of(workspace, batch_no)
    reading = read_events(numbered, answers.misfits(setting.questions))
    events = reading.events
    resolution = resolve(workspace, batch_no, claims_of(events), traits_of(events), event_count=len(events))
    attribution = Attribution(resolution.identifier_of, resolution.is_erased)
    with workspace.store.read() as tx:
        changed = changed_tables(tx, batch_no)
    known_products = _known_products(workspace)
    facts = _facts(workspace, reading, attribution, batch_no, known_products)
    relationship = project_all(workspace, received(reading, attribution), setting)
    erased = {reading.numbers[place] for place in np.flatnonzero(resolution.is_erased).tolist()}
    own = records_of(reading, resolution.is_erased)
    return _Made(reading, {**facts, **relationship.tables, **changed}, relationship.carts, erased, known_products, own)


def _bring(
    workspace: Workspace,
    held: Held,
    batch_no: int,
    chunks: Sequence[Row],
    numbered: Sequence[tuple[int, Event]],
    made: _Made,
    aside: Mapping[int, Reason],
) -> Mirrored:
    """What was made into the lake and the store; what does not fit into quarantine."""
    found = [(number, event, aside[number]) for number, event in numbered if number in aside] if aside else []
    found = [*made.reading.misfits, *found]
    with workspace.store.read() as tx:
        misfits = without_buried(tx, workspace.secret, found)
    erased = made.erased | {
        number for (number, kept, _), (_, own, _) in zip(misfits, found, strict=True) if kept is not own
    }
    husked = husked_chunks(chunks, numbered, erased)

    def also(tx: Transaction) -> None:
        hold_misfits(tx, batch_no, misfits)
        tx.run_many("person.replace_chunk", husked)
        keep_carts(tx, made.carts, workspace.clock())
        keep_records(workspace, tx, made.own, "order")

    publish(workspace, held, batch_no, made.tables, also)
    products = made.tables["products"]
    known = made.known_products
    known.update(zip(products["product_key"].to_pylist(), products["content_hash"].to_pylist(), strict=True))
    _products[workspace.store] = (batch_no, known)
    return Mirrored(batch_no, len(made.reading.events), len(misfits))


def _facts(
    workspace: Workspace, reading: Reading, attribution: Attribution, batch_no: int, known_products: Mapping[int, int]
) -> dict[str, pa.Table]:
    currency = workspace.settings.workspace.currency
    tables = {"events": event_rows(reading, attribution, batch_no, currency)}
    keys = order_keys(reading)
    if keys:
        tables |= order_rows(reading, attribution, batch_no, currency, _known_orders(workspace, keys))
    return tables | {"products": product_rows(reading, batch_no, currency, known_products)}


def _known_products(workspace: Workspace) -> dict[int, int]:
    """Content by product, of those that this process brought to the lake; nothing where another writer came since."""
    with workspace.store.read() as tx:
        newest = newest_snapshot(tx)
    batch_no, known = _products.get(workspace.store, (0, {}))
    return known if newest is not None and newest.batch_no == batch_no and len(known) <= _MOST_PRODUCTS else {}


def _known_orders(workspace: Workspace, keys: list[int]) -> dict[int, Known]:
    """The orders of these keys as they stand in the lake, with their lines; most batches find none."""
    wanted = pa.table({"order_key": pa.array(keys, pa.int64())})

    def rows_of(facts: Facts, name: str) -> list[dict[str, Any]]:
        found = facts.prepared(
            (name, "of keys"), partial(_of_keys, name), {name: facts.everything(name), "wanted": wanted}
        )
        return found.to_pylist()

    with open_facts(workspace) as facts:
        known = {row["order_key"]: Known(row) for row in rows_of(facts, "orders")}
        if known:
            for line in rows_of(facts, "order_lines"):
                known[line["order_key"]].lines[line["line_key"]] = line
    return known


def _of_keys(name: str, tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
    return tables[name].semi_join(tables["wanted"], "order_key")
