"""An upload: saved, guessed, tried, started, run by the worker, its rejects kept."""

import io
import threading
import time
from pathlib import Path

import pytest

from schwung.app.import_runs import progress, row_of
from schwung.app.import_uploads import (
    create_draft,
    dry_run_draft,
    inspect_draft,
    map_draft,
    mapping_of,
    run_next,
    running,
    runs,
    save_upload,
    start,
)
from schwung.app.wiring import Workspace
from schwung.app.worker import run_worker
from schwung.core.errors import InputError
from tests.importing import amounts

CONTENT = (
    "Bestellnr;Datum;Kunde;Artikel;Menge;Einzelpreis;Bearbeiter\r\n"
    "90-1;01.02.2026;K1;A1;2;1.234,50;jk\r\n"
    "90-1;01.02.2026;K1;A2;1;3,99;jk\r\n"
    "90-2;31.02.2026;K2;A1;1;2,00;ml\r\n"
    "90-3;13.02.2026;K3;A1;1;auf Anfrage;ml\r\n"
    "90-4;13.02.2026;;Größe;1;2,00;ml\r\n"
    "90-5;13.02.2026;K4;A1;2;2,00;ml\r\n"
).encode("cp1252")


def test_a_file_goes_from_upload_to_facts(workspace: Workspace) -> None:
    path = save_upload(workspace, "..\\böse/../bestellungen 2026.csv", io.BytesIO(CONTENT))
    assert path.parent == workspace.files_folder / "uploads"
    assert path.name.endswith("-bestellungen 2026.csv")
    number = create_draft(workspace, path, "order_lines")
    looked = inspect_draft(workspace, number)
    assert [text.de for text in looked.described] == ["Semikolon", "Windows-1252", "Dezimalkomma"]
    assert {guess.column: guess.rule and guess.rule.field for guess in looked.proposal.guesses} == {
        "Bestellnr": "order_id", "Datum": "ordered_at", "Kunde": "user_id", "Artikel": "product_id",
        "Menge": "quantity", "Einzelpreis": "unit_price", "Bearbeiter": None,
    }  # fmt: skip
    tried = dry_run_draft(workspace, number)
    assert (tried.rows, tried.rejected, tried.totals["orders"], tried.totals["guests"]) == (6, 2, 3, 1)
    assert (tried.customers, tried.new_customers) == (2, 2)
    assert tried.groups == [("Datum", "There is no such day", 1), ("Einzelpreis", "Not a number", 1)]
    assert [(one.line, one.content) for one in tried.rejects] == [(4, "31.02.2026"), (5, "auf Anfrage")]
    assert amounts(workspace) == {}, "a dry run stores nothing"
    start(workspace, number)
    with pytest.raises(InputError):
        map_draft(workspace, number, mapping_of(workspace, number))
    assert run_next(workspace)
    assert not run_next(workspace)
    told = progress(workspace, number)
    assert (told.state, told.share, told.rows_read, told.rejected, told.counts.imported) == ("done", 1.0, 6, 2, 4)
    assert [run.import_no for run in runs(workspace)] == [number]
    rejects = row_of(workspace, number)["rejects_path"]
    assert "31.02.2026" in Path(rejects).read_text(encoding="utf-8")
    assert amounts(workspace) == {"90-1": 247299, "90-4": 200, "90-5": 400}


def test_the_worker_runs_what_was_started(workspace: Workspace) -> None:
    path = save_upload(workspace, "a.csv", io.BytesIO(CONTENT))
    number = create_draft(workspace, path, "order_lines")
    start(workspace, number)
    assert [run.import_no for run in running(workspace, besides=0)] == [number]
    assert running(workspace, besides=number) == []
    stop = threading.Event()
    worker = threading.Thread(target=run_worker, args=(workspace, stop))
    worker.start()
    try:
        ended = time.monotonic() + 120
        while progress(workspace, number).state != "done":
            assert time.monotonic() < ended
            time.sleep(0.05)
    finally:
        stop.set()
        worker.join()
    assert running(workspace, besides=0) == []


def test_an_unknown_format_is_not_kept(workspace: Workspace) -> None:
    with pytest.raises(InputError):
        save_upload(workspace, "a.docx", io.BytesIO(b"x"))
    assert list((workspace.files_folder / "uploads").iterdir()) == []


def test_a_draft_without_prices_cannot_start(workspace: Workspace) -> None:
    path = save_upload(workspace, "a.csv", io.BytesIO(b"order,date\n1,2026-01-01\n"))
    number = create_draft(workspace, path, "order_lines")
    with pytest.raises(InputError, match="price of one"):
        start(workspace, number)
