"""CSV in any delimiter and encoding: rows with their line numbers, lines that are no rows with a reason."""

import codecs
import csv
import gzip
import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from schwung.collect.connector import BadLine, Chunk, Layout, unique
from schwung.connectors import unreadable
from schwung.core.text import Text

BLOCK = 8 << 20
_DELIMITERS = {
    ",": Text("comma", "Komma"),
    ";": Text("semicolon", "Semikolon"),
    "\t": Text("tab", "Tabulator"),
    "|": Text("bar", "Senkrechtstrich"),
}
_ENCODINGS = {
    "utf-8": Text("UTF-8", "UTF-8"),
    "utf-8-sig": Text("UTF-8 with mark", "UTF-8 mit Marke"),
    "utf-16": Text("UTF-16", "UTF-16"),
    "cp1252": Text("Windows-1252", "Windows-1252"),
    "latin-1": Text("Latin-1", "Latin-1"),
}
# The five bytes that Windows-1252 leaves undefined are read as Latin-1 reads them.
codecs.register_error("as_latin_1", lambda error: (chr(error.object[error.start]), error.start + 1))  # type: ignore[attr-defined]


class CsvConnector:
    """Separated text, plain or gzip."""

    name = "csv"
    title = Text("CSV", "CSV")
    endings = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")

    def look(self, path: Path, wanted: Layout | None = None) -> Layout:
        encoding = (wanted and wanted.encoding) or _encoding_of(path)
        with _text(path, encoding) as text:
            sample = text.read(1 << 18)
        if not sample.strip():
            raise unreadable(path, Text("it is empty", "sie ist leer"))
        delimiter = (wanted and wanted.delimiter) or _delimiter_of(sample)
        header = next(_rows_of(sample, delimiter), [])
        if not header:
            raise unreadable(path, Text("it is no table", "sie ist keine Tabelle"))
        described = (_named(_DELIMITERS, delimiter), _named(_ENCODINGS, encoding))
        return Layout(self.name, unique(header), encoding, delimiter, described=described)  # fmt: skip

    def read(self, path: Path, layout: Layout) -> Iterator[Chunk]:
        bad: list[tuple[int, str, int]] = []
        with _bytes(path) as raw:
            stream = _as_utf8(raw, layout.encoding or "utf-8")
            try:
                yield from _chunks(stream, layout, bad)
            except (pa.ArrowInvalid, UnicodeDecodeError) as error:
                raise unreadable(path, error) from error


def _chunks(stream: Any, layout: Layout, bad: list[tuple[int, str, int]]) -> Iterator[Chunk]:
    def refuse(row: arrow_csv.InvalidRow) -> str:
        bad.append((row.number, row.text or "", row.actual_columns))
        return "skip"

    reader = arrow_csv.open_csv(
        stream,
        # One thread: only then does Arrow tell the number of a line that is no row.
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=BLOCK, column_names=list(layout.columns), skip_rows_after_names=1
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=layout.delimiter or ",",
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(layout.columns, pa.binary()), strings_can_be_null=False
        ),
    )
    records, breaks = 1, 0
    for batch in reader:
        numbers, taken = _numbers(records, batch.num_rows, bad)
        inside = _breaks_within(batch)
        lines = (
            numbers + breaks + np.concatenate(([0], np.cumsum(inside)[:-1])) if inside is not None else numbers + breaks
        )
        refused = [
            BadLine(number + breaks + _before(numbers, inside, number), _wrong_count(len(layout.columns), count), text)
            for number, text, count in taken
        ]
        records += batch.num_rows + len(taken)
        breaks += int(inside.sum()) if inside is not None else 0
        breaks += sum(text.count("\n") for _, text, _ in taken)
        yield _checked(batch, pa.array(lines, pa.int64()), refused)
    rest = [BadLine(number + breaks, _wrong_count(len(layout.columns), count), text) for number, text, count in bad]
    if rest:
        yield Chunk(pa.RecordBatch.from_pylist([], pa.schema([(name, pa.string()) for name in layout.columns])), pa.array([], pa.int64()), tuple(rest))  # fmt: skip


