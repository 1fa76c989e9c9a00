"""Consent by file, by command and by HTTP: what has no proof is kept and shown, and never written to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.consent_import import import_consents
from schwung.app.consent_start import start
from schwung.app.double_opt_in import request
from schwung.app.forget import forget
from schwung.app.keys import create_key
from schwung.app.law import may, standing
from schwung.app.signed_links import unsubscribe_link
from schwung.app.wiring import Workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.web.app import create_app
from tests.contract.test_access_http import csrf_of, sign_in
from tests.contract.test_law import HOUR
from tests.people import bring, customer_of, event

CONSENTS = """E-Mail;Purpose;given_at;proof;text
anna@example.de;newsletter;2026-10-01;Formular 3;newsletter
ben@example.de;newsletter;01.10.2026;;
nobody@example.de;newsletter;2026-10-01;x;
no address;newsletter;2026-10-01;x;
anna@example.de;spam;2026-10-01;x;
anna@example.de;survey;soon;x;
anna@example.de;survey;2030-01-01;x;
ben@example.de;survey;2026-10-01;x;unknown
""".replace("E-Mail;Purpose", "email;purpose")
OWN = """email,order_id,sold_at,goods,notice,notice_at
anna@example.de,o1,2026-09-01T12:00:00+02:00,Kaffee,buyers,2026-09-01T12:00:00+02:00
ben@example.de,o2,2026-09-01,Kaffee,buyers,
cara@example.de,o3,2026-09-01,Kaffee,buyers,2026-09-02
"""


@pytest.fixture
def shop(each_workspace: Workspace) -> Workspace:
    now = each_workspace.clock() - HOUR
    bring(
        each_workspace,
        *(event("page_viewed", now, call="page", email=f"{who}@example.de") for who in ("anna", "ben", "cara")),
    )
    start(each_workspace, "cli:test")
    return each_workspace


def reasons(workspace: Workspace, purpose: str) -> dict[str, str]:
    with workspace.store.read() as tx:
        return {
            who: may(
                tx, customer_of(workspace, "email", f"{who}@example.de") or 0, "email", purpose, workspace.clock()
            ).reason
            for who in ("anna", "ben", "cara")
        }


def test_files(shop: Workspace) -> None:
    done = import_consents(shop, CONSENTS.encode("cp1252"), "cli:test")
    assert (done.read, done.kept, done.unproved, done.unknown) == (8, 2, 1, 1)
    assert [one.line for one in done.wrong] == [5, 6, 7, 8, 9]
    assert reasons(shop, "newsletter") == {"anna": "", "ben": "no_proof", "cara": "no_consent"}
    again = import_consents(shop, b"\xef\xbb\xbf" + CONSENTS.encode(), "cli:test")
    assert (again.kept, again.unproved) == (0, 0)
    done = import_consents(shop, OWN.encode(), "cli:test")
    assert (done.kept, done.unproved, done.wrong) == (3, 2, [])
    assert import_consents(shop, OWN.encode(), "cli:test").kept == 0
    wanted = {"anna": "", "ben": "not_own_customer", "cara": "not_own_customer"}
    assert reasons(shop, "survey") == wanted, "the notice was never given, or only after the sale"
    for wrong in (b"", b"name,age\nx,1\n", b"email\nanna@example.de\n", b"\xff\xfe\x00"):
        with pytest.raises(InputError) as refused:
            import_consents(shop, wrong, "cli:test")
        assert refused.value.code == "consent_file_invalid"


def test_own_customers_come_with_their_orders(shop: Workspace) -> None:
    """Anna's order names the notice and its goods, Ben's a notice that there is not, Cara's none; all three shop by e-mail."""
    now = shop.clock() - HOUR // 2
    order: dict[str, Any] = {
        "order_id": "o1",
        "total": 20,
        "products": [{"product_id": "p", "name": "Bohne", "category": "Kaffee"}],
    }
    told = {"anna": {"advertising_notice": "buyers"}, "ben": {"advertising_notice": "nonsense"}, "cara": {}}
    events = [event("order_completed", now, order | more, email=f"{who}@example.de") for who, more in told.items()]
    bring(shop, *events)
    assert reasons(shop, "survey") == {"anna": "", "ben": "not_own_customer", "cara": "no_consent"}
    with shop.store.read() as tx:
        (own,) = standing(tx, customer_of(shop, "email", "anna@example.de") or 0).own
    assert (own.order_id, own.goods, own.sold_at, own.notice_at) == ("o1", "Kaffee", now, now)
    late = order | {
        "order_id": "o2",
        "advertising_notice": "buyers/1",
        "advertising_notice_at": "2030-01-01T00:00:00Z",
        "goods": "Tee",
    }
    bring(shop, event("order_completed", now, late, email="cara@example.de"), *events)
    assert reasons(shop, "survey")["cara"] == "not_own_customer", "the notice came after the sale"
    with shop.store.read() as tx:
        assert len(standing(tx, customer_of(shop, "email", "anna@example.de") or 0).own) == 1, "told twice is once"


