"""Received events become facts: one batch at a time, exactly once, the same on every repeat."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from schwung.app.buried import husked_chunks, without_buried
from schwung.app.facts import open_facts
from schwung.app.lane import Held
from schwung.app.ports import Store, Transaction
from schwung.app.profiles import changed_tables
from schwung.app.publish import finish_open_batch, open_batch, publish
from schwung.app.quarantine import hold_misfits
from schwung.app.relationship import keep_carts, project_all, setting_of
from schwung.app.resolve import resolve
from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from schwung.collect.projection import Attribution, Reading, claims_of, event_rows, read_events, traits_of
from schwung.collect.projection_orders import Known, order_keys, order_rows, product_rows
from schwung.collect.projections import answers
from schwung.collect.projections.reading import received

MOST_EVENTS = 20_000
"""Events of one batch: more would let the newest wait longer, fewer would cost more commits."""
_MOST_CHUNKS = 2_000
_MOST_PRODUCTS = 200_000
_products: WeakKeyDictionary[Store, dict[int, int]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a batch brought."""

    batch_no: int
    events: int
    quarantined: int


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
    """Decode, check, unify, project, append, publish. May be repeated after a crash at any line."""
    with _no_collection():
        return _mirror(workspace, held, batch_no)


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


def _mirror(workspace: Workspace, held: Held, batch_no: int) -> Mirrored:
    with workspace.store.read() as tx:
        chunks = tx.rows("mirror.chunks", batch_no=batch_no)
    numbered: list[tuple[int, Event]] = []
    for chunk in chunks:
        numbered.extend(enumerate(unpack(chunk["body"]), chunk["first_event_no"]))
    setting = setting_of(workspace, batch_no)
    reading = read_events(numbered, answers.misfits(setting.questions))
    events = reading.events
    resolution = resolve(workspace, batch_no, claims_of(events), traits_of(events), event_count=len(events))
    attribution = Attribution(resolution.identifier_of, resolution.is_erased)
    with workspace.store.read() as tx:
        changed = changed_tables(tx, batch_no)
        misfits = without_buried(tx, workspace.secret, reading.misfits)
    facts = _facts(workspace, reading, attribution, batch_no)
    relationship = project_all(workspace, received(reading, attribution), setting)

    erased = {reading.numbers[place] for place in np.flatnonzero(resolution.is_erased).tolist()}
    erased |= {
        number for (number, kept, _), (_, own, _) in zip(misfits, reading.misfits, strict=True) if kept is not own
    }
    husked = husked_chunks(chunks, numbered, erased)

    def also(tx: Transaction) -> None:
        hold_misfits(tx, batch_no, misfits)
        tx.run_many("person.replace_chunk", husked)
        keep_carts(tx, relationship.carts, workspace.clock())

    publish(workspace, held, batch_no, {**facts, **relationship.tables, **changed}, also)
    return Mirrored(batch_no, len(events), len(reading.misfits))


def _facts(workspace: Workspace, reading: Reading, attribution: Attribution, batch_no: int) -> dict[str, pa.Table]:
    currency = workspace.settings.workspace.currency
    known_products = _products.setdefault(workspace.store, {})
    tables = {"events": event_rows(reading, attribution, batch_no, currency)}
    keys = order_keys(reading)
    if keys:
        tables |= order_rows(reading, attribution, batch_no, currency, _known_orders(workspace, keys))
    products = product_rows(reading, batch_no, currency, known_products)
    if len(known_products) > _MOST_PRODUCTS:
        known_products.clear()
    known_products.update(zip(products["product_key"].to_pylist(), products["content_hash"].to_pylist(), strict=True))
    return tables | {"products": products}


def _known_orders(workspace: Workspace, keys: list[int]) -> dict[int, Known]:
    """The orders of these keys as they stand in the lake, with their lines; most batches find none."""
    with open_facts(workspace) as facts:
        wanted = facts.engine.memtable(pa.table({"order_key": pa.array(keys, pa.int64())}), "wanted")
        found = facts.run(facts.everything("orders").semi_join(wanted, "order_key")).to_pylist()
        known = {row["order_key"]: Known(row) for row in found}
        if known:
            lines = facts.everything("order_lines").semi_join(wanted, "order_key")
            for line in facts.run(lines).to_pylist():
                known[line["order_key"]].lines[line["line_key"]] = line
    return known
