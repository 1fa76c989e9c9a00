"""Who calls the API: a key as Basic user name or Bearer token, with the scope that the route asks for."""

import base64
import binascii
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPBasic, HTTPBearer

from schwung.app.keys import Caller, Scope, authenticate

# Declared for the OpenAPI document; the header is read below, since either form is taken.
_DECLARED = [
    Depends(HTTPBasic(auto_error=False, description="The key as user name, no password.")),
    Depends(HTTPBearer(auto_error=False, description="The key.")),
]


class _Needs:
    """Answers 401 without a valid key, 403 for a key that lacks the scope."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __call__(
        self,
        request: Request,
        basic: Annotated[object, _DECLARED[0]] = None,
        bearer: Annotated[object, _DECLARED[1]] = None,
    ) -> Caller:
        workspace = request.app.state.workspace
        key = key_of(request.headers.get("authorization", ""))
        caller = authenticate(workspace, key, self._scope)
        if caller is not None:
            return caller
        scopes: tuple[Scope, ...] = ("write", "read")
        if any(authenticate(workspace, key, scope) for scope in scopes):
            raise HTTPException(403)
        raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="schwung"'})


def key_of(header: str) -> str | None:
    """The key in an Authorization header, or None."""
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return value.strip() or None
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[0] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


Reader = Annotated[Caller, Depends(_Needs("read"))]
Writer = Annotated[Caller, Depends(_Needs("write"))]
Admin = Annotated[Caller, Depends(_Needs("admin"))]
"""Annotations of a route's parameter: `def metric(caller: Reader, …)`."""
