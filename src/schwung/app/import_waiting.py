"""Rows that came before their order: they wait in a file of their own and go in once it is there."""

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schwung.app.buried import rows_without_buried
from schwung.app.import_batch import Part
from schwung.app.import_runs import waiting_folder
from schwung.app.wiring import Workspace


def waiting_files(workspace: Workspace, source: str, kind: str) -> Sequence[Path]:
    return sorted(waiting_folder(workspace, source).glob(f"{kind}-*.parquet"))


def park(part: Part, rows: pa.Table) -> int:
    """Keep rows until their orders come. How many were not waiting already. A repeat after a crash adds nothing."""
    mapping = part.run.mapping
    folder = waiting_folder(part.workspace, mapping.source)
    folder.mkdir(parents=True, exist_ok=True)
    number = "again" if part.number is None else part.number
    target = folder / f"{mapping.kind}-{part.run.import_no}-{number}.parquet"
    others = [
        path
        for path in waiting_files(part.workspace, mapping.source, mapping.kind)
        if path != target and path not in part.files
    ]
    fresh = part.stage.fresh(rows, others) if others else rows
    if fresh.num_rows:
        _write(target, rows_without_buried(part.workspace, fresh))
    return fresh.num_rows


def _write(target: Path, rows: pa.Table) -> None:
    """Whole or not at all."""
    draft = target.with_suffix(".draft")
    pq.write_table(rows, draft, compression="zstd", row_group_size=20_480)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)
