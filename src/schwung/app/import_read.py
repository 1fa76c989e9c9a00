"""Reads a file by its mapping: good rows are kept typed and sorted, bad ones go to the rejects file with their reason."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from schwung.app.import_people import claims_of
from schwung.collect.connector import BadLine, Chunk, Layout
from schwung.collect.import_kind import PERSON_NAMES
from schwung.collect.mapping import FileMapping
from schwung.connectors import connector_for
from schwung.connectors.import_stage import Stage
from schwung.core.errors import InputError
from schwung.core.text import Text

ROWS = 250_000
"""Rows that are read into DuckDB at a time."""
_Rows = tuple[pa.Table, pa.ChunkedArray, Sequence[BadLine]]
REJECT_COLUMNS = ("line", "column", "content", "reason", "reason_de", "original")
REASONS: Mapping[str, Text] = {
    "empty": Text("Empty; required", "Leer; Pflichtfeld"),
    "no_number": Text("Not a number", "Keine Zahl"),
    "no_flag": Text("Neither yes nor no", "Weder ja noch nein"),
    "no_date": Text("Not a date in this form", "Kein Datum in dieser Form"),
    "no_such_day": Text("There is no such day", "Diesen Tag gibt es nicht"),
    "unknown_currency": Text("Unknown currency", "Unbekannte Währung"),
    "too_large": Text("Too large", "Zu groß"),
    "no_identifier": Text("Not a valid identifier", "Keine gültige Kennung"),
    "not_on_scale": Text(
        "Not on the question's scale; NPS takes 0 to 10, whole",
        "Nicht auf der Skala der Frage; NPS nimmt 0 bis 10, ganz",
    ),
    "unknown_metric": Text("Must be nps, csat, ces, stars or other", "Muss nps, csat, ces, stars oder other sein"),
    "unknown_word": Text("Not one of the known words", "Keines der bekannten Wörter"),
    "no_whole_number": Text("Not a whole number", "Keine ganze Zahl"),
    "below_zero": Text("Below zero", "Kleiner als null"),
    "unknown_phase": Text("Must be attract, interact or delight", "Muss attract, interact oder delight sein"),
}


@dataclass(slots=True)
class Reading:
    """What reading a file gave. first, last: lines of the file's first and last row. sums: rejects by (field, reason)."""

    rows: int = 0
    rejected: int = 0
    first: int = 0
    last: int = 0
    slices: dict[int, int] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    rejects: list["Reject"] = field(default_factory=list)
    sums: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was not taken. column: name in the file, empty where the whole line is no row."""

    line: int
    column: str
    content: str
    reason: Text
    original: str


def layout_of(path: Path, mapping: FileMapping | None = None) -> Layout:
    """How the file is laid out, by the mapping and by looking. InputError where columns of the mapping are missing."""
    wanted = None
    if mapping is not None:
        wanted = Layout(mapping.format or "", (), mapping.encoding, mapping.delimiter, mapping.sheet)
    return connector_for(path, mapping.format if mapping else None).look(path, wanted)


def check_columns(columns: Sequence[str], mapping: FileMapping) -> None:
    missing = [name for name in mapping.used if name not in columns]
    if missing:
        raise InputError(
            "columns_missing",
            Text("The file has no column {names}.", "Der Datei fehlt die Spalte {names}.").fill(names=", ".join(f"“{name}”" for name in missing)),
            Text("It has: {names}. Correct the mapping.", "Sie hat: {names}. Die Zuordnung berichtigen.").fill(names=", ".join(columns)),
        )  # fmt: skip


def read_file(
    path: Path,
    mapping: FileMapping,
    stage: Stage,
    folder: Path | None,
    rejects: Path | None,
    *,
    near: Path | None = None,
    on_rows: Callable[[int, int, int], object] = lambda rows, rejected, line: None,
    most_rejects: int = 0,
) -> Reading:
    """Read all of a file. folder: where the good rows go. rejects: where the bad ones go, if there are any.

    near: folder that the paths of `join` are relative to. on_rows: told rows, rejects after each step.
    """
    layout = layout_of(path, mapping)
    columns = [*layout.columns, *stage.join(_partners(mapping, near or path.parent))]
    check_columns(columns, mapping)
    column_of = {rule.field: name for name, rule in mapping.columns.items()}
    found = Reading()
    other = stage.other()
    chunks = enumerate(_ahead(_merged(connector_for(path, mapping.format).read(path, layout))))
    with _Rejects(rejects, layout.delimiter or ",") as writer, ThreadPoolExecutor(1) as pool:
        kept: Future[None] | None = None
        for number, (rows, lines, bad) in chunks:
            for line in bad:
                _note(
                    found,
                    writer,
                    Reject(line.line, "", "", line.reason, line.original),
                    ("", line.reason.en),
                    most_rejects,
                )
            if rows.num_rows:
                found.first = found.first or lines[0].as_py()
                found.last = lines[-1].as_py()
                _check(stage, rows, lines, column_of, mapping, found, writer, most_rejects)
                if kept is not None:
                    kept.result()
                if folder is not None:
                    kept = pool.submit(_keep, stage, folder / f"{number:06}.parquet", found)
                    stage, other = other, stage
            found.rows += rows.num_rows + len(bad)
            on_rows(found.rows, found.rejected, found.last)
        if kept is not None:
            kept.result()
    return found


def _keep(stage: Stage, target: Path, found: Reading) -> None:
    """Beside the check of the next rows, which another stage does."""
    for part, count in stage.keep(target).items():
        found.slices[part] = found.slices.get(part, 0) + count
    found.files += [target] if target.exists() else []
    stage.forget_read()


def _check(
    stage: Stage, rows: pa.Table, lines: pa.ChunkedArray, column_of: Mapping[str, str], mapping: FileMapping,
    found: Reading, writer: "_Rejects", most: int,
) -> None:  # fmt: skip
    stage.check(rows, lines)
    if PERSON_NAMES in stage.kind.any_of:
        _refuse_nobody(stage)
    problems = stage.problems()
    if not problems:
        return
    names = rows.column_names
    place_of = {line: place for place, line in enumerate(lines.to_pylist())}
    for line, name, reason in problems:
        row = rows.slice(place_of[line], 1).to_pylist()[0]
        column = column_of.get(name, name)
        original = writer.joined(["" if row[one] is None else str(row[one]) for one in names])
        content = row.get(column)
        text = REASONS[reason]
        _note(
            found,
            writer,
            Reject(line, column, "" if content is None else str(content), text, original),
            (column, text.en),
            most,
        )


def _refuse_nobody(stage: Stage) -> None:
    """A row that is only about a person needs one valid identifier."""
    people = stage.table("import_stage", "said")
    claims = claims_of(people, stage.mapping.source, stage.mapping.country, "met_at")
    refused = people["place"].filter(
        pc.invert(pc.is_in(people["place"], value_set=claims["event_index"].combine_chunks()))
    )
    if len(refused):
        stage.connection.register("refused", pa.table({"line": refused}))
        stage.run("import_stage", "refuse")
        stage.connection.unregister("refused")


def _note(found: Reading, writer: "_Rejects", reject: Reject, group: tuple[str, str], most: int) -> None:
    writer.write(reject)
    found.rejected += 1
    found.sums[group] = found.sums.get(group, 0) + 1
    # For pages: of each reason the first few, up to `most` in all.
    if len(found.rejects) < most and found.sums[group] <= 3:
        found.rejects.append(reject)


def _merged(chunks: Iterator[Chunk]) -> Iterator[_Rows]:
    """Chunks put together to about ROWS rows."""
    held: list[Chunk] = []
    rows = 0
    for chunk in chunks:
        held.append(chunk)
        rows += chunk.rows.num_rows
        if rows >= ROWS:
            yield _one(held)
            held, rows = [], 0
    if held:
        yield _one(held)


def _ahead(items: Iterator[_Rows]) -> Iterator[_Rows]:
    """The same items; the next is made in another thread while one is used."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, items, None)
        while (item := following.result()) is not None:
            following = pool.submit(next, items, None)
            yield item


