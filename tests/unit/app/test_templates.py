"""Templates of a workspace: versions, what is refused, previews for a real customer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schwung.act.template import read_template as read
from schwung.app.templates import check, delete_template, preview, read_template, save_template, templates, versions
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.errors import InputError

SETTINGS = """[workspace]
name = "Kaffeehaus"
language = "de"
[email]
sender = "hallo@kaffeehaus.example"
imprint = "Kaffeehaus GmbH\\\\nWeg 1, 10115 Berlin"
server = "127.0.0.1"
shop_domains = ["kaffeehaus.example"]
"""
FOOT = '<mj-text>{{ company.imprint | newline_to_br }} <a href="{{ unsubscribe_url }}">Abmelden</a></mj-text>'
BODY = '<mj-section><mj-column><mj-text>Hallo {{ customer.first_name | default: "du" }}, {{ journey.code }}</mj-text>{% render "Fuß" %}</mj-column></mj-section>'
WORDS = {"subject": "Willkommen, {{ customer.first_name | default: 'du' }}", "preheader": "Schön", "body": BODY}
WELCOME: dict[str, Any] = {"purpose": "newsletter", "expects": {"code": "WELCOME10"}, "de": WORDS, "en": WORDS}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = create_workspace(tmp_path / "shop", SETTINGS)
    save_template(made, "Fuß", {"channel": "snippet", "de": {"body": FOOT}}, actor="test")
    yield made
    made.store.close()


def test_versions_are_kept_and_the_same_again_is_no_change(workspace: Workspace) -> None:
    first = save_template(workspace, "Willkommen", WELCOME, actor="operator:1")
    assert first.version == 1 == save_template(workspace, "Willkommen", WELCOME, actor="operator:1").version
    changed = WELCOME | {"de": WORDS | {"subject": "Neu"}}
    assert save_template(workspace, "Willkommen", changed, actor="operator:2").version == 2
    assert read_template(workspace, "Willkommen").template.variants["de"].subject == "Neu"
    assert read_template(workspace, "Willkommen", 1).template.variants["de"].subject.startswith("Willkommen")
    assert [(one.version, one.saved_by) for one in versions(workspace, first)] == [(2, "operator:2"), (1, "operator:1")]
    assert [one.name for one in templates(workspace)] == ["Fuß", "Willkommen"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<p>Hallo</p>", "Impressum"),
        ("<p>{{ company.imprint }}</p>", "Abmelden"),
        (FOOT + "{{ customer.vorname }}", "customer.vorname"),
        (FOOT + "{{ journey.other }}", "journey.other"),
        (FOOT + '<a href="#">x</a>', "nirgendwohin"),
        (FOOT + "{% render 'nichts' %}", "nichts"),
    ],
)
def test_what_must_not_be_sent_is_not_saved(workspace: Workspace, body: str, says: str) -> None:
    with pytest.raises(InputError) as told:
        save_template(workspace, "X", {"de": {"subject": "x", "body": body}}, actor="test")
    assert says in told.value.message.de and told.value.code in ("template_refused", "template_wrong")
    assert [one.name for one in templates(workspace)] == ["Fuß"]


def test_a_snippet_in_use_stays(workspace: Workspace) -> None:
    save_template(workspace, "Willkommen", WELCOME, actor="test")
    with pytest.raises(InputError) as told:
        delete_template(workspace, "Fuß", actor="test")
    assert told.value.code == "template_used" and "Willkommen" in told.value.message.de
    delete_template(workspace, "Willkommen", actor="test")
    with pytest.raises(InputError):
        read_template(workspace, "Willkommen")
    assert save_template(workspace, "Willkommen", WELCOME, actor="test").version == 2, "its history goes on"


def test_a_preview_without_anybody_shows_the_examples(workspace: Workspace) -> None:
    shown = preview(workspace, read("x", WELCOME))
    assert shown.customer_id is None and shown.language == "de" and not shown.findings
    assert shown.rendered is not None and shown.rendered.subject == "Willkommen, du"
    assert "Hallo du, WELCOME10" in shown.rendered.text and "Kaffeehaus GmbH<br />" in shown.rendered.html
    assert preview(workspace, read("x", WELCOME), variables={"code": "A1"}).rendered.text.count("A1") == 1  # type: ignore[union-attr]


def test_a_preview_says_what_is_wrong(workspace: Workspace) -> None:
    shown = preview(workspace, read("x", {"de": {"subject": "x", "body": FOOT + "{{ nobody.knows }}"}}))
    assert shown.rendered is None and shown.wrong is not None and "nobody" in shown.wrong.de
    assert [one.rule for one in shown.findings if one.is_error] == ["variables"]
    assert preview(workspace, read("x", {"de": {"body": "{% if %}"}})).wrong is not None


def test_settings_that_are_missing_are_told_and_do_not_forbid_to_save(tmp_path: Path) -> None:
    bare = create_workspace(tmp_path / "bare", '[workspace]\nname = "x"\n')
    made = read("x", {"de": {"subject": "x", "preheader": "y", "body": FOOT}})
    assert [one.rule for one in check(bare, made) if one.is_error] == ["sender", "sender"]
    assert save_template(bare, "x", made.to_json(), actor="test").version == 1
    bare.store.close()


def test_a_webhook_is_looked_at_too(workspace: Workspace) -> None:
    written = {"channel": "webhook", "url": "https://crm.example/", "payload": {"a": ["{{ customer.first_name }}"], "b": "{{ language }}"}}  # fmt: skip
    assert not check(workspace, read("x", written))
    shown = preview(workspace, read("x", written))
    assert shown.rendered is not None and shown.rendered.text == '{"a": [""], "b": "de"}'
    assert [one.rule for one in check(workspace, read("x", written | {"payload": {"a": "{{ nobody }}"}}))] == [
        "variables"
    ]
    with pytest.raises(InputError) as told:
        save_template(workspace, "x", written | {"payload": {"a": {"b": "{% if %}"}}}, actor="test")
    assert "payload.a.b" in told.value.message.de


def test_a_snippet_is_shown_alone(workspace: Workspace) -> None:
    shown = preview(workspace, read_template(workspace, "Fuß").template)
    assert shown.rendered is not None and "Weg 1" in shown.rendered.html
