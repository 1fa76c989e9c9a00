"""Wordings that people agree to: their versions, how often each was agreed to, a new version."""

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from schwung.act.legality import ADVERTISING, TRANSACTIONAL
from schwung.app.consent_start import start
from schwung.app.consent_texts import KINDS, ConsentText, counted_texts, save_text, texts
from schwung.app.double_opt_in import KEPT_DAYS
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.consent import CHANNELS, PURPOSES
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("consent", path="/consent", group="act", icon="shield-check", router=router)
_ASKABLE = (*ADVERTISING, "tracking", "device_data", "profiling")
Long = Annotated[str, Form(max_length=20_000)]


@router.get("/consent")
def overview(page: Viewer, text: str = "") -> Response:
    found = texts(page.workspace) if text else []
    chosen = next((one for one in found if one.name == text), None)
    return _show(page, _fields_of(chosen))


@router.post("/consent")
def save(
    page: Editor,
    name: Annotated[str, Form(max_length=200)] = "",
    kind: Annotated[str, Form(max_length=20)] = "consent",
    channel: Annotated[str, Form(max_length=20)] = "email",
    de: Long = "",
    en: Long = "",
    purpose: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    fields = {"name": name.strip(), "kind": kind, "channel": channel, "de": de, "en": en, "purposes": purpose}
    try:
        written = Text(en.replace("\r\n", "\n").strip() or "?", de.replace("\r\n", "\n").strip() or "?")
        if "?" in (written.en, written.de):
            return _show(page, fields, said=page.words("both_languages"), status=400)
        purposes = () if kind == "notice" else purpose
        found = save_text(
            page.workspace, name.strip(), written, page.actor, purposes=purposes, channel=channel, kind=kind,  # type: ignore[arg-type]
        )  # fmt: skip
    except InputError as error:
        return _show(page, fields, said=page.sentence(error), status=400)
    return page.go("/consent", toast=page.text("saved", name=found.name, version=found.version))


@router.post("/consent/start")
def begin(page: Editor) -> Response:
    added = start(page.workspace, page.actor)
    return page.go("/consent", toast=page.text("started", n=len(added)))


def _show(page: Page, fields: Mapping[str, Any], *, said: str = "", status: int = 200) -> Response:
    found = counted_texts(page.workspace)
    with page.workspace.store.read() as tx:
        waiting = tx.value("law.waiting")
    groups = [list(group) for _, group in groupby(found, key=lambda one: one.name)]
    return page.render(
        "consent/consent.html", status=status, groups=groups, kinds=KINDS, channels=CHANNELS, purposes=PURPOSES,
        askable=_ASKABLE, fields=fields, said=said, waiting=waiting, kept_days=KEPT_DAYS,
        transactional=[text.in_(page.language) for text in TRANSACTIONAL.values()],
    )  # fmt: skip


def _fields_of(found: ConsentText | None) -> dict[str, Any]:
    """What the form shows: a text that gets a new version, or nothing."""
    if found is None:
        return {"name": "", "kind": "consent", "channel": "email", "de": "", "en": "", "purposes": ()}
    return {
        "name": found.name,
        "kind": found.kind,
        "channel": found.channel,
        "de": found.text.de,
        "en": found.text.en,
        "purposes": found.purposes,
    }
