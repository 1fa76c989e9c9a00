"""Quarantine: events that did not fit, by reason; taken in again after a fix, or given up."""

import json
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form
from fastapi.responses import Response

from schwung.app import audit
from schwung.app import quarantine as app
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area(
    "quarantine", path="/quarantine", group="data", icon="shield-exclamation", router=router, waiting=app.held_count
)
SAMPLES = 5


@router.get("/quarantine")
def groups(page: Viewer) -> Response:
    rows = [
        {
            "group": group,
            "number": number,
            "query": urlencode({"reason": group.example.code, "source": group.source, "name": group.name or ""}),
        }
        for number, group in enumerate(app.groups(page.workspace))
    ]
    return page.render("quarantine/groups.html", rows=rows, total=app.held_count(page.workspace))


@router.get("/quarantine/samples")
def samples(page: Viewer, reason: str, source: str, name: str = "") -> Response:
    """A few events of one group, with their own reason and their content."""
    held = app.held(page.workspace, reason=reason, source=source, name=name, most=SAMPLES)
    shown = [{"event": event, "body": json.dumps(event.body, indent=2, ensure_ascii=False)} for event in held]
    audit.note(page.workspace, page.actor, "quarantine_viewed", reason=reason, events=len(held))
    return page.render("quarantine/samples.html", held=shown)


@router.post("/quarantine/replay")
def replay(
    page: Editor,
    reason: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> Response:
    done = app.replay(page.workspace, reason=reason, source=source, name=name, actor=page.actor)
    said = page.text("replayed", n=done.replayed)
    if done.known:
        said += " " + page.text("known", n=done.known)
    if done.held:
        said += " " + page.text("still_held", n=done.held)
    return page.go("/quarantine", toast=said, bad=not done.replayed and bool(done.held))


@router.post("/quarantine/drop")
def drop(
    page: Editor,
    reason: Annotated[str, Form()],
    source: Annotated[str, Form()],
    count: Annotated[str, Form()],
    name: Annotated[str, Form()] = "",
    confirmation: Annotated[str, Form()] = "",
) -> Response:
    if confirmation.strip() != count:
        return page.go("/quarantine", toast=page.text("not_typed"), bad=True)
    dropped = app.drop(page.workspace, reason=reason, source=source, name=name, actor=page.actor)
    return page.go("/quarantine", toast=page.text("dropped", n=dropped))