def test_own_customers_over_http(shop: Workspace) -> None:
    client = TestClient(create_app(shop, console=False))
    key = {"Authorization": f"Bearer {create_key(shop, 'till', 'admin')}"}
    wanted = {
        "email": "Ben@example.de",
        "order_id": "o9",
        "sold_at": "2026-09-01T12:00:00Z",
        "goods": "Kaffee",
        "notice": "buyers",
    }
    answers = [client.post("/api/v1/own-customers", json=wanted, headers=key) for _ in range(2)]
    assert [(one.status_code, one.json()["new"]) for one in answers] == [(201, True), (201, False)]
    assert reasons(shop, "survey")["ben"] == ""
    for wrong, code in (
        ({"notice": "nonsense"}, "own_customer_incomplete"),
        ({"notice_at": "2026-09-02T12:00:00Z"}, "own_customer_incomplete"),
        ({"email": "nobody@example.de"}, "unknown_customer"),
    ):
        assert client.post("/api/v1/own-customers", json=wanted | wrong, headers=key).json()["code"] == code


def test_on_the_command_line(new_workspace: Callable[..., Workspace], tmp_path: Path) -> None:
    workspace = new_workspace()
    bring(workspace, event("page_viewed", workspace.clock() - HOUR, call="page", email="anna@example.de"))

    def run(*words: str) -> str:
        done = CliRunner(env={"SCHWUNG_LANGUAGE": "de"}).invoke(app, ["consent", *words, "-w", str(workspace.folder)])
        assert done.exit_code == 0, done.output
        return done.output

    assert "newsletter, measuring, buyers, double_opt_in" in run("start")
    assert "Alles ist schon da." in run("start")
    file = tmp_path / "consents.csv"
    file.write_text(
        "email,purpose,given_at,proof,text\nanna@example.de,newsletter,2026-10-01,Formular,newsletter/1\nx,y,,,\n"
    )
    assert "2 Zeilen: 1 neu, davon 0 ohne vollen Nachweis" in run("import", str(file))
    number = str(customer_of(workspace, "email", "anna@example.de"))
    said = run("status", number)
    assert "Einwilligung" in said and "es liegt keine Einwilligung vor" in said and "Vertrag" in said
    assert json.loads(run("status", number, "--json"))["newsletter"]["basis"] == "consent"
    assert "Fassung 2" in run("save", "newsletter", "--en", "Yes", "--de", "Ja", "--purpose", "newsletter")
    assert [one["used"] for one in json.loads(run("texts", "--json")) if one["name"] == "newsletter"] == [0, 1]
    assert "geplant" in run("request", "ben@example.de", "newsletter")
    assert "keine zweite" in run("request", "ben@example.de", "newsletter")
    assert "neuen Schlüssel" in run("keys")


