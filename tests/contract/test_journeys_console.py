"""Journeys by clicking: steps are added, moved, copied, taken away and undone; the panel says what the step says."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from schwung.act.journey import read_journey
from schwung.act.steps import STEPS
from schwung.act.trigger import EXAMPLES, KINDS
from schwung.app.journeys import find_journey, journeys
from schwung.app.templates import delete_template
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.web.console.journeys import draft as drafts
from schwung.web.console.journeys import form
from tests import cast
from tests.contract.test_access_http import csrf_of, sign_in
from tests.letters import write_letters
from tests.web_form import Fields


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace()
    cast.fill(workspace)
    return workspace


def draft_of(*steps: Any, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        json.dumps({"trigger": "manual", "steps": [*steps, {"wait": {"for": "1 day"}}], **more})
    )
    return found


def again(draft: dict[str, Any], at: str) -> dict[str, Any]:
    """The draft after its open panel was sent back as it is."""
    fields = form.panel_fields(form.Editing(draft, at))
    sent = {name: value for name, value in fields.items() if value} | {
        "draft": json.dumps(draft),
        "at": at,
        "panel": "1",
    }
    return form.editing_of(sent).draft


@pytest.mark.parametrize("kind", list(STEPS))
def test_a_panel_that_is_sent_back_changes_nothing(kind: str) -> None:
    draft = draft_of({kind: dict(STEPS[kind].example)})
    draft["steps"] = draft["steps"][: 1 if STEPS[kind].is_end else 2]
    assert read_journey("a", again(draft, "0")) == read_journey("a", draft)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_trigger_that_is_sent_back_changes_nothing(kind: str) -> None:
    draft = draft_of(trigger=EXAMPLES[kind], entry={"kind": ["existing"]})
    assert form.trigger_kind(draft["trigger"]) == kind
    assert read_journey("a", again(draft, "trigger")).trigger == read_journey("a", draft).trigger


def test_terms_entry_and_goal_are_kept() -> None:
    draft = draft_of(
        holdout=0.125, re_entry={"after": "14 days"}, note="why", purpose="cart_reminder",
        entry={"any": [{"kind": ["existing"]}, {"not": {"share": {"of": 0.5, "salt": "a"}}}]},
        goal={"rule": {"all": [{"kind": ["won_back"]}]}, "within": "7 days"}, exit=[{"event": "order_refunded"}],
    )  # fmt: skip
    for at in ("terms", "entry", "goal"):
        assert read_journey("a", again(draft, at)) == read_journey("a", draft), at


def test_steps_are_moved_copied_and_taken_away_within_ways() -> None:
    draft = draft_of({"branch": {"if": {"kind": ["lost"]}}})
    assert drafts.insert(draft, "0.0.0", "send") == "0.0.0"
    assert drafts.copy(draft, "0.0.0") == "0.0.1"
    drafts.insert(draft, "0.1.0", "exit")
    assert [drafts.kind_of(one) for one in draft["steps"][0]["branch"]["then"]] == ["send", "send"]
    assert drafts.move(draft, "0.0.0", 1) == "0.0.1" and drafts.move(draft, "0.0.1", 1) == "0.0.1"
    drafts.remove(draft, "0.0.0")
    drafts.replace(draft, "0", {"if": {"kind": ["dormant"]}}, "")
    assert draft["steps"][0]["branch"]["if"] == {"kind": ["dormant"]} and len(draft["steps"][0]["branch"]["then"]) == 1
    assert drafts.move(draft, "1", -1) == "0" and drafts.kind_of(draft["steps"][0]) == "wait"
    assert drafts.insert(draft, "7.0.0", "send") == "" and drafts.step_at(draft, "9") is None


def test_a_journey_is_built_by_clicking(shop: Workspace) -> None:
    client: TestClient = sign_in(shop, "editor")
    token = {"csrf": csrf_of(client)}

    def press(sent: dict[str, str], act: str, **more: str) -> dict[str, str]:
        answer = client.post("/journeys/build", data=sent | token | {"act": act} | more)
        assert answer.status_code == 200
        return Fields(answer.text).sent

    sent = Fields(client.get("/journeys/new").text).sent
    sent = press(sent, "j:add:1:branch", name="Cart")
    assert sent["at"] == "1" and "n.0.is" in sent, "the new step is open, with the rule of the branch"
    sent = press(sent, "add:n")
    assert "n.1.is" in sent, "conditions are added as in the builder of segments"
    undone = press(sent, "j:undo")
    assert len(json.loads(undone["draft"])["steps"][1]["branch"]["if"].get("all", [1])) == 1
    assert json.loads(press(undone, "j:redo")["draft"]) == json.loads(sent["draft"])
    wrong = client.post("/journeys/save", data=sent | token | {"name": " "})
    assert wrong.status_code == 200 and journeys(shop) == []
    sent = press(sent, "j:open:terms") | {"f.0.value": "25", "f.1.value": "cart_reminder"}
    dry = client.post("/journeys/dry-run", data=sent | token)
    assert dry.status_code == 200 and "Dry run" in dry.text and journeys(shop) == []
    saved = client.post("/journeys/save", data=sent | token)
    assert saved.headers["location"] == "/journeys/1"
    found = find_journey(shop, "Cart")
    assert (found.journey.holdout, found.journey.purpose, found.state) == (0.25, "cart_reminder", "draft")
    client.post("/journeys/1/start", data=token)
    assert find_journey(shop, 1).state == "draft" and "there is no template" in client.get("/journeys/1").text
    write_letters(shop, found.journey.templates, "cart_reminder")
    assert client.post("/journeys/1/start", data=token).status_code == 303 and find_journey(shop, 1).state == "live"
    with pytest.raises(InputError, match="Cart"):
        delete_template(shop, "cart_reminder", actor="test")
    told = client.get("/journeys/1?who=customer:1").text
    assert "live since" in told and "Why did somebody get it" in told
    assert client.get("/journeys/1/result").status_code == 200
    edited = Fields(client.get("/journeys/1/edit").text).sent
    told = client.post("/journeys/build", data=edited | token | {"act": "j:remove:0"}).text
    assert "goes on at once with the step that follows" in told, (
        "what an edit does to those within is said before saving"
    )
    broken = client.post("/journeys/build", data=edited | token | {"act": "j:file", "file": "steps: 3"})
    assert broken.status_code == 200 and "no journey in YAML" in broken.text
    for draft in (
        "{}",
        "[]",
        "nonsense",
        '{"steps": [{"send": 3}, {"nothing": {}}]}',
        '{"steps": 5}',
        '{"trigger": [], "steps": [7]}',
    ):
        assert client.post("/journeys/build", data=token | {"draft": draft, "at": "0"}).status_code in (200, 400), draft
    client.post("/journeys-stop", data=token)
    assert "Let them go on" in client.get("/journeys").text
    assert client.post("/journeys/1/delete", data=token).headers["location"] == "/journeys" and journeys(shop) == []
