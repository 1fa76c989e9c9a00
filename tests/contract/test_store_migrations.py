"""Schemas: fresh equals migrated, an older store is kept as a copy, a newer one is refused, a broken step leaves nothing."""

import shutil
import sqlite3
from pathlib import Path

import psycopg
import pytest

from schwung.core.errors import SetupError
from schwung.stores import SQLiteStore, open_store
from schwung.stores.migrate import FOLDER, applied, known, upgrade
from schwung.stores.postgres import PostgresStore
from tests.conftest import FrozenClock
from tests.lives import begin

Store = SQLiteStore | PostgresStore


def _bare(url: str, folder: Path) -> Store:
    return PostgresStore(url) if url.startswith("postgres") else SQLiteStore(folder / "store.db")


def _schema(store: Store) -> list[tuple[object, ...]]:
    """Columns and indexes of every table of ours."""
    if isinstance(store, SQLiteStore):
        with sqlite3.connect(store.path) as connection:
            return connection.execute(
                "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%yoyo%' ORDER BY type, name"
            ).fetchall()
    with psycopg.connect(store.url) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name "
            "FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '%yoyo%' "
            "ORDER BY table_name, ordinal_position"
        ).fetchall()
        indexes = connection.execute(
            "SELECT tablename, indexname, indexdef FROM pg_indexes "
            "WHERE schemaname = 'public' AND tablename NOT LIKE '%yoyo%' ORDER BY 1, 2"
        ).fetchall()
    return [*columns, *indexes]


def _copied(target: Path, names: list[str]) -> Path:
    target.mkdir()
    for name in names:
        shutil.copy(FOLDER / f"{name}.sql", target)
    return target


def test_an_upgraded_store_equals_a_fresh_one(bare_store_url: str, tmp_path: Path, clock: FrozenClock, request) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "old"
    old = _bare(bare_store_url, folder)
    upgrade(old, folder, clock, _copied(tmp_path / "first", known()[:1]))
    with old.write() as tx:
        tx.value("store.draw", name="event", count=41)
    assert applied(old) == known()[:1]
    upgrade(old, folder, clock)
    assert applied(old) == known()
    with old.read() as tx:
        assert tx.value("store.counter", name="event") == 41

    second_url = bare_store_url
    if bare_store_url.startswith("postgres"):
        second_url = request.getfixturevalue("postgres_server").new_database(empty=True)
    fresh = open_store(second_url, tmp_path / "fresh", clock)
    assert _schema(old) == _schema(fresh)

    backups = list((folder / "files" / "backups").glob("*.db"))
    if isinstance(old, SQLiteStore):
        with sqlite3.connect(backups[0]) as copy:
            assert copy.execute("SELECT value FROM counter WHERE name = 'event'").fetchone() == (41,)
            assert copy.execute("SELECT count(*) FROM sqlite_master WHERE name = 'lease'").fetchone() == (0,)
        assert backups[0].stat().st_mode & 0o077 == 0
    else:
        assert not backups
    for store in (old, fresh):
        store.close()


def test_opening_twice_changes_nothing(bare_store_url: str, tmp_path: Path, clock: FrozenClock) -> None:
    open_store(bare_store_url, tmp_path, clock).close()
    store = open_store(bare_store_url, tmp_path, clock)
    assert applied(store) == known()
    assert not (tmp_path / "files").exists()
    store.close()


def test_a_newer_store_is_refused(bare_store_url: str, tmp_path: Path, clock: FrozenClock) -> None:
    store = _bare(bare_store_url, tmp_path)
    newer = _copied(tmp_path / "newer", known())
    (newer / "9999_future.sql").write_text("CREATE TABLE future (future_id BIGINT)", encoding="utf-8")
    upgrade(store, tmp_path, clock, newer)
    store.close()
    with pytest.raises(SetupError, match="9999_future") as refused:
        open_store(bare_store_url, tmp_path, clock)
    assert refused.value.code == "store_newer"


def test_a_step_that_fails_leaves_nothing_and_can_be_repeated(
    bare_store_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    store = _bare(bare_store_url, tmp_path)
    broken = _copied(tmp_path / "broken", known())
    step = broken / "9999_more.sql"
    step.write_text("CREATE TABLE more (more_id BIGINT); INSERT INTO nowhere VALUES (1)", encoding="utf-8")
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        upgrade(store, tmp_path, clock, broken)
    assert "9999_more" not in applied(store)
    step.write_text("CREATE TABLE more (more_id BIGINT); INSERT INTO more VALUES (1)", encoding="utf-8")
    upgrade(store, tmp_path, clock, broken)
    assert "9999_more" in applied(store)
    store.close()


def open_and_close(url: str, folder: Path) -> None:
    open_store(url, folder).close()


def test_who_opens_the_store_twice_keeps_hold_of_it(tmp_path: Path) -> None:
    """A file that a process opens and closes beside SQLite would free SQLite's locks: the next process to leave would take
    the log away from under it."""
    url = "sqlite:///store.db"
    store = open_store(url, tmp_path)
    open_store(url, tmp_path).close()
    process = begin(open_and_close, url, tmp_path)
    process.join(180)
    log = (tmp_path / "store.db-wal").exists()
    store.close()
    assert log


def test_two_processes_may_open_a_new_store_together(bare_store_url: str, tmp_path: Path) -> None:
    processes = [begin(open_and_close, bare_store_url, tmp_path) for _ in range(2)]
    for process in processes:
        process.join(180)
    assert [process.exitcode for process in processes] == [0, 0]
