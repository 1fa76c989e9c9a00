"""Writes what was read, part by part: while one part goes into the lake, the next ones are compared with it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from schwung.app import import_orders
from schwung.app.import_batch import Part
from schwung.app.import_customers import write_customers
from schwung.app.import_events import write_events
from schwung.app.import_rows import write_products, write_spend
from schwung.app.import_runs import Counts, Run, clear_staging, counts_of, parts_of
from schwung.app.lane import Held, lane
from schwung.app.publish import finish_open_batch, newest_snapshot
from schwung.app.wiring import Workspace
from schwung.connectors.import_stage import Stage

Bounds = tuple[int, int]
"""First and last line of the file, where an order may be cut; (0, 0) for rows that waited."""
LANE_SECONDS = 600.0
_AHEAD = 2
"""Parts that are prepared while one is written."""


@dataclass(frozen=True, slots=True)
class Writer:
    """write: publishes a part. prepare: what of it can be done ahead, without the lane; it must read nothing but rows
    of the part's own keys."""

    write: Callable[[Part], Counts]
    prepare: Callable[[Part, Bounds], object] = lambda part, bounds: None


_ORDERS = Writer(import_orders.write_orders, import_orders.prepare)
_WRITERS: Mapping[str, Writer] = {
    "orders": _ORDERS,
    "order_lines": _ORDERS,
    "products": Writer(write_products),
    "spend": Writer(write_spend),
    "events": Writer(write_events),
    "customers": Writer(write_customers),
    **dict.fromkeys(("answers", "messages", "cases", "subscriptions", "leads", "points"), Writer(write_events)),
}


def write_parts(
    workspace: Workspace, run: Run, stage: Stage, files: Sequence[Path], slices: Mapping[int, int], bounds: Bounds,
    told: Callable[[Counts], object],
) -> None:  # fmt: skip
    """All parts that are not written yet. told: called between the parts, with what was done so far.

    Parts that were prepared ahead are prepared again where another than this import published something since.
    """
    counts, done = counts_of(workspace, run.import_no)
    todo = [(number, low, high) for number, (low, high) in enumerate(parts_of(slices)) if number not in done]
    writer = _WRITERS[run.mapping.kind]
    stages = (stage, *(stage.other() for _ in range(_AHEAD)))
    ahead: dict[int, Future[object]] = {}
    published = 0

    def part_at(place: int, held: Held) -> Part:
        number, low, high = todo[place]
        return Part(workspace, held, stages[place % len(stages)], run, files, number, low, high)

    with ThreadPoolExecutor(1) as pool:
        for place in range(len(todo)):
            with lane(workspace, "import", wait=LANE_SECONDS) as held:
                finish_open_batch(workspace, held)
                clear_staging(workspace)
                if _newest(workspace) != published:
                    wait(ahead.values())
                    ahead.clear()
                part, prepared = part_at(place, held), ahead.pop(place, None)
                if prepared is None or prepared.exception():
                    writer.prepare(part, bounds)
                for later in range(place + 1, min(place + len(stages), len(todo))):
                    if later not in ahead:
                        ahead[later] = pool.submit(writer.prepare, part_at(later, held), bounds)
                counts += writer.write(part)
                published = _newest(workspace)
            told(counts)
    for other in stages[1:]:
        other.close()


def write_waited(workspace: Workspace, run: Run, stage: Stage, path: Path, low: int, high: int) -> None:
    """Rows of a file of waiting ones with keys between low and high."""
    writer = _WRITERS[run.mapping.kind]
    with lane(workspace, "import", wait=LANE_SECONDS) as held:
        finish_open_batch(workspace, held)
        part = Part(workspace, held, stage, run, [path], None, low, high)
        writer.prepare(part, (0, 0))
        writer.write(part)


def _newest(workspace: Workspace) -> int:
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    return 0 if snapshot is None else snapshot.batch_no
