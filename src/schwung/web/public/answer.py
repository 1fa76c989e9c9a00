"""How pages without sign-in answer: strict headers, no script, the reader's language, and patience that ends."""

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schwung.app.log import described, log
from schwung.core.errors import InputError, SchwungError
from schwung.core.text import LANGUAGES, Language
from schwung.web.console import guard
from schwung.web.console.static import address_of
from schwung.web.public.words import WORDS

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_MOST_WRONG = 30
_WINDOW_SECONDS = 60.0
_MOST_CALLERS = 10_000
_now = time.monotonic


class Patience:
    """How many wrong links an address may try in a minute. Right links are never refused: a mail provider unsubscribes
    for many people from one address."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def is_over(self, caller: str) -> bool:
        until, count = self._wrong.get(caller, (0.0, 0))
        return count >= _MOST_WRONG and until > _now()

    def note(self, caller: str) -> None:
        until, count = self._wrong.pop(caller, (0.0, 0))
        self._wrong[caller] = (until, count + 1) if until > _now() else (_now() + _WINDOW_SECONDS, 1)
        while len(self._wrong) > _MOST_CALLERS:
            self._wrong.popitem(last=False)


PATIENCE = Patience()


class Sheet:
    """One answer: page by template, in a language."""

    def __init__(self, request: Request, known: Language | None = None) -> None:
        """known: the person's own language, where it is known."""
        self.request, self.workspace = request, guard.workspace_of(request)
        asked = request.query_params.get("lang", "")
        spoken = request.headers.get("accept-language", "")[:2].lower()
        fallback = self.workspace.settings.workspace.language
        self.language: Language = next((one for one in (asked, known, spoken) if one in LANGUAGES), fallback)

    def text(self, key: str, /, **values: Any) -> str:
        return WORDS[key].fill(**values).in_(self.language) if values else WORDS[key].in_(self.language)

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        settings = self.workspace.settings
        html = _environment().get_template(template).render(
            language=self.language, shop=settings.email.sender_name or settings.workspace.name,
            imprint=settings.email.imprint.replace("\\n", "\n"), t=self.text, **values,
        )  # fmt: skip
        response = HTMLResponse(html, status)
        response.headers.update(HEADERS)
        if guard.is_secure(self.request):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    def said(self, title: str, lead: str, note: str = "", *, status: int = 200, is_bad: bool = False) -> Response:
        return self.render("said.html", status=status, title=title, lead=lead, note=note, is_bad=is_bad)


def answered(request: Request, answer: Callable[[], Response]) -> Response:
    """The answer, or a page that says what is wrong. Who tries many wrong links is told to wait."""
    caller = guard.caller_address(request)
    try:
        return answer()
    except InputError as error:
        sheet = Sheet(request)
        if PATIENCE.is_over(caller):
            response = sheet.said(
                sheet.text("failed_title"), sheet.text("too_many"), sheet.text("too_many_step"), status=429, is_bad=True
            )
            response.headers["Retry-After"] = str(round(_WINDOW_SECONDS))
            return response
        PATIENCE.note(caller)
        status = {"link_wrong": 404, "link_expired": 410}.get(error.code, 400)
        lead, note = error.message.in_(sheet.language), error.step.in_(sheet.language)
        return sheet.said(sheet.text("failed_title"), lead, note, status=status, is_bad=True)
    except SchwungError as error:  # the store is away, or busy for long: no matter of the reader's
        log("public_page_failed", level="error", **described(error))
        sheet = Sheet(request)
        response = sheet.said(
            sheet.text("failed_title"), sheet.text("away"), sheet.text("too_many_step"), status=503, is_bad=True
        )
        response.headers["Retry-After"] = "60"
        return response


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.globals["asset"] = address_of
    return found
