"""Templates: all of them, one as a customer would get it, the editor with a preview that follows."""

import html
from collections import defaultdict
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from schwung.act.template import CHANNELS, Template
from schwung.act.template import read_template as read
from schwung.app.post import send_test, webhook_secret
from schwung.app.template_values import known_variables
from schwung.app.templates import (
    Preview,
    SavedTemplate,
    delete_template,
    preview,
    read_template,
    save_template,
    templates,
    versions,
)
from schwung.core.errors import InputError, SchwungError
from schwung.core.text import Language
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Page, Viewer, sent_fields
from schwung.web.console.shell import console_router
from schwung.web.console.templates import form

router = console_router()
AREA = Area("templates", path="/templates", group="act", icon="mail", router=router)
MOST_VERSIONS = 20
# An e-mail is a page of its own: with styles in it, without scripts, in a frame of ours only.
_FRAME = {
    "Content-Security-Policy": "default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
}
Name = Annotated[str, Query(max_length=200)]
Spoken = Annotated[Language | None, Query()]
Customer = Annotated[int | None, Query(ge=1, le=2**62)]


@router.get("/templates")
def all_templates(page: Viewer) -> Response:
    return page.render(
        "templates/list.html", found=templates(page.workspace), channels=CHANNELS, purposes=form.purposes()
    )


@router.get("/templates/one")
def one(page: Viewer, name: Name, spoken: Spoken = None, customer: Customer = None) -> Response:
    found = read_template(page.workspace, name)
    shown = preview(page.workspace, found.template, customer_id=customer, language=spoken)
    values: dict[str, Any] = {
        "one": found, "shown": shown, "channels": CHANNELS, "purposes": form.purposes(), "spoken": spoken, "customer": customer,
        "versions": versions(page.workspace, found)[:MOST_VERSIONS],
        "secret": webhook_secret(page.workspace) if found.template.channel == "webhook" and page.me.may("owner") else "",
    }  # fmt: skip
    return page.render("templates/one.html", **values)


@router.get("/templates/page")
def framed(page: Viewer, name: Name, spoken: Spoken = None, customer: Customer = None) -> Response:
    """The e-mail alone, for a frame."""
    template = read_template(page.workspace, name).template
    return _framed(page, preview(page.workspace, template, customer_id=customer, language=spoken))


@router.get("/templates/new")
def new(page: Editor, channel: Annotated[str, Query(max_length=20)] = "email") -> Response:
    known = channel if channel in CHANNELS else "email"
    domains = page.workspace.settings.email.shop_domains
    return _editor(page, form.fields_of(form.start(known, domains[0] if domains else "example.org")), None)


@router.get("/templates/edit")
def edit(page: Editor, name: Name, version: Annotated[int | None, Query(ge=1, le=2**31)] = None) -> Response:
    newest = read_template(page.workspace, name)
    found = read_template(page.workspace, name, version) if version else newest
    return _editor(page, form.fields_of(found.template), newest)


@router.post("/templates/look")
async def look(page: Editor, request: Request) -> Response:
    """What the fields say now: findings, inbox line, plain text."""
    fields = await sent_fields(request)
    return await run_in_threadpool(_look, page, fields)


@router.post("/templates/page")
async def framed_draft(page: Editor, request: Request) -> Response:
    """What the fields say now, as the e-mail alone."""
    fields = await sent_fields(request)
    return await run_in_threadpool(_framed_draft, page, fields)


@router.post("/templates/save")
async def save(page: Editor, request: Request) -> Response:
    fields = await sent_fields(request)
    return await run_in_threadpool(_save, page, fields)


@router.post("/templates/test")
async def test(page: Editor, request: Request) -> Response:
    """The draft as it stands, to an address of the team."""
    fields = await sent_fields(request)
    return await run_in_threadpool(_test, page, fields)


