"""Unsubscribing, the preference centre, double opt-in. A GET only shows and asks, since scanners follow links; a POST acts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from schwung.app.double_opt_in import confirm, read_request
from schwung.app.signed_links import Page, read_link
from schwung.app.unsubscribe import (
    Holder,
    choices,
    choose,
    end_all,
    holder,
    language_of,
    masked,
    object_to_all,
    unsubscribe,
)
from schwung.web.console import guard
from schwung.web.public.answer import Sheet, answered
from schwung.web.public.words import PURPOSES, purpose_name

router = APIRouter(prefix="/p", include_in_schema=False)
_MOST_FORM_BYTES = 10_000


async def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a small form; what is larger, or no form, has none: the link alone says what may be done."""
    if int(request.headers.get("content-length") or 0) > _MOST_FORM_BYTES:
        return {}
    try:
        form = await request.form(max_files=0, max_fields=50)
    except Exception:  # broken multipart
        return {}
    return {name: [str(one) for one in form.getlist(name)] for name in form}


Form = Annotated[dict[str, list[str]], Depends(_form)]


@router.get("/unsubscribe/{token}")
def ask_to_unsubscribe(request: Request, token: str) -> Response:
    def answer() -> Response:
        sheet, who, purpose = _opened(request, "unsubscribe", token)
        if who is None:
            return _gone(sheet)
        name = purpose_name(purpose).in_(sheet.language)
        return sheet.render("unsubscribe.html", address=who.masked, purpose=name)

    return answered(request, answer)


@router.post("/unsubscribe/{token}")
def do_unsubscribe(request: Request, token: str) -> Response:
    """One click of the mail program (RFC 8058) and the button of the page are the same: no cookie, no redirect, 200."""

    def answer() -> Response:
        sheet, who, purpose = _opened(request, "unsubscribe", token)
        if who is None:
            return _gone(sheet)
        unsubscribe(sheet.workspace, who.identifier_id, purpose)
        name = purpose_name(purpose).in_(sheet.language)
        lead = sheet.text("unsubscribed_lead", address=who.masked, purpose=name)
        return sheet.said(sheet.text("unsubscribed_title"), lead, sheet.text("unsubscribed_note"))

    return answered(request, answer)


@router.get("/preferences/{token}")
def show_preferences(request: Request, token: str) -> Response:
    return answered(request, lambda: _preferences(*_opened(request, "preferences", token)[:2]))


@router.post("/preferences/{token}")
def change_preferences(request: Request, token: str, form: Form) -> Response:
    def answer() -> Response:
        sheet, who, _ = _opened(request, "preferences", token)
        if who is None:
            return _gone(sheet)
        said, todo = "saved", form.get("do", [""])[0]
        if todo == "end_all":
            end_all(sheet.workspace, who)
        elif todo == "object":
            object_to_all(sheet.workspace, who)
            said = "objected"
        elif todo == "save" and choose(sheet.workspace, who, frozenset(form.get("wanted", [])), sheet.language):
            said = "saved_and_asked"
        return _preferences(sheet, who, said if todo in ("save", "end_all", "object") else "")

    return answered(request, answer)


@router.get("/confirm/{token}")
def ask_to_confirm(request: Request, token: str) -> Response:
    def answer() -> Response:
        workspace = guard.workspace_of(request)
        found = read_request(workspace, read_link(workspace, "confirm", token).number)
        sheet = Sheet(request, found.language)
        if found.confirmed_at is not None:
            return _confirmed(sheet, found.address)
        return sheet.render("confirm.html", address=masked(found.address), text=found.text.in_(sheet.language))

    return answered(request, answer)


@router.post("/confirm/{token}")
def do_confirm(request: Request, token: str) -> Response:
    def answer() -> Response:
        workspace = guard.workspace_of(request)
        found = confirm(workspace, read_link(workspace, "confirm", token).number)
        return _confirmed(Sheet(request, found.language), found.address)

    return answered(request, answer)


def _opened(request: Request, page: Page, token: str) -> tuple[Sheet, Holder | None, str]:
    """The page's language, whose address the link speaks of, and the purpose that it names."""
    workspace = guard.workspace_of(request)
    link = read_link(workspace, page, token)
    with workspace.store.read() as tx:
        who = holder(tx, link.number)
        language = language_of(workspace, tx, who)
    return Sheet(request, language), who, link.purpose


def _preferences(sheet: Sheet, who: Holder | None, said: str = "") -> Response:
    if who is None:
        return _gone(sheet)
    found = choices(sheet.workspace, who)
    shown = [
        {
            "purpose": one.purpose,
            "name": PURPOSES[one.purpose][0].in_(sheet.language),
            "about": PURPOSES[one.purpose][1].in_(sheet.language),
            "is_on": one.is_on,
        }
        for one in found
    ]
    sentence = sheet.text(said, **({"address": who.masked} if said == "saved_and_asked" else {})) if said else ""
    return sheet.render(
        "preferences.html", address=who.masked, choices=shown, said=sentence, any_on=any(one.is_on for one in found),
        may_ask=any(one.can_be_asked_for and not one.is_on for one in found),
    )  # fmt: skip


def _gone(sheet: Sheet) -> Response:
    return sheet.said(sheet.text("gone_title"), sheet.text("gone_lead"))


def _confirmed(sheet: Sheet, address: str) -> Response:
    lead = sheet.text("confirmed_lead", address=masked(address))
    return sheet.said(sheet.text("confirmed_title"), lead, sheet.text("confirmed_note"))
