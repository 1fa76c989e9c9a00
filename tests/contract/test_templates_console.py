"""Templates in the console: saved, looked at while they are written, shown in a frame that can do no harm."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from schwung.app.templates import read_template, save_template
from schwung.app.wiring import Workspace
from tests.contract.test_access_http import csrf_of, sign_in
from tests.contract.test_templates_doors import EMAIL
from tests.unit.app.test_templates import FOOT

FIELDS = {
    "name": "Willkommen", "channel": "email", "purpose": "newsletter", "expects": "code: WELCOME10", "spoken": "de", "version": "",
    "de.subject": "Hallo", "de.preheader": "Schön", "de.body": "<p>Code {{ journey.code }}</p>" + FOOT,
}  # fmt: skip


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    return new_workspace(more=EMAIL)


def test_an_email_is_written_looked_at_and_saved(shop: Workspace) -> None:
    client: TestClient = sign_in(shop, "editor")
    sent = FIELDS | {"csrf": csrf_of(client)}
    assert client.get("/templates").status_code == client.get("/templates/new").status_code == 200
    looked = client.post("/templates/look", data=sent)
    assert "WELCOME10" in looked.text and looked.status_code == 200
    assert "journey.other" in client.post("/templates/look", data=sent | {"de.body": FOOT + "{{ journey.other }}"}).text
    framed = client.post("/templates/page", data=sent)
    assert "Code WELCOME10" in framed.text
    policy = framed.headers["content-security-policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script" not in policy
    assert "expects" in client.post("/templates/page", data=sent | {"expects": "[a"}).text
    refused = client.post("/templates/save", data=sent | {"de.body": "<p>x</p>"})
    assert refused.status_code == 200 and "company.imprint" in refused.text, "what was written stays"
    saved = client.post("/templates/save", data=sent)
    assert saved.status_code == 303 and saved.headers["location"] == "/templates/one?name=Willkommen"
    for path in (
        "/templates",
        "/templates/one?name=Willkommen",
        "/templates/edit?name=Willkommen",
        "/templates/page?name=Willkommen",
    ):
        assert client.get(path).status_code == 200, path
    assert "template.one" not in client.get("/templates/one?name=Willkommen").text


def test_who_saves_over_a_newer_version_is_told(shop: Workspace) -> None:
    client: TestClient = sign_in(shop, "editor")
    sent = FIELDS | {"csrf": csrf_of(client)}
    client.post("/templates/save", data=sent)
    save_template(
        shop, "Willkommen", read_template(shop, "Willkommen").template.to_json() | {"note": "x"}, actor="test"
    )
    told = client.post("/templates/save", data=sent | {"version": "1"})
    assert told.status_code == 200 and read_template(shop, "Willkommen").version == 2
    assert client.post("/templates/save", data=sent | {"version": "2", "note": "y"}).status_code == 303
    assert client.post("/templates/delete", data=sent).status_code == 303


def test_webhooks_and_snippets_have_forms_too(shop: Workspace) -> None:
    client: TestClient = sign_in(shop, "owner")
    token = {"csrf": csrf_of(client), "version": ""}
    hook = {"name": "CRM", "channel": "webhook", "url": "https://crm.example/", "purpose": "account", "payload": "name: '{{ customer.name }}'"}  # fmt: skip
    assert client.post("/templates/save", data=hook | token).status_code == 303
    assert "whsec_" in client.get("/templates/one?name=CRM").text
    assert (
        client.post("/templates/save", data={"name": "Fuß", "channel": "snippet", "de.body": FOOT} | token).status_code
        == 303
    )
    assert client.get("/templates/one?name=Fu%C3%9F").status_code == 200
    wrong = client.post("/templates/save", data=hook | token | {"payload": "[a", "name": "Y"})
    assert wrong.status_code == 200 and "payload" in wrong.text
    for channel in ("email", "snippet", "webhook"):
        assert client.get(f"/templates/new?channel={channel}").status_code == 200
    assert client.post("/templates/test", data=FIELDS | token | {"to": "team@b.example"}).status_code == 200
