"""Excel workbooks (.xlsx): one sheet, its first row the names, read without loading it whole."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from schwung.collect.connector import Chunk, Layout, unique
from schwung.connectors import unreadable
from schwung.core.errors import InputError
from schwung.core.text import Text

ROWS = 1 << 14


class ExcelConnector:
    """Workbooks of Excel and LibreOffice."""

    name = "excel"
    title = Text("Excel", "Excel")
    endings = (".xlsx", ".xlsm")

    def look(self, path: Path, wanted: Layout | None = None) -> Layout:
        with _Book(path) as book:
            sheet = (wanted and wanted.sheet) or book.sheetnames[0]
            if sheet not in book.sheetnames:
                raise InputError(
                    "sheet_missing",
                    Text("{name} has no sheet “{sheet}”.", "{name} hat kein Blatt „{sheet}“.").fill(name=path.name, sheet=sheet),
                    Text("Sheets: {sheets}.", "Blätter: {sheets}.").fill(sheets=", ".join(book.sheetnames)),
                )  # fmt: skip
            first = next(book[sheet].iter_rows(max_row=1, values_only=True), ())
        if not any(first):
            raise unreadable(path, Text("its first row is empty", "die erste Zeile ist leer"))
        described = (self.title, Text("sheet “{sheet}”", "Blatt „{sheet}“").fill(sheet=sheet))
        return Layout(self.name, unique([_as_text(cell) or "" for cell in first]), sheet=sheet, described=described)

    def read(self, path: Path, layout: Layout) -> Iterator[Chunk]:
        width = len(layout.columns)
        with _Book(path) as book:
            rows = enumerate(book[layout.sheet or book.sheetnames[0]].iter_rows(min_row=2, values_only=True), 2)
            while some := list(islice(rows, ROWS)):
                filled = [(line, cells) for line, cells in some if any(cell is not None for cell in cells)]
                columns = [
                    pa.array(
                        [_as_text(cells[place]) if place < len(cells) else None for _, cells in filled], pa.string()
                    )
                    for place in range(width)
                ]
                yield Chunk(
                    pa.RecordBatch.from_arrays(columns, names=list(layout.columns)),
                    pa.array([line for line, _ in filled], pa.int64()),
                )


class _Book:
    def __init__(self, path: Path) -> None:
        try:
            self._book = load_workbook(path, read_only=True, data_only=True)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError) as error:
            raise unreadable(path, error) from error

    def __enter__(self) -> Any:
        return self._book

    def __exit__(self, *error: object) -> None:
        self._book.close()


def _as_text(cell: Any) -> str | None:
    """A cell as canonical text: ISO dates, decimal point, whole numbers without it."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # Excel keeps 15 digits; what lies beyond is noise of the binary form.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


CONNECTOR = ExcelConnector()
