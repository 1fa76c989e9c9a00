"""One part of an import becomes one batch: fixed, staged, counted and published so that a stop at any line loses nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from schwung.app.import_runs import Counts, Run
from schwung.app.lane import Held
from schwung.app.publish import open_batch, publish_beside, stage
from schwung.app.relationship import project_events
from schwung.app.wiring import Workspace
from schwung.collect.projections.deliveries import NAMES as DELIVERIES
from schwung.collect.projections.reading import READ
from schwung.connectors.import_stage import Stage, literal


@dataclass(frozen=True, slots=True)
class Part:
    """What a writer works on: rows of `files` whose key lies between low and high. number: None for rows that waited."""

    workspace: Workspace
    held: Held
    stage: Stage
    run: Run
    files: Sequence[Path]
    number: int | None
    low: int
    high: int

    def take(self) -> None:
        """Put the part's rows into the stage's table `part`."""
        files = "[" + ", ".join(literal(str(path)) for path in self.files) + "]"
        self.stage.run("import_orders", "take", {"low": self.low, "high": self.high}, files=files)


Build = Callable[[int], Mapping[str, pa.Table]]


def write_batch(part: Part, counts: Counts, build: Build | None) -> None:
    """Publish what `build(batch_no)` gives, and record the part's counts in the commit that fixes its rows.

    build: None where there is nothing to write. A crash before that commit leaves no trace but an empty batch; after
    it, whoever takes the lane next publishes the staged rows.
    """
    workspace, held = part.workspace, part.held
    if build is None:
        with workspace.store.write() as tx:
            held.fence(tx)
            _record(tx, part, None, counts)
        return
    with workspace.store.write() as tx:
        batch_no = open_batch(tx, held, "import", workspace.clock())
    tables = numbered(workspace, {name: rows for name, rows in build(batch_no).items() if rows.num_rows})
    if "events" in tables:
        said = tables["events"]
        names = DELIVERIES if part.run.mapping.kind in ("orders", "order_lines") else READ
        tables |= project_events(workspace, said, batch_no, names)
    name = f"import-{batch_no}"
    stage(workspace, name, tables)
    with workspace.store.write() as tx:
        held.fence(tx)
        tx.run("imports.fill_batch", batch_no=batch_no, staging=name)
        _record(tx, part, batch_no, counts)
    publish_beside(workspace, held, batch_no, tables)


def numbered(workspace: Workspace, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables, the rows of `events` with their numbers from the store's counter."""
    found = dict(tables)
    events = found.get("events")
    if events is not None:
        with workspace.store.write() as tx:
            last = tx.value("store.draw", name="event", count=events.num_rows)
        numbers = pa.array(np.arange(last - events.num_rows + 1, last + 1, dtype=np.int64))
        found["events"] = events.set_column(0, "event_no", numbers)
    return found


def _record(tx: object, part: Part, batch_no: int | None, counts: Counts) -> None:
    if part.number is not None:
        tx.run(  # type: ignore[attr-defined]
            "imports.add_part", import_no=part.run.import_no, part_no=part.number, batch_no=batch_no,
            counts=json.dumps(counts.as_data()), now=part.workspace.clock(),
        )  # fmt: skip
