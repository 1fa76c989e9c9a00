"""Fills a workspace with the simulated shop: the way of an import, batch by batch, and the truth written beside it."""

import json
from collections import deque
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
from schwung.app.lane import REFRESH, Held, is_wanted, lane, lease
from schwung.app.profiles import NewTraits
from schwung.app.publish import finish_open_batch, open_batch, publish_beside, stage
from schwung.app.resolve import Resolution, resolve
from schwung.app.simulate_consents import COLUMNS, Wordings, add_own_customers, consents, signed_up, wordings
from schwung.app.simulate_draw import Drawn, draw, drawing
from schwung.app.simulate_rows import Part, identifiers_at, settled
from schwung.app.wiring import Workspace
from schwung.collect.event_type import EVENT_TYPES
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.simulation.block import block_count
from schwung.simulation.claims import SOURCES
from schwung.simulation.draws import BLOCK
from schwung.simulation.facts import product_rows, spend_rows
from schwung.simulation.laws import Laws, kaffeehaus
from schwung.simulation.seasons import Season, season
from schwung.simulation.stream import NAMES, SIGHT
from schwung.simulation.truth import true_laws

BATCH_BLOCKS = 8
"""Blocks of customers in one batch: some 16,000 customers and 300,000 events."""
_WAITING = 1
"""Batches that may wait while one is written: who resolves and who writes often wait for each other's commits."""

_REFRESH_SECONDS = 900.0
"""Another process may be rebuilding the list."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    """Blocks of one batch on their way from `draw`."""

    blocks: range
    drawn: Future[Drawn]


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

        def begin(first: int) -> _Ahead | None:
            blocks = range(first, min(first + batch_blocks, count))
            return _Ahead(blocks, pool.submit(draw, laws, calendar, blocks, truth)) if blocks else None

        ahead = begin(done)
        while ahead is not None:
            with lane(workspace, "simulation") as held:
                finish_open_batch(workspace, held)
                done = _row(workspace)["blocks_done"]
                if done != ahead.blocks[0]:  # another process is at it as well
                    ahead = begin(done)
                with closing(_Writer(workspace, held, laws, calendar, known, writing)) as writer:
                    while ahead is not None:
                        blocks, drawn = ahead.blocks, ahead.drawn.result()
                        ahead = begin(blocks[-1] + 1)
                        writer.add(blocks, drawn)
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
        self._writing: deque[Future[None]] = deque()
        self._failed = False
        with workspace.store.read() as tx:
            self._batch_no = int(tx.value("store.counter", name="batch"))

    def add(self, blocks: range, drawn: Drawn) -> None:
        self._batch_no += 1  # the lane is ours: the next number is known
        parts = drawn.parts
        resolution = resolve(
            self._shop,
            self._batch_no,
            pa.concat_tables([part.seen.claims for part in parts]),
            pa.concat_tables([part.seen.traits for part in parts]),
            event_count=sum(len(part.seen) for part in parts),
        )
        self._wait(_WAITING)
        self._writing.append(self._beside.submit(self._write_in_turn, self._batch_no, blocks, drawn, resolution))

    def close(self) -> None:
        """Wait for what is being written."""
        self._wait(0)

    def _wait(self, most: int) -> None:
        while len(self._writing) > most:
            self._writing.popleft().result()

    def _write_in_turn(self, batch_no: int, blocks: range, drawn: Drawn, resolution: Resolution) -> None:
        """Nothing after a batch that failed."""
        if not self._failed:
            self._failed = True
            self._write(batch_no, blocks, drawn, resolution)
            self._failed = False

    def _write(self, batch_no: int, blocks: range, drawn: Drawn, resolution: Resolution) -> None:
        """Settle, stage, fix, publish. A crash repeats it or finishes it, never both."""
        workspace, laws, parts = self._shop, self._laws, drawn.parts
        events = sum(len(part.block.stream) for part in parts)
        with workspace.store.write() as tx:
            first_event_no = int(tx.value("store.draw", name="event", count=events)) - events + 1
        tables = settled(drawn.rows, resolution, first_event_no, batch_no)
        if blocks[0] == 0:
            tables["products"] = product_rows(laws, laws.start_at, batch_no)
            tables["spend"] = spend_rows(laws, self._calendar, batch_no)
        stage(workspace, "simulation", tables)
        with workspace.store.write() as tx:
            opened = open_batch(tx, self._held, "import", workspace.clock(), event_count=events, staging="simulation")
            assert opened == batch_no, "another process wrote a batch beside the holder of the lane"
            orders = sum(len(part.block.orders) for part in parts)
            tx.run("simulation.advance", blocks_done=blocks[-1] + 1, events=events, orders=orders)
            tx.run_many("intake.count_name", _names(parts, workspace.clock()))
            signed = [(rows, identifiers_at(part, resolution, rows)) for part in parts for rows in (signed_up(part),)]
            tx.load("consent", COLUMNS, consents(laws, parts, signed, self._known, workspace.clock()))
            add_own_customers(tx, laws, parts, self._known, workspace.clock())
        publish_beside(workspace, self._held, batch_no, tables, new_traits(parts, resolution))


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
    """Fold what came in many pieces and fill the customer list, side by side. Who erases waits for the list's lease."""
    from schwung.app.compact import compact_lake
    from schwung.app.lasting import make_due
    from schwung.app.refresh import refresh_all

    if _row(workspace)["done_at"] is not None:
        return
    with ThreadPoolExecutor(1) as pool:
        folding = pool.submit(compact_lake, workspace)
        with lease(workspace, REFRESH, "simulation", wait=_REFRESH_SECONDS):
            refresh_all(workspace)
        folding.result()
    make_due(workspace)
    with workspace.store.write() as tx:
        tx.run("simulation.finish", now=workspace.clock())
