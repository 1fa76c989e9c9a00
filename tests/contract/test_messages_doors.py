"""Messages by console, API and command line: looked at, decided, stopped; on the person's page of rights too."""

import json

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.act.channel import Refused, Sent, Unknown
from schwung.app.keys import create_key
from schwung.app.messages import cancel_message, mark_sent, plan_message, read_message, resend
from schwung.app.stops import stops
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace
from schwung.cli import app as command_line
from schwung.core.errors import InputError
from schwung.web.app import create_app
from tests.contract.test_access_http import csrf_of, sign_in
from tests.outbox import Memory, deliverer, people, plan, states

TEMPLATE = {
    "purpose": "shipping", "advertising": False, "expects": {"code": "A1"},
    "en": {"subject": "Your parcel", "body": "<mjml><mj-body><mj-section><mj-column><mj-text>{{ journey.code }}</mj-text></mj-column></mj-section></mj-body></mjml>"},
}  # fmt: skip


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Two messages of unknown outcome, one failed, one sent."""
    answers = [Unknown("answer_lost"), Unknown("answer_lost"), Refused("turned_away", "554 no"), Sent("x")]
    channel = Memory(answer=lambda message: answers.pop(0))
    plan(workspace, people(workspace, 4), purpose="shipping", advertising=False)
    deliverer(workspace, channel).run_dry()
    return workspace


def test_unknown_ones_are_decided_by_one_click(shop: Workspace) -> None:
    client: TestClient = sign_in(shop, "editor")
    token = {"csrf": csrf_of(client), "back": "unknown"}
    page = client.get("/messages?status=unknown").text
    assert "It arrived" in page and "Send again" in page and 'action="/messages/1/sent"' in page
    assert client.post("/messages/1/sent", data=token).headers["location"] == "/messages?status=unknown"
    client.post("/messages/2/resend", data=token)
    assert states(shop) == {"sent": 2, "planned": 1, "failed": 1}
    assert "settled" in client.get(client.post("/messages/1/resend", data=token).headers["location"]).text
    story = client.get("/messages/3").text
    assert "Failed" in story and "554 no" in story and "p1002@example.de" in story
    client.post("/messages-stops", data=token | {"scope": "all", "on": "1"})
    assert [one.scope for one in stops(shop)] == ["all"] and "sending is stopped" in client.get("/messages").text
    client.post("/messages-stops", data=token | {"scope": "all"})
    assert stops(shop) == []
    assert client.get("/messages/99").status_code == 404 or "no message 99" in client.get("/messages/99").text


def test_a_viewer_looks_only(shop: Workspace) -> None:
    client: TestClient = sign_in(shop, "viewer")
    assert "It arrived" not in client.get("/messages?status=unknown").text
    assert client.post("/messages/1/sent", data={"csrf": csrf_of(client)}).status_code == 403


def test_the_api_plans_and_decides(shop: Workspace) -> None:
    client = TestClient(create_app(shop, console=False))
    key = {"Authorization": f"Bearer {create_key(shop, 'test', 'admin')}"}
    save_template(shop, "Parcel", TEMPLATE, actor="test")
    asked = {"customer_id": 1_000, "template": "Parcel", "variables": {"code": "B2"}, "key": "k1"}
    made = client.post("/api/v1/messages", json=asked, headers=key).json()
    assert made["state"] == "planned" and made["purpose"] == "shipping" and not made["is_advertising"]
    assert client.post("/api/v1/messages", json=asked, headers=key).json()["message_no"] == made["message_no"]
    refused = client.post("/api/v1/messages", json=asked | {"customer_id": 77, "key": "k2"}, headers=key)
    assert refused.status_code in (400, 404) and "customer" in refused.text
    listed = client.get("/api/v1/messages?status=unknown", headers=key).json()
    assert [one["message_no"] for one in listed["messages"]] == [2, 1] and listed["counts"]["unknown"] == 2
    assert client.post("/api/v1/messages/1/mark-sent", headers=key).json()["state"] == "sent"
    story = client.get("/api/v1/messages/1", headers=key).json()
    assert [one["what"] for one in story["story"]] == ["planned", "called", "sent"]
    assert client.get("/api/v1/messages?status=lost", headers=key).status_code == 400
    assert client.post("/api/v1/messages/stops", json={"scope": "nonsense"}, headers=key).status_code == 400
    assert client.post("/api/v1/messages/stops", json={"scope": "channel:email"}, headers=key).json() == {
        "stopped": True
    }
    assert client.get("/api/v1/messages/stops", headers=key).json()["stops"][0]["scope"] == "channel:email"


def test_the_command_line_says_the_same(shop: Workspace) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(
            command_line, ["messages", *words, "-w", str(shop.folder)], env={"SCHWUNG_LANGUAGE": "en"}
        )
        assert done.exit_code == 0, done.output
        return done.output

    assert json.loads(run("--status", "unknown", "--json"))["counts"]["unknown"] == 2
    assert "the connection was lost before the answer came" in run("show", "1")
    assert "is marked as sent" in run("mark-sent", "1")
    assert "is sent again" in run("resend", "2")
    assert "is cancelled" in run("cancel", "2")
    assert "Stopped: journey:7" in run("stop", "journey:7")
    assert "Nothing is stopped" in run("go", "journey:7")
    save_template(shop, "Parcel", TEMPLATE, actor="test")
    assert "is planned" in run(
        "plan", "p1001@example.de", "Parcel", "--variable", "code=B2", "--at", "2026-12-24T08:00:00"
    )
    assert read_message(shop, 5).variables == {"code": "B2"}


def test_what_is_settled_stays(shop: Workspace) -> None:
    for act in (resend, mark_sent, cancel_message):
        with pytest.raises(InputError, match="settled"):
            act(shop, 4, "test")
    with pytest.raises(InputError, match="no message 77"):
        resend(shop, 77, "test")
    with pytest.raises(InputError, match="no template"):
        plan_message(shop, 1_000, "Nothing", "test")
