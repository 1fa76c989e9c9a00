"""The lane: one holder at a time, taken over when the holder dies, whatever the clock says."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from schwung.app import lane as lane_module
from schwung.app.lane import Held, lane, lease, suppress_held
from schwung.app.wiring import Workspace, open_workspace
from schwung.core.errors import SetupError
from schwung.stores import SQLiteStore
from tests.lives import begin
from tests.postgres import PostgresServer
from tests.waiting import until


def hold(folder: Path, mark: Path) -> None:
    with lane(open_workspace(folder), "test"):
        mark.touch()
        time.sleep(60)


def _holding(workspace: Workspace, mark: Path) -> BaseProcess:
    process = begin(hold, workspace.folder, mark)
    until(mark.exists)
    return process


def hold_often(folder: Path, mark: Path) -> None:
    workspace = open_workspace(folder)
    for _ in range(8):
        with lane(workspace, wait=120):
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            time.sleep(0.005)
            mark.unlink()


def test_one_holder_at_a_time_and_tokens_grow(each_workspace: Workspace) -> None:
    with lane(each_workspace, "first") as first:
        with pytest.raises(SetupError, match="first") as refused, lane(each_workspace, "second", wait=0.1):
            pass
        assert refused.value.code == "lease_held"
        with lease(each_workspace, "another", wait=0.1):
            pass
    with lane(each_workspace, "second", wait=60) as second:
        assert second.token > first.token


def test_the_former_holder_is_fenced_off(each_workspace: Workspace) -> None:
    with lane(each_workspace) as former:
        pass
    with lane(each_workspace) as present:
        with pytest.raises(SetupError) as lost, each_workspace.store.write() as tx:
            former.fence(tx)
        assert lost.value.code == "lease_lost"
        with each_workspace.store.write() as tx:
            present.fence(tx)


def test_a_killed_holder_on_this_machine_is_succeeded_at_once(each_workspace: Workspace, tmp_path: Path) -> None:
    process = _holding(each_workspace, tmp_path / "held")
    with pytest.raises(SetupError), lane(each_workspace, wait=0.1):
        pass
    process.kill()
    started = time.monotonic()
    with lane(each_workspace, wait=60):
        assert time.monotonic() - started < lane_module.EXPIRES_SECONDS
    process.join()


def test_a_silent_holder_elsewhere_expires_and_a_living_one_does_not(
    each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "EXPIRES_SECONDS", 1.5)
    monkeypatch.setattr(lane_module, "BEAT_SECONDS", 0.1)
    with lane(each_workspace, "alive"), pytest.raises(SetupError), lane(each_workspace, wait=2.5):
        pass
    monkeypatch.setattr(lane_module, "here", lambda: "elsewhere")
    monkeypatch.setattr(lane_module, "BEAT_SECONDS", 60)
    with lane(each_workspace, "silent") as silent:
        monkeypatch.setattr(lane_module, "here", lambda: "here")
        with lane(each_workspace, wait=60) as successor:
            assert successor.token == silent.token + 1


def test_who_only_looks_in_now_and_then_succeeds_a_silent_holder(
    each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the worker does: it never waits as long as a holder may be silent."""
    monkeypatch.setattr(lane_module, "EXPIRES_SECONDS", 1.0)
    monkeypatch.setattr(lane_module, "BEAT_SECONDS", 60)
    monkeypatch.setattr(lane_module, "is_gone", lambda place, pid: False)

    def succeeds() -> bool:
        with suppress_held(), lane(each_workspace, "worker", wait=0):
            return True
        return False

    with lane(each_workspace, "silent"):
        assert not succeeds()
        until(succeeds, every=0.2)


@contextmanager
def away(workspace: Workspace, request: pytest.FixtureRequest) -> Iterator[None]:
    """The store cannot be written."""
    if isinstance(workspace.store, SQLiteStore):
        workspace.store._writer.execute("PRAGMA query_only = ON")
        yield
        workspace.store._writer.execute("PRAGMA query_only = OFF")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        server.stop()
        try:
            yield
        finally:
            server.start()


def test_a_store_that_is_away_while_the_lane_is_given_back_leaves_it_free(
    each_workspace: Workspace, request: pytest.FixtureRequest
) -> None:
    with contextlib.ExitStack() as holding:
        former = holding.enter_context(lane(each_workspace, "worker"))
        with away(each_workspace, request):
            holding.close()
    with lane(each_workspace, "worker", wait=0) as present:
        assert present.token > former.token


def test_a_clock_set_back_changes_nothing(each_workspace: Workspace, clock, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(lane_module, "EXPIRES_SECONDS", 1.5)
    monkeypatch.setattr(lane_module, "BEAT_SECONDS", 60)
    monkeypatch.setattr(lane_module, "is_gone", lambda place, pid: False)
    with lane(each_workspace) as former:
        clock.advance(-86_400)
        with lane(each_workspace, wait=60) as present:
            assert present.token > former.token
        clock.advance(10 * 86_400)
    with lane(each_workspace, wait=60):
        clock.advance(86_400)
        with pytest.raises(SetupError), lane(each_workspace, wait=0.2):
            pass


def test_who_waits_gets_in_between_two_turns_of_a_busy_holder(each_workspace: Workspace) -> None:
    stop = threading.Event()
    turns = 0

    def busy() -> None:
        nonlocal turns
        while not stop.is_set():
            with lane(each_workspace, "busy"):
                turns += 1
                time.sleep(0.03)

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        for _ in range(3):
            with lane(each_workspace, "waiting", wait=60):
                pass
    finally:
        stop.set()
        thread.join()
    assert turns > 0


def test_two_processes_never_hold_it_together(each_workspace: Workspace, tmp_path: Path) -> None:
    """Each holder creates a file that must not be there, and removes it."""
    processes = [begin(hold_often, each_workspace.folder, tmp_path / "mark") for _ in range(2)]
    for process in processes:
        process.join(180)
    assert [process.exitcode for process in processes] == [0, 0]


def test_a_long_write_of_the_holder_counts_as_a_sign_of_life(
    each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "EXPIRES_SECONDS", 1.5)
    outcome: list[object] = []

    def contend() -> None:
        try:
            with lane(open_workspace(each_workspace.folder), "contender", wait=2.6) as held:
                outcome.append(held)
        except SetupError as error:
            outcome.append(error.code)

    monkeypatch.setattr(lane_module, "BEAT_SECONDS", 0.1)
    with lane(each_workspace) as held:
        thread = threading.Thread(target=contend)
        thread.start()
        with each_workspace.store.write() as tx:
            held.fence(tx)
            time.sleep(2.0)
        with each_workspace.store.write() as tx:
            held.fence(tx)
        thread.join()
    assert isinstance(outcome[0], str | Held)
    assert outcome == ["lease_held"]
