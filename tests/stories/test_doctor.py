"""doctor finds what is broken, says who must do what, and repairs what is safe; each fault is a real one."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from schwung.app.doctor import CHECKS, Finding, examine
from schwung.app.facts import open_facts
from schwung.app.lane import here, lane
from schwung.app.process import Heartbeat, processes
from schwung.app.publish import newest_snapshot, open_batch
from schwung.app.wiring import Workspace, open_workspace
from schwung.cli.doctor import doctor
from schwung.core.errors import SetupError
from schwung.stores import SQLiteStore
from tests import cast
from tests.conftest import FrozenClock


def found(workspace: Workspace, name: str, *, repair: bool = False) -> Finding:
    return next(finding for finding in examine(workspace, repair=repair) if finding.name == name)


def errors(workspace: Workspace) -> list[str]:
    return [finding.name for finding in examine(workspace) if finding.state == "error" and finding.name != "server"]


def run(workspace: Workspace, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "schwung", "doctor", "-w", str(workspace.folder), *options]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env={**os.environ, "SCHWUNG_LANGUAGE": "de"}
    )


def test_a_new_and_a_filled_workspace_are_well(each_workspace: Workspace) -> None:
    assert errors(each_workspace) == []
    cast.fill(each_workspace)
    assert errors(each_workspace) == []
    (counted,) = [finding for finding in examine(each_workspace) if finding.name == "counts"]
    assert str(len(cast.story())) in counted.detail.en


def test_every_check_speaks_both_languages_and_says_what_to_do(workspace: Workspace) -> None:
    cast.fill(workspace)
    findings = examine(workspace)
    assert [finding.name for finding in findings] == [check.name for check in CHECKS]
    for finding in findings:
        assert finding.title.de
        assert finding.detail.en != finding.detail.de or finding.detail.en.isascii()
        assert finding.state == "ok" or finding.step is not None


def test_an_unfinished_batch_is_finished_by_repair(each_workspace: Workspace) -> None:
    cast.fill(each_workspace)
    cast.send(each_workspace, [cast.order("Z1", "2026-11-19 10:00", 7, user="zoe")])
    with lane(each_workspace) as held, each_workspace.store.write() as tx:
        batch_no = open_batch(tx, held, "events", 0, event_count=1)
        tx.run("mirror.take_chunks", batch_no=batch_no, top=10**9)
    finding = found(each_workspace, "agreement")
    assert finding.state == "note"
    assert str(batch_no) in finding.detail.en
    repaired = found(each_workspace, "agreement", repair=True)
    assert (repaired.state, repaired.repaired) == ("ok", True)
    with open_facts(each_workspace) as facts:
        orders = facts.table("orders")
        assert facts.run(orders.filter(orders["order_id"] == "Z1")).num_rows == 1


def test_a_lost_file_of_the_lake_is_found(workspace: Workspace) -> None:
    cast.fill(workspace)
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    assert snapshot
    files = workspace.lake.files("orders", snapshot.tables["orders"])
    Path((*files.base, *files.tail)[0]).unlink()
    assert "orders" in found(workspace, "facts").detail.en


def test_a_published_version_that_is_gone_gives_way_to_the_newest(workspace: Workspace) -> None:
    cast.fill(workspace)
    lake = workspace.lake
    rows = lake.fold("orders", always=True)
    assert rows is not None and lake.finish(rows)
    lake.clean("orders", hours=0)  # as if the process had died before it published what it folded
    finding = found(workspace, "facts")
    assert finding.state == "error" and "orders" in finding.detail.en and "--repair" in str(finding.step)
    repaired = found(workspace, "facts", repair=True)
    assert (repaired.state, repaired.repaired) == ("ok", True)
    assert errors(workspace) == []


def test_a_lake_from_an_older_backup_is_found(workspace: Workspace) -> None:
    cast.fill(workspace)
    with workspace.store.write() as tx:
        snapshot = newest_snapshot(tx)
        assert snapshot
        later = {name: version + 3 for name, version in snapshot.tables.items()}
        tx.run("mirror.republish", batch_no=snapshot.batch_no, tables=json.dumps(later))
    finding = found(workspace, "agreement")
    assert finding.state == "error"
    assert "backup" in str(finding.step)


def test_a_store_from_an_older_backup_is_found_and_nothing_is_lost_silently(workspace: Workspace) -> None:
    """Its next batches would have numbers that the lake takes for done."""
    cast.fill(workspace)
    store = workspace.store
    assert isinstance(store, SQLiteStore)
    store.backup(workspace.folder / "older.db")
    cast.send(workspace, [cast.order("Z1", "2026-11-19 10:00", 7, user="zoe")])
    cast.mirror(workspace)
    store.close()
    for path in workspace.folder.glob("store.db*"):
        path.unlink()
    (workspace.folder / "older.db").rename(workspace.folder / "store.db")
    restored = open_workspace(workspace.folder, workspace.clock)
    assert found(restored, "agreement").state == "error"
    cast.send(restored, [cast.order("Z2", "2026-11-19 11:00", 7, user="zoe")])
    with pytest.raises(SetupError) as refused:
        cast.mirror(restored)
    assert refused.value.code == "lake_newer_than_store"
    restored.store.close()


def test_events_that_do_not_add_up_are_found(workspace: Workspace) -> None:
    cast.fill(workspace)
    with open_facts(workspace) as facts:
        events = facts.run(facts.everything("events"))
    doubled = events.select(list(workspace.lake.tables["events"].names)).slice(0, 2)
    workspace.lake.append("events", doubled, 99)
    with workspace.store.write() as tx:
        tx.value("store.draw", name="batch", count=99)
        snapshot = newest_snapshot(tx)
        assert snapshot
        tx.run("mirror.republish", batch_no=snapshot.batch_no, tables=json.dumps(workspace.lake.versions()))
    assert errors(workspace) == ["counts"]


def test_waiting_events_without_a_worker_are_an_error_only_when_they_wait_long(
    workspace: Workspace, clock: FrozenClock
) -> None:
    cast.send(workspace, [cast.order("Z1", "2026-11-19 10:00", 7, user="zoe")])
    assert found(workspace, "lag").state == "ok"
    clock.advance(120)
    finding = found(workspace, "lag")
    assert finding.state == "error"
    assert "schwung serve" in str(finding.step)


def test_a_clock_that_was_set_back_is_found(workspace: Workspace, clock: FrozenClock) -> None:
    cast.fill(workspace)
    clock.advance(-3_600)
    finding = found(workspace, "clock")
    assert finding.state == "error"
    assert "60" in finding.detail.de


def test_a_secret_that_others_can_read_is_closed_by_repair(workspace: Workspace) -> None:
    secret = workspace.folder / "secret.key"
    secret.chmod(0o644)
    assert found(workspace, "secret").state == "error"
    assert found(workspace, "secret", repair=True).repaired
    assert secret.stat().st_mode & 0o077 == 0
    secret.unlink()
    assert found(workspace, "secret", repair=True).state == "error"


def test_what_the_worker_fails_at_is_shown(workspace: Workspace) -> None:
    heartbeat = Heartbeat(workspace, "worker")
    texts = {
        "message": {"en": "The disk is full.", "de": "Die Platte ist voll."},
        "step": {"en": "Free.", "de": "Frei."},
    }
    heartbeat.beat({"errors": {"mirror": {"code": "disk_full", **texts, "failures": 3}}})
    finding = found(workspace, "worker")
    assert finding.state == "error"
    assert "The disk is full." in finding.detail.en
    assert "Die Platte ist voll." in finding.detail.de
    heartbeat.beat({})
    assert found(workspace, "worker").state == "ok"
    heartbeat.end()
    assert found(workspace, "worker").state == "note"
    assert processes(workspace) == []


def test_a_lease_of_a_dead_process_is_freed(workspace: Workspace) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    with workspace.store.write() as tx:
        tx.run("work.create_lease", name="lane")
        tx.run(
            "work.take_lease", name="lane", holder="gone", purpose="import", place=here(), pid=child.pid, now=0, token=0,
            beats=0,
        )  # fmt: skip
    assert found(workspace, "lease").state == "note"
    repaired = found(workspace, "lease", repair=True)
    assert (repaired.state, repaired.repaired) == ("ok", True)


def _damage(path: Path, whole: bytes, seed: int) -> None:
    chance, damaged = random.Random(seed), bytearray(whole)
    for page in range(4, 30, 2):
        damaged[page * 4096 + 200 : page * 4096 + 3_200] = chance.randbytes(3_000)
    path.write_bytes(damaged)


def test_a_damaged_store_is_found(workspace: Workspace) -> None:
    cast.fill(workspace)
    store = workspace.store
    assert isinstance(store, SQLiteStore)
    store.purge()
    store.close()
    whole = store.path.read_bytes()
    _damage(store.path, whole, 0)
    damaged = run(workspace, "--json")
    assert damaged.returncode == 3
    wrong = [check["name"] for check in json.loads(damaged.stdout)["checks"] if check["state"] == "error"]
    assert "integrity" in wrong or "opens" in wrong
    for seed in (1, 2, 81, 88, 107, 258, 378):  # of some, what SQLite says about the damage is itself no text
        _damage(store.path, whole, seed)
        with pytest.raises(SetupError) as told:
            SQLiteStore(store.path)
        assert told.value.code == "store_damaged"


@pytest.mark.parametrize(
    "broken", ["", "[workspace]\nzone = 'Nowhere/Else'\n", "[workspac", "[store]\nurl = 'mysql://x'\n"]
)
def test_a_workspace_that_cannot_be_opened_is_one_finding(
    workspace: Workspace, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = workspace.folder / "schwung.toml"
    settings.unlink() if not broken else settings.write_text(broken, encoding="utf-8")
    with pytest.raises(typer.Exit) as left:
        doctor(workspace.folder, repair=False, json=True)
    assert left.value.exit_code == 3
    (finding,) = json.loads(capsys.readouterr().out)["checks"]
    assert (finding["name"], finding["state"]) == ("opens", "error")
    assert finding["step"]
