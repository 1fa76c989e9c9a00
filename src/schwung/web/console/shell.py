"""What every area of the console is hung into the server by, and what it answers when something is wrong."""

import time
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from schwung.app.log import described, log
from schwung.core.errors import InputError, OutsideError, SchwungError
from schwung.web.console import guard
from schwung.web.console.page import Forbidden, Page, SignInNeeded


class ConsoleRoute(APIRoute):
    """A route whose errors become pages, and whose answers carry the security headers and how long they took here."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            began = time.perf_counter()
            try:
                response = await answer(request)
            except SignInNeeded:
                response = _to_sign_in(request)
            except Forbidden as error:
                response = await run_in_threadpool(_failed, request, 403, role=error.role)
            except SchwungError as error:
                response = await run_in_threadpool(_failed, request, _status_of(error), error=error)
            except (RequestValidationError, HTTPException) as error:
                status = getattr(error, "status_code", 422)
                response = await run_in_threadpool(_failed, request, status)
            except Exception as error:
                log("page_failed", level="error", path=self.path, **described(error))
                response = await run_in_threadpool(_failed, request, 500)
            guard.add_headers(request, response)
            took = (time.perf_counter() - began) * 1000  # with the wait for a thread
            response.headers["Server-Timing"] = f"page;dur={took:.1f}"
            return response

        return guarded


def console_router(*first: Callable[..., Any]) -> APIRouter:
    """A router for an area: CSRF is checked, errors become pages, headers are set. first: asked before a body is read."""
    asked = [Depends(one) for one in (*first, guard.check_csrf)]
    return APIRouter(route_class=ConsoleRoute, dependencies=asked, include_in_schema=False)


def not_found(request: Request) -> Response:
    """The page for an address that does not exist; the server's 404 handler calls it for browsers."""
    response = _failed(request, 404)
    guard.add_headers(request, response)
    return response


def _to_sign_in(request: Request) -> Response:
    path = "/sign-in"
    if request.method == "GET" and "hx-request" not in request.headers and request.url.path != "/":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        path = f"/sign-in?{urlencode({'next': here})}"
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)


def _status_of(error: SchwungError) -> int:
    if isinstance(error, InputError):
        return 404 if error.code.startswith("unknown_") or error.code.endswith("_unknown") else 400
    return 502 if isinstance(error, OutsideError) else 503


def _failed(request: Request, status: int, *, error: SchwungError | None = None, role: str = "") -> Response:
    try:
        page = Page(request)
    except SchwungError as away:
        # The store is away, so nobody is known and no page can be made.
        said = f"{away.message.de} {away.step.de}\n{away.message.en} {away.step.en}\n"
        return PlainTextResponse(said, status_code=503)
    template = "shell/failed_part.html" if page.is_fragment else "shell/failed.html"
    return page.render(template, status=status, code=status, sentence=page.sentence(error) if error else "", role=role)
