"""Templates by command, by HTTP and from files: the same thing each time, on both stores."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.definitions import apply, plan
from schwung.app.keys import create_key
from schwung.app.templates import read_template, save_template, templates, versions
from schwung.app.wiring import Workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.web.app import create_app
from tests.unit.app.test_templates import FOOT, WELCOME, WORDS

EMAIL = '[email]\nsender = "hallo@kaffeehaus.example"\nimprint = "Kaffeehaus GmbH"\nserver = "127.0.0.1"\n'


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace(more=EMAIL)
    save_template(workspace, "Fuß", {"channel": "snippet", "de": {"body": FOOT}}, actor="test")
    return workspace


def test_both_stores_keep_versions(each_workspace: Workspace) -> None:
    snippet = {"channel": "snippet", "de": {"body": "a"}}
    save_template(each_workspace, "A", snippet, actor="one")
    save_template(each_workspace, "A", snippet | {"en": {"body": "b"}}, actor="two")
    found = read_template(each_workspace, "A")
    assert found.version == 2 and [one.saved_by for one in versions(each_workspace, found)] == ["two", "one"]


def test_over_http(shop: Workspace) -> None:
    key = create_key(shop, "all", "admin", actor="test")
    with TestClient(create_app(shop), headers={"Authorization": f"Bearer {key}"}) as client:
        saved = client.post("/api/v1/templates", json={"name": "Willkommen", "definition": WELCOME})
        assert saved.status_code == 200 and saved.json()["version"] == 1
        assert [one["name"] for one in client.get("/api/v1/templates").json()["templates"]] == ["Fuß", "Willkommen"]
        shown = client.get("/api/v1/templates/preview", params={"name": "Willkommen", "language": "en"}).json()
        assert shown["language"] == "en" and "WELCOME10" in shown["text"] and shown["findings"] == []
        refused = client.post(
            "/api/v1/templates", json={"name": "X", "definition": {"de": {"subject": "x", "body": "x"}}}
        )
        assert refused.status_code == 400 and refused.json()["code"] == "template_refused"
        looked = client.post(
            "/api/v1/templates/check", json={"name": "X", "definition": {"de": {"subject": "x", "body": "x"}}}
        )
        assert {one["rule"] for one in looked.json()["findings"] if one["level"] == "error"} == {
            "imprint",
            "unsubscribe",
        }
        assert "products.cart" in client.get("/api/v1/templates/variables").json()["variables"]
        assert client.request("DELETE", "/api/v1/templates/one", params={"name": "Willkommen"}).status_code == 200
        assert client.get("/api/v1/templates/one", params={"name": "Willkommen"}).status_code == 404


def test_from_files(shop: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    folder.mkdir()
    words = {part: text for part, text in WORDS.items() if part != "body"}
    (folder / "welcome.yaml").write_text(
        json.dumps({"template": "Willkommen", "expects": {"code": "A"}, "de": words, "en": words})
    )
    (folder / "a.yaml").write_text(json.dumps({"template": "Fuß 2", "channel": "snippet", "de": {"body": FOOT}}))
    body = WORDS["body"].replace("Fuß", "Fuß 2")
    (folder / "welcome.de.mjml").write_text(body)
    (folder / "welcome.en.mjml").write_text(body)
    assert {one.name: one.state for one in plan(shop, folder)} == {
        "Fuß 2": "new",
        "Willkommen": "new",
        "Fuß": "elsewhere",
    }
    apply(shop, folder, actor="test")
    apply(shop, folder, actor="test")
    assert {one.name: one.version for one in templates(shop)} == {"Fuß": 1, "Fuß 2": 1, "Willkommen": 1}
    (folder / "welcome.de.mjml").write_text(body + "\n<!-- neu -->")
    [changed] = [one for one in plan(shop, folder) if one.state == "changed"]
    assert [one.de for one in changed.words] == ["Deutsch, body: 1 Zeilen anders"]
    (folder / "welcome.de.mjml").write_text("{% if %}")
    with pytest.raises(InputError) as told:
        plan(shop, folder)
    assert "welcome.yaml" in told.value.message.de and "de.body" in told.value.message.de


def test_on_the_command_line(shop: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "welcome.yaml"
    file.write_text(json.dumps({"template": "Willkommen", **WELCOME}))

    def run(*words: str) -> str:
        done = CliRunner(env={"SCHWUNG_LANGUAGE": "de"}).invoke(app, ["template", *words, "-w", str(shop.folder)])
        assert done.exit_code == 0, done.output
        return done.output

    assert "Fassung 1" in run("save", str(file))
    assert "Willkommen" in run("list") and "WELCOME10" in run("show", "Willkommen")
    page = tmp_path / "page.html"
    assert "Hallo you, WELCOME10" in run("preview", "Willkommen", "--language", "en", "--html", str(page)).replace(
        "du", "you"
    )
    assert "<html" in page.read_text(encoding="utf-8")
    assert "gelöscht" in run("delete", "Willkommen")
