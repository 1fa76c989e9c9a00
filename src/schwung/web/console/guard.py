"""What protects the console: content policy and headers, cookies, CSRF tokens, the caller's true address."""

import hashlib
import hmac
import ipaddress
import secrets
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from schwung.core.text import Text

SESSION_COOKIE = "schwung_session"
VISIT_COOKIE = "schwung_visit"
LANGUAGE_COOKIE = "schwung_language"
THEME_COOKIE = "schwung_theme"
TOAST_COOKIE = "schwung_toast"
_YEAR = 365 * 24 * 3600

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def workspace_of(request: Request) -> Workspace:
    found: Workspace = request.app.state.workspace
    return found


def caller_address(request: Request) -> str:
    """The address that the request comes from; a forwarded one only where a trusted proxy states it."""
    address = request.client.host if request.client else ""
    trusted = workspace_of(request).settings.serve.trusted_proxies
    forwarded = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
    while forwarded and _is_among(address, trusted):
        address = forwarded.pop()
    return address


def is_secure(request: Request) -> bool:
    """Whether the browser speaks HTTPS to us or to the proxy in front of us."""
    serve = workspace_of(request).settings.serve
    if serve.public_url.startswith("https://") or request.url.scheme == "https":
        return True
    peer = request.client.host if request.client else ""
    return _is_among(peer, serve.trusted_proxies) and request.headers.get("x-forwarded-proto", "") == "https"


def add_headers(request: Request, response: Response) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if is_secure(request):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def cookie_name(request: Request, name: str) -> str:
    """Behind HTTPS the prefix __Host- binds the cookie to this host and to HTTPS."""
    return f"__Host-{name}" if is_secure(request) else name


def read_cookie(request: Request, name: str) -> str:
    return request.cookies.get(cookie_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = _YEAR) -> None:
    secure = is_secure(request)
    key = cookie_name(request, name)
    response.set_cookie(key, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(request: Request, response: Response, name: str) -> None:
    response.delete_cookie(
        cookie_name(request, name), path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def visit_of(request: Request) -> str:
    """What a CSRF token is bound to: the session, or before sign-in a random cookie (made here, set by the page)."""
    session = read_cookie(request, SESSION_COOKIE)
    if session:
        return session
    if not hasattr(request.state, "visit"):
        request.state.visit = read_cookie(request, VISIT_COOKIE) or secrets.token_urlsafe(24)
    return str(request.state.visit)


def csrf_token(request: Request) -> str:
    message = b"csrf:" + visit_of(request).encode()
    return hmac.new(workspace_of(request).secret, message, hashlib.sha256).hexdigest()


async def check_csrf(request: Request) -> None:
    """Every request that changes something carries the token: header X-CSRF-Token or form field `csrf`."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    given = request.headers.get("x-csrf-token", "")
    if not given and "form" in request.headers.get("content-type", ""):
        given = str((await request.form()).get("csrf", ""))
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if foreign or not hmac.compare_digest(given.encode(), csrf_token(request).encode()):
        raise InputError(
            "form_expired",
            Text(en="This form is no longer valid.", de="Dieses Formular gilt nicht mehr."),
            Text(en="Open the page again and repeat it.", de="Die Seite neu öffnen und wiederholen."),
        )


def sealed(workspace: Workspace, value: Any, purpose: str) -> str:
    """A value that the browser keeps for us and cannot change."""
    return URLSafeTimedSerializer(workspace.secret, salt=purpose).dumps(value)


def unsealed(workspace: Workspace, text: str, purpose: str, seconds: int) -> Any:
    """The value, or None when it was changed or is older than that."""
    try:
        return URLSafeTimedSerializer(workspace.secret, salt=purpose).loads(text, max_age=seconds)
    except BadSignature:
        return None


def local_path(path: str | None) -> str:
    """A path within this console to return to; anything else becomes the home page."""
    safe = path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe and path else "/"


def _is_among(address: str, networks: tuple[str, ...]) -> bool:
    try:
        ip = ipaddress.ip_address(address)
        return any(ip in ipaddress.ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False
