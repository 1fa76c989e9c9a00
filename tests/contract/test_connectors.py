"""Every connector gives every row once, in the file's order, with its line; what is no row is told with its line."""

import gzip
import json
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from schwung.collect.connector import BadLine, Layout
from schwung.connectors import CONNECTORS, connector_for
from schwung.connectors import csv as csv_connector
from schwung.core.errors import InputError

HEAD = ["Nr", "Name", "Preis"]
ROWS = [["1", "Anna", "1,50"], ["2", "Größe „M“", "2,00"], ["3", "", "0,001"]]


def _read(path: Path, wanted: Layout | None = None) -> tuple[list[list[str | None]], list[int], list[BadLine]]:
    connector = connector_for(path)
    layout = connector.look(path, wanted)
    rows, lines, bad = [], [], []
    for chunk in connector.read(path, layout):
        rows += [list(row.values()) for row in chunk.rows.to_pylist()]
        lines += chunk.lines.to_pylist()
        bad += chunk.bad
        assert chunk.rows.schema.names == list(layout.columns)
    return rows, lines, sorted(bad)


def _csv(path: Path, encoding: str = "utf-8", delimiter: str = ";") -> Path:
    path.write_bytes("\r\n".join(delimiter.join(row) for row in [HEAD, *ROWS]).encode(encoding))
    return path


def _workbook(path: Path) -> Path:
    book = Workbook()
    book.active.append(HEAD)
    for row in ROWS:
        book.active.append([value or None for value in row])
    book.save(path)
    return path


def _jsonl(path: Path) -> Path:
    path.write_text("\n".join(json.dumps(dict(zip(HEAD, row, strict=True))) for row in ROWS), encoding="utf-8")
    return path


def _parquet(path: Path) -> Path:
    pq.write_table(pa.table(dict(zip(HEAD, zip(*ROWS, strict=True), strict=True))), path)
    return path


MAKERS = {"csv": _csv, "parquet": _parquet, "jsonl": _jsonl, "excel": _workbook}
FIRST = {"csv": 2, "parquet": 1, "jsonl": 1, "excel": 2}


@pytest.mark.parametrize("name", list(CONNECTORS))
def test_every_connector_gives_the_rows_with_their_lines(name: str, tmp_path: Path) -> None:
    connector = CONNECTORS[name]
    path = MAKERS[name](tmp_path / f"a{connector.endings[0]}")
    rows, lines, bad = _read(path)
    assert [[value or "" for value in row] for row in rows] == ROWS
    assert lines == list(range(FIRST[name], FIRST[name] + 3))
    assert not bad
    assert connector.look(path).described


@pytest.mark.parametrize("name", list(CONNECTORS))
def test_every_connector_refuses_what_it_cannot_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{CONNECTORS[name].endings[0]}"
    path.write_bytes(b"" if name in ("csv", "jsonl") else b"nonsense")
    with pytest.raises(InputError) as caught:
        CONNECTORS[name].look(path)
    assert caught.value.code == "file_unreadable"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "cp1252"])
def test_csv_of_any_delimiter_and_encoding(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [[value.replace(",", ".") for value in row] for row in ROWS]
    text = "\n".join(delimiter.join(row) for row in [HEAD, *rows]) + "\n"
    content = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16-le-bom" else text.encode(encoding)
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert _read(path)[0] == rows


def test_latin_1_as_a_person_says_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a;b\nÄ;\x85\n".encode("latin-1"))
    assert _read(path, Layout("csv", (), "latin-1"))[0] == [["Ä", "\x85"]]


def test_bytes_that_windows_1252_leaves_open_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a;b\n\xc4;\x81\n")
    assert _read(path)[0] == [["Ä", "\x81"]]


def test_gzip(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(_csv(tmp_path / "b.csv").read_bytes()))
    assert _read(path)[0] == ROWS


def test_breaks_in_quotes_and_bad_lines_keep_the_lines_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_connector, "BLOCK", 200)
    text = ["a,b"]
    expected: dict[str, int] = {}
    broken: list[int] = []
    line = 2
    for number in range(60):
        if number % 7 == 3:
            text.append(f'{number},"one\ntwo\n\nthree"')
            expected[str(number)] = line
            line += 4
        elif number % 11 == 5:
            text.append(f"{number},x,too many")
            broken.append(line)
            line += 1
        elif number % 13 == 6:
            text.append(f"{number}")
            broken.append(line)
            line += 1
        elif number % 17 == 8:
            text.append("")
            line += 1
        else:
            text.append(f'{number},"said ""yes"", then left"')
            expected[str(number)] = line
            line += 1
    path = tmp_path / "a.csv"
    path.write_text("\n".join(text) + "\n", encoding="utf-8", newline="")
    rows, lines, bad = _read(path)
    assert dict(zip([row[0] for row in rows], lines, strict=True)) == expected
    assert [one.line for one in bad] == broken
    assert bad[0].reason.de == "3 Werte statt 2"
    assert {row[1] for row in rows} == {"one\ntwo\n\nthree", 'said "yes", then left'}


