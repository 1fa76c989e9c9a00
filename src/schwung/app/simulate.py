"""Fills a workspace with the simulated shop: the way of an import, batch by batch, and the truth written beside it."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.bulk import bulk
from schwung.app.lane import Held, is_wanted, lane
from schwung.app.profiles import NewTraits
from schwung.app.publish import finish_open_batch, open_batch, publish_beside, stage
from schwung.app.resolve import Resolution, resolve
from schwung.app.simulate_consents import COLUMNS, Wordings, add_own_customers, consents, signed_up, wordings
from schwung.app.simulate_draw import Part, draw, drawing
from schwung.app.wiring import Workspace
from schwung.collect.event_type import EVENT_TYPES
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.period import day_of
from schwung.core.stable_hash import bucket_of
from schwung.core.text import Text
from schwung.simulation.block import block_count
from schwung.simulation.claims import SOURCES
from schwung.simulation.draws import BLOCK, Ints
from schwung.simulation.event_rows import event_rows
from schwung.simulation.facts import (
    Owned,
    line_rows,
    order_rows,
    product_rows,
    return_rows,
    spend_rows,
)
from schwung.simulation.laws import Laws, kaffeehaus
from schwung.simulation.relationship_rows import relationship_rows
from schwung.simulation.seasons import Season, season
from schwung.simulation.stream import NAME, NAMES, SIGHT, SIGHTS
from schwung.simulation.truth import true_laws

BATCH_BLOCKS = 8
"""Blocks of customers in one batch: some 16,000 customers and 300,000 events."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Blocks of one batch on their way from `draw`."""

    blocks: range
    parts: Future[list[Part]]


Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Simulated:
    """added: customers whom this call added. The other numbers are of the whole workspace's simulation."""

    customers: int
    added: int
    events: int
    orders: int
    truth: str

    def to_json(self) -> dict[str, Any]:
        return {
            "customers": self.customers,
            "added": self.added,
            "events": self.events,
            "orders": self.orders,
            "truth": self.truth,
        }


def shop_of(workspace: Workspace, seed: int, customers: int, days: int, end_on: date | None) -> Laws:
    """The laws of the workspace's shop. Without a last day: that of the simulation that it holds, else yesterday."""
    settings = workspace.settings.workspace
    known = _row(workspace).get("laws")
    if end_on is None:
        yesterday = day_of(workspace.clock() - DAY, settings.zone)
        end_on = date.fromisoformat(json.loads(known)["end_on"]) if known else yesterday
    return kaffeehaus(seed, customers, days, end_on).but(zone=settings.zone, currency=settings.currency)


