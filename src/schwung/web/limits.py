"""How large a request may be. Refused before it is read; what states no length is counted while it comes."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

MOST_BYTES = 2_000_000
# Paths that take files, and how much; written to disk as they come.
LARGER: Mapping[str, int] = {"/imports": 10_000_000_000}

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[MutableMapping[str, Any], _Receive, _Send], Awaitable[None]]


class BodyLimit:
    """ASGI middleware. The intake has limits of its own and does not pass here."""

    def __init__(self, app: _App) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most = next((size for path, size in LARGER.items() if scope["path"].startswith(path)), MOST_BYTES)
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        is_too_long = not length.isdigit() or int(length) > most
        came = 0

        async def counted() -> _Message:
            nonlocal came
            if is_too_long:
                raise HTTPException(413)
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413)
            return message

        return await self._app(scope, counted, send)
