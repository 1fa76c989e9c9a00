"""An import that is killed at any step goes on when it is started again: facts and counts as if nothing had happened."""

import json
import signal
from pathlib import Path

import pytest

from schwung.app.wiring import open_workspace
from tests.conftest import NewWorkspace
from tests.contract.import_and_die import import_and_die
from tests.importing import amounts, facts, lines_of, write_csv
from tests.lives import live

ROWS = [
    (
        str(order),
        "2026-01-01 10:00",
        f"K{order % 17}" if order % 5 else "",
        f"P{line}",
        line + 1,
        "2.00" if order % 40 else "x",
    )
    for order in range(60)
    for line in range(4)
]
BAD = 8
STEPS = 150


def check_after(new_workspace: NewWorkspace, tmp_path: Path, steps: list[int]) -> int:
    """Kill at each of these steps, one after the other on one workspace, then finish. Steps of the last run."""
    made = new_workspace()
    made.store.close()
    path = write_csv(tmp_path / "a.csv", ROWS)
    result = tmp_path / "told.json"
    for step in steps:
        assert live(import_and_die, made.folder, path, "order_lines", step, result) in (-signal.SIGKILL, 0)
    assert live(import_and_die, made.folder, path, "order_lines", 0, result) == 0
    told = json.loads(result.read_text())
    counts = [told[name] for name in ("read", "imported", "known_already", "updated", "rejected")]
    assert counts == [len(ROWS), len(ROWS) - BAD, 0, 0, BAD]
    workspace = open_workspace(made.folder)
    try:
        assert len(lines_of(workspace)) == len(ROWS) - BAD
        assert set(amounts(workspace).values()) == {2000}
        events = facts(workspace, "events")
        assert events.num_rows == len(set(events["order_id"].to_pylist())) == 58
        assert len(set(events["event_no"].to_pylist())) == 58
        assert facts(workspace, "identities").num_rows == 17
        folder = workspace.files_folder
        assert not [*folder.glob("imports/*/*"), *folder.glob("staging/*")], "nothing is left behind"
        with workspace.store.read() as tx:
            assert tx.row("mirror.unfinished") is None
    finally:
        workspace.store.close()
    return -int(told["steps"])


@pytest.mark.parametrize("steps", [[7], [19, 3], [24], [27, 9], [31], [36], [43, 21, 5]], ids=str)
def test_a_killed_import_goes_on(new_workspace: NewWorkspace, tmp_path: Path, steps: list[int]) -> None:
    check_after(new_workspace, tmp_path, steps)
