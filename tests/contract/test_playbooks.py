"""Playbooks: each is complete, is taken over in the workspace's language, and twice is once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schwung.app.consents import record_consent
from schwung.app.definitions import plan
from schwung.app.journey_tick import tick
from schwung.app.journeys import find_journey, journeys, save_journey, start
from schwung.app.lead_points import save_lead_points
from schwung.app.messages import messages
from schwung.app.playbooks import file_of, playbooks, take_playbook
from schwung.app.segment_tick import tick as segment_tick
from schwung.app.segments import segments
from schwung.app.tasks import tasks
from schwung.app.templates import check, preview, read_template, save_template, templates
from schwung.app.train import train
from schwung.app.wiring import Workspace
from schwung.cli import app
from schwung.core.clock import MINUTE
from schwung.core.errors import InputError
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_access_http import csrf_of, sign_in
from tests.people import customer_of

EMAIL = '\n[email]\nsender = "shop@example.org"\nimprint = "Shop, Street 1, Berlin"\nshop_domains = ["shop.example"]\n'

FOOT = '<mj-text>{{ company.imprint }} <a href="{{ unsubscribe_url }}">away</a></mj-text>'


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace()
    cast.fill(workspace)
    file = workspace.folder / "schwung.toml"
    file.write_text(file.read_text() + EMAIL)
    return workspace


def test_every_playbook_is_complete(shop: Workspace, tmp_path: Path) -> None:
    for one in playbooks():
        changes = take_playbook(shop, one.name, "de", actor="test")
        assert {change.kind for change in changes} == {"segment", "template", "journey"}
        assert all(change.state == "same" for change in take_playbook(shop, one.name, "de", actor="test")), (
            "twice is once"
        )
        saved = find_journey(shop, one.journey("de"))
        assert saved.state == "draft" and saved.journey.goal is not None and saved.journey.holdout == 0.1
        assert start(shop, saved.journey_no, actor="test").state == "live"
        (tmp_path / "one.yaml").write_text(file_of(one, "de"))
        assert all(other.state in ("same", "elsewhere") or other.kind == "journey" for other in plan(shop, tmp_path))
    for saved_template in templates(shop):
        assert not [one for one in check(shop, saved_template.template) if one.is_error], saved_template.name
        assert set(saved_template.template.variants) == {"en", "de"}
    shown = preview(shop, read_template(shop, "cart_reminder").template, language="de")
    assert shown.rendered is not None and shown.wrong is None
    for text in ("Zum Warenkorb", "https://shop.example/cart", "Berlin", "abmelden"):
        assert text in shown.rendered.html
    assert {"Warenkorb verlassen", "Still geworden"} <= {one.name for one in segments(shop)}


def test_what_is_there_is_not_overwritten_by_itself(shop: Workspace) -> None:
    own = {"channel": "snippet", "en": {"body": FOOT}}
    save_template(shop, "playbook_foot", own, actor="test")
    with pytest.raises(InputError, match="playbook_foot"):
        take_playbook(shop, "abandoned_cart", actor="test")
    assert journeys(shop) == [] and segments(shop) == [], "nothing is half there"
    take_playbook(shop, "abandoned_cart", actor="test", over=True)
    assert find_journey(shop, "Abandoned cart").state == "draft"


def test_by_command_line_and_by_clicking(shop: Workspace) -> None:
    done = CliRunner().invoke(app, ["playbook", "take", "welcome", "-w", str(shop.folder), "--json"])
    assert done.exit_code == 0, done.output
    assert {one["name"] for one in json.loads(done.stdout)} >= {"Welcome", "May be welcomed", "welcome_hello"}
    listed = json.loads(CliRunner().invoke(app, ["playbook", "list", "--json"]).stdout)
    assert [one["name"] for one in listed] == [one.name for one in playbooks()]
    client = sign_in(shop, "editor")
    token = {"csrf": csrf_of(client)}
    assert "It is there: open it" in client.get("/journeys-playbooks").text
    answer = client.post("/journeys-playbooks/win_back", data=token)
    assert answer.status_code == 303 and "Win-back" in client.get(answer.headers["location"]).text


def test_e_mail_must_be_set_up_first(new_workspace: Callable[..., Workspace]) -> None:
    with pytest.raises(InputError, match=r"email\.sender"):
        take_playbook(new_workspace(), "welcome", actor="test")


def test_a_lead_with_many_points_is_handed_to_the_seller(shop: Workspace, clock: FrozenClock) -> None:
    """Dana has not ordered; Friday, 13:00: the guide is planned, and as she has enough points already, the task is there."""
    take_playbook(shop, "lead_nurturing", "en", actor="test")
    written = find_journey(shop, "Lead nurturing").to_json()["definition"] | {"holdout": 0}
    save_journey(shop, "Lead nurturing", written, actor="test")
    start(shop, "Lead nurturing", actor="test")
    clock.now += MINUTE
    rule = {"points": 70, "rule": {"not": {"did": {"fact": "orders"}}}}
    save_lead_points(shop, {"fit": {"cap": 100, "rules": [rule]}}, actor="test")
    dana = customer_of(shop, "user_id", "dana")
    assert dana is not None
    record_consent(shop, dana, "test", purpose="newsletter", channel="email", state="granted", proof="card 7")
    train(shop, "lead_points", actor="test")
    segment_tick(shop)
    tick(shop)
    (task,) = tasks(shop, owner="sales@example.com")
    assert task.customer_id == dana and task.title == "Hand over: call this lead" and task.due_at is not None
    assert [one.template for one in messages(shop)] == ["lead_guide"]
