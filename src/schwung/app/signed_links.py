"""Links for people without sign-in: each is good for one thing only, names nobody, and cannot be made up."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

from schwung.app import audit
from schwung.app.ports import Store
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, HOUR
from schwung.core.errors import InputError
from schwung.core.text import Text

Page = Literal["unsubscribe", "preferences", "confirm"]
_PAGES: tuple[Page, ...] = ("unsubscribe", "preferences", "confirm")
_PURPOSES = ("", "advertising", "newsletter", "cart_reminder", "survey", "loyalty")
"""By their place in a link: only ever added to at the end."""
_DAYS: Mapping[Page, int] = {"unsubscribe": 0, "preferences": 365, "confirm": 14}
"""How long a link is good; 0: for ever, since a person may say no at any time."""
_BODY = struct.Struct(">BBQI")
_HEAD = struct.Struct(">H")
_SIGNATURE_BYTES = 16
_REMEMBERED_SECONDS = 60.0
_MOST_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Link:
    """number: of the identifier, for `confirm` of the request. purpose: what is to end, of links that unsubscribe."""

    page: Page
    number: int
    purpose: str = ""


def unsubscribe_link(workspace: Workspace, identifier_id: int, purpose: str) -> str:
    """Ends messages of one purpose to the owner of an address; a POST does it at once (RFC 8058)."""
    known = purpose if purpose in _PURPOSES else "advertising"
    return address_of(workspace, Link("unsubscribe", identifier_id, known))


def preferences_link(workspace: Workspace, identifier_id: int) -> str:
    """The preference centre of the owner of an address."""
    return address_of(workspace, Link("preferences", identifier_id))


def confirm_link(workspace: Workspace, request_no: int) -> str:
    """Confirms a double opt-in."""
    return address_of(workspace, Link("confirm", request_no))


def base_address(workspace: Workspace) -> str:
    """Where people reach this server."""
    serve = workspace.settings.serve
    return (serve.public_url or f"http://{serve.host}:{serve.port}").rstrip("/")


def address_of(workspace: Workspace, link: Link) -> str:
    return f"{base_address(workspace)}/p/{link.page}/{token_of(workspace, link)}"


def token_of(workspace: Workspace, link: Link) -> str:
    """The link as opaque text: signature, and the body masked by it, so that no number shows."""
    key_no, secret = max(_keys(workspace, create=True).items())
    days = _DAYS[link.page]
    until = (workspace.clock() + days * DAY) // HOUR if days else 0
    body = _BODY.pack(_PAGES.index(link.page), _PURPOSES.index(link.purpose), link.number, until)
    signature = _signature(secret, body)
    raw = _HEAD.pack(key_no) + signature + _masked(secret, signature, body)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_link(workspace: Workspace, page: Page, token: str) -> Link:
    """InputError for what is not ours, was meant for another page, or has expired."""
    try:
        if len(token) > _MOST_CHARACTERS or not token.isascii():
            raise ValueError
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        signature, masked = raw[2 : 2 + _SIGNATURE_BYTES], raw[2 + _SIGNATURE_BYTES :]
        secret = _keys(workspace)[_HEAD.unpack(raw[:2])[0]]
        body = _masked(secret, signature, masked)
        if len(masked) != _BODY.size or not hmac.compare_digest(signature, _signature(secret, body)):
            raise ValueError
        place, purpose, number, until = _BODY.unpack(body)
        if _PAGES[place] != page:
            raise ValueError
    except (ValueError, KeyError, struct.error, binascii.Error) as error:
        raise InputError(
            "link_wrong",
            Text("This link is not complete or not ours.", "Dieser Link ist unvollständig oder nicht von uns."),
            Text(
                "Open it from the e-mail once more, or copy it whole.",
                "Den Link noch einmal aus der E-Mail öffnen oder ganz kopieren.",
            ),
        ) from error
    if until and workspace.clock() >= until * HOUR:
        raise link_expired()
    return Link(page, number, _PURPOSES[purpose])


def link_expired() -> InputError:
    return InputError(
        "link_expired",
        Text("This link has expired.", "Dieser Link ist abgelaufen."),
        Text("Use the link in the newest e-mail.", "Den Link aus der neuesten E-Mail verwenden."),
    )


def rotate_link_keys(workspace: Workspace, actor: str, *, drop_old: bool = False) -> None:
    """Sign with a new key from now on. drop_old: links signed before are no longer believed, those to unsubscribe included."""
    with workspace.store.write() as tx:
        now = workspace.clock()
        if drop_old:
            tx.run("law.drop_link_keys")
        tx.run("law.add_link_key", secret=secrets.token_hex(32), now=now)
        audit.add(tx, now, actor, "link_key_changed", None, dropped=drop_old)
    _known.pop(workspace.store, None)


_known: WeakKeyDictionary[Store, tuple[float, dict[int, bytes]]] = WeakKeyDictionary()


def _keys(workspace: Workspace, *, create: bool = False) -> dict[int, bytes]:
    """Secrets by number, remembered for a minute; the first one is made when a link is first needed."""
    until, found = _known.get(workspace.store, (0.0, {}))
    if found and until > time.monotonic():
        return found
    with workspace.store.read() as tx:
        rows = tx.rows("law.link_keys")
    if not rows and create:
        with workspace.store.write() as tx:
            if not tx.rows("law.link_keys"):
                tx.run("law.add_link_key", secret=secrets.token_hex(32), now=workspace.clock())
            rows = tx.rows("law.link_keys")
    found = {row["key_no"]: bytes.fromhex(row["secret"]) for row in rows}
    _known[workspace.store] = time.monotonic() + _REMEMBERED_SECONDS, found
    return found


def _signature(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"schwung link\x1f" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _masked(secret: bytes, signature: bytes, body: bytes) -> bytes:
    """Masks, and takes the mask off again."""
    mask = hmac.new(secret, b"schwung mask\x1f" + signature, hashlib.sha256).digest()
    return bytes(one ^ other for one, other in zip(body, mask, strict=False))