def test_over_http(new_workspace: Callable[..., Workspace]) -> None:
    workspace = new_workspace()
    bring(workspace, event("page_viewed", workspace.clock() - HOUR, call="page", email="anna@example.de"))
    anna = customer_of(workspace, "email", "anna@example.de")
    client = TestClient(create_app(workspace, intake=False, console=False))
    admin, form = ((create_key(workspace, "shop", scope), "") for scope in ("admin", "write"))
    text = {"name": "news", "en": "Yes", "de": "Ja", "purposes": ["newsletter"]}
    assert client.post("/api/v1/consents/texts", json=text, auth=form).status_code == 403
    assert client.post("/api/v1/consents/texts", json=text, auth=admin).json()["version"] == 1
    assert client.post("/api/v1/consents/texts", json=text | {"en": " "}, auth=admin).status_code == 422
    asked = {"email": "anna@example.de", "text": "news"}
    refused = client.post("/api/v1/consents/requests", json=asked, auth=form)
    assert refused.status_code == 404, "the template is missing"
    start(workspace, "cli:test")
    answers = [
        client.post("/api/v1/consents/requests", json=asked | {"email": who}, auth=form)
        for who in ("anna@example.de", "new@example.de", "new@example.de")
    ]
    assert {(one.status_code, one.text) for one in answers} == {(202, '{"status":"asked"}')}, "the form learns nothing"
    assert client.post("/api/v1/consents/requests", json=asked | {"email": "x"}, auth=form).status_code == 400
    given = {"purpose": "newsletter", "channel": "email", "state": "granted", "proof": "form", "text": "news"}
    assert client.post(f"/api/v1/customers/{anna}/consents", json=given, auth=admin).status_code == 201
    found = client.get(f"/api/v1/customers/{anna}/permissions", auth=admin).json()["purposes"]
    assert found["newsletter"]["allowed"] and found["survey"]["words"]["de"] == "es liegt keine Einwilligung vor"
    assert client.get("/api/v1/consents/texts", auth=admin).json()["texts"][-1]["used"] in (0, 1)
    assert client.get("/api/v1/customers/999/permissions", auth=admin).status_code == 404


def test_in_the_console(new_workspace: Callable[..., Workspace]) -> None:
    workspace = new_workspace()
    bring(workspace, event("page_viewed", workspace.clock() - HOUR, call="page", email="anna@example.de"))
    anna = customer_of(workspace, "email", "anna@example.de")
    client = sign_in(workspace, "editor")
    token = {"csrf": csrf_of(client)}
    assert "No consent text yet" in client.get("/consent").text
    assert client.post("/consent/start", data=token).status_code == 303
    page = client.get("/consent?text=newsletter").text
    assert "New version of newsletter" in page and "may send me e-mails" in page and "Confirmation of an order" in page
    fields = {
        "name": "newsletter",
        "kind": "consent",
        "channel": "email",
        "purpose": ["newsletter"],
        "de": "Ja <b>",
        "en": "Yes <b>",
    }
    refused = client.post("/consent", data=token | fields | {"purpose": []})
    assert refused.status_code == 400 and "cannot be kept" in refused.text and "Yes &lt;b&gt;" in refused.text, (
        "nothing typed is lost"
    )
    assert client.post("/consent", data=token | fields).status_code == 303
    assert "Version 2" in client.get("/consent").text and "One earlier version" in client.get("/consent").text
    shown = client.get(f"/customers/{anna}").text
    assert "What may go to this person by e-mail" in shown and "There is no consent" in shown
    viewer = sign_in(workspace, "viewer")
    assert "New text" not in viewer.get("/consent").text
    assert viewer.post("/consent", data=fields | {"csrf": csrf_of(viewer)}).status_code == 403


def test_an_erased_person_leaves_nothing(new_workspace: Callable[..., Workspace]) -> None:
    workspace = new_workspace()
    bring(workspace, event("page_viewed", workspace.clock() - HOUR, call="page", email="anna@example.de"))
    start(workspace, "cli:test")
    import_consents(workspace, OWN.encode(), "cli:test")
    request(workspace, "anna@example.de", "newsletter", source="form")
    anna = customer_of(workspace, "email", "anna@example.de") or 0
    link = unsubscribe_link(workspace, anna, "newsletter")
    report = forget(workspace, anna, "cli:test")
    assert (report.store["double_opt_in"], report.store["own_customer"]) == (1, 1)
    client = TestClient(create_app(workspace, intake=False, console=False))
    page = client.post("/p/" + link.split("/p/")[1])
    assert page.status_code == 200 and "•••" not in page.text, "the link in an old mail finds nobody"
