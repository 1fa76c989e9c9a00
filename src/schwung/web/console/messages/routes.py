"""Messages: what waits, what went, what failed; one with its story; those of unknown outcome decided by one click; stop switches."""

from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import Response

from schwung.act.message import STATES, reason_text
from schwung.app.journeys import journeys
from schwung.app.messages import (
    cancel_message,
    counts,
    mark_sent,
    messages,
    read_message,
    resend,
    unknown_count,
)
from schwung.app.stops import lift, stop, stops
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.consent import CHANNELS, PURPOSES
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("messages", path="/messages", group="act", icon="send", router=router, waiting=unknown_count)
MOST = 50


class _Titles(dict[str, Text]):
    """Of channels or purposes; one that nobody has named is called by its name."""

    def __missing__(self, name: str) -> Text:
        return Text(name, name)


_TITLES, _PURPOSES = _Titles(CHANNELS), _Titles(PURPOSES)
TONES = {"sent": "good", "failed": "bad", "unknown": "warn", "held": "warn", "blocked": "", "lapsed": ""}
ICONS = {
    "planned": "calendar", "due": "hourglass", "called": "send", "sent": "check", "delivered": "mailbox", "opened": "eye",
    "clicked": "click", "failed": "x", "bounced": "arrow-back-up", "complained": "flag", "unsubscribed": "user-minus",
    "blocked": "ban", "lapsed": "clock", "cancelled": "x", "unknown": "help", "machine_opened": "server",
    "machine_clicked": "server",
}  # fmt: skip


@router.get("/messages")
def queue(
    page: Viewer,
    status: Annotated[str, Query(max_length=40)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    known = status if status in STATES else ""
    found = messages(page.workspace, known or None, before=before, most=MOST + 1)
    numbers = counts(page.workspace)
    return page.render(
        "messages/list.html",
        found=found[:MOST],
        further=found[MOST - 1].message_no if len(found) > MOST else None,
        numbers={state: number for state, number in numbers.items() if number or state in (known, "unknown", "sent")},
        total=sum(numbers.values()),
        chosen=known,
        states=STATES,
        tones=TONES,
        stopped=stops(page.workspace),
        channels=_TITLES,
        stoppable=sorted({"email", *(one.channel for one in found)}),
    )


@router.get("/messages/{number}")
def one(page: Viewer, number: int) -> Response:
    story = read_message(page.workspace, number)
    return page.render(
        "messages/one.html",
        story=story,
        one=story.message,
        states=STATES,
        tones=TONES,
        icons=ICONS,
        channels=_TITLES,
        purposes=_PURPOSES,
        journey=next(
            (each.name for each in journeys(page.workspace) if each.journey_no == story.message.journey_no), ""
        ),
        chapters=[(chapter, reason_text(chapter.note)) for chapter in story.chapters],
    )


@router.post("/messages/{number}/{act}")
def settle(page: Editor, number: int, act: str, back: Annotated[str, Form()] = "") -> Response:
    """resend, sent or cancel."""
    acts = {"resend": resend, "sent": mark_sent, "cancel": cancel_message}
    to = "/messages?status=unknown" if back == "unknown" else f"/messages/{number}"
    if act not in acts:
        return page.go(to)
    try:
        acts[act](page.workspace, number, page.actor)
    except InputError as error:
        return page.go(to, toast=error.message.in_(page.language), bad=True)
    return page.go(to, toast=page.text(f"done_{act}", n=number))


@router.post("/messages-stops")
def switch(page: Editor, scope: Annotated[str, Form(max_length=60)], on: Annotated[str, Form()] = "") -> Response:
    """Stop a scope (on) or let it go on."""
    (stop if on else lift)(page.workspace, scope, page.actor)
    return page.go("/messages", toast=_switched(page, scope, bool(on)))


def _switched(page: Page, scope: str, on: bool) -> str:
    return page.text("stopped_now" if on else "goes_on", scope=page.text("everything") if scope == "all" else scope)
