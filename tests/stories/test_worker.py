"""The worker's loop: errors are recorded, tried again and forgotten; nightly work is done once a night; logs stay impersonal."""

import json
import logging
import threading
import time
from datetime import UTC, datetime
from io import StringIO

import pytest

from schwung.app import worker as worker_module
from schwung.app.chores import CHORES, do_due_chores, last_night
from schwung.app.facts import open_facts
from schwung.app.lane import lane
from schwung.app.log import configure_log, described, log
from schwung.app.process import processes
from schwung.app.wiring import Workspace
from schwung.app.worker import run_worker
from schwung.core.clock import HOUR, to_instant
from schwung.core.errors import SetupError
from schwung.core.text import Text
from tests import cast
from tests.conftest import FrozenClock, NewWorkspace
from tests.waiting import until


class Running:
    """A worker in a thread of this process."""

    def __init__(self, workspace: Workspace) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=run_worker, args=(workspace, self.stop))

    def __enter__(self) -> "Running":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(90)
        assert not self.thread.is_alive()


def count_orders(workspace: Workspace) -> int:
    with open_facts(workspace) as facts:
        orders = facts.table("orders")
        return int(facts.run(orders.aggregate(count=orders.count()))["count"][0].as_py())


def count_listed(workspace: Workspace) -> int:
    with workspace.store.read() as tx:
        return sum(row["customers"] for row in tx.rows("customer_list.by_kind"))


def test_what_comes_in_becomes_facts_and_is_listed(each_workspace: Workspace) -> None:
    with Running(each_workspace):
        cast.send(each_workspace, cast.story())
        until(lambda: count_listed(each_workspace) == sum(cast.KINDS.values()))
        assert count_orders(each_workspace) == cast.ORDERS + 1
        cast.send(each_workspace, [cast.order("Z1", "2026-11-19 10:00", 7, user="zoe")])
        until(lambda: count_orders(each_workspace) == cast.ORDERS + 2, every=0.2)
    assert processes(each_workspace) == []


def test_it_waits_while_an_import_holds_the_lane(workspace: Workspace) -> None:
    with Running(workspace):
        with lane(workspace, "import"):
            cast.send(workspace, [cast.order("Z1", "2026-11-19 10:00", 7, user="zoe")])
            time.sleep(1.5)
            assert count_orders(workspace) == 0
            assert not any(process.status.get("errors") for process in processes(workspace))
        until(lambda: count_orders(workspace) == 1, every=0.2)


def test_an_error_is_shown_tried_again_and_forgotten(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full for a while; afterwards nothing is missing."""
    real, tries = worker_module.mirror_next, 0

    def full_twice(*arguments: object) -> int | None:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise SetupError("disk_full", Text("The disk is full.", "Die Platte ist voll."), Text("Free.", "Frei."))
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_module, "mirror_next", full_twice)
    cast.send(workspace, [cast.order("Z1", "2026-11-19 10:00", 7, user="zoe")])
    with Running(workspace):
        until(lambda: any(process.status.get("errors") for process in processes(workspace)))
        (process,) = processes(workspace)
        error = process.status["errors"]["mirror"]
        assert (error["code"], error["message"]["de"]) == ("disk_full", "Die Platte ist voll.")
        until(lambda: count_orders(workspace) == 1, every=0.2)
        until(lambda: not processes(workspace)[0].status["errors"])
    assert tries >= 3


def test_a_defect_does_not_show_data(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("anna@example.com is not a number")

    monkeypatch.setattr(worker_module, "mirror_next", broken)
    stream = StringIO()
    configure_log(stream)
    cast.send(workspace, [cast.order("Z1", "2026-11-19 10:00", 7, user="zoe")])
    with Running(workspace):
        until(lambda: any(process.status.get("errors") for process in processes(workspace)))
        assert "anna" not in json.dumps(processes(workspace)[0].status)
    assert "work_failed" in stream.getvalue()
    assert "anna" not in stream.getvalue()


def test_night_begins_at_three_in_the_workspace_zone(new_workspace: NewWorkspace, clock: FrozenClock) -> None:
    berlin, auckland = new_workspace(), new_workspace("far", zone="Pacific/Auckland")
    assert last_night(berlin) == to_instant(datetime(2026, 11, 20, 2, tzinfo=UTC))
    assert last_night(auckland) == to_instant(datetime(2026, 11, 19, 14, tzinfo=UTC))
    clock.now = to_instant(datetime(2026, 11, 20, 1, 59, tzinfo=UTC))
    assert last_night(berlin) == to_instant(datetime(2026, 11, 19, 2, tzinfo=UTC))
    clock.now = to_instant(datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert last_night(berlin) == to_instant(datetime(2026, 7, 1, 1, tzinfo=UTC))


def test_nightly_work_is_done_once_a_night(each_workspace: Workspace, clock: FrozenClock) -> None:
    cast.fill(each_workspace)
    go_on = threading.Event()
    assert not do_due_chores(each_workspace, go_on), "a new workspace begins with the next night"
    clock.advance(24 * HOUR / 1_000_000)
    assert do_due_chores(each_workspace, go_on)
    assert not do_due_chores(each_workspace, go_on)
    with each_workspace.store.read() as tx:
        assert {row["name"] for row in tx.rows("work.chores")} == {chore.name for chore in CHORES}


def test_logs_are_json_without_what_libraries_and_errors_say() -> None:
    stream = StringIO()
    configure_log(stream)
    log("batch_published", batch_no=7)
    logging.getLogger("some.library").error("no such person: %s", "anna@example.com")
    try:
        raise ValueError("anna@example.com")
    except ValueError as error:
        log("failed", **described(error))
        logging.getLogger("some.library").exception("oh")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["batch_published", "library", "failed", "library"]
    assert lines[0]["batch_no"] == 7
    assert lines[1]["source"] == "some.library"
    assert lines[3]["error"] == "ValueError"
    assert "anna" not in stream.getvalue()
