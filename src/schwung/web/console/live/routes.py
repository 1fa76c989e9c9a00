"""Live events: what comes in, as it comes in."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from schwung.app import audit, keys
from schwung.app.newest import Arrivals, arrivals, customer_of
from schwung.app.own_event import SOURCE
from schwung.collect.event import Event
from schwung.collect.event_type import EVENT_TYPES
from schwung.collect.readable import readable
from schwung.web.console.area import Area
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("live", path="/live", group="data", icon="broadcast", router=router)
LOOKS = 600
SECONDS = 1.0
"""A stream ends after ten minutes; the browser opens it again by itself, and with it the sign-in is checked again."""


@router.get("/live")
def live(page: Viewer, source: str = "", name: str = "") -> Response:
    newest = arrivals(page.workspace, source=source, name=name)
    sources = [found.name for found in keys.sources(page.workspace)]
    rows = _rows(page, newest)
    audit.note(page.workspace, page.actor, "live_viewed")
    return page.render("live/live.html", source=source, name=name, sources=sources, newest=newest, rows=rows)


@router.get("/live/stream")
async def stream(request: Request, page: Viewer, after: int = 0, source: str = "", name: str = "") -> StreamingResponse:
    """Server-sent events: rows of new events as HTML, and the count of the last minute."""
    last = request.headers.get("last-event-id", "")
    start = int(last) if last.isdecimal() else after
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_news(page, start, source, name), media_type="text/event-stream", headers=headers)


@router.get("/live/{event_no}/customer")
def customer(page: Viewer, event_no: int) -> Response:
    """To the customer whose event it is; which one that is shows only once the event is unified."""
    found = customer_of(page.workspace, event_no)
    if found is None:
        return page.go("/live", toast=page.text("no_customer"), bad=True)
    return page.go(f"/customers/{found}")


async def _news(page: Page, after: int, source: str, name: str) -> AsyncIterator[str]:
    shown = -1
    for _ in range(LOOKS):
        newest = await run_in_threadpool(arrivals, page.workspace, after, source=source, name=name)
        if newest.events:
            yield _message("message", page.html("live/rows.html", rows=_rows(page, newest)), newest.top)
        after = max(after, newest.top)
        if newest.per_minute != shown:
            shown = newest.per_minute
            yield _message("count", str(page.text("per_minute", n=shown)), after)
        await asyncio.sleep(SECONDS)
        if await page.request.is_disconnected():
            return


def _message(kind: str, html: str, number: int) -> str:
    data = "\n".join(f"data: {line}" for line in html.strip().splitlines())
    return f"id: {number}\nevent: {kind}\n{data}\n\n"


def _rows(page: Page, newest: Arrivals) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "event": event,
            "title": _title(page, event),
            "body": _body(event),
            "is_own": event.source == SOURCE,
        }
        for number, event in newest.events
    ]


def _title(page: Page, event: Event) -> str:
    declared = EVENT_TYPES.get(event.name)
    return declared.title.in_(page.language) if declared else event.name


def _body(event: Event) -> str:
    shown = {"messageId": event.message_id, "properties": readable(event.properties or b"{}")}
    shown |= {key: readable(text) for key, text in (("traits", event.traits), ("context", event.context)) if text}
    return json.dumps(shown, indent=2, ensure_ascii=False)
