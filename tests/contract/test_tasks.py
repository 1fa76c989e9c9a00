"""Tasks of the team on both stores: made by a journey, listed by owner, done and opened again by every door."""

import json
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app import access, journeys
from schwung.app.audit import entries
from schwung.app.forget import forget
from schwung.app.journey_tick import tick
from schwung.app.keys import create_key
from schwung.app.tasks import close_task, open_count, owners, reopen_task, tasks
from schwung.app.timeline import timeline
from schwung.app.wiring import Workspace
from schwung.cli import app as command_line
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.web.app import create_app
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_access_http import csrf_of, sign_in
from tests.people import customer_of

STEPS = [
    {"task": {"title": "Call <b>now</b>", "owner": "Maria", "due_in": "2 days", "note": "asked for a guide"}},
    {"task": {"title": "Send a card", "due_in": "1 day"}},
]


def _filled(workspace: Workspace) -> Workspace:
    cast.fill(workspace)
    journeys.save_journey(workspace, "Hand-off", {"trigger": "manual", "holdout": 0, "steps": STEPS}, actor="test")
    journeys.start(workspace, "Hand-off", actor="test")
    people = [customer_of(workspace, "user_id", who) for who in ("anna", "ben")]
    journeys.enter(workspace, "Hand-off", [one for one in people if one], key="1", variables={}, actor="test")
    tick(workspace)
    return workspace


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    return _filled(new_workspace())


def test_a_task_is_listed_done_and_opened_again(each_workspace: Workspace, clock: FrozenClock) -> None:
    shop = _filled(each_workspace)
    listed = tasks(shop)
    assert [one.title for one in listed] == ["Send a card"] * 2 + ["Call <b>now</b>"] * 2, "by when they are due"
    assert owners(shop) == {"": 2, "Maria": 2} and open_count(shop) == 4
    call = tasks(shop, owner="maria")[0]
    assert (call.journey, call.due_at, call.customer_name) == ("Hand-off", clock.now + 2 * DAY, "Anna Ahrens")
    assert not call.is_late(clock.now + 2 * DAY) and call.is_late(clock.now + 2 * DAY + 1)
    clock.now += DAY
    assert close_task(shop, call.task_no, "test").closed_at == clock.now
    clock.now += DAY
    assert close_task(shop, call.task_no, "test").closed_at == clock.now - DAY, "a second time changes nothing"
    assert open_count(shop) == 3 and [one.task_no for one in tasks(shop, "done")] == [call.task_no]
    assert reopen_task(shop, call.task_no, "test").closed_at is None and open_count(shop) == 4
    acts = [one.act for one in entries(shop) if one.act.startswith("task_")]
    assert sorted(acts) == ["task_done", "task_reopened"]
    with pytest.raises(InputError, match="no task 99"):
        close_task(shop, 99, "test")
    assert call.customer_id is not None
    forget(shop, call.customer_id, actor="test")
    assert open_count(shop) == 2, "the tasks of an erased person go too"


def test_by_clicking(shop: Workspace) -> None:
    client = sign_in(shop, "editor")
    token = {"csrf": csrf_of(client), "owner": "Maria"}
    page = client.get("/tasks?owner=maria").text
    assert "Call &lt;b&gt;now&lt;/b&gt;" in page and "asked for a guide" in page and "Send a card" not in page
    number = tasks(shop, owner="Maria")[0].task_no
    answer = client.post(f"/tasks/{number}/done", data=token)
    assert answer.headers["location"] == "/tasks?owner=Maria"
    shown = client.get(answer.headers["location"]).text
    assert f"/tasks/{number}/reopen" in shown and "<b>now" not in shown, "can be taken back at once"
    assert "Open again" in client.get("/tasks?state=done").text and open_count(shop) == 3
    client.post(f"/tasks/{number}/reopen", data=token)
    assert open_count(shop) == 4
    assert "no task 99" in client.get(client.post("/tasks/99/done", data=token).headers["location"]).text
    assert "/reopen" not in sign_in(shop, "viewer").get("/tasks?state=done").text


def test_by_api_and_command_line(shop: Workspace) -> None:
    client = TestClient(create_app(shop, console=False))
    key = {"Authorization": f"Bearer {create_key(shop, 'test', 'admin')}"}
    told = client.get("/api/v1/tasks?owner=Maria&limit=1", headers=key).json()
    assert told["owners"] == {"": 2, "Maria": 2} and len(told["tasks"]) == 1
    number = told["tasks"][0]["task_no"]
    assert client.post(f"/api/v1/tasks/{number}/done", headers=key).json()["state"] == "done"
    assert client.post("/api/v1/tasks/99/done", headers=key).json()["code"] == "task_unknown"
    reader = {"Authorization": f"Bearer {create_key(shop, 'reader', 'read')}"}
    assert client.post(f"/api/v1/tasks/{number}/reopen", headers=reader).status_code == 403
    run = CliRunner()
    place = ["-w", str(shop.folder), "--json"]
    done = json.loads(run.invoke(command_line, ["task", "list", "--done", *place]).stdout)
    assert [one["task_no"] for one in done] == [number]
    assert (
        json.loads(run.invoke(command_line, ["task", "done", str(number), "--reopen", *place]).stdout)["state"]
        == "open"
    )
    assert "Call" in run.invoke(command_line, ["task", "list", "--owner", "Maria", "-w", str(shop.folder)]).stdout


def test_mine_are_those_with_my_name_or_address(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner()
    mine = ["task", "list", "--mine", "--json", "-w", str(shop.folder)]
    monkeypatch.setattr("getpass.getuser", lambda: "m.lehner")
    assert json.loads(run.invoke(command_line, mine).stdout) == []
    client = sign_in(shop, "editor")
    assert "Call" not in client.get("/tasks?owner=me").text, "the tasks of others"
    me = access.operators(shop)[0]
    access.set_account(shop, me.operator_id, "m.lehner@shop.example", "maria")
    assert [one["owner"] for one in json.loads(run.invoke(command_line, mine).stdout)] == ["Maria", "Maria"]
    told = client.get("/tasks?owner=me").text
    assert "Mine (2)" in told and "Call" in told and "Send a card" not in told


def test_the_customers_story_tells_of_tasks(shop: Workspace) -> None:
    anna = customer_of(shop, "user_id", "anna")
    call = next(one for one in tasks(shop, owner="Maria") if one.customer_id == anna)
    close_task(shop, call.task_no, "test")
    assert anna is not None
    for when in ("at once", "from the lake"):
        told = [
            (one.name, one.details["properties"]["title"]) for one in timeline(shop, anna).entries if "task" in one.name
        ]
        assert sorted(told) == [
            ("task_created", "Call <b>now</b>"), ("task_created", "Send a card"), ("task_done", "Call <b>now</b>")
        ], when  # fmt: skip
        cast.mirror(shop)
