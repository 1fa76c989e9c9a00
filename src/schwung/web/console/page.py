"""What a route of the console gets: who asks, in which language, and how to answer with a page."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from schwung.app.access import Operator, Role
from schwung.app.sessions import session_of
from schwung.app.wiring import Workspace
from schwung.core.errors import SchwungError
from schwung.core.text import LANGUAGES, Language
from schwung.web.console import guard
from schwung.web.console.rendering import render
from schwung.web.console.texts import say, spell


class SignInNeeded(Exception):
    """Nobody is signed in, and the page is for operators."""


class Forbidden(Exception):
    """The operator's role does not reach."""

    def __init__(self, role: Role) -> None:
        super().__init__(role)
        self.role = role


class Page:
    """One request to the console. operator: who is signed in, None on the pages before sign-in."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.workspace: Workspace = guard.workspace_of(request)
        self.session_token = guard.read_cookie(request, guard.SESSION_COOKIE)
        self.session = session_of(self.workspace, self.session_token) if self.session_token else None
        endpoint = getattr(request.scope.get("endpoint"), "__module__", "")
        self.area = endpoint.split(".")[3] if endpoint.startswith("schwung.web.console.") else "shell"

    @property
    def operator(self) -> Operator | None:
        return self.session.operator if self.session else None

    @property
    def me(self) -> Operator:
        """The operator, on pages where somebody must be signed in."""
        if self.session is None:
            raise SignInNeeded
        return self.session.operator

    @property
    def actor(self) -> str:
        """The operator as the audit names people."""
        return f"operator:{self.me.operator_id}"

    @property
    def language(self) -> Language:
        """The cookie's, else the operator's, else the browser's among ours, else the workspace's."""
        wanted = guard.read_cookie(self.request, guard.LANGUAGE_COOKIE) or (
            self.operator.language if self.operator else None
        )
        if wanted in LANGUAGES:
            return wanted
        spoken = self.request.headers.get("accept-language", "")[:2].lower()
        return spoken if spoken in LANGUAGES else self.workspace.settings.workspace.language

    @property
    def theme(self) -> str:
        """light, dark, or empty: as the system is set."""
        theme = guard.read_cookie(self.request, guard.THEME_COOKIE)
        return theme if theme in {"light", "dark"} else ""

    @property
    def is_fragment(self) -> bool:
        return "hx-request" in self.request.headers

    def text(self, key: str, /, **values: Any) -> Markup:
        return say(self.area, key, self.language, **values)

    def words(self, key: str, /, **values: Any) -> str:
        """The text as it stands, not as HTML: for what goes into another text or a chart."""
        return spell(self.area, key, self.language, **values)

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page or a fragment. The folder of the template decides whose texts `t` says."""
        response = HTMLResponse(render(self, template, values), status_code=status)
        if guard.read_cookie(self.request, guard.TOAST_COOKIE) and not self.is_fragment:
            guard.drop_cookie(self.request, response, guard.TOAST_COOKIE)
        if not self.session_token and not guard.read_cookie(self.request, guard.VISIT_COOKIE):
            guard.set_cookie(self.request, response, guard.VISIT_COOKIE, guard.visit_of(self.request), None)
        return response

    def html(self, template: str, **values: Any) -> str:
        """A template's HTML, to be put into another."""
        return render(self, template, values)

    def fragment(self, html: str) -> Response:
        """HTML that was made already."""
        return HTMLResponse(html)

    def go(self, path: str, *, toast: str = "", undo: str = "", bad: bool = False) -> Response:
        """To another page after an action. toast: what was done; undo: path that a POST takes it back by."""
        response: Response = RedirectResponse(path, status_code=303)
        if self.is_fragment:
            response = Response(status_code=204, headers={"HX-Redirect": path})
        if toast:
            sealed = guard.sealed(self.workspace, {"text": str(toast), "undo": undo, "bad": bad}, "toast")
            guard.set_cookie(self.request, response, guard.TOAST_COOKIE, sealed, 60)
        return response

    def toast(self) -> dict[str, Any] | None:
        """What the last action left to say; said once."""
        sealed = guard.read_cookie(self.request, guard.TOAST_COOKIE)
        if not sealed or self.is_fragment:
            return None
        toast = guard.unsealed(self.workspace, sealed, "toast", 60)
        return {**toast, "text": Markup(toast["text"])} if toast else None

    def sentence(self, error: SchwungError) -> str:
        return f"{error.message.in_(self.language)} {error.step.in_(self.language)}"


async def sent_fields(request: Request) -> dict[str, str]:
    """What the fields of a form hold, without its files."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _page_for(role: Role) -> Callable[[Request], Page]:
    def page(request: Request) -> Page:
        found = Page(request)
        if found.operator is None:
            raise SignInNeeded
        if not found.operator.may(role):
            raise Forbidden(role)
        return found

    return page


def editor_writes(request: Request) -> None:
    """Who may not change anything is turned away before a body is read: for areas that take large files."""
    if request.method not in ("GET", "HEAD"):
        _page_for("editor")(request)


Anyone = Annotated[Page, Depends(Page)]
Viewer = Annotated[Page, Depends(_page_for("viewer"))]
Editor = Annotated[Page, Depends(_page_for("editor"))]
Owner = Annotated[Page, Depends(_page_for("owner"))]
