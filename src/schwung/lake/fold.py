"""Folding: many small files into few sorted ones, what a reader sees left as it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import or_
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir

from schwung.collect.files import Files
from schwung.collect.table import Table
from schwung.core.stable_hash import BUCKETS
from schwung.lake.log import File, Listing
from schwung.lake.rows import new_path

SMALL_FILES = 32
"""As many make every question about a few customers twice as dear."""
SMALL_ROWS = 250_000
"""A tail file below it is worth merging with others."""
BASE_SHARE = 0.25
"""The tail is folded into the base when it has this share of the base's rows: each row is rewritten a few times only."""
PRESSING_ROWS = 100_000
"""Below it a tail costs a reader little."""
RANGE_ROWS = 500_000
"""Rows per folded file, and what one step holds in memory."""
MEMORY = "450MB"
SPILL = "_spill"
"""Folder in the lake for what does not fit into memory; emptied by purge."""


Range = tuple[int | None, int | None]
"""Lowest and highest bucket; None: all rows."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files to fold, and into which tier."""

    sources: tuple[File, ...]
    tier: str


@dataclass(frozen=True, slots=True)
class Fold:
    """Written files that may take the place of their sources."""

    table: str
    sources: tuple[File, ...]
    tier: str
    written: tuple[str, ...]


def choose(listing: Listing, *, always: bool = False) -> Choice | None:
    """Everything into the base when the tail is large beside it; else small tail files into larger ones; else nothing."""
    base, tail = listing.of("base"), listing.of("tail")
    later = sum(file.rows for file in tail)
    is_large = later >= BASE_SHARE * sum(file.rows for file in base)
    is_pressing = later >= PRESSING_ROWS or len(tail) >= SMALL_FILES
    if tail and (always or (is_large and is_pressing)):
        return Choice((*base, *tail), "base")
    small = [file for file in tail if file.rows < SMALL_ROWS]
    return Choice(tuple(small), "tail") if len(small) >= SMALL_FILES else None


def write_fold(root: Path, table: Table, choice: Choice) -> Fold:
    """The latest version of each key among the sources, sorted, in files by ranges of buckets."""
    from schwung.lake.engines.duckdb import DuckDBEngine

    folder = root / table.name
    (folder / f"tier={choice.tier}").mkdir(parents=True, exist_ok=True)
    engine = DuckDBEngine(memory=MEMORY, spill_folder=root / SPILL)
    written: list[str] = []
    try:
        rows = engine.table(_paths(folder, choice), table)
        order = [*_ahead(rows, table), *(ibis.asc(name, nulls_first=True) for name in table.sort)]
        todo = list(ranges(table, sum(file.rows for file in choice.sources)))[::-1]
        while todo:
            low, high = todo.pop()
            part = rows if low is None else rows.filter(rows["bucket"].between(low, high))
            written.append(new_path(choice.tier))
            try:
                engine.write(part.order_by(order) if order else part, folder / written[-1])
            except duckdb.OutOfMemoryException:  # wide rows: fewer at a time, by one thread
                (folder / written.pop()).unlink(missing_ok=True)
                halves = _halves(table, low, high)
                if not halves and engine.threads == 1:
                    raise
                engine.threads = 1
                todo += halves[::-1] or [(low, high)]
    except BaseException:
        for path in written:  # they may hold what an erasure took out of their sources meanwhile
            (folder / path).unlink(missing_ok=True)
        raise
    finally:
        engine.close()
    return Fold(table.name, choice.sources, choice.tier, tuple(written))


def _ahead(rows: ir.Table, table: Table) -> Iterator[ir.BooleanValue]:
    """Sorts `Table.ahead` first."""
    sought = [
        rows[name].isin(values).fill_null(False) if values else rows[name].notnull() for name, values in table.ahead
    ]
    if sought:
        yield ~reduce(or_, sought)


def ranges(table: Table, rows: int) -> Iterator[Range]:
    """Ranges of buckets, guests (−1) included, of some RANGE_ROWS rows each; one of all for tables without buckets."""
    count = min(max(1, round(rows / RANGE_ROWS)), BUCKETS)
    if "bucket" not in table.names or count == 1:
        yield None, None
        return
    edges = [step * (BUCKETS + 1) // count - 1 for step in range(count + 1)]
    yield from ((low, high - 1) for low, high in pairwise(edges))


def _halves(table: Table, low: int | None, high: int | None) -> list[Range]:
    """Two ranges for one; none where it cannot be cut."""
    if "bucket" not in table.names or (low is not None and low == high):
        return []
    first, last = (-1, BUCKETS - 1) if low is None or high is None else (low, high)
    middle = (first + last) // 2
    return [(first, middle), (middle + 1, last)]


def _paths(folder: Path, choice: Choice) -> Files:
    """Small tail files fold among themselves as a tail without base."""
    paths = {
        tier: tuple(f"{folder}/{file.path}" for file in choice.sources if file.tier == tier)
        for tier in ("base", "tail")
    }
    return Files(paths["base"], paths["tail"])
