"""Both stores do the same: transactions, values, loads, lists."""

import threading
from pathlib import Path

import psycopg
import pytest

from schwung.app.wiring import Workspace
from schwung.stores import open_store
from tests.postgres import PostgresServer


def test_a_write_is_seen_as_a_whole_or_not_at_all(each_workspace: Workspace) -> None:
    store = each_workspace.store
    with store.write() as tx:
        assert tx.value("store.draw", name="event", count=5) == 5
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.value("store.draw", name="event", count=5)
        raise ZeroDivisionError
    with store.read() as tx:
        assert tx.rows("store.counter", name="event") == [{"value": 5}]
        assert tx.row("store.counter", name="unknown") is None


def test_a_reader_keeps_its_view_and_does_not_wait(each_workspace: Workspace) -> None:
    store = each_workspace.store
    with store.read() as reader:
        assert reader.value("store.counter", name="event") == 0
        with store.write() as writer:
            writer.value("store.draw", name="event", count=7)
        assert reader.value("store.counter", name="event") == 0
    with store.read() as reader:
        assert reader.value("store.counter", name="event") == 7


def test_an_unknown_statement_is_named(each_workspace: Workspace) -> None:
    with pytest.raises(KeyError, match=r"store\.nonsense"), each_workspace.store.read() as tx:
        tx.rows("store.nonsense")


@pytest.mark.parametrize("count", [0, 3, 400])
def test_load_brings_every_row_and_type(each_workspace: Workspace, count: int) -> None:
    rows = [(first, 1, 2**52 + first, bytes([0, 255, first % 256]), None) for first in range(count)]
    with each_workspace.store.write() as tx:
        loaded = tx.load("chunk", ("first_event_no", "event_count", "received_at", "body", "batch_no"), rows)
    assert loaded == count
    with each_workspace.store.read() as tx:
        stored = tx.rows("mirror.waiting_chunks", most=1000)
    assert [row["event_count"] for row in stored] == [1] * count


@pytest.mark.postgres
def test_after_a_large_load_the_planner_knows_how_many_there_are(postgres_server: PostgresServer) -> None:
    """Else a million that came at once are joined as if the table were still empty."""
    url = postgres_server.new_database()
    store = open_store(url, Path())
    with store.write() as tx:
        tx.load("membership", ("list_no", "identifier_id", "joined_at"), [(1, who, who) for who in range(25_000)])
    store.close()
    with psycopg.connect(url) as connection:
        known = connection.execute("SELECT reltuples FROM pg_class WHERE relname = 'membership'").fetchone()
    postgres_server.drop(url)
    assert known == (25_000,)


def test_values_come_back_as_they_went_in(each_workspace: Workspace) -> None:
    """Quotes, percent signs, colons, emoji, null, truth, long numbers, bytes."""
    store = each_workspace.store
    odd = 'O\'Brien % 100%s :name ::x \\ "ä" 🌱 \n'
    with store.write() as tx:
        tx.run("work.create_lease", name=odd)
        tx.run("work.take_lease", name=odd, holder=odd, purpose=None, place="", pid=2**62, now=-1, token=0, beats=False)
    with store.read() as tx:
        row = tx.row("work.lease", name=odd)
    assert row is not None
    assert (row["name"], row["holder"], row["purpose"], row["place"]) == (odd, odd, None, "")
    assert (row["pid"], row["taken_at"], row["token"]) == (2**62, -1, 1)
    assert type(row["token"]) is int


def test_sums_and_conditions_are_whole_numbers(each_workspace: Workspace) -> None:
    with each_workspace.store.write() as tx:
        tx.load("chunk", ("first_event_no", "event_count", "received_at", "body"), [(1, 40, 0, b""), (41, 2, 5, b"")])
    with each_workspace.store.read() as tx:
        lag = tx.row("mirror.lag")
        waiting = tx.value("work.is_waiting")
    assert lag == {"events": 42, "oldest_at": 0}
    assert type(lag["events"]) is int
    assert waiting == 1


def test_run_tells_how_many_rows_changed(each_workspace: Workspace) -> None:
    with each_workspace.store.write() as tx:
        assert tx.run("work.create_lease", name="one") == 1
        assert tx.run("work.create_lease", name="one") == 0
        assert tx.run_many("work.create_lease", [{"name": name} for name in ("one", "two", "three")]) == 2
        assert tx.run_many("work.create_lease", []) == 0
        assert [row["name"] for row in tx.rows("work.leases")] == ["one", "three", "two"]


def test_lists_are_looked_up(each_workspace: Workspace) -> None:
    words = ["a", "O'Brien", 'quote"d', "ü", "a\\b"]
    marks = [f"mark {word}" for word in words]
    with each_workspace.store.write() as tx:
        tx.load("tombstone", ("mark", "erased_at"), [(mark, 1) for mark in marks])
        tx.load("chunk", ("first_event_no", "event_count", "received_at", "body"), [(n, 1, 0, b"") for n in range(5)])
    with each_workspace.store.read() as tx:
        found = tx.rows("identity.tombstones", marks=[*marks[:4], "mark nobody"])
        assert {row["mark"] for row in found} == set(marks[:4])
        assert sorted(tx.tuples("identity.tombstones", marks=marks[:2])) == sorted((mark,) for mark in marks[:2])
        assert tx.rows("identity.tombstones", marks=[]) == []


def test_threads_write_one_after_another_and_all_arrive(each_workspace: Workspace) -> None:
    store = each_workspace.store

    def draw() -> None:
        for _ in range(20):
            with store.write() as tx:
                tx.value("store.draw", name="event", count=1)
            with store.read() as tx:
                tx.value("store.counter", name="event")

    threads = [threading.Thread(target=draw) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.value("store.counter", name="event") == 120


def test_a_write_within_a_write_is_told_at_once(workspace: Workspace) -> None:
    with workspace.store.write(), pytest.raises(RuntimeError, match="within a write"), workspace.store.write():
        pass
    with workspace.store.write() as tx:
        assert tx.value("store.draw", name="event", count=1) == 1


def test_folders_may_have_any_name(tmp_path: Path) -> None:
    store = open_store("sqlite:///store.db", tmp_path / "Käse & Co #1?50%20 shop")
    with store.write() as tx:
        assert tx.value("store.draw", name="event", count=1) == 1
    store.close()
    assert [path.name for path in (tmp_path / "Käse & Co #1?50%20 shop").iterdir() if path.suffix == ".db"] == [
        "store.db"
    ]
