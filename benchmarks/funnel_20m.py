"""A funnel of four steps with a window of seven days over twenty million events, beside ClickHouse's windowFunnel on the same files."""

import resource
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.console_pages import filled
from benchmarks.figure import Figure
from schwung.app.analyses.funnel import funnel
from schwung.app.facts import Facts, open_facts
from schwung.app.wiring import Workspace, open_workspace

STEPS = ("product_viewed", "product_added", "checkout_started", "order_completed")
DEFINITION = {"steps": list(STEPS), "window": "7 days"}
_WINDOW = 7 * 86_400 * 1_000_000
_PEER = """
SELECT level, count() FROM (
  SELECT {who} AS who, windowFunnel({window})(toUInt64(happened_at), {tests}) AS level
  FROM {source} WHERE name IN ({names}) AND {who} IS NOT NULL GROUP BY who)
GROUP BY level ORDER BY level
"""


def run(repeats: int, scale: str) -> list[Figure]:
    """Medians by turns; the first turn warms the file cache and does not count. Ours: the whole answer, with the identity
    join, intervals and times between steps. The peer: counts alone, per identifier without a join, and with the same join."""
    workspace = open_workspace(filled(scale))
    folder = Path(tempfile.mkdtemp(prefix="schwung-funnel-"))
    try:
        with open_facts(workspace, "duckdb") as facts:
            events = int(facts.run(facts.everything("events").count().as_table())[0][0].as_py())
            joined, bare = _peers(facts, folder)
        return _measured(workspace, joined, bare, repeats, events)
    finally:
        shutil.rmtree(folder)
        workspace.store.close()


def _measured(
    workspace: Workspace, joined: Callable[[], object], bare: Callable[[], object], repeats: int, events: int
) -> list[Figure]:
    def ours() -> object:
        steps = funnel(workspace, DEFINITION, engine="duckdb").steps
        return Counter({nth + 1: step.dropped or (step.customers if nth + 1 == len(steps) else 0) for nth, step in enumerate(steps)})  # fmt: skip

    assert _known(ours()) == _known(joined()), "equal counts"
    bare()
    walls: list[list[float]] = [[], [], []]
    processors: list[list[float]] = [[], [], []]
    for _ in range(repeats):
        for place, act in enumerate((ours, joined, bare)):
            wall, processor = _seconds(act)
            walls[place].append(wall)
            processors[place].append(processor)
    note = f"{events:,} events; the whole answer of ours, counts alone of the peer"
    figures = []
    for unit, runs in (("s", walls), ("CPU s", processors)):
        what = "4-step funnel, 7-day window, DuckDB"
        figures.append(
            Figure(what, unit, runs[0], "lower", None, "chdb windowFunnel, same identity join", runs[1], 2.0, note)
        )
        figures.append(Figure(what, unit, runs[0], "lower", None, "chdb windowFunnel per identifier, no join", runs[2], 2.0, note))  # fmt: skip
    return figures


def _peers(facts: Facts, folder: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    """ClickHouse over the same event files; the identities as a reader sees them lie beside, as one file."""
    from chdb.session import Session

    for nth, path in enumerate((*facts.listed["events"].base, *facts.listed["events"].tail)):
        (folder / f"events-{nth}.parquet").symlink_to(path)
    owners = facts.everything("identities").select("identifier_id", "customer_id")
    pq.write_table(facts.run(owners), folder / "owners.parquet")
    session = Session()
    events, owned = (f"file('{folder}/{name}', Parquet)" for name in ("events-*.parquet", "owners.parquet"))
    parts = {
        "window": _WINDOW,
        "names": ", ".join(f"'{name}'" for name in STEPS),
        "tests": ", ".join(f"name = '{name}'" for name in STEPS),
    }
    joined = _PEER.format(who="customer_id", source=f"{events} e JOIN {owned} o USING (identifier_id)", **parts)
    bare = _PEER.format(who="identifier_id", source=events, **parts)

    def asked(sql: str) -> Callable[[], object]:
        def ask() -> object:
            lines = str(session.query(sql, "CSV")).split()
            return Counter({int(level): int(count) for level, count in (line.split(",") for line in lines)})

        return ask

    return asked(joined), asked(bare)


def _known(counts: object) -> dict[int, int]:
    assert isinstance(counts, Counter)
    return {level: count for level, count in counts.items() if level and count}


def _seconds(act: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time of all threads."""
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    act()
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
