"""Looks at a file before anything is stored: guessed mapping, samples, readings, questions; and a dry run."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from schwung.app.import_batch import Part
from schwung.app.import_mapping import SOURCE
from schwung.app.import_orders import count_orders, prepare
from schwung.app.import_read import Reject, layout_of, read_file
from schwung.app.import_runs import Counts, Run, parts_of
from schwung.app.imports import check_mapping
from schwung.app.lane import Held
from schwung.app.wiring import Workspace
from schwung.collect.connector import Layout
from schwung.collect.guess import Proposal, propose
from schwung.collect.import_kind import KINDS, PERSON_NAMES
from schwung.collect.mapping import FileMapping
from schwung.connectors import connector_for
from schwung.connectors.import_stage import Stage, as_text, literal, statements
from schwung.core.text import Text
from schwung.unify.identifier import normalize

SAMPLE_ROWS = 2_000


_NOBODY = Held("", "", 0)


@dataclass(frozen=True, slots=True)
class Inspection:
    """A file as it was found, and the mapping that is proposed. described: what was recognized, in words."""

    layout: Layout
    size_bytes: int
    rows_about: int
    described: tuple[Text, ...]
    samples: Mapping[str, Sequence[str]]
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class DryRun:
    """What an import would do. totals: numbers by name (orders, lines, returns, guests, first_at, amount_minor …).

    groups: (column, reason, how many), most first. rejects: of each group the first few.
    """

    rows: int
    rejected: int
    counts: Counts | None
    totals: Mapping[str, Any]
    customers: int
    new_customers: int
    groups: Sequence[tuple[str, str, int]]
    rejects: Sequence[Reject]


def inspect(
    workspace: Workspace, path: Path, kind: str, *, source: str = SOURCE, mapping: FileMapping | None = None
) -> Inspection:
    """Read the first rows and guess. mapping: what is known of layout and rules already; its columns are not used.

    InputError when the file cannot be read.
    """
    settings = workspace.settings.workspace
    default = mapping or FileMapping(kind, source, settings.zone, settings.currency)
    layout = layout_of(path, mapping)
    samples, rows_about = _samples(path, layout)
    proposal = propose(KINDS.find(kind), samples, default)
    described = (
        *layout.described,
        *{guess.reading for guess in proposal.guesses if guess.reading and "comma" in guess.reading.en},
    )
    return Inspection(layout, path.stat().st_size, rows_about, described, samples, proposal)


def dry_run(workspace: Workspace, path: Path, mapping: FileMapping, *, near: Path | None = None) -> DryRun:
    """Read the whole file, compare with the lake, store nothing."""
    check_mapping(mapping)
    with tempfile.TemporaryDirectory(prefix="schwung-") as name:
        folder = Path(name)
        stage = Stage(folder / "work", mapping)
        try:
            found = read_file(path, mapping, stage, folder, None, near=near, most_rejects=100)
            listed = "[" + ", ".join(literal(str(file)) for file in found.files) + "]"
            totals = _totals(stage, mapping, listed) if found.files else {}
            customers, new = _people(workspace, stage, mapping, listed) if found.files else (0, 0)
            counts = _counts(workspace, stage, path, mapping, found.files, found.slices, (found.first, found.last))
        finally:
            stage.close()
            shutil.rmtree(folder / "work", ignore_errors=True)
    groups = sorted(
        ((column, reason, count) for (column, reason), count in found.sums.items()), key=lambda one: -one[2]
    )
    return DryRun(found.rows, found.rejected, counts, totals, customers, new, groups, found.rejects)


def _samples(path: Path, layout: Layout) -> tuple[dict[str, list[str]], int]:
    """The first rows as text, and how many rows the file has, about."""
    rows: list[pa.RecordBatch] = []
    count = 0
    for chunk in islice(connector_for(path, layout.format).read(path, layout), 4):
        rows.append(chunk.rows)
        count += chunk.rows.num_rows
        if count >= SAMPLE_ROWS:
            break
    table = (
        pa.Table.from_batches(rows) if rows else pa.table({name: pa.array([], pa.string()) for name in layout.columns})
    )
    first = table.slice(0, SAMPLE_ROWS)
    samples = {name: as_text(first[name], None).to_pylist() for name in layout.columns}
    if count < SAMPLE_ROWS:
        return samples, count
    length = sum(len(str(value)) + 1 for column in samples.values() for value in column) / max(1, first.num_rows)
    return samples, max(count, round(path.stat().st_size / max(1.0, length)))


def _totals(stage: Stage, mapping: FileMapping, listed: str) -> dict[str, Any]:
    own = f"sum_{mapping.kind}"
    file, name = ("import_stage", own) if own in statements("import_stage") else ("import_relationship", "sum_rows")
    rows = stage.table(file, name, files=listed).to_pylist()
    return dict(rows[0])


def _people(workspace: Workspace, stage: Stage, mapping: FileMapping, listed: str) -> tuple[int, int]:
    if not mapping.fields.intersection(PERSON_NAMES):
        return 0, 0
    rows = stage.table("import_stage", "sum_people", files=listed)
    by_kind: dict[str, set[str]] = {}
    for kind, raw in zip(rows["kind"].to_pylist(), rows["value"].to_pylist(), strict=True):
        value = normalize(kind, raw, mapping.country)
        if value is not None:
            by_kind.setdefault(kind, set()).add(value)
    known = 0
    with workspace.store.read() as tx:
        for kind, values in by_kind.items():
            listed_values = sorted(values)
            for at in range(0, len(listed_values), 20_000):
                known += len(tx.rows("identity.find", kind=kind, values=listed_values[at : at + 20_000]))
    count = sum(len(values) for values in by_kind.values())
    return count, count - known


def _counts(
    workspace: Workspace, stage: Stage, path: Path, mapping: FileMapping, files: Sequence[Path], slices: Mapping[int, int], bounds: tuple[int, int]
) -> Counts | None:  # fmt: skip
    """How many rows are new, known, changed; only orders tell it without writing."""
    if mapping.kind not in ("orders", "order_lines") or not files:
        return None
    run = Run(0, path, mapping, "dry", workspace.clock())
    total = Counts()
    for low, high in parts_of(slices):
        prepare(Part(workspace, _NOBODY, stage, run, files, None, low, high), bounds)
        total += count_orders(stage, mapping.kind == "order_lines")
    return total
