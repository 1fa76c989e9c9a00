"""How large a request may be. Refused before it is read; what states no length is counted while it comes."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.requests import Request

from schwung.web.problems import of_status, response_of

MOST_BYTES = 2_000_000
# Paths that take files, and how much; written to disk as they come.
LARGER: Mapping[str, int] = {"/imports": 10_000_000_000}

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


class _TooLarge(Exception):
    """More came than may come."""


class BodyLimit:
    """ASGI middleware. The intake has limits of its own and does not pass here."""

    def __init__(self, app: _App) -> None:
        self._app = app

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next((size for path, size in LARGER.items() if scope["path"].startswith(path)), MOST_BYTES)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > most:
            await _refuse(scope, receive, send)
            return
        came = 0
        has_begun = False

        async def counted() -> _Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _TooLarge
            return message

        async def answered(message: _Message) -> None:
            nonlocal has_begun
            if came <= most or has_begun:
                has_begun = True
                await send(message)

        try:
            await self._app(scope, counted, answered)
        except Exception:
            if came <= most:
                raise
        if came > most and not has_begun:
            await _refuse(scope, receive, send)


async def _refuse(scope: _Scope, receive: _Receive, send: _Send) -> None:
    request = Request(scope)
    await response_of(of_status(413), request)(scope, receive, send)
