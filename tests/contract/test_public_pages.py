"""Pages without sign-in: a GET changes nothing, a POST acts at once, a forwarded link gives nothing else away."""

import random
import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from schwung.app import law
from schwung.app.consent_start import start
from schwung.app.consent_texts import save_text
from schwung.app.consents import record_consent
from schwung.app.double_opt_in import KEPT_DAYS, drop_unconfirmed, request, settle_confirmed
from schwung.app.law import may
from schwung.app.signed_links import confirm_link, preferences_link, rotate_link_keys, unsubscribe_link
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError, SetupError
from schwung.core.text import Text
from schwung.web.app import create_app
from schwung.web.public import answer
from tests.contract.test_law import HOUR, plan
from tests.people import bring, customer_of, event, mirror

ADDRESS = "anna@example.de"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "PATIENCE", answer.Patience())


@pytest.fixture
def shop(each_workspace: Workspace) -> tuple[Workspace, TestClient, int, int]:
    """A shop with Anna, who gets the newsletter; its pages; her number and that of her address."""
    workspace, now = each_workspace, each_workspace.clock() - HOUR
    bring(workspace, event("profile_identified", now, call="identify", email=ADDRESS, traits={"language": "de", "name": "Anna Kern"}))  # fmt: skip
    anna = customer_of(workspace, "email", ADDRESS)
    assert anna is not None
    record_consent(workspace, anna, "cli:test", purpose="newsletter", channel="email", state="granted", proof="paper", given_at=now)  # fmt: skip
    client = TestClient(create_app(workspace, intake=False, console=False), follow_redirects=False)
    return workspace, client, anna, anna


def path_of(link: str) -> str:
    return "/p/" + link.split("/p/")[1]


def reason(workspace: Workspace, customer: int, purpose: str = "newsletter") -> str:
    with workspace.store.read() as tx:
        return may(tx, customer, "email", purpose, workspace.clock()).reason


def test_unsubscribing(shop: tuple[Workspace, TestClient, int, int]) -> None:
    """A scanner's GET changes nothing; the mail program's POST ends it, cancels what was planned, and is told once."""
    workspace, client, anna, address = shop
    with workspace.store.write() as tx:
        plan(tx, workspace.clock(), {"customer_id": anna}, {"customer_id": anna, "state": "sent", "identifier_id": address},
             {"customer_id": anna, "purpose": "survey"})  # fmt: skip
    link = path_of(unsubscribe_link(workspace, address, "newsletter"))
    assert client.head(link).status_code in (200, 405)
    page = client.get(link)
    assert page.status_code == 200 and "a•••@e•••.de" in page.text and "Abmelden?" in page.text
    assert ADDRESS not in page.text and "Kern" not in page.text and "preferences" not in page.text
    assert "script" not in page.headers["content-security-policy"] and "<script" not in page.text
    assert reason(workspace, anna) == ""
    for _ in range(2):
        done = client.post(link, data=ONE_CLICK, headers={"User-Agent": "mail provider"})
        assert done.status_code == 200 and "set-cookie" not in done.headers and "Sie sind abgemeldet" in done.text
    assert reason(workspace, anna) == "opted_out"
    with workspace.store.read() as tx:
        assert [tx.row("messages.one", message_no=n)["state"] for n in (1, 2, 3)] == ["cancelled", "sent", "planned"]  # type: ignore[index]
        said = law.standing(tx, anna)
    assert len(said.opt_outs) == 1 and [one.state for one in said.consents] == ["granted", "withdrawn"]
    mirror(workspace)
    with workspace.store.read() as tx:
        names = {row["name"]: row["event_count"] for row in tx.rows("intake.names")}
    assert names["email_unsubscribed"] == 1


