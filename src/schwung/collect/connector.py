"""How a kind of file is read: the protocol of connectors. One file each in `connectors/`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from schwung.core.text import Text


@dataclass(frozen=True, slots=True)
class Layout:
    """How one file is laid out, as found by looking or as written in a mapping.

    columns: names as they stand in the file, made unique. size: bytes. lines: rows, where it is known without reading.
    described: what was found, for people (“semicolon, Windows-1252”).
    """

    format: str
    columns: tuple[str, ...]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    described: tuple[Text, ...] = field(default=())


class BadLine(NamedTuple):
    """A line that is no row: too many or too few values, broken text."""

    line: int
    reason: Text
    original: str


class Chunk(NamedTuple):
    """Some rows of a file.

    rows: the file's columns, text or typed, without a change. lines: int64, number of each row's line in the file,
    counted from 1 (a sheet's row, a record of Parquet). bad: lines that are no rows.
    """

    rows: pa.RecordBatch
    lines: pa.Array
    bad: tuple[BadLine, ...] = ()


class Connector(Protocol):
    """Reads one kind of file at bounded memory."""

    name: str
    title: Text
    endings: tuple[str, ...]

    def look(self, path: Path, wanted: "Layout | None" = None) -> Layout:
        """The layout of a file; what `wanted` says holds. InputError when it is not such a file."""

    def read(self, path: Path, layout: Layout) -> Iterator[Chunk]:
        """The rows in the file's order."""


def unique(names: list[str]) -> tuple[str, ...]:
    """Names of columns without doubles: the second “Price” becomes “Price 2”; nameless ones get their place."""
    seen: dict[str, int] = {}
    found = []
    for place, raw in enumerate(names, 1):
        name = raw.strip() or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(found)