def test_a_row_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,\xc3\xa4\xc3\xa4\xc3\xa4\n2,\xe4\n3,x\n")
    rows, lines, bad = _read(path)
    assert (rows, lines) == ([["1", "äää"], ["3", "x"]], [2, 4])
    assert [(one.line, one.original) for one in bad] == [(3, "2,\ufffd")]


def test_double_and_nameless_columns_get_names(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,,a\n1,2,3\n", encoding="utf-8")
    assert connector_for(path).look(path).columns == ("a", "column 2", "a 2")


def test_excel_gives_dates_and_numbers_as_text(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Umsatz")
    for row in [
        ["Nr", "am", "um", "Preis", "ja"],
        [1.0, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4), 0.1 + 0.2, True],  # noqa: DTZ001  Excel knows no zones
        [None] * 5,
        ["007", None, None, 2, None],
    ]:
        book["Umsatz"].append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    rows, lines, _ = _read(path, Layout("excel", (), sheet="Umsatz"))
    assert rows == [["1", "2026-01-02 00:00:00", "2026-01-02 03:04:00", "0.3", "true"], ["007", None, None, "2", None]]
    assert lines == [2, 4]
    with pytest.raises(InputError, match="Umsatz"):
        connector_for(path).look(path, Layout("excel", (), sheet="None"))


def test_excel_sheets_of_other_writers(tmp_path: Path) -> None:
    """A prefix before every name, inline and rich text, how it is spoken, rows without numbers, errors, ISO dates, a torn end."""
    book = Workbook()
    book.active.append(["never", "seen"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>Na</x:t></x:is></x:c><x:c r="C1" t="str"><x:v>Preis</x:v></x:c></x:row>'
        '<x:row><x:c t="inlineStr"><x:is><x:r><x:t>東</x:t></x:r><x:r><x:t> &amp; 京</x:t></x:r><x:rPh><x:t>ひがし</x:t></x:rPh></x:is></x:c>'
        '<x:c/><x:c t="e"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c></x:row>'
        '<x:row r="9"><x:c r="C9" s="0"><x:v>1.50</x:v></x:c><x:c r="D9" t="d"><x:v>2026-01-02T03:04:00Z</x:v></x:c></x:row>'
    )  # fmt: skip
    _with_sheet(path, sheet + "</x:sheetData></x:worksheet>")
    rows, lines, _ = _read(path)
    assert connector_for(path).look(path).columns == ("Na", "column 2", "Preis")
    assert (rows, lines) == ([["東 & 京", None, "#DIV/0!"], [None, None, "1.5"]], [2, 9])
    _with_sheet(path, sheet)
    with pytest.raises(InputError, match="cannot be read"):
        _read(path)


def _with_sheet(path: Path, xml: str) -> None:
    """The workbook with other XML in its sheet."""
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()} | {"xl/worksheets/sheet1.xml": xml.encode()}
    with ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def test_json_lines_flatten_and_tell_what_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": {"b": 1, "c": null}, "d": [1, 2]}\n\nnonsense\n{"late": true}\n[1]\n', encoding="utf-8")
    rows, lines, bad = _read(path)
    assert connector_for(path).look(path).columns == ("a.b", "a.c", "d", "late")
    assert (rows, lines) == ([["1", None, "[1,2]", None], [None, None, None, "true"]], [1, 4])
    assert [(one.line, one.original) for one in bad] == [(3, "nonsense"), (5, "[1]")]


def test_an_unknown_ending_lists_the_known(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"x")
    with pytest.raises(InputError, match=r"\.xlsx"):
        connector_for(tmp_path / "a.pdf")
    with pytest.raises(InputError, match="no file"):
        connector_for(tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("name", "content", "rows", "bad"),
    [
        ("long.csv", b"Nr;Name\n1;" + b"x" * 300_000 + b"\n2;y\n", 2, 0),
        ("deep.jsonl", b'{"Nr": 1}\n{"Nr": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", 1, 1),
    ],
    ids=["csv", "jsonl"],
)  # fmt: skip
def test_a_monstrous_line_harms_no_other(tmp_path: Path, name: str, content: bytes, rows: int, bad: int) -> None:
    (tmp_path / name).write_bytes(content)
    read, _, wrong = _read(tmp_path / name)
    assert (len(read), len(wrong)) == (rows, bad)


def test_bytes_that_are_no_table_are_refused_or_read(tmp_path: Path) -> None:
    (tmp_path / "noise.csv").write_bytes(bytes(range(256)) * 200 + b"\r\r\n;" * 50)
    try:
        _read(tmp_path / "noise.csv")
    except InputError as error:
        assert error.code == "file_unreadable"
