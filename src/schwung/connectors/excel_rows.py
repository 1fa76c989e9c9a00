"""The rows of a sheet as text, from its XML as it streams: several times as fast as cells that are objects.

openpyxl knows the workbook (sheets, shared strings, which formats are dates); only the cells are read here, with what
stands in them: error values such as #N/A stay, so that they are reported where no error may be.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple
from xml.parsers.expat import ParserCreate

from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel

_BLOCK = 1 << 17
_column_of = lru_cache(maxsize=None)(column_index_from_string)


class Line(NamedTuple):
    """number: of the row, from 1. cells: column from 1 → text; only cells that hold something."""

    number: int
    cells: dict[int, str]


def lines_of(book: Any, sheet: str) -> Iterator[Line]:
    """Rows in their order, those without cells too. ExpatError for XML that is broken, ValueError for cells that are."""
    shown = book[sheet]
    reader = _Reader(book, shown._shared_strings)
    with shown._get_source() as source:
        while block := source.read(_BLOCK):
            reader.parser.Parse(block)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
        yield from reader.taken()


class _Reader:
    """Expat's events → lines. Elements are told by their local names, since a prefix may stand before them."""

    def __init__(self, book: Any, strings: Sequence[str]) -> None:
        self._lines: list[Line] = []
        self._text_of = _texts(book, strings)
        self.parser = ParserCreate()
        self.parser.buffer_text = True
        self._listen()

    def taken(self) -> list[Line]:
        """What was read since."""
        found, self._lines = self._lines, []
        return found

    def _listen(self) -> None:
        """Closures over plain variables: a sheet has millions of cells."""
        row = column = 0
        cells: dict[int, str] = {}
        kind, style, told, is_inside, is_reading = "n", "", "", False, False
        text_of, add = self._text_of, lambda line: self._lines.append(line)

        def start(name: str, given: Mapping[str, str]) -> None:
            nonlocal row, column, cells, kind, style, told, is_inside, is_reading
            local = name if ":" not in name else name[name.rfind(":") + 1 :]
            if local == "c":
                place = given.get("r")
                column = _column_of(place.rstrip("0123456789")) if place else column + 1
                kind, style, told, is_inside = given.get("t", "n"), given.get("s", ""), "", True
            elif local == "v":
                is_reading = kind != "inlineStr"
            elif local == "t":
                is_reading = kind == "inlineStr" and is_inside
            elif local == "rPh":  # how a word is spoken is none of its text
                is_inside = False
            elif local == "row":
                place = given.get("r")
                row, column, cells = int(float(place)) if place else row + 1, 0, {}

        def characters(data: str) -> None:
            nonlocal told
            if is_reading:
                told += data

        def end(name: str) -> None:
            nonlocal is_inside, is_reading
            local = name if ":" not in name else name[name.rfind(":") + 1 :]
            if local == "v" or local == "t":
                is_reading = False
            elif local == "c":
                if told:
                    cells[column] = text_of(told, kind, style)
            elif local == "row":
                add(Line(row, cells))
            elif local == "rPh":
                is_inside = True

        self.parser.StartElementHandler = start
        self.parser.CharacterDataHandler = characters
        self.parser.EndElementHandler = end


def _texts(book: Any, shared: Sequence[str]) -> Callable[[str, str, str], str]:
    """(what stands in a cell, its type, its style) → canonical text: ISO dates, decimal point, whole numbers without it."""
    dates, spans = book._date_formats, book._timedelta_formats
    styles = {str(style) for style in dates}
    lengths = {str(style) for style in spans}

    @lru_cache(maxsize=1 << 16)
    def dated(told: str, *, is_length: bool) -> str:
        try:
            return _as_text(from_excel(float(told), book.epoch, timedelta=is_length))
        except (OverflowError, ValueError):
            return "#VALUE!"

    def text_of(told: str, kind: str, style: str) -> str:
        if kind == "s":
            return str(shared[int(told)])
        if kind == "n":
            if style in styles:
                return dated(told, is_length=style in lengths)
            return told if told.isdecimal() and not told.startswith("0") else _as_text(_number(told))
        if kind == "b":
            return "true" if int(told) else "false"
        if kind == "d":
            return told.removesuffix("Z").replace("T", " ")
        return told

    return text_of


def _number(told: str) -> float | int:
    return float(told) if "." in told or "e" in told.lower() else int(told)


def _as_text(value: Any) -> str:
    if isinstance(value, float):
        # Excel keeps 15 digits; what lies beyond is noise of the binary form.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
