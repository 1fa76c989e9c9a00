"""Both stores do the same: transactions, values, loads, lists."""

import pytest

from schwung.app.wiring import Workspace


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
