"""Every route of the console: closed to strangers, closed to lesser roles, nothing done without the form's token."""

import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from schwung.app import access
from schwung.app.wiring import Workspace
from schwung.web.console.area import areas
from tests.contract.test_access_http import client_of, csrf_of, sign_in

# Open to everybody: the way in, and what it is dressed with.
OPEN = ("/sign-in", "/enter/", "/language", "/theme", "/kit/", "/own/", "/static/")
# What an operator of any role may change: the own account.
OWN = ("/account", "/sign-out")
# What only owners may see or do; all other changes are the editors'.
OWNERS = ("/team", "/settings", "/health-check/", "/sources", "/customers/{customer_id}/erase")
FOR_EDITORS = ("/sources/consent",)
EDITORS_SEE = (
    "/experiments/new",
    "/models/lead_points/rules",
    "/journeys/new",
    "/journeys/{journey_no}/edit",
    "/segments/new",
    "/segments/{segment_no}/edit",
    "/templates/new",
    "/templates/edit",
    "/imports/new",
    "/imports/{import_no}/columns",
    "/imports/{import_no}/check",
    "/imports/{import_no}/dry",
    "/imports/{import_no}/now",
)


def _routes() -> Iterator[tuple[str, str]]:
    for route in (route for area in areas() for route in area.router.routes):
        if isinstance(route, APIRoute) and not route.path.startswith(OPEN):
            for method in sorted(route.methods - {"HEAD"}):
                yield method, route.path


ROUTES = sorted(_routes())
CHANGES = [(method, path) for method, path in ROUTES if method != "GET"]


def _role(method: str, path: str) -> access.Role:
    if method == "GET":
        owners = ("/team", "/settings", "/health-check/audit")
        return "owner" if path.startswith(owners) else "editor" if path in EDITORS_SEE else "viewer"
    if path.startswith(OWN):
        return "viewer"
    return "owner" if path.startswith(OWNERS) and path not in FOR_EDITORS else "editor"


def _filled(path: str) -> str:
    return re.sub(r"\{[a-z_]+(:path)?\}", "1", path)


def test_there_are_routes_to_walk() -> None:
    assert len(ROUTES) > 50 and len(CHANGES) > 25


def test_strangers_are_led_to_the_door(workspace: Workspace) -> None:
    client = client_of(workspace)
    let_in = []
    for method, path in ROUTES:
        answer = client.request(method, _filled(path), data={"csrf": "0"} if method == "POST" else None)
        turned_away = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
        if not turned_away and not (method != "GET" and answer.status_code == 400):
            let_in.append((method, path, answer.status_code))
    assert let_in == []


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_lesser_roles_are_refused(workspace: Workspace, role: access.Role) -> None:
    client = sign_in(workspace, role)
    token = {"csrf": csrf_of(client)}
    ranks = {"viewer": 0, "editor": 1, "owner": 2}
    wrong = []
    for method, path in ROUTES:
        if ranks[_role(method, path)] > ranks[role]:
            answer = client.request(method, _filled(path), data=token if method == "POST" else None)
            if answer.status_code != 403:
                wrong.append((method, path, answer.status_code))
    assert wrong == []


def test_roles_see_what_is_theirs(workspace: Workspace) -> None:
    for role in ("viewer", "editor", "owner"):
        client = sign_in(workspace, role)  # type: ignore[arg-type]
        seen = [
            path
            for method, path in ROUTES
            if method == "GET" and not re.search("[{]|stream", path) and _role(method, path) == role
        ]
        refused = [path for path in seen if client.get(path).status_code in (403, 500)]
        assert seen and refused == []


def test_no_change_without_the_token(workspace: Workspace) -> None:
    client = sign_in(workspace, "owner")
    done = []
    for method, path in CHANGES:
        for headers in ({}, {"X-CSRF-Token": "0" * 64}):
            answer = client.request(method, _filled(path), headers=headers, data={"confirmation": "1"})
            if answer.status_code != 400:
                done.append((method, path, answer.status_code))
    assert done == []
    assert client.get("/account").status_code == 200, "nobody was signed out"
