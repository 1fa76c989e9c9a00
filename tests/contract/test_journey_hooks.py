"""Webhooks without a key: an address lets the customer whom the JSON names into a journey; wrong ones are told why not."""

import base64
import hashlib
import hmac
import json

from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app import journeys
from schwung.app.journey_hooks import Hook, close_hook, hook_of, open_hook
from schwung.app.journey_tick import tick
from schwung.app.wiring import Workspace
from schwung.cli import app as command_line
from schwung.web.app import create_app
from schwung.web.public import hooks
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_access_http import csrf_of, sign_in


def _filled(workspace: Workspace) -> TestClient:
    cast.fill(workspace)
    written = {
        "trigger": {"webhook": "customer.user_id", "identifier": "user_id"},
        "holdout": 0,
        "re_entry": "each",
        "steps": [{"task": "Call"}],
    }
    journeys.save_journey(workspace, "Called", written, actor="test")
    journeys.start(workspace, "Called", actor="test")
    return TestClient(create_app(workspace, console=False))


def _entered(workspace: Workspace) -> int:
    tick(workspace)
    with workspace.store.read() as tx:
        return len(tx.rows("journeys.ways", journey_no=1))


def _path(hook: Hook) -> str:
    return "/p/" + hook.address.partition("/p/")[2]


def _signed(hook: Hook, clock: FrozenClock, body: bytes, own_id: str, late: int = 0) -> dict[str, str]:
    """As the receiver's secret says, by the letter of Standard Webhooks."""
    at = str(clock.now // 1_000_000 - late)
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    mark = base64.b64encode(hmac.new(key, f"{own_id}.{at}.".encode() + body, hashlib.sha256).digest()).decode()
    return {"webhook-id": own_id, "webhook-timestamp": at, "webhook-signature": f"v1,AAAA v1,{mark}"}


def _body(who: str) -> bytes:
    return json.dumps({"customer": {"user_id": who}, "total": 5}).encode()


def test_an_address_lets_in_and_says_what_is_wrong(each_workspace: Workspace, clock: FrozenClock) -> None:
    client = _filled(each_workspace)
    assert hook_of(each_workspace, "Called") is None
    hook = open_hook(each_workspace, "Called", is_signed=False, actor="test")
    assert hook_of(each_workspace, 1) == hook
    assert client.post(_path(hook), content=_body("anna")).status_code == 202
    once = {"webhook-id": "msg_1"}
    assert [client.post(_path(hook), content=_body("ben"), headers=once).status_code for _ in range(2)] == [202, 202]
    assert _entered(each_workspace) == 2, "the same webhook-id enters nobody twice"
    refused = {
        "hook_no_json": client.post(_path(hook), content=b"[1]"),
        "unknown_customer": client.post(_path(hook), content=_body("nobody")),
        "hook_unknown": client.post(_path(hook)[:-1] + "x", content=_body("anna")),
        "hook_too_large": client.post(_path(hook), content=b" " * 300_000),
        "hook_unsigned": client.post(_path(hook), content=_body("anna"), headers={"webhook-signature": "v1,AAAA"}),
    }
    assert {code: answer.json()["code"] for code, answer in refused.items()} == {code: code for code in refused}
    assert [answer.status_code for answer in refused.values()] == [400, 404, 404, 413, 401]
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in refused.values())
    journeys.pause(each_workspace, "Called", actor="test")
    assert client.post(_path(hook), content=_body("anna")).status_code == 409 and _entered(each_workspace) == 2
    journeys.start(each_workspace, "Called", actor="test")
    newer = open_hook(each_workspace, "Called", is_signed=True, actor="test")
    assert client.post(_path(hook), content=_body("anna")).status_code == 404, "an earlier address has ended"
    body = _body("cem")
    for headers in (
        {},
        _signed(newer, clock, body, "m2", late=301),
        _signed(hook, clock, body, "m3"),
        _signed(newer, clock, body + b" ", "m4"),
    ):
        assert client.post(_path(newer), content=body, headers=headers).json()["code"] == "hook_unsigned"
    assert client.post(_path(newer), content=body, headers=_signed(newer, clock, body, "m5")).status_code == 202
    assert _entered(each_workspace) == 3
    close_hook(each_workspace, "Called", actor="test")
    assert client.post(_path(newer), content=body, headers=_signed(newer, clock, body, "m6")).status_code == 404


def test_who_calls_too_often_is_told_to_wait(workspace: Workspace) -> None:
    client = _filled(workspace)
    hook = open_hook(workspace, "Called", is_signed=False, actor="test")
    hooks.PACE._called[str(workspace.folder), 1] = float("inf"), hooks.MOST_A_MINUTE - 1
    assert client.post(_path(hook), content=_body("anna")).status_code == 202
    late = client.post(_path(hook), content=_body("anna"))
    assert late.status_code == 429 and late.headers["retry-after"] == "60"


def test_made_and_ended_by_each_door(workspace: Workspace) -> None:
    _filled(workspace)
    client = sign_in(workspace, "editor")
    token = {"csrf": csrf_of(client)}
    client.post("/journeys/1/hook", data=token | {"act": "open", "signed": "1"})
    made = hook_of(workspace, 1)
    assert made is not None and made.is_signed
    page = client.get("/journeys/1").text
    assert made.address in page and made.secret in page
    assert made.address not in sign_in(workspace, "viewer").get("/journeys/1").text
    client.post("/journeys/1/hook", data=token | {"act": "close"})
    assert hook_of(workspace, 1) is None
    run, place = CliRunner(), ["-w", str(workspace.folder)]
    told = json.loads(run.invoke(command_line, ["journey", "hook", "Called", "--new", "--json", *place]).stdout)
    assert (
        told["address"] in run.invoke(command_line, ["journey", "hook", "1", *place]).stdout and not told["is_signed"]
    )
    run.invoke(command_line, ["journey", "hook", "1", "--off", *place])
    assert hook_of(workspace, 1) is None
