"""Errors as RFC 9457 problem documents: a code, what happened and what to do next, in the reader's language."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from schwung.app.log import described, log
from schwung.core.errors import InputError, OutsideError, SchwungError
from schwung.core.text import Language, Text

MEDIA_TYPE = "application/problem+json"


class Problem(NamedTuple):
    """status, code, message, step as in SchwungError; retry_after: seconds after which to try again."""

    status: int
    code: str
    message: Text
    step: Text
    retry_after: int | None = None

    def document(self, language: Language) -> bytes:
        """`message` beside `detail` because Segment's clients read that name."""
        message, step = self.message.in_(language), self.step.in_(language)
        return json.dumps(
            {
                "type": f"urn:schwung:problem:{self.code}",
                "title": message,
                "status": self.status,
                "detail": f"{message} {step}",
                "code": self.code,
                "message": message,
                "step": step,
            },
            ensure_ascii=False,
        ).encode("utf-8", "replace")


_LATER = Text(en="Send the same again later.", de="Dasselbe später erneut senden.")
_UNEXPECTED = Problem(
    500,
    "unexpected",
    Text(en="Something went wrong within schwung.", de="In schwung ist etwas schiefgegangen."),
    Text(
        en="Try again; the log of the server says where it happened.",
        de="Erneut versuchen; das Protokoll des Servers sagt, wo es geschah.",
    ),
)


def problem_of(error: BaseException) -> Problem:
    """SetupError is 503: only the operator can mend it, the sender tries again."""
    if not isinstance(error, SchwungError):
        return _UNEXPECTED
    if isinstance(error, InputError):
        missing = error.code.startswith("unknown_") or error.code.endswith("_unknown")
        return Problem(404 if missing else 400, error.code, error.message, error.step)
    if isinstance(error, OutsideError):
        busy = error.code == "intake_busy"
        return Problem(429 if busy else 502, error.code, error.message, error.step, 1 if busy else None)
    # What a database says of itself is for the operator, not for senders.
    return Problem(
        503,
        error.code,
        Text(en="The server cannot work at the moment.", de="Der Server kann gerade nicht arbeiten."),
        _LATER,
        5,
    )


def language_of(header: str | None) -> Language:
    """The first of our languages that Accept-Language names; English where it names none."""
    for part in (header or "").lower().split(","):
        tag = part.split(";")[0].strip()
        if tag.startswith("de"):
            return "de"
        if tag.startswith("en"):
            return "en"
    return "en"


def response_of(problem: Problem, request: Request) -> Response:
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    document = problem.document(language_of(request.headers.get("accept-language")))
    return Response(document, problem.status, headers, MEDIA_TYPE)


def is_for_machines(request: Request) -> bool:
    """Whether the answer is read by a program; the console has pages for its errors."""
    return request.url.path.startswith(("/api/", "/v1/", "/health", "/openapi.json"))


def add_problem_responses(app: FastAPI, *, console: bool) -> None:
    """Every error of API and intake becomes a problem document; the console has pages for its own."""

    async def ours(request: Request, error: Exception) -> Response:
        return response_of(problem_of(error), request)

    async def unexpected(request: Request, error: Exception) -> Response:
        log("request_failed", level="error", path=_route(request), **described(error))
        return response_of(_UNEXPECTED, request)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if console and error.status_code == 404 and not is_for_machines(request):
            from schwung.web.console.shell import not_found

            return not_found(request)
        response = response_of(of_status(error.status_code), request)
        response.headers.update(error.headers or {})
        return response

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return response_of(
            Problem(
                422,
                "request_invalid",
                Text(en="{place} is wrong: {why}.", de="{place} ist falsch: {why}.").fill(
                    place=place, why=first["msg"]
                ),
                Text(en="See /openapi.json.", de="Siehe /openapi.json."),
            ),
            request,
        )

    app.add_exception_handler(SchwungError, ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unexpected)


def _route(request: Request) -> str:
    """The route's pattern: a path may name a person."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))


_STATUSES: Mapping[int, tuple[str, Text]] = {
    401: (
        "key_wrong",
        Text(en="The key is missing, wrong or revoked.", de="Der Schlüssel fehlt, ist falsch oder widerrufen."),
    ),
    403: ("not_allowed", Text(en="The key may not do this.", de="Der Schlüssel darf das nicht.")),
    404: ("not_found", Text(en="There is nothing at this address.", de="Unter dieser Adresse ist nichts.")),
    405: ("method_wrong", Text(en="This method is not possible here.", de="Diese Methode ist hier nicht möglich.")),
    413: ("body_too_large", Text(en="The request is too large.", de="Die Anfrage ist zu groß.")),
}


def of_status(status: int) -> Problem:
    code, message = _STATUSES.get(
        status, (f"http_{status}", Text(en="The request failed.", de="Die Anfrage ist gescheitert."))
    )
    return Problem(status, code, message, Text(en="See /openapi.json.", de="Siehe /openapi.json."))
