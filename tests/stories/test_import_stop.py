"""A person stops an import and lets it go on; drafts that nobody starts go."""

import io
import os

import pytest

from schwung.app import audit, import_read
from schwung.app import import_uploads as uploads
from schwung.app.import_runs import folder_of, progress
from schwung.app.imports import Stopped, import_file, run_import
from schwung.app.retain import retain
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from tests.conftest import FrozenClock
from tests.importing import amounts

ROWS = 40
CONTENT = "Bestellnr;Datum;Kunde;Artikel;Menge;Einzelpreis\n" + "".join(
    f"{number};13.02.2026;K{number};A1;1;2,00\n" for number in range(ROWS)
)


def _draft(workspace: Workspace) -> int:
    path = uploads.save_upload(workspace, "a.csv", io.BytesIO(CONTENT.encode()))
    return uploads.create_draft(workspace, path, "order_lines")


@pytest.mark.parametrize("when", ["reading", "writing"])
def test_a_stopped_import_goes_on_where_it_stood(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setattr(import_read, "ROWS", 10)
    monkeypatch.setattr("schwung.app.import_runs.MOST_ROWS", 10)
    monkeypatch.setattr("schwung.app.import_write.parts_of", lambda slices: _parts(slices))
    number = _draft(workspace)
    uploads.start(workspace, number, actor="operator:1")
    seen: list[str] = []

    def told(state: str, *_: int) -> None:
        seen.append(state)
        if seen.count(when) == 1 and state == when:
            assert uploads.stop(workspace, number, actor="operator:1")

    with pytest.raises(Stopped):
        run_import(workspace, number, told)
    found = progress(workspace, number)
    assert found.state == "stopped" and found.written < ROWS
    assert (found.written > 0) == (when == "writing"), "what was written stays"
    assert not uploads.run_next(workspace), "the worker leaves it alone"
    assert not uploads.stop(workspace, number)
    uploads.start(workspace, number)
    assert uploads.run_next(workspace)
    found = progress(workspace, number)
    assert (found.state, found.counts.imported, len(amounts(workspace))) == ("done", ROWS, ROWS)
    acts = [entry.act for entry in audit.entries(workspace)]
    assert acts.count("import_stopped") == 1 and acts.count("import_started") == 2


def _parts(slices: dict[int, int]) -> list[tuple[int, int]]:
    from schwung.app.import_runs import parts_of

    return list(parts_of(slices, most=10))


def test_the_command_line_takes_a_stopped_import_up_again(workspace: Workspace) -> None:
    number = _draft(workspace)
    uploads.start(workspace, number)
    assert uploads.stop(workspace, number)
    path = next((workspace.files_folder / "uploads").iterdir())
    told = import_file(workspace, path, uploads.mapping_of(workspace, number))
    assert (told["import_no"], told["imported"]) == (number, ROWS)


def test_drafts_are_found_again_and_go_after_their_period(workspace: Workspace, clock: FrozenClock) -> None:
    number = _draft(workspace)
    assert [draft.import_no for draft in uploads.drafts(workspace)] == [number]
    assert {one.what: one.count for one in retain(workspace)}["drafts"] == 0
    clock.advance((workspace.settings.retention.uploads_days * DAY + DAY) / 1_000_000)
    left = folder_of(workspace, number) / "000000.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"rows of a person")
    os.utime(left, (workspace.clock() / 1_000_000,) * 2)
    assert {one.what: one.count for one in retain(workspace)}["imports"] == 0
    for path in (left, left.parent):
        os.utime(path, (0, 0))
    counts = {one.what: one.count for one in retain(workspace)}
    assert (counts["drafts"], counts["imports"]) == (1, 1)
    retain(workspace, dry_run=False)
    assert uploads.drafts(workspace) == [] and not left.parent.exists()
