"""Sources: where events come from, their keys, and what names they send."""

from collections import defaultdict
from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import Form
from fastapi.responses import Response

from schwung.app import keys, webhooks
from schwung.app.event_names import EventName, event_names
from schwung.core.errors import InputError
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Owner, Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("sources", path="/sources", group="data", icon="plug", router=router)


@router.get("/sources")
def sources(page: Viewer) -> Response:
    return _list(page)


@router.post("/sources")
def create(
    page: Owner, name: Annotated[str, Form(max_length=200)], requires_consent: Annotated[bool, Form()] = False
) -> Response:
    try:
        secret = keys.create_key(page.workspace, name, "write", requires_consent=requires_consent, actor=page.actor)
    except InputError as error:
        return _list(page, said=page.sentence(error), name=name, status=400)
    return _one(page, name.strip(), secret=secret)


@router.get("/sources/{name:path}")
def source(page: Viewer, name: str) -> Response:
    return _one(page, name)


@router.post("/sources/keys/create")
def create_key(
    page: Owner,
    source: Annotated[str, Form(max_length=200)],
    scope: Annotated[str, Form()] = "write",
    label: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    secret = keys.create_key(
        page.workspace, source, cast(keys.Scope, scope), label=label.strip() or None, actor=page.actor
    )
    return _one(page, source, secret=secret, scope=scope)


@router.post("/sources/keys/rotate")
def rotate(page: Owner, source: Annotated[str, Form()], prefix: Annotated[str, Form()]) -> Response:
    secret = keys.rotate_key(page.workspace, prefix, actor=page.actor)
    scope = next((key.scopes[0] for key in keys.keys(page.workspace) if secret.startswith(f"{key.prefix}_")), "write")
    return _one(page, source, secret=secret, scope=scope, rotated=prefix)


@router.post("/sources/keys/revoke")
def revoke(
    page: Owner,
    source: Annotated[str, Form()],
    prefix: Annotated[str, Form()],
    confirmation: Annotated[str, Form()] = "",
) -> Response:
    if confirmation.strip() != prefix:
        return page.go(_path(source), toast=page.text("not_typed"), bad=True)
    keys.revoke_key(page.workspace, prefix, actor=page.actor)
    return page.go(_path(source), toast=page.text("revoked_toast", prefix=prefix))


@router.post("/sources/consent")
def change_consent(
    page: Editor,
    source: Annotated[str, Form()],
    requires_consent: Annotated[bool, Form()] = False,
    categories: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    wanted = [part.strip() for part in categories.split(",") if part.strip()]
    keys.set_consent(page.workspace, source, requires_consent=requires_consent, categories=wanted, actor=page.actor)
    return page.go(_path(source), toast=page.text("consent_saved"))


@router.post("/sources/webhook")
def webhook(
    page: Owner,
    source: Annotated[str, Form()],
    mapping: Annotated[str, Form(max_length=20_000)] = "",
    sample: Annotated[str, Form(max_length=100_000)] = "",
    do: Annotated[str, Form()] = "save",
) -> Response:
    name = webhooks.name_for(source)
    if all(known.name != source for known in keys.sources(page.workspace)):
        return page.go("/sources", toast=page.text("unknown", name=source), bad=True)
    try:
        if do == "try":
            return _one(page, source, hook=mapping, sample=sample, tried=webhooks.tried(mapping, name, sample))
        webhooks.write_mapping(page.workspace, name, "" if do == "remove" else mapping, actor=page.actor)
    except InputError as error:
        return _one(page, source, hook=mapping, sample=sample, hook_said=page.sentence(error), status=400)
    except (ValueError, RecursionError):
        said = str(page.text("webhook_no_json"))
        return _one(page, source, hook=mapping, sample=sample, hook_said=said, status=400)
    return page.go(_path(source), toast=page.text("webhook_removed" if do == "remove" else "webhook_saved"))


def _list(page: Page, *, status: int = 200, said: str = "", name: str = "") -> Response:
    found = keys.sources(page.workspace)
    by_source = _names(page)
    valid: dict[str | None, int] = defaultdict(int)
    for key in keys.keys(page.workspace):
        valid[key.source] += key.state(page.workspace.clock()) in ("valid", "expiring")
    rows = [
        {
            "source": source,
            "path": _path(source.name),
            "keys": valid[source.name],
            "events": sum(entry.event_count for entry in by_source[source.name]),
            "last_at": max((entry.last_seen_at for entry in by_source[source.name]), default=None),
        }
        for source in found
    ]
    return page.render("sources/list.html", status=status, rows=rows, said=said, name=name)


def _one(
    page: Page,
    name: str,
    *,
    secret: str = "",
    scope: str = "write",
    rotated: str = "",
    hook: str = "",
    sample: str = "",
    tried: list[str] | None = None,
    hook_said: str = "",
    status: int = 200,
) -> Response:
    source = next((source for source in keys.sources(page.workspace) if source.name == name), None)
    if source is None:
        return page.go("/sources", toast=page.text("unknown", name=name), bad=True)
    now = page.workspace.clock()
    shown: list[dict[str, Any]] = [
        {"key": key, "state": key.state(now)} for key in keys.keys(page.workspace) if key.source == name
    ]
    values: dict[str, Any] = {"secret": secret, "scope": scope, "rotated": rotated, "address": _address(page)}
    written = webhooks.written_mapping(page.workspace, webhooks.name_for(name))
    values |= {
        "webhook": hook or written,
        "webhook_exists": bool(written),
        "webhook_example": webhooks.EXAMPLE,
        "webhook_address": f"{_address(page)}/v1/webhook/{webhooks.name_for(name)}",
        "webhook_sample": sample,
        "webhook_tried": tried,
        "webhook_said": hook_said,
    }
    names = sorted(_names(page)[name], key=lambda entry: -entry.event_count)
    return page.render(
        "sources/one.html",
        status=status,
        source=source,
        keys=shown,
        names=names,
        grace=keys.GRACE_HOURS,
        scopes=keys.SCOPES,
        **values,
    )


def _names(page: Page) -> dict[str, list[EventName]]:
    by_source: dict[str, list[EventName]] = defaultdict(list)
    for entry in event_names(page.workspace):
        by_source[entry.source].append(entry)
    return by_source


def _path(name: str) -> str:
    return f"/sources/{quote(name, safe='')}"


def _address(page: Page) -> str:
    return page.workspace.settings.serve.public_url.rstrip("/") or str(page.request.base_url).rstrip("/")
