"""Runs of imports: their rows in the store, their folders, and how far they are."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schwung.app.wiring import Workspace
from schwung.collect.mapping import FileMapping
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text

MOST_ROWS = 400_000
"""Rows of one batch, about: the lane is free in between."""
SLICES = 64


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of rows. waiting: of the imported ones, those whose order is not known yet."""

    imported: int = 0
    known: int = 0
    updated: int = 0
    waiting: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.imported + other.imported,
            self.known + other.known,
            self.updated + other.updated,
            self.waiting + other.waiting,
        )

    def as_data(self) -> dict[str, int]:
        return {"imported": self.imported, "known": self.known, "updated": self.updated, "waiting": self.waiting}


@dataclass(frozen=True, slots=True)
class Run:
    """One import of one file. started_at: when what the file says was observed; the same after a stop."""

    import_no: int
    path: Path
    mapping: FileMapping
    state: str
    started_at: Instant
    slices: Mapping[int, int] | None = None
    rejects_path: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. rows: read so far; of `total`, which is estimated until all is read."""

    import_no: int
    state: str
    file_name: str
    kind: str
    source: str
    rows_read: int
    total: int
    rejected: int
    counts: Counts
    share: float
    started_at: Instant | None
    done_at: Instant | None
    error: Mapping[str, str] | None

    @property
    def written(self) -> int:
        return self.counts.imported + self.counts.known + self.counts.updated


def folder_of(workspace: Workspace, import_no: int) -> Path:
    """Typed rows of a run, until it is done."""
    return workspace.files_folder / "imports" / str(import_no)


def rejects_file(workspace: Workspace, import_no: int, file_name: str) -> Path:
    return workspace.files_folder / "rejects" / f"{import_no}-{Path(file_name).stem}.rejects.csv"


def waiting_folder(workspace: Workspace, source: str) -> Path:
    """Rows that wait for their orders."""
    return workspace.files_folder / "imports" / "waiting" / source


def clear(workspace: Workspace, import_no: int) -> None:
    shutil.rmtree(folder_of(workspace, import_no), ignore_errors=True)


def clear_staging(workspace: Workspace) -> None:
    """Take away staged rows of batches that are done. The lane must be held, and no batch open."""
    for folder in (workspace.files_folder / "staging").glob("import-*"):
        shutil.rmtree(folder)


def parts_of(slices: Mapping[int, int], most: int = MOST_ROWS) -> Sequence[tuple[int, int]]:
    """Ranges of keys (both ends within) with about `most` rows each; the same for the same slices."""
    found: list[tuple[int, int]] = []
    first, rows = 0, 0
    for number in range(SLICES):
        rows += slices.get(number, 0)
        if number == SLICES - 1 or (rows and rows + slices.get(number + 1, 0) > most):
            if rows or not found:
                found.append((first << 54, ((number + 1) << 54) - 1))
            else:
                found[-1] = (found[-1][0], ((number + 1) << 54) - 1)
            first, rows = number + 1, 0
    return found


def row_of(workspace: Workspace, import_no: int) -> dict[str, Any]:
    with workspace.store.read() as tx:
        row = tx.row("imports.run", import_no=import_no)
    if row is None:
        raise InputError(
            "import_unknown",
            Text("There is no import {number}.", "Einen Import {number} gibt es nicht.").fill(number=import_no),
            Text("Open the list of imports.", "Die Liste der Importe öffnen."),
        )
    return row


def counts_of(workspace: Workspace, import_no: int) -> tuple[Counts, frozenset[int]]:
    """What the finished parts did, and which they are."""
    with workspace.store.read() as tx:
        rows = tx.rows("imports.parts", import_no=import_no)
    total = Counts()
    for row in rows:
        total += Counts(**json.loads(row["counts"]))
    return total, frozenset(row["part_no"] for row in rows)


def progress(workspace: Workspace, import_no: int) -> Progress:
    """How far an import is, for pages and the command line."""
    row = row_of(workspace, import_no)
    counts, _ = counts_of(workspace, import_no)
    read = row["rows_read"]
    part = min(1.0, row["bytes_read"] / row["size_bytes"]) if row["size_bytes"] else 1.0
    good = read - row["rows_rejected"]
    written = (counts.imported + counts.known + counts.updated) / good if good and row["slices"] else 0.0
    share = 1.0 if row["state"] == "done" else 0.4 * part + 0.6 * min(1.0, written)
    return Progress(
        import_no, row["state"], row["file_name"], row["kind"], row["source"], read,
        read if row["slices"] or not part else round(read / part), row["rows_rejected"], counts, share,
        row["started_at"], row["done_at"], json.loads(row["error"]) if row["error"] else None,
    )  # fmt: skip