def _one(chunks: list[Chunk]) -> _Rows:
    rows = pa.Table.from_batches([chunk.rows for chunk in chunks])
    return rows, pa.chunked_array([chunk.lines for chunk in chunks]), [bad for chunk in chunks for bad in chunk.bad]


def _partners(mapping: FileMapping, near: Path) -> Iterator[tuple[str, Sequence[str], Iterator[pa.Table]]]:
    """Of each joined file: the common column, its columns, its rows."""
    for join in mapping.join:
        path = near / join.file
        layout = layout_of(path)
        if join.on not in layout.columns:
            raise InputError(
                "columns_missing",
                Text("{file} has no column “{name}”.", "{file} fehlt die Spalte „{name}“.").fill(file=join.file, name=join.on),
                Text("Correct `join` in the mapping.", "`join` in der Zuordnung berichtigen."),
            )  # fmt: skip
        rows = (pa.Table.from_batches([chunk.rows]) for chunk in connector_for(path).read(path, layout))
        yield join.on, layout.columns, rows


class _Rejects:
    """The rejects file; created with the first reject."""

    def __init__(self, path: Path | None, delimiter: str) -> None:
        self._path, self._delimiter = path, delimiter
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> "_Rejects":
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()

    def joined(self, values: Sequence[str]) -> str:
        line = io.StringIO()
        csv.writer(line, delimiter=self._delimiter, lineterminator="").writerow(values)
        return line.getvalue()

    def write(self, reject: Reject) -> None:
        if self._path is None:
            return
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file, lineterminator="\n")
            self._writer.writerow(REJECT_COLUMNS)
        self._writer.writerow(
            (reject.line, reject.column, reject.content, reject.reason.en, reject.reason.de, reject.original)
        )
