"""Signing in and out, links that work once, language, light and dark, the search of the shell."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from schwung.app import access, sessions
from schwung.core.errors import InputError
from schwung.core.text import LANGUAGES
from schwung.web.console import format as shown
from schwung.web.console import guard
from schwung.web.console.area import Area
from schwung.web.console.page import Anyone, Page
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("access", path="/sign-in", router=router)


@router.get("/sign-in")
def sign_in_form(page: Anyone, next: str = "/") -> Response:
    if page.operator:
        return page.go(guard.local_path(next))
    return page.render(
        "access/sign_in.html", next=next, email="", said="", forgotten="forgotten" in page.request.query_params
    )


@router.post("/sign-in")
def sign_in(
    page: Anyone,
    email: Annotated[str, Form(max_length=254)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form()] = "/",
    stay: Annotated[str, Form()] = "",
) -> Response:
    outcome = sessions.sign_in(page.workspace, email, password, guard.caller_address(page.request))
    if outcome.operator:
        return _enter(page, outcome.operator, next, long=bool(stay))
    if outcome.paused_until:
        zone = page.workspace.settings.workspace.zone
        said = page.text("paused", clock=shown.clock(outcome.paused_until + 60_000_000, page.language, zone))
    else:
        said = page.text("wrong", n=outcome.tries_left)
    status = 429 if outcome.paused_until else 403
    return page.render("access/sign_in.html", status=status, next=next, email=email, said=said, forgotten=False)


@router.post("/sign-out")
def sign_out(page: Anyone) -> Response:
    if page.session_token:
        sessions.end_session(page.workspace, page.session_token)
    response = page.go("/sign-in", toast=page.text("signed_out"))
    guard.drop_cookie(page.request, response, guard.SESSION_COOKIE)
    return response


@router.get("/enter/{token}")
def enter(page: Anyone, token: str) -> Response:
    """The first link signs in at once: it was printed on the server's own terminal. Others ask for a password first."""
    purpose = access.link_purpose(page.workspace, token)
    if purpose == "first":
        operator = access.use_link(page.workspace, token)
        if operator:
            return _enter(page, operator, "/")
    if purpose is None:
        return page.render("access/spent.html", status=410)
    return page.render("access/enter.html", token=token, said="", email=access.link_email(page.workspace, token))


@router.post("/enter/{token}")
def set_first_password(page: Anyone, token: str, password: Annotated[str, Form(max_length=1000)]) -> Response:
    email = access.link_email(page.workspace, token)
    try:
        access.check_length(password)
    except InputError as error:
        return page.render("access/enter.html", status=400, token=token, email=email, said=page.sentence(error))
    operator = access.use_link(page.workspace, token)
    if operator is None:
        return page.render("access/spent.html", status=410)
    access.set_password(page.workspace, operator.operator_id, password)
    return _enter(page, operator, "/")


@router.post("/language")
def choose_language(page: Anyone, language: Annotated[str, Form()], next: Annotated[str, Form()] = "/") -> Response:
    response = page.go(guard.local_path(next))
    if language in LANGUAGES:
        guard.set_cookie(page.request, response, guard.LANGUAGE_COOKIE, language)
        if page.operator:
            access.set_language(page.workspace, page.operator.operator_id, language)
    return response


@router.post("/theme")
def choose_theme(page: Anyone, theme: Annotated[str, Form()]) -> Response:
    response = Response(status_code=204)
    if theme in {"light", "dark"}:
        guard.set_cookie(page.request, response, guard.THEME_COOKIE, theme)
    return response


def _enter(page: Page, operator: access.Operator, next: str, *, long: bool = False) -> Response:
    token, seconds = sessions.start_session(page.workspace, operator.operator_id, device_of(page.request), long=long)
    if page.session_token:
        sessions.end_session(page.workspace, page.session_token)
    response = RedirectResponse(guard.local_path(next), status_code=303)
    guard.set_cookie(page.request, response, guard.SESSION_COOKIE, token, seconds if long else None)
    guard.drop_cookie(page.request, response, guard.VISIT_COOKIE)
    return response


def device_of(request: Request) -> str:
    """Browser and system in two words, from what the browser says of itself."""
    said = request.headers.get("user-agent", "")
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    browser = next((name for mark, name in browsers.items() if mark in said), "")
    system = next((name for mark, name in systems.items() if mark in said), "")
    return " · ".join(filter(None, (browser, system))) or "–"