@router.post("/templates/delete")
async def delete(page: Editor, request: Request) -> Response:
    name = (await sent_fields(request)).get("name", "")
    try:
        found = await run_in_threadpool(lambda: delete_template(page.workspace, name, actor=page.actor))
    except InputError as error:
        return page.go("/templates", toast=page.sentence(error), bad=True)
    return page.go("/templates", toast=page.text("deleted", name=found.name))


def _save(page: Page, fields: dict[str, str]) -> Response:
    known = _known(page, fields)
    try:
        if known is not None and fields.get("version") != str(known.version):
            return _editor(page, fields, known, wrong=str(page.text("meanwhile", n=known.version)))
        found = save_template(page.workspace, fields.get("name", ""), form.definition_of(fields), actor=page.actor)
    except InputError as error:
        return _editor(page, fields, known, wrong=page.sentence(error))
    return page.go(
        f"/templates/one?name={_quoted(found.name)}", toast=page.text("saved", name=found.name, n=found.version)
    )


def _test(page: Page, fields: dict[str, str]) -> Response:
    known, address = _known(page, fields), fields.get("to", "").strip()
    try:
        template, spoken = _draft(fields), form.spoken_of(fields, page.language)
        send_test(page.workspace, template, address, customer_id=_customer(fields), language=spoken)
    except SchwungError as error:
        return _editor(page, fields, known, wrong=page.sentence(error))
    return _editor(page, fields, known, said=str(page.text("test_sent", to=address)))


def _look(page: Page, fields: dict[str, str]) -> Response:
    wrong, shown = "", None
    try:
        shown = _preview_of(page, fields)
    except InputError as error:
        wrong = page.sentence(error)
    return page.render("templates/look.html", shown=shown, wrong=wrong, channel=fields.get("channel", "email"))


def _preview_of(page: Page, fields: dict[str, str]) -> Preview:
    spoken = form.spoken_of(fields, page.language)
    return preview(page.workspace, _draft(fields), customer_id=_customer(fields), language=spoken)


def _draft(fields: dict[str, str]) -> Template:
    return read(fields.get("name") or "…", form.definition_of(fields))


def _framed_draft(page: Page, fields: dict[str, str]) -> Response:
    try:
        return _framed(page, _preview_of(page, fields))
    except InputError as error:
        return _told_in_frame(page, page.sentence(error))


def _framed(page: Page, shown: Preview) -> Response:
    if shown.rendered is not None and shown.rendered.html:
        return HTMLResponse(shown.rendered.html, headers=_FRAME)
    return _told_in_frame(page, shown.wrong.in_(page.language) if shown.wrong else page.words("no_picture"))


def _told_in_frame(page: Page, told: str) -> Response:
    body = f'<!doctype html><html lang="{page.language}"><head><meta charset="utf-8"><title>–</title></head><body style="font:14px sans-serif;padding:16px;color:#4C585E">{html.escape(told)}</body></html>'
    return HTMLResponse(body, headers=_FRAME)


def _editor(
    page: Page, fields: dict[str, str], known: SavedTemplate | None, *, wrong: str = "", said: str = ""
) -> Response:
    template = known.template if known else None
    values: dict[str, Any] = {
        "fields": defaultdict(str, fields), "known": known, "wrong": wrong, "said": said, "channels": CHANNELS, "purposes": form.purposes(),
        "spoken": form.spoken_of(fields, page.language), "channel": fields.get("channel") or "email",
        "variables": known_variables(page.workspace, template), "name": known.name if known else fields.get("name", ""),
        "parts": form.PARTS, "ready": page.workspace.settings.email.is_ready,
    }  # fmt: skip
    return page.render("templates/edit.html", **values)


def _known(page: Page, fields: dict[str, str]) -> SavedTemplate | None:
    if not fields.get("version"):
        return None
    try:
        return read_template(page.workspace, fields.get("name", ""))
    except InputError:
        return None


def _customer(fields: dict[str, str]) -> int | None:
    number = fields.get("customer", "").strip()
    return int(number[:18]) if number.isdecimal() else None


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")
