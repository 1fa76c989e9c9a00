"""Messages in the words of their receivers: language, traits, products, the way out; what cannot be made is told."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from schwung.act.channel import Outgoing, Refused
from schwung.act.message import told_by_itself
from schwung.app.render_messages import Renderer
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace, create_workspace
from tests.unit.app.test_templates import FOOT, SETTINGS

WORDS = {
    "de": {"subject": "Hallo {{ customer.first_name | default: 'du' }}", "body": "<p>Code {{ journey.code }} am {{ today }}</p>" + FOOT},
    "en": {"subject": "Hello {{ customer.first_name | default: 'you' }}", "body": "<p>Code {{ journey.code }} on {{ today }}</p>" + FOOT},
}  # fmt: skip
PEOPLE = {
    7: {"first_name": "Jürgen", "language": "de"},
    8: {"first_name": "Eve", "language": "en-GB"},
    9: {"language": "fr"},
}


@dataclass(frozen=True)
class Message:
    message_no: int
    customer: int | None = 7
    template: str = "Willkommen"
    variables: str = '{"code": "A1"}'
    channel: str = "email"
    purpose: str = "newsletter"
    is_advertising: int = 1
    campaign: str | None = None
    address: str | None = "x@b.example"

    @property
    def message_key(self) -> str:
        return f"k{self.message_no}"

    @property
    def identifier_id(self) -> int | None:
        return self.customer


def links(workspace: Workspace, identifier_id: int | None, purpose: str) -> Mapping[str, str]:
    return {
        "unsubscribe_url": f"https://s.example/u/{identifier_id}/{purpose}",
        "preferences_url": "https://s.example/p",
    }


@pytest.fixture
def renderer(tmp_path: Path) -> Iterator[Renderer]:
    made = create_workspace(tmp_path / "shop", SETTINGS, lambda: 1_795_910_400_000_000)
    save_template(made, "Willkommen", {"expects": {"code": "X"}, **WORDS}, actor="test")
    with made.store.write() as tx:
        tx.load(
            "identifier",
            ("identifier_id", "kind", "value", "customer_id", "source", "first_seen_at", "batch_no"),
            [(one, "email", f"p{one}@b.example", one, "shop", 1, 1) for one in PEOPLE],
        )
        tx.run_many(
            "profile.observe",
            [
                {"identifier_id": one, "name": name, "source": "shop", "value": json.dumps(value), "observed_at": 1}
                for one, told in PEOPLE.items()
                for name, value in told.items()
            ],
        )
    yield Renderer(made, links)
    made.store.close()


def test_each_gets_the_own_language_name_and_way_out(renderer: Renderer) -> None:
    done = renderer.render([Message(1, 7), Message(2, 8), Message(3, 9), Message(4, None)])
    assert all(isinstance(one, Outgoing) for one in done.values())
    made = {number: one.rendered for number, one in done.items() if isinstance(one, Outgoing)}
    assert [one.subject for one in made.values()] == ["Hallo Jürgen", "Hello Eve", "Hallo du", "Hallo du"]
    assert "Code A1 am 29. November 2026" in made[1].text and "Code A1 on 29 November 2026" in made[2].text
    assert made[1].headers["List-Unsubscribe"] == "<https://s.example/u/7/newsletter>"
    assert made[1].headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert made[1].headers["List-ID"] == "<newsletter.kaffeehaus.example>"
    assert "https://s.example/u/7/newsletter" in made[1].html and (made[1].language, made[2].language) == ("de", "en")


def test_what_cannot_be_made_is_told_and_spoils_no_other(renderer: Renderer) -> None:
    done = renderer.render([Message(1, variables="{}"), Message(2, template="Nichts"), Message(3), Message(4, address=None), Message(5, channel="webhook")])  # fmt: skip
    reasons = {number: one.reason for number, one in done.items() if isinstance(one, Refused)}
    assert reasons == dict.fromkeys((1, 2, 4, 5), "unrenderable") and isinstance(done[3], Outgoing)
    assert isinstance(done[1], Refused)
    said = told_by_itself(done[1].detail)
    assert (
        said.en == "A variable has no value: journey.code."
        and said.de == "Eine Variable hat keinen Wert: journey.code."
    )


def test_advertising_never_goes_by_a_template_without_a_way_out(renderer: Renderer) -> None:
    plain = {"advertising": False, "purpose": "order_confirmation", "de": {"subject": "Danke", "body": "<p>Danke</p>"}}
    save_template(renderer.workspace, "Danke", plain, actor="test")
    done = renderer.render(
        [Message(1, template="Danke"), Message(2, template="Danke", is_advertising=0), Message(3, is_advertising=0)]
    )
    assert isinstance(done[1], Refused) and isinstance(done[3], Refused), "nor the other way round"
    assert isinstance(done[2], Outgoing) and not done[2].rendered.headers
    nowhere = Renderer(renderer.workspace, lambda *_: {"unsubscribe_url": "", "preferences_url": ""})
    assert isinstance(nowhere.render([Message(1)])[1], Refused)


def test_a_change_of_the_template_holds_at_once(renderer: Renderer) -> None:
    renderer.render([Message(1)])
    changed = {"expects": {"code": "X"}, "de": WORDS["de"] | {"subject": "Neu"}}
    save_template(renderer.workspace, "Willkommen", changed, actor="test")
    made = renderer.render([Message(1)])[1]
    assert isinstance(made, Outgoing) and (made.rendered.subject, made.rendered.template_version) == ("Neu", 2)


def test_links_name_the_campaign_of_the_message(renderer: Renderer) -> None:
    body = '<a href="https://kaffeehaus.example/x">x</a>' + FOOT
    save_template(renderer.workspace, "Los", {"de": {"subject": "Los", "body": body}}, actor="test")
    done = renderer.render([Message(1, template="Los"), Message(2, template="Los", campaign="herbst 26")])
    found = [
        re.findall(r"utm_campaign=([^\"&]*)", one.rendered.html) for one in done.values() if isinstance(one, Outgoing)
    ]
    assert found == [["Los"], ["herbst%2026"]]


def test_a_webhook_carries_fields_that_no_value_can_break(renderer: Renderer) -> None:
    written = {
        "channel": "webhook", "url": "https://crm.example/hook", "expects": {"points": 3},
        "payload": {"name": "{{ customer.first_name }}", "points": "{{ journey.points | json }}", "fixed": 1, "list": ["{{ language }}"]},
    }  # fmt: skip
    save_template(renderer.workspace, "Haken", written, actor="test")
    evil = json.dumps({"points": {"a": '"},{'}})
    made = renderer.render([Message(1, template="Haken", channel="webhook", variables=evil, address=None)])[1]
    assert isinstance(made, Outgoing) and made.address == "https://crm.example/hook"
    assert json.loads(made.rendered.text) == {"name": "Jürgen", "points": {"a": '"},{'}, "fixed": 1, "list": ["de"]}
