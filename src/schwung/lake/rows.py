"""Parquet files of a table: written, copied without some rows, described for the Delta log."""

import json
import os
import uuid
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schwung.collect.table import Table
from schwung.core.stable_hash import BUCKETS
from schwung.lake.log import File

ROW_GROUP = 20_000
FILE_ROWS = 1_000_000
"""More rows go to several files, each with its range of buckets, so that they are sorted part by part."""
_SPREAD = ("_key", "_hash", "_at", "event_no")
"""Endings of columns whose values hardly repeat: a dictionary makes them larger and slower."""


@dataclass(frozen=True, slots=True)
class Written:
    """A Parquet file that lies in the table's folder and is not yet part of it."""

    path: str
    tier: str
    size: int
    stats: str


def new_path(tier: str) -> str:
    return f"tier={tier}/{uuid.uuid4().hex}.parquet"


def write_rows(folder: Path, table: Table, tier: str, rows: pa.Table) -> list[Written]:
    """Files in `folder`: one, but for very many rows."""
    if rows.num_rows <= FILE_ROWS or "bucket" not in table.names:
        return [_write_file(folder, table, tier, rows)]
    count = min(-(-rows.num_rows // FILE_ROWS), BUCKETS)
    edges = [step * (BUCKETS + 1) // count - 1 for step in range(count + 1)]
    found = []
    for low, after in pairwise(edges):
        chosen = pc.and_(pc.greater_equal(rows["bucket"], low), pc.less(rows["bucket"], after))
        found.append(_write_file(folder, table, tier, rows.filter(chosen)))
    return found


def _write_file(folder: Path, table: Table, tier: str, rows: pa.Table) -> Written:
    """More than one row group is sorted, so that readers of few people skip most of it."""
    path = new_path(tier)
    if rows.num_rows > ROW_GROUP and table.sort:
        rows = rows.combine_chunks()
        rows = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in table.sort[:2]]))
    with _writer(folder / path, table, rows.schema) as writer:
        writer.write_table(rows, row_group_size=ROW_GROUP)
    return described(folder, table, tier, path)


def copy_without(folder: Path, table: Table, file: File, column: str, ids: pa.Array) -> Written:
    """The rows of `file` whose column is not among ids; one row group in memory at a time."""
    path = new_path(file.tier)
    with pq.ParquetFile(folder / file.path) as rows, _writer(folder / path, table, rows.schema_arrow) as copy:
        for group in range(rows.num_row_groups):
            part = rows.read_row_group(group)
            copy.write_table(part.filter(pc.invert(pc.is_in(part[column], value_set=ids))))
    return described(folder, table, file.tier, path)


def count_of(path: Path, column: str, ids: pa.Array) -> int:
    """Rows whose column is among ids."""
    with pq.ParquetFile(path) as rows:
        found = (rows.read_row_group(group, [column])[column] for group in range(rows.num_row_groups))
        return sum(pc.sum(pc.is_in(values, value_set=ids)).as_py() or 0 for values in found)


def described(folder: Path, table: Table, tier: str, path: str) -> Written:
    """A file that lies there, safely on the disk, with its statistics."""
    target = folder / path
    sync(target)
    sync(target.parent)
    return Written(path, tier, target.stat().st_size, _stats(target, table))


def sync(path: Path) -> None:
    """On the disk, not only in its cache: what a snapshot names must outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _writer(target: Path, table: Table, schema: pa.Schema) -> pq.ParquetWriter:
    target.parent.mkdir(parents=True, exist_ok=True)
    open_columns = [name for name in table.names if name not in table.personal]
    repeating = [name for name in schema.names if not name.endswith(_SPREAD)]
    return pq.ParquetWriter(target, schema, compression="zstd", use_dictionary=repeating, write_statistics=open_columns)


def _stats(path: Path, table: Table) -> str:
    """Delta statistics from the file's footer: number of rows, and lowest and highest of whole-number columns."""
    footer = pq.read_metadata(path)
    low: dict[str, int] = {}
    high: dict[str, int] = {}
    numbers = {column.name for column in table.columns if column.type in ("int64", "int32") and not column.personal}
    for place in range(footer.num_columns):
        name = footer.schema.column(place).name
        if name not in numbers:
            continue
        groups = [footer.row_group(group).column(place).statistics for group in range(footer.num_row_groups)]
        ranges = [stats for stats in groups if stats is not None and stats.has_min_max]
        if ranges and all(stats is not None for stats in groups):
            low[name] = min(stats.min for stats in ranges)
            high[name] = max(stats.max for stats in ranges)
    return json.dumps({"numRecords": footer.num_rows, "minValues": low, "maxValues": high})
