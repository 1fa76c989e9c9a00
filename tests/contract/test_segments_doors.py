"""Segments by clicking: the form says what the rule says, buttons add and take away, what is wrong stays to be mended."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.keys import create_key
from schwung.app.segments import read_segment, save_segment, segments
from schwung.app.wiring import Workspace
from schwung.cli import app as command_line
from schwung.segment.leaves import LEAVES
from schwung.segment.rule import read_rule
from schwung.web.app import create_app
from schwung.web.console.segments import form
from tests import cast
from tests.contract.test_access_http import csrf_of, sign_in
from tests.web_form import Fields


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace()
    cast.fill(workspace)
    return workspace


def test_the_form_holds_every_kind_of_condition() -> None:
    rule = {"all": [dict(kind.example) for kind in LEAVES.values()]}
    rule["all"] += [{"not": {"any": [{"did": {"event": "product_viewed", "distinct": "color", "at_least": 2, "where": [{"property": "a", "op": "in", "value": ["x", "y"]}]}}]}}]  # fmt: skip
    again = form.finished(form.rule_of(form.fields_of(rule)))
    assert read_rule(again) == read_rule(rule)


def test_a_segment_is_built_by_clicking(shop: Workspace) -> None:
    client: TestClient = sign_in(shop, "editor")
    token = {"csrf": csrf_of(client)}
    page = client.get("/segments/new").text
    sent = Fields(page).sent | token
    added = client.post("/segments/build", data=sent | {"act": "add:n"})
    assert added.status_code == 200
    sent = Fields(added.text).sent | token
    assert {"n.0.is", "n.1.is", "n.2.is"} <= set(sent)
    sent = Fields(client.post("/segments/build", data=sent | {"act": "remove:n.0"}).text).sent | token
    sent = Fields(client.post("/segments/build", data=sent | {"act": "remove:n.0"}).text).sent | token
    sent |= {"n.0.is": "kind"}
    sent = Fields(client.post("/segments/build", data=sent).text).sent | token
    assert sent["n.0.0.dormant"] == "1", "another kind of condition begins with its example"
    refused = client.post("/segments/save", data=sent | {"name": " "})
    assert refused.status_code == 200 and "name" in refused.text.lower() and segments(shop) == []
    saved = client.post("/segments/save", data=sent | {"name": "Gone"})
    assert saved.status_code == 303 and saved.headers["location"] == "/segments/1"
    assert read_segment(shop, "Gone").list.size == 2
    assert "Gone" in client.get("/segments").text and "Emil" not in client.get("/segments").text
    reached = client.get("/segments/1/reach").text
    assert "there is no address for this channel" in reached or "there is no consent" in reached
    assert (
        "data-spec" in client.get("/segments/1/past").text
        and "data-spec" in client.post("/segments/past", data=sent).text
    )
    again = Fields(client.get("/segments/1/edit").text).sent
    assert again["n.0.is"] == "kind" and again["no"] == "1"
    wrong = client.post("/segments/build", data=again | token | {"n.0.is": "did", "n.0.was": "did", "n.0.1.which": "at_least", "n.0.1.value": "many"})  # fmt: skip
    assert wrong.status_code == 200 and "needs a number" in wrong.text
    assert client.post("/segments/1/delete", data=token).headers["location"] == "/segments" and segments(shop) == []


def test_reach_and_past_by_api_and_command_line(shop: Workspace) -> None:
    save_segment(shop, "Recent", {"did": {"fact": "orders", "within": "30 days"}}, actor="test")
    save_segment(shop, "German", {"trait": {"name": "country", "op": "=", "value": "DE"}}, actor="test")
    client = TestClient(create_app(shop, console=False))
    key = {"Authorization": f"Bearer {create_key(shop, 'test', 'read')}"}
    told = {what: client.get(f"/api/v1/segments/1/{what}", headers=key).json() for what in ("reach", "past")}
    (email,) = [one for one in told["reach"]["channels"] if one["channel"] == "email"]
    assert email["looked_at"] == 2 == email["reachable"] + sum(email["why_not"].values())
    assert len(told["past"]["sizes"]) == 13 and told["past"]["sizes"][-1]["customers"] == 2
    run, place = CliRunner(env={"SCHWUNG_LANGUAGE": "de"}), ["-w", str(shop.folder)]
    said = {what: run.invoke(command_line, ["segment", what, "Recent", *place]).stdout for what in ("reach", "past")}
    assert "E-Mail" in said["reach"] and "keine" in said["reach"] and said["past"].count("│ 20") == 13
    assert "Merkmal" in run.invoke(command_line, ["segment", "past", "German", *place]).stdout, "a trait has no past"