def test_a_link_is_good_for_one_thing(shop: tuple[Workspace, TestClient, int, int]) -> None:
    """Forged, cut, lengthened, of another page, of 10 kB, expired: refused with a page that says what to do, and nothing happens."""
    workspace, client, anna, address = shop
    unsubscribe = path_of(unsubscribe_link(workspace, address, "newsletter"))
    token = unsubscribe.rsplit("/", 1)[1]
    draw = random.Random(1)
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    wrong = [
        token[:-1],
        token[:-8],
        token + "A",
        "A" * 43,
        "-",
        "%00",
        "ä",
        token.swapcase(),
        "x" * 10_000,
        "..",
        "a b",
    ]
    for place in (0, 3, 9, 25, 30, 41):
        wrong.append(token[:place] + draw.choice(signs.replace(token[place], "")) + token[place + 1 :])
    for other in wrong:
        assert client.post(f"/p/unsubscribe/{other}", data=ONE_CLICK).status_code in (404, 414), other[:50]
    for page in ("preferences", "confirm"):
        for method in (client.get, client.post):
            assert method(f"/p/{page}/{token}").status_code == 404
    page = client.get("/p/unsubscribe/abc", headers={"Accept-Language": "de"})
    assert page.status_code == 404 and "Dieser Link ist unvollständig" in page.text
    assert reason(workspace, anna) == ""
    preferences = path_of(preferences_link(workspace, address))
    workspace.clock.advance(366 * 24 * 3600)  # type: ignore[attr-defined]
    assert client.post(preferences, data={"do": "end_all"}).status_code == 410
    assert reason(workspace, anna) == ""
    for _ in range(40):
        client.get("/p/unsubscribe/abc")
    refused = client.get("/p/unsubscribe/abc")
    assert refused.status_code == 429 and refused.headers["retry-after"] == "60"
    assert client.post(unsubscribe, content=b"\x00" * 10_000).status_code == 200, (
        "a right link works for ever, whatever else came"
    )
    assert reason(workspace, anna) == "opted_out"


def test_keys_change_and_old_links_stay_good(workspace: Workspace) -> None:
    client = TestClient(create_app(workspace, intake=False, console=False))
    old = path_of(unsubscribe_link(workspace, 7, "survey"))
    rotate_link_keys(workspace, "cli:test")
    new = path_of(unsubscribe_link(workspace, 7, "survey"))
    assert old != new and [client.get(one).status_code for one in (old, new)] == [200, 200], (
        "nobody has this number: a page that says so"
    )
    rotate_link_keys(workspace, "cli:test", drop_old=True)
    assert [client.get(one).status_code for one in (old, new)] == [404, 404]


def test_preference_centre(shop: tuple[Workspace, TestClient, int, int]) -> None:
    """Off acts at once; on is asked for by a mail to the address, for the link may have been forwarded."""
    workspace, client, anna, address = shop
    start(workspace, "cli:test")
    link = path_of(preferences_link(workspace, address))
    page = client.get(link, params={"lang": "en"})
    assert page.status_code == 200 and re.findall(r'value="(\w+)" checked', page.text) == ["newsletter"]
    assert ADDRESS not in page.text
    saved = client.post(link, data={"do": "save", "wanted": ["newsletter", "tracking", "nonsense"]})
    assert "Bitte bestätigen Sie dort" in saved.text
    assert reason(workspace, anna) == "" and "tracking" not in re.findall(r'value="(\w+)" checked', saved.text)
    with workspace.store.read() as tx:
        message = tx.row("messages.one", message_no=1)
    assert message and message["template"] == "double_opt_in" and message["identifier_id"] == address
    assert client.post(link, data={"do": "save"}).status_code == 200
    assert reason(workspace, anna) == "opted_out"
    assert "Ihr Widerspruch ist gespeichert" in client.post(link, data={"do": "object"}).text
    assert reason(workspace, anna) == "objected" and reason(workspace, anna, "invoice") == ""