def _numbers(records: int, rows: int, bad: list[tuple[int, str, int]]) -> tuple[np.ndarray, list[tuple[int, str, int]]]:
    """Record numbers of the next `rows` good rows, and the refused records among them (taken off `bad`)."""
    taken: list[tuple[int, str, int]] = []
    while bad and bad[0][0] <= records + rows + len(taken):
        taken.append(bad.pop(0))
    numbers = np.arange(records + 1, records + 1 + rows + len(taken), dtype=np.int64)
    if not taken:
        return numbers, taken
    return np.setdiff1d(numbers, [number for number, _, _ in taken], assume_unique=True), taken


def _breaks_within(batch: pa.RecordBatch) -> np.ndarray | None:
    """Line breaks inside the values of each row; None where there are none at all."""
    found = None
    for column in batch.columns:
        if b"\n" in memoryview(column.buffers()[2] or b"").tobytes():
            counts = np.asarray(pc.count_substring(column, b"\n"), dtype=np.int64)
            found = counts if found is None else found + counts
    return found


def _before(numbers: np.ndarray, inside: np.ndarray | None, number: int) -> int:
    return 0 if inside is None else int(inside[: int(np.searchsorted(numbers, number))].sum())


def _checked(batch: pa.RecordBatch, lines: pa.Array, refused: list[BadLine]) -> Chunk:
    """Text columns; rows that are not in the file's encoding are refused, empty lines left out."""
    try:
        columns = [column.cast(pa.string()) for column in batch.columns]
    except pa.ArrowInvalid:
        good = np.array([_is_text(row) for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)])
        reason = Text("Not in the file's encoding", "Nicht in der Kodierung der Datei")
        for place in np.flatnonzero(~good):
            row = b",".join(column[int(place)].as_py() for column in batch.columns)
            refused.append(BadLine(lines[int(place)].as_py(), reason, row.decode("utf-8", "replace")))
        keep = pa.array(good)
        lines, columns = lines.filter(keep), [column.filter(keep).cast(pa.string()) for column in batch.columns]
    rows = pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
    lengths = np.zeros(rows.num_rows, dtype=np.int64)
    for column in columns:
        lengths += np.asarray(pc.binary_length(column), dtype=np.int64)
    if not lengths.all():
        keep = pa.array(lengths > 0)
        rows, lines = rows.filter(keep), lines.filter(keep)
    return Chunk(rows, lines, tuple(sorted(refused)))


def _is_text(row: tuple[bytes, ...]) -> bool:
    try:
        b"".join(row).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wrong_count(expected: int, found: int) -> Text:
    return Text("{found} values where {expected} are expected", "{found} Werte statt {expected}").fill(
        found=found, expected=expected
    )


def _named(names: Mapping[str, Text], found: str) -> Text:
    return names[found] if found in names else Text(found, found)


def _bytes(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _text(path: Path, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(_bytes(path), encoding, errors=_errors(encoding) or "replace", newline="")


def _errors(encoding: str) -> str | None:
    return "as_latin_1" if encoding == "cp1252" else None


def _encoding_of(path: Path) -> str:
    """By its mark, else by the first block that is not ASCII: UTF-8 where most letters are valid, else Windows-1252."""
    with _bytes(path) as raw:
        block = raw.read(1 << 20)
        if block.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        while block:
            if not block.isascii():
                letters = [letter for letter in block.decode("utf-8", "replace") if not letter.isascii()]
                # One may stand for a letter that the block's end cuts.
                wrong = max(0, letters.count("\ufffd") - 1)
                return "utf-8" if len(letters) - wrong > wrong and len(letters) > letters.count("\ufffd") else "cp1252"
            block = raw.read(1 << 20)
    return "utf-8"


def _delimiter_of(sample: str) -> str:
    """The candidate that cuts the most rows into as many values as the header has, more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        rows = list(islice(_rows_of(sample, delimiter), 100))
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows[:-1] or rows) if width > 1 else 0, width)

    return max(_DELIMITERS, key=score)


def _rows_of(sample: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a sample, as far as it is a table."""
    with suppress(csv.Error):
        yield from csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)


class _Recoded(io.RawIOBase):
    """A stream in another encoding, as UTF-8."""

    def __init__(self, raw: BinaryIO, encoding: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(encoding)(_errors(encoding) or "strict")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = self._raw.read(1 << 20)
            self._rest = self._decoder.decode(block, final=not block).encode("utf-8")
            if not block:
                break
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _as_utf8(raw: BinaryIO, encoding: str) -> Any:
    if encoding in ("utf-8", "utf-8-sig"):
        return raw
    return io.BufferedReader(_Recoded(raw, encoding), 1 << 20)


CONNECTOR = CsvConnector()
