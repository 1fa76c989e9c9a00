"""JSON lines: one object a line; what is nested gets a name with a point."""

import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa

from schwung.collect.connector import BadLine, Chunk, Layout
from schwung.connectors import unreadable
from schwung.core.text import Text

ROWS = 1 << 15
_NO_OBJECT = Text("Not a JSON object", "Kein JSON-Objekt")


class JsonLinesConnector:
    """One JSON object a line, plain or gzip."""

    name = "jsonl"
    title = Text("JSON lines", "JSON-Zeilen")
    endings = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")

    def look(self, path: Path, wanted: Layout | None = None) -> Layout:
        """Columns are those of the whole file: a field may come late."""
        names: dict[str, None] = {}
        for record in _records(path):
            if isinstance(record[1], dict):
                names.update(dict.fromkeys(record[1]))
        if not names:
            raise unreadable(path, _NO_OBJECT)
        return Layout(self.name, tuple(names), "utf-8", described=(self.title,))

    def read(self, path: Path, layout: Layout) -> Iterator[Chunk]:
        records = _records(path)
        schema = pa.schema([(name, pa.string()) for name in layout.columns])
        while some := list(islice(records, ROWS)):
            good = [(line, record) for line, record in some if isinstance(record, dict)]
            bad = tuple(BadLine(line, _NO_OBJECT, record) for line, record in some if not isinstance(record, dict))
            columns = [pa.array([record.get(name) for _, record in good], pa.string()) for name in layout.columns]
            yield Chunk(
                pa.RecordBatch.from_arrays(columns, schema=schema),
                pa.array([line for line, _ in good], pa.int64()),
                bad,
            )


def _records(path: Path) -> Iterator[tuple[int, dict[str, str | None] | str]]:
    """Line number and the flat object as text, or the line itself where it is none."""
    with _open(path) as file:
        for line, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                value = msgspec.json.decode(raw)
                flat = dict(_flat(value)) if isinstance(value, dict) else None
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                flat = None
            yield line, raw.decode("utf-8", "replace").rstrip("\r\n") if flat is None else flat


def _open(path: Path) -> BinaryIO:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _flat(value: dict[str, Any], before: str = "") -> Iterator[tuple[str, str | None]]:
    for name, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{before}{name}.")
        else:
            yield before + name, _as_text(item)


def _as_text(item: Any) -> str | None:
    if item is None or isinstance(item, str):
        return item
    return msgspec.json.encode(item).decode()


CONNECTOR = JsonLinesConnector()
