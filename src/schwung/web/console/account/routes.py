"""One's own account: name, e-mail, password, open sessions."""

from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from schwung.app import access, sessions
from schwung.core.errors import InputError
from schwung.web.console.area import Area
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("account", path="/account", router=router)


@router.get("/account")
def account(page: Viewer) -> Response:
    return _show(page)


@router.post("/account")
def save(
    page: Viewer, email: Annotated[str, Form(max_length=254)], name: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    try:
        access.set_account(page.workspace, page.me.operator_id, email, name)
    except InputError as error:
        return _show(page, wrong={"email": page.sentence(error)})
    return page.go("/account", toast=page.text("saved"))


@router.post("/account/password")
def change_password(
    page: Viewer, new: Annotated[str, Form(max_length=1000)], current: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    try:
        access.check_length(new)
        if not access.check_password(page.workspace, page.me.operator_id, current):
            return _show(page, wrong={"current": page.text("not_current")})
        access.set_password(page.workspace, page.me.operator_id, new, keep_session=page.session_token)
    except InputError as error:
        return _show(page, wrong={"new": page.sentence(error)})
    return page.go("/account", toast=page.text("changed"))


@router.post("/account/sessions/{session_no}/end")
def end_session(page: Viewer, session_no: int) -> Response:
    sessions.end_session_no(page.workspace, page.me.operator_id, session_no)
    return page.go("/account", toast=page.text("ended"))


def _show(page: Page, wrong: dict[str, str] | None = None) -> Response:
    open_sessions = sessions.sessions_of(page.workspace, page.me.operator_id)
    this = page.session.session_no if page.session else 0
    status = 400 if wrong else 200
    return page.render("account/account.html", status=status, sessions=open_sessions, this=this, wrong=wrong or {})
