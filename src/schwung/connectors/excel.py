"""Excel workbooks (.xlsx): one sheet, its first row the names, read without loading it whole."""

import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from schwung.collect.connector import Chunk, Layout, unique
from schwung.connectors import unreadable
from schwung.connectors.excel_rows import Line, lines_of
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
            first = next(_lines(path, book, sheet), None)
        if first is None or first.number != 1 or not first.cells:
            raise unreadable(path, Text("its first row is empty", "die erste Zeile ist leer"))
        described = (self.title, Text("sheet “{sheet}”", "Blatt „{sheet}“").fill(sheet=sheet))
        names = [first.cells.get(place, "") for place in range(1, max(first.cells) + 1)]
        return Layout(self.name, unique(names), sheet=sheet, described=described)

    def read(self, path: Path, layout: Layout) -> Iterator[Chunk]:
        places = range(1, len(layout.columns) + 1)
        with _Book(path) as book:
            lines = _lines(path, book, layout.sheet or book.sheetnames[0])
            filled = (line for line in lines if line.number > 1 and line.cells)
            while some := list(islice(filled, ROWS)):
                columns = [pa.array([line.cells.get(place) for line in some], pa.string()) for place in places]
                yield Chunk(
                    pa.RecordBatch.from_arrays(columns, names=list(layout.columns)),
                    pa.array([line.number for line in some], pa.int64()),
                )


def _lines(path: Path, book: Any, sheet: str) -> Iterator[Line]:
    try:
        yield from lines_of(book, sheet)
    except (ExpatError, ValueError, IndexError, zipfile.BadZipFile, zlib.error, AttributeError) as error:
        raise unreadable(path, error) from error


class _Book:
    def __init__(self, path: Path) -> None:
        try:
            self._book = load_workbook(path, read_only=True, data_only=True)
        except (
            InvalidFileException,
            ParseError,
            zipfile.BadZipFile,
            zlib.error,
            KeyError,
            ValueError,
            OSError,
        ) as error:
            raise unreadable(path, error) from error

    def __enter__(self) -> Any:
        return self._book

    def __exit__(self, *error: object) -> None:
        self._book.close()


CONNECTOR = ExcelConnector()
