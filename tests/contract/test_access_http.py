"""The console's doors over HTTP: sessions, roles, CSRF, headers, cookies, who is believed about an address."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from schwung.app import access, sessions
from schwung.app.wiring import Workspace
from schwung.web.app import create_app
from schwung.web.console import guard
from tests.conftest import NewWorkspace

PASSWORD = "three good words"
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def client_of(workspace: Workspace, *, base: str = "http://testserver", peer: str = "testclient") -> TestClient:
    app = create_app(workspace, intake=False)
    return TestClient(app, base_url=base, client=(peer, 50_000), follow_redirects=False)


def sign_in(workspace: Workspace, role: access.Role, client: TestClient | None = None) -> TestClient:
    client = client or client_of(workspace)
    operator = access.create_operator(workspace, f"{role}@example.org", role, password=PASSWORD)
    token, _ = sessions.start_session(workspace, operator.operator_id, "test")
    client.cookies.set(guard.SESSION_COOKIE, token)
    return client


def csrf_of(client: TestClient, path: str = "/account") -> str:
    found = _CSRF.search(client.get(path).text)
    assert found is not None
    return found.group(1)


@pytest.fixture
def client(workspace: Workspace) -> TestClient:
    return client_of(workspace)


def test_nobody_sees_a_page_without_a_session(client: TestClient) -> None:
    for path in ("/", "/metrics", "/customers", "/customers/1", "/account", "/team", "/metrics/revenue.csv"):
        answer = client.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), path
    fragment = client.get("/home/tile/revenue", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (204, "/sign-in")
    assert client.get("/customers?kind=lost").headers["location"] == "/sign-in?next=%2Fcustomers%3Fkind%3Dlost"


def test_every_page_carries_the_policy(workspace: Workspace, client: TestClient) -> None:
    sign_in(workspace, "owner", client)
    for path in ("/", "/sign-in", "/team", "/customers/999", "/enter/nothing"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == guard.POLICY
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert "unsafe" not in guard.POLICY


def test_a_form_without_the_token_changes_nothing(workspace: Workspace) -> None:
    client = sign_in(workspace, "owner")
    token = csrf_of(client)
    for data in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        assert client.post("/team", data={**data, "email": "new@example.org"}).status_code == 400
    foreign = client.post(
        "/team", data={"csrf": token, "email": "new@example.org"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 400
    assert len(access.operators(workspace)) == 1
    assert client.post("/team", data={"csrf": token, "email": "new@example.org"}).status_code == 200
    by_header = client.post("/team", data={"email": "newer@example.org"}, headers={"X-CSRF-Token": token})
    assert by_header.status_code == 200
    assert len(access.operators(workspace)) == 3


def test_a_token_belongs_to_one_session(workspace: Workspace) -> None:
    owner, editor = sign_in(workspace, "owner"), sign_in(workspace, "editor")
    assert owner.post("/team", data={"csrf": csrf_of(editor), "email": "new@example.org"}).status_code == 400


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("viewer", "/customers/1/merge", 403),
        ("viewer", "/customers/1/export", 403),
        ("editor", "/customers/1/erase", 403),
        ("editor", "/team", 403),
        ("editor", "/customers/1/export", 404),
        ("owner", "/customers/1/export", 404),
    ],
)
def test_roles_hold_for_actions(workspace: Workspace, role: access.Role, path: str, status: int) -> None:
    client = sign_in(workspace, role)
    data = {"csrf": csrf_of(client), "other": "2", "confirmation": "1", "email": "new@example.org"}
    assert client.post(path, data=data).status_code == status


def test_the_team_is_for_owners(workspace: Workspace) -> None:
    assert sign_in(workspace, "owner").get("/team").status_code == 200
    editor = sign_in(workspace, "editor")
    assert editor.get("/team").status_code == 403
    assert 'href="/team"' not in editor.get("/account").text


def test_sign_in_says_never_which_part_was_wrong(workspace: Workspace) -> None:
    access.create_operator(workspace, "maria@example.org", "owner", password=PASSWORD)
    said = []
    for email in ("maria@example.org", "nobody@example.org"):
        client = client_of(workspace)
        data = {"csrf": csrf_of(client, "/sign-in"), "email": email, "password": "wrong wrong wrong"}
        answer = client.post("/sign-in", data=data)
        said.append((answer.status_code, re.sub(r"value=\"[^\"]*\"|[0-9a-f]{64}", "", answer.text)))
    assert said[0] == said[1] and "4 tries left" in said[0][1]


def test_after_five_tries_the_right_password_waits_too(workspace: Workspace) -> None:
    access.create_operator(workspace, "maria@example.org", "owner", password=PASSWORD)
    client = client_of(workspace)
    data = {"csrf": csrf_of(client, "/sign-in"), "email": "maria@example.org", "password": "wrong wrong wrong"}
    statuses = [client.post("/sign-in", data=data).status_code for _ in range(5)]
    assert statuses == [403, 403, 403, 403, 429]
    again = client_of(workspace)
    data = {**data, "csrf": csrf_of(again, "/sign-in"), "password": PASSWORD}
    assert again.post("/sign-in", data=data).status_code == 429


@pytest.mark.parametrize(
    "next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_sign_in_leads_only_within_the_console(workspace: Workspace, next_: str) -> None:
    access.create_operator(workspace, "maria@example.org", "owner", password=PASSWORD)
    client = client_of(workspace)
    data = {"csrf": csrf_of(client, "/sign-in"), "email": "maria@example.org", "password": PASSWORD, "next": next_}
    answer = client.post("/sign-in", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_first_link_signs_in_once(workspace: Workspace, client: TestClient) -> None:
    path = access.one_time_link(workspace)
    assert path is not None
    assert client.get(path).headers["location"] == "/"
    assert client.get("/account").status_code == 200
    assert client_of(workspace).get(path).status_code == 410


def test_an_invitation_asks_for_a_password_first(workspace: Workspace, client: TestClient) -> None:
    operator = access.create_operator(workspace, "maria@example.org", "editor")
    path = access.link_for(workspace, operator.operator_id)
    page = client.get(path)
    assert page.status_code == 200 and "maria@example.org" in page.text, "a look at it uses nothing up"
    data = {"csrf": csrf_of(client, path)}
    assert client.post(path, data={**data, "password": "short"}).status_code == 400
    assert client.post(path, data={**data, "password": PASSWORD}).headers["location"] == "/"
    assert client.get("/account").status_code == 200
    assert sessions.sign_in(workspace, "maria@example.org", PASSWORD, "192.0.2.1").operator is not None


def _session_cookie(answer) -> str:
    return next(
        value for value in answer.headers.get_list("set-cookie") if "session" in value and "Max-Age=0" not in value
    )


def test_cookies_are_strict_and_behind_https_secure(new_workspace: NewWorkspace) -> None:
    plain = new_workspace(name="plain")
    cookie = _session_cookie(client_of(plain).get(str(access.one_time_link(plain))))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    public = new_workspace(name="public", more='[serve]\npublic_url = "https://crm.example.org"\n')
    answer = client_of(public).get(str(access.one_time_link(public)))
    assert _session_cookie(answer).startswith("__Host-schwung_session=") and "Secure" in _session_cookie(answer)
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize(("peer", "secure"), [("10.0.0.7", True), ("192.0.2.9", False)])
def test_only_trusted_proxies_are_believed(new_workspace: NewWorkspace, peer: str, secure: bool) -> None:
    workspace = new_workspace(more='[serve]\ntrusted_proxies = ["10.0.0.0/8"]\n')
    client = client_of(workspace, peer=peer)
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.5, 198.51.100.1, 10.1.1.1"}
    answer = client.get(str(access.one_time_link(workspace)), headers=forwarded)
    assert ("Secure" in _session_cookie(answer)) is secure
    seen: list[str] = []
    app = FastAPI()
    app.state.workspace = workspace

    @app.get("/who")
    def who(request: guard.Request) -> None:
        seen.append(guard.caller_address(request))

    TestClient(app, client=(peer, 50_000)).get("/who", headers=forwarded)
    assert seen == ["198.51.100.1" if secure else peer], "the last address that no trusted proxy has added"


def test_names_are_text_never_markup(workspace: Workspace) -> None:
    client = sign_in(workspace, "owner")
    evil = "<script>alert(1)</script>{{7*7}}"
    client.post("/account", data={"csrf": csrf_of(client), "email": "a@example.org", "name": evil})
    page = client.get("/team").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


def test_language_and_theme_stay(workspace: Workspace) -> None:
    client = sign_in(workspace, "owner")
    answer = client.post("/language", data={"csrf": csrf_of(client), "language": "de", "next": "/account"})
    assert answer.headers["location"] == "/account"
    assert '<html lang="de"' in client.get("/account").text
    assert access.find_operator(workspace, "owner@example.org").language == "de"
    client.post("/theme", data={"csrf": csrf_of(client), "theme": "dark"})
    assert 'data-bs-theme="dark">' in client.get("/account").text


def test_assets_stay_in_their_folder(client: TestClient) -> None:
    assert client.get("/assets/own/console.css").status_code == 200
    for path in (
        "/assets/own/%2e%2e/page.py",
        "/assets/none/x.css",
        "/assets/own/",
        "/assets/kit/%2e%2e%2f%2e%2e%2fapp.py",
    ):
        assert client.get(path).status_code == 404, path


def test_sessions_can_be_listed_and_ended(workspace: Workspace) -> None:
    client = sign_in(workspace, "owner")
    owner = access.find_operator(workspace, "owner@example.org")
    other, _ = sessions.start_session(workspace, owner.operator_id, "Firefox · Windows")
    assert "Firefox · Windows" in client.get("/account").text
    number = next(
        row["session_no"] for row in sessions.sessions_of(workspace, owner.operator_id) if "Firefox" in row["device"]
    )
    client.post(f"/account/sessions/{number}/end", data={"csrf": csrf_of(client)})
    assert sessions.session_of(workspace, other) is None


def test_a_changed_password_needs_the_old_one(workspace: Workspace) -> None:
    client = sign_in(workspace, "owner")
    data = {"csrf": csrf_of(client), "new": "another good one", "current": "not this one"}
    assert client.post("/account/password", data=data).status_code == 400
    assert client.post("/account/password", data={**data, "current": PASSWORD}).status_code == 303
    assert client.get("/account").status_code == 200, "this session stays"
