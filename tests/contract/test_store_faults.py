"""What must not happen: a kill, a full disk, a read-only folder, a database that goes away."""

import os
import random
import time
from pathlib import Path

import psycopg
import pytest

from schwung.app.wiring import Workspace
from schwung.core.errors import SetupError
from schwung.stores import SQLiteStore, open_store
from schwung.stores.postgres import PostgresStore
from tests.conftest import FrozenClock, NewWorkspace
from tests.lives import begin
from tests.postgres import PostgresServer
from tests.waiting import until


def write_on(url: str, folder: Path, told: Path) -> None:
    """Draws and writes until it is killed; a line in `told` for each commit."""
    store = open_store(url, folder)
    lines = os.open(told, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    names = ("first_event_no", "event_count", "received_at", "body")
    while True:
        with store.write() as tx:
            last = tx.value("store.draw", name="event", count=10)
            tx.load("chunk", names, [(last - 9, 10, 0, b"x" * 50_000)])
        os.write(lines, f"{last}\n".encode())


def test_a_killed_writer_loses_nothing_that_was_committed(store_url: str, tmp_path: Path) -> None:
    dice = random.Random(7)
    open_store(store_url, tmp_path).close()
    told = tmp_path / "told"
    acknowledged = 0
    for _ in range(3):
        before = acknowledged
        process = begin(write_on, store_url, tmp_path, told)
        until(lambda before=before: _last(told) > before)  # type: ignore[misc]
        time.sleep(dice.uniform(0.01, 0.2))
        process.kill()
        process.join()
        acknowledged = _last(told)
    store = open_store(store_url, tmp_path)
    with store.read() as tx:
        drawn = tx.value("store.counter", name="event")
        waiting = tx.row("mirror.lag")
    assert drawn >= acknowledged > 0
    assert waiting is not None
    assert waiting["events"] == drawn
    store.close()


def _last(told: Path) -> int:
    return int(told.read_text().split()[-1]) if told.exists() and told.stat().st_size else 0


def test_a_full_disk_says_so_and_heals(workspace: Workspace) -> None:
    store = workspace.store
    assert isinstance(store, SQLiteStore)
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(SetupError) as full, store.write() as tx:
        tx.load("seen", ("key",), [(os.urandom(900),) for _ in range(200)])
    assert full.value.code == "disk_full"
    store._writer.execute(f"PRAGMA max_page_count = {pages + 1000}")
    with store.write() as tx:
        assert tx.load("seen", ("key",), [(os.urandom(900),) for _ in range(200)]) == 200


@pytest.mark.postgres
def test_a_commit_is_on_disk_whatever_the_servers_setting(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = postgres_server.new_database()
    name = url.rpartition("?")[0].rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    store = open_store(url + "&options=-c%20work_mem%3D5MB&keepalives_idle=7", tmp_path)
    assert isinstance(store, PostgresStore)
    found = store._connect()
    shown = [found.execute(f"SHOW {name}").fetchone() for name in ("synchronous_commit", "work_mem", "timezone")]
    assert shown == [("on",), ("5MB",), ("UTC",)]
    assert found.info.get_parameters()["keepalives_idle"] == "7"
    found.close()
    store.close()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path, clock: FrozenClock) -> None:
    """As root, who may write anywhere, the test gives up that right for the moment."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    for parent in tmp_path.parents[:3]:
        if parent.owner() == "root" and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        with pytest.raises(SetupError) as refused:
            open_store("sqlite:///store.db", folder, clock)
    finally:
        if root:
            os.seteuid(0)
    assert refused.value.code == "store_read_only"
    assert str(refused.value.step.de)


def test_a_file_that_is_no_store_says_so(tmp_path: Path, clock: FrozenClock) -> None:
    (tmp_path / "store.db").write_bytes(b"not a database, certainly" * 100)
    with pytest.raises(SetupError) as refused:
        open_store("sqlite:///store.db", tmp_path, clock)
    assert refused.value.code == "store_damaged"


def test_an_address_of_no_store_says_so(tmp_path: Path, clock: FrozenClock) -> None:
    with pytest.raises(SetupError) as refused:
        open_store("mysql://nowhere/x", tmp_path, clock)
    assert refused.value.code == "store_url_invalid"
    with pytest.raises(SetupError) as away:
        open_store("postgresql://nobody@/x?host=/nonexistent", tmp_path, clock)
    assert away.value.code == "store_unreachable"


@pytest.mark.postgres
def test_a_database_that_goes_away_and_comes_back(postgres_server: PostgresServer, new_workspace: NewWorkspace) -> None:
    store = new_workspace(store=postgres_server.new_database()).store
    with store.write() as tx:
        tx.value("store.draw", name="event", count=3)
    with pytest.raises(SetupError) as cut, store.write() as tx:
        tx.value("store.draw", name="event", count=100)
        postgres_server.stop()
        tx.value("store.draw", name="event", count=100)
    assert cut.value.code == "store_unreachable"
    for attempt in (store.read, store.write):
        with pytest.raises(SetupError) as away, attempt():
            pass
        assert away.value.code == "store_unreachable"
    postgres_server.start()
    with store.read() as tx:
        assert tx.value("store.counter", name="event") == 3
    with store.write() as tx:
        assert tx.value("store.draw", name="event", count=1) == 4


def test_the_log_is_cut_although_readers_held_it(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    store = workspace.store
    assert isinstance(store, SQLiteStore)
    monkeypatch.setattr("schwung.stores.sqlite.LOG_LIMIT", 1_000_000)
    log = store.path.with_name("store.db-wal")

    def grow() -> None:
        with store.write() as tx:
            tx.load("seen", ("key",), [(os.urandom(900),) for _ in range(600)])

    with store.read() as reader:
        reader.value("store.counter", name="event")
        for _ in range(3):
            grow()
        assert log.stat().st_size > 1_000_000
    grow()
    assert log.stat().st_size < 1_000_000


def test_purging_leaves_no_byte(workspace: Workspace) -> None:
    store = workspace.store
    assert isinstance(store, SQLiteStore)
    with store.write() as tx:
        tx.load("seen", ("key",), [(b"very-personal-marker-%d" % n,) for n in range(500)])
    store.purge()
    assert b"very-personal-marker" in store.path.read_bytes()
    with store.write() as tx:
        tx._connection.execute("DELETE FROM seen")
    assert store.purge() == ()
    left = [path for path in store.path.parent.iterdir() if path.is_file() and b"personal-marker" in path.read_bytes()]
    assert not left


@pytest.mark.postgres
def test_purging_postgres_leaves_no_byte_in_its_tables(
    postgres_server: PostgresServer, new_workspace: NewWorkspace
) -> None:
    """The write-ahead log is out of reach, and the store says so."""
    store = new_workspace(store=postgres_server.new_database()).store
    with store.write() as tx:
        tx.load("tombstone", ("mark", "erased_at"), [(f"very-personal-marker-{n}", 1) for n in range(500)])
    assert store.purge() == ("write_ahead_log", "backups")
    assert _holds(postgres_server, b"very-personal-marker")
    with store.write() as tx:
        tx._connection.execute("DELETE FROM tombstone")  # type: ignore[union-attr]
    assert _holds(postgres_server, b"very-personal-marker")
    assert "write_ahead_log" in store.purge()
    assert not _holds(postgres_server, b"very-personal-marker")


def _holds(server: PostgresServer, marker: bytes) -> bool:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    files = (path for path in (server.folder / "data" / "base").rglob("*") if path.is_file())
    return any(marker in path.read_bytes() for path in files)