def test_double_opt_in(shop: tuple[Workspace, TestClient, int, int], clock: Callable[..., int]) -> None:
    """An address of nobody: one mail, no customer; confirmed by POST only, it becomes a customer with a proved consent, which
    also outweighs an earlier no."""
    workspace, client, anna, _ = shop
    with pytest.raises(InputError) as missing:
        request(workspace, "ben@example.de", "newsletter", source="form")
    assert missing.value.code in ("template_unknown", "unknown_template", "consent_text_unknown")
    start(workspace, "cli:test")
    assert request(workspace, " Ben@Example.de ", "newsletter", source="https://shop.example/#form", language="en")
    assert not request(workspace, "ben@example.de", "newsletter", source="form"), (
        "a second click on the form sends no second mail"
    )
    assert request(workspace, ADDRESS, "newsletter", source="form")
    assert customer_of(workspace, "email", "ben@example.de") is None
    with workspace.store.write() as tx:
        assert not law.block(tx, workspace.clock()), "both mails may go"
        link = re.search(r"/p/confirm/[\w-]+", tx.row("messages.one", message_no=1)["variables"])  # type: ignore[index]
    assert link
    page = client.get(link[0])
    assert "Yes, I agree" in page.text and "b•••@e•••.de" in page.text and "news and offers" in page.text
    with workspace.store.read() as tx:
        assert tx.value("law.waiting") == 2
    workspace.clock.advance(60)  # type: ignore[attr-defined]
    for _ in range(2):
        assert "You are subscribed" in client.post(link[0]).text
    mirror(workspace)
    assert settle_confirmed(workspace) and not settle_confirmed(workspace)
    ben = customer_of(workspace, "email", "ben@example.de")
    assert ben is not None and reason(workspace, ben) == "" and reason(workspace, ben, "advertising") == ""
    with workspace.store.read() as tx:
        given = law.standing(tx, ben).consents
    assert [(one.purpose, one.state, one.confirmed_at) for one in given] == [
        ("newsletter", "granted", workspace.clock()), ("advertising", "granted", workspace.clock())]  # fmt: skip
    assert given[0].proof and '"newsletter/1"' in given[0].proof and "ip" not in given[0].proof.split("by")[0]
    client.post(path_of(unsubscribe_link(workspace, anna, "newsletter")))
    assert reason(workspace, anna) == "opted_out"
    workspace.clock.advance(3600)  # type: ignore[attr-defined]
    assert request(workspace, ADDRESS, "newsletter", source="form")
    client.post(path_of(confirm_link(workspace, 3)))
    assert reason(workspace, anna) == ""
    client.post(path_of(unsubscribe_link(workspace, anna, "newsletter")))
    assert reason(workspace, anna) == "opted_out", "the latest word counts"


def test_unconfirmed_addresses_go(workspace: Workspace) -> None:
    start(workspace, "cli:test")
    client = TestClient(create_app(workspace, intake=False, console=False))
    assert request(workspace, "ben@example.de", "newsletter", source="form")
    link = path_of(confirm_link(workspace, 1))
    assert drop_unconfirmed(workspace) == 0
    workspace.clock.advance(KEPT_DAYS * 24 * 3600)  # type: ignore[attr-defined]
    assert client.post(link).status_code == 410
    assert drop_unconfirmed(workspace) == 1
    with workspace.store.read() as tx:
        assert tx.value("law.waiting") == 0


def test_a_text_never_changes(workspace: Workspace) -> None:
    first = save_text(workspace, "news", Text("Yes", "Ja"), "cli:test", purposes=["newsletter"])
    assert save_text(workspace, "news", Text("Yes", "Ja"), "cli:test", purposes=["newsletter"]).text_no == first.text_no
    second = save_text(workspace, "news", Text("Yes!", "Ja!"), "cli:test", purposes=["newsletter"])
    assert (second.version, second.text_no != first.text_no) == (2, True)
    for name, purposes in (("News", ["newsletter"]), ("x", []), ("x", ["spam"])):
        with pytest.raises(InputError):
            save_text(workspace, name, Text("a", "b"), "cli:test", purposes=purposes)


def test_a_store_that_is_away(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail provider tries again, a person is told in words."""
    client = TestClient(create_app(workspace, intake=False, console=False))
    link = path_of(unsubscribe_link(workspace, 7, "newsletter"))

    def away() -> None:
        raise SetupError("store_away", Text("Away.", "Weg."), Text("Wait.", "Warten."))

    monkeypatch.setattr(type(workspace.store), "read", lambda _: away())
    answered = client.post(link, data=ONE_CLICK, headers={"Accept-Language": "de"})
    assert (answered.status_code, answered.headers["retry-after"]) == (
        503,
        "60",
    ) and "Das geht gerade nicht." in answered.text
