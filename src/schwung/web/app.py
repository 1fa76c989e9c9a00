"""The one web application: intake, API and console over one workspace."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.routing import BaseRoute

from schwung.app.receive import Receiver
from schwung.app.wiring import Workspace
from schwung.web.limits import BodyLimit
from schwung.web.openapi import describe
from schwung.web.problems import add_problem_responses

_Scope = MutableMapping[str, Any]


class Application(FastAPI):
    """A FastAPI application whose intake skips routing and middleware: it takes tens of thousands of events a second."""

    intake: Callable[[_Scope, Any, Any], Awaitable[None]] | None = None

    async def __call__(self, scope: _Scope, receive: Any, send: Any) -> None:
        if self.intake is not None and scope["type"] == "http" and scope["path"].startswith("/v1/"):
            await self.intake(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(workspace: Workspace, *, intake: bool = True, console: bool = True) -> Application:
    """intake, console: whether to serve them; the API and /health are always served."""
    receiver = Receiver(workspace)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        receiver.close()

    app = Application(
        title="schwung", version=_version(), lifespan=lifespan, docs_url=None, redoc_url=None, routes=_routes(console)
    )
    app.state.workspace = workspace
    app.state.receiver = receiver
    app.add_middleware(BodyLimit)
    add_problem_responses(app, console=console)
    if intake:
        from schwung.web.collect_api import Intake

        app.intake = Intake(workspace, receiver)
    describe(app, intake=intake)
    return app


_health = APIRouter(tags=["health"])


@_health.get("/health", summary="Whether the server can work")
def health(request: Request) -> JSONResponse:
    """200 when the store can be read; 503 otherwise."""
    workspace: Workspace = request.app.state.workspace
    with workspace.store.read() as tx:
        tx.value("store.counter", name="event")
    return JSONResponse({"status": "ok", "waiting": request.app.state.receiver.waiting})


@cache
def _routes(console: bool) -> list[BaseRoute]:
    """Of health, API, console, and of the pages for people without sign-in, which need the console's styles. Once per
    process: FastAPI works out anew what is included in one more application."""
    from schwung.web.api import SUBJECTS
    from schwung.web.console import static
    from schwung.web.console.area import areas
    from schwung.web.public import hooks, measured, routes

    every = APIRouter()
    every.include_router(_health)
    for subject in SUBJECTS:
        every.include_router(import_module(f"schwung.web.api.{subject}").router, prefix="/api/v1")
    # Not included, since nothing is put before their paths: FastAPI would work each of them out anew at the first request.
    others = [one.router for one in (routes, measured, hooks, static, *(areas() if console else ()))]
    return [*every.routes, *(route for router in others for route in router.routes)]


def _version() -> str:
    from importlib.metadata import version

    return version("schwung")