def simulate(
    workspace: Workspace, laws: Laws, progress: Progress | None = None, batch_blocks: int = BATCH_BLOCKS
) -> Simulated:
    """Simulate the laws into the workspace. The same laws again add nothing; after a crash they go on where they stopped.

    InputError when the workspace already holds another simulation.
    """
    truth = workspace.folder / "truth"
    done = _begin(workspace, laws)
    count, calendar = block_count(laws), season(laws)
    first_done = done
    _write_laws(truth, laws)
    known = wordings(workspace) if done < count else {}
    if progress:
        progress(min(done * BLOCK, laws.customers), laws.customers)

    def told(done: int) -> None:
        tidy()
        if progress:
            progress(min(done * BLOCK, laws.customers), laws.customers)

    # While one batch is written, whose the next one's events are is decided, and the one after it is drawn.
    with drawing(-(-(count - done) // batch_blocks)) as pool, bulk() as tidy, ThreadPoolExecutor(1) as writing:

        def begin(first: int) -> _Drawn | None:
            blocks = range(first, min(first + batch_blocks, count))
            return _Drawn(blocks, pool.submit(draw, laws, calendar, blocks, truth)) if blocks else None

        ahead = begin(done)
        while ahead is not None:
            with lane(workspace, "simulation") as held:
                finish_open_batch(workspace, held)
                done = _row(workspace)["blocks_done"]
                if done != ahead.blocks[0]:  # another process is at it as well
                    ahead = begin(done)
                with closing(_Writer(workspace, held, laws, calendar, known, writing)) as writer:
                    while ahead is not None:
                        blocks, parts = ahead.blocks, ahead.parts.result()
                        ahead = begin(blocks[-1] + 1)
                        writer.add(blocks, parts)
                        told(blocks[0])
                        if is_wanted(workspace, held):
                            break
            told(_row(workspace)["blocks_done"])
    _finish(workspace)
    row = _row(workspace)
    added = laws.customers - min(first_done * BLOCK, laws.customers)
    return Simulated(laws.customers, added, row["event_count"], row["order_count"], str(truth))


def _row(workspace: Workspace) -> Mapping[str, Any]:
    with workspace.store.read() as tx:
        return tx.row("simulation.simulation") or {}


def _begin(workspace: Workspace, laws: Laws) -> int:
    """Blocks that are done already."""
    text = json.dumps(laws.to_dict(), sort_keys=True)
    with workspace.store.write() as tx:
        row = tx.row("simulation.simulation")
        if row is None:
            tx.run(
                "simulation.begin",
                laws=text,
                block_count=block_count(laws),
                customer_count=laws.customers,
                now=workspace.clock(),
            )
            for source in SOURCES:
                if tx.row("key.source", name=source) is None:
                    tx.run(
                        "key.add_source",
                        name=source,
                        kind="simulation",
                        requires_consent=0,
                        consent_categories="[]",
                        now=workspace.clock(),
                    )
            return 0
    if row["laws"] != text:
        raise InputError(
            "simulated_already",
            Text(
                en="This workspace already holds another simulation.",
                de="Dieser Arbeitsbereich enthält schon eine andere Simulation.",
            ),
            Text(
                en="Choose an empty workspace, or repeat the first one with the same options.",
                de="Einen leeren Arbeitsbereich wählen, oder die erste mit denselben Angaben wiederholen.",
            ),
        )
    return int(row["blocks_done"])


class _Writer:
    """Batches into the lake, one after another: resolved at once, the rest beside what the caller does next."""

    def __init__(
        self, workspace: Workspace, held: Held, laws: Laws, calendar: Season, known: Wordings, beside: Executor
    ) -> None:
        self._shop, self._held, self._laws, self._calendar, self._known = workspace, held, laws, calendar, known
        self._beside = beside
        self._last: Future[None] | None = None
        with workspace.store.read() as tx:
            self._batch_no = int(tx.value("store.counter", name="batch"))

    def add(self, blocks: range, parts: list[Part]) -> None:
        self._batch_no += 1  # the lane is ours: the next number is known
        resolution = resolve(
            self._shop,
            self._batch_no,
            pa.concat_tables([part.seen.claims for part in parts]),
            pa.concat_tables([part.seen.traits for part in parts]),
            event_count=sum(len(part.seen) for part in parts),
        )
        self.close()
        self._last = self._beside.submit(self._write, self._batch_no, blocks, parts, resolution)

    def close(self) -> None:
        """Wait for what is being written."""
        if self._last is not None:
            self._last.result()
            self._last = None

    def _write(self, batch_no: int, blocks: range, parts: list[Part], resolution: Resolution) -> None:
        """Build, stage, fix, publish. A crash repeats it or finishes it, never both."""
        workspace, laws = self._shop, self._laws
        events = sum(len(part.block.stream) for part in parts)
        with workspace.store.write() as tx:
            first_event_no = int(tx.value("store.draw", name="event", count=events)) - events + 1
        tables = _tables(laws, parts, resolution, first_event_no, batch_no)
        if blocks[0] == 0:
            tables["products"] = product_rows(laws, laws.start_at, batch_no)
            tables["spend"] = spend_rows(laws, self._calendar, batch_no)
        stage(workspace, "simulation", tables)
        with workspace.store.write() as tx:
            drawn = open_batch(tx, self._held, "import", workspace.clock(), event_count=events, staging="simulation")
            assert drawn == batch_no, "another process wrote a batch beside the holder of the lane"
            orders = sum(len(part.block.orders) for part in parts)
            tx.run("simulation.advance", blocks_done=blocks[-1] + 1, events=events, orders=orders)
            tx.run_many("intake.count_name", _names(parts, workspace.clock()))
            signed = [(rows, _identifiers_at(part, resolution, rows)) for part in parts for rows in (signed_up(part),)]
            tx.load("consent", COLUMNS, consents(laws, parts, signed, self._known, workspace.clock()))
            add_own_customers(tx, laws, parts, self._known, workspace.clock())
        publish_beside(workspace, self._held, batch_no, tables, new_traits(parts, resolution))


def _tables(
    laws: Laws, parts: list[Part], resolution: Resolution, first_event_no: int, batch_no: int
) -> dict[str, pa.Table]:
    """Rows of all facts of a batch."""
    known = np.unique(resolution.identifier_of)
    buckets = np.array([bucket_of(one) if one else -1 for one in known.tolist()], dtype=np.int64)
    firsts = first_event_no + np.cumsum([0, *(len(part.block.stream) for part in parts[:-1])])

    def of(part: Part, first: int) -> dict[str, pa.Table]:
        return _tables_of(laws, part, resolution, (known, buckets), first, batch_no)

    rows: dict[str, list[pa.Table]] = {}
    with ThreadPoolExecutor(2) as pool:  # most of it is Arrow's work, which needs no interpreter
        for found in pool.map(of, parts, firsts.tolist()):
            for name, table in found.items():
                rows.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in rows.items()}


def _tables_of(
    laws: Laws, part: Part, resolution: Resolution, bucket_by: tuple[Ints, Ints], first_event_no: int, batch_no: int
) -> dict[str, pa.Table]:
    """Rows of one block. bucket_by: identifiers, ascending, and their buckets."""
    block, people, texts = part.block, part.people, part.texts
    known, buckets = bucket_by
    of_events = _identifiers(part, resolution, block.stream.owner, block.stream.sight)
    ordered = block.stream.name == NAME["order_completed"]
    of_orders = np.zeros(len(block.orders), dtype=np.int64)
    of_orders[block.stream.order[ordered]] = of_events[ordered]
    of_returns = of_orders[block.lines.order[block.told.returns.line]]
    order_buckets, return_buckets, event_buckets = (
        buckets[np.searchsorted(known, ids)] if len(known) else np.full(len(ids), -1, dtype=np.int64)
        for ids in (of_orders, of_returns, of_events)
    )
    owned = Owned(of_orders, order_buckets, of_returns, return_buckets)
    return {
        "events": event_rows(laws, block, texts, of_events, event_buckets, first_event_no, batch_no),
        "orders": order_rows(laws, block, people, texts, owned, batch_no),
        "order_lines": line_rows(laws, block, texts, owned, batch_no),
        "returns": return_rows(laws, block, people, texts, owned, batch_no),
        **relationship_rows(laws, block, texts, of_events, event_buckets, first_event_no, batch_no),
    }


def _identifiers(part: Part, resolution: Resolution, owner: Ints, sight: Ints) -> Ints:
    """Identifier of each event; 0 for a guest."""
    index = part.seen.index_of[owner * len(SIGHTS) + sight]
    named = (sight != SIGHT["nobody"]) & (index >= 0)
    if not len(resolution.identifier_of):
        return np.zeros(len(owner), dtype=np.int64)
    return np.where(named, resolution.identifier_of[np.where(named, index, 0)], 0).astype(np.int64)


def _identifiers_at(part: Part, resolution: Resolution, rows: Ints) -> Ints:
    """Identifiers of some events of the stream."""
    stream = part.block.stream
    return _identifiers(part, resolution, stream.owner[rows], stream.sight[rows])


def new_traits(parts: list[Part], resolution: Resolution) -> NewTraits:
    """What the batch's new customers told; the sighting at which one tells says all."""
    told = pa.concat_tables([part.seen.traits for part in parts])
    names = told.column_names[3:]
    pieces = [piece for nth, name in enumerate(names) for piece in (", " * (nth > 0) + f'"{name}": ', told[name])]
    texts = pc.binary_join_element_wise("{", *pieces, "}", "")
    ids = resolution.identifier_of[told["event_index"].to_numpy()]
    return NewTraits(resolution.top, ids, texts, told["country"], told["language"])


def _names(parts: list[Part], now: int) -> list[dict[str, Any]]:
    """How often each event name came, by source, for the list of event names."""
    till = [SIGHT["card"], SIGHT["card_signup"], SIGHT["nobody"]]
    counts = np.zeros((len(SOURCES), len(NAMES)), dtype=np.int64)
    for part in parts:
        source = np.isin(part.block.stream.sight, till).astype(np.int64)
        np.add.at(counts, (source, part.block.stream.name), 1)
    return [
        {"name": name, "source": source, "is_declared": int(name in EVENT_TYPES), "now": now, "count": int(count)}
        for source, row in zip(SOURCES, counts, strict=True)
        for name, count in zip(NAMES, row, strict=True)
        if count
    ]


def _write_laws(truth: Path, laws: Laws) -> None:
    truth.mkdir(parents=True, exist_ok=True)
    text = json.dumps(true_laws(laws), indent=2, ensure_ascii=False)
    (truth / "laws.json").write_text(text + "\n", encoding="utf-8")


def _finish(workspace: Workspace) -> None:
    """Fold what came in many pieces and fill the customer list, side by side."""
    from schwung.app.compact import compact_lake
    from schwung.app.lasting import make_due
    from schwung.app.refresh import refresh_all

    if _row(workspace)["done_at"] is not None:
        return
    with ThreadPoolExecutor(1) as pool:
        folding = pool.submit(compact_lake, workspace)
        refresh_all(workspace)
        folding.result()
    make_due(workspace)
    with workspace.store.write() as tx:
        tx.run("simulation.finish", now=workspace.clock())
