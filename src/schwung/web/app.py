"""The one web application: intake, API and console over one workspace."""

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

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

    app = Application(title="schwung", version=_version(), lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.workspace = workspace
    app.state.receiver = receiver
    app.add_middleware(BodyLimit)
    add_problem_responses(app, console=console)
    app.include_router(_health)
    if intake:
        from schwung.web.collect_api import Intake

        app.intake = Intake(workspace, receiver)
    _add_api(app)
    _add_public(app, console=console)
    describe(app, intake=intake)
    if console:
        from schwung.web.console.shell import mount_console

        mount_console(app, workspace)
    return app


_health = APIRouter(tags=["health"])


@_health.get("/health", summary="Whether the server can work")
def health(request: Request) -> JSONResponse:
    """200 when the store can be read; 503 otherwise."""
    workspace: Workspace = request.app.state.workspace
    with workspace.store.read() as tx:
        tx.value("store.counter", name="event")
    return JSONResponse({"status": "ok", "waiting": request.app.state.receiver.waiting})


def _add_api(app: Application) -> None:
    from importlib import import_module

    from schwung.web.api import SUBJECTS

    for subject in SUBJECTS:
        app.include_router(import_module(f"schwung.web.api.{subject}").router, prefix="/api/v1")


def _add_public(app: Application, *, console: bool) -> None:
    """Pages for people without sign-in, with the styles that the console serves where it is served."""
    from schwung.web.console import static
    from schwung.web.public import hooks, measured
    from schwung.web.public.routes import router

    app.include_router(router)
    app.include_router(measured.router)
    app.include_router(hooks.router)
    if not console:
        app.include_router(static.router)


def _version() -> str:
    from importlib.metadata import version

    return version("schwung")
