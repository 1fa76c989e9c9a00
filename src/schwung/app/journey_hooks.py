"""Addresses by which a webhook without a key lets customers into a journey: unguessable, and signed where one wants it."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from schwung.app import audit
from schwung.app.journeys import called, find_journey
from schwung.app.signed_links import base_address
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND, Instant
from schwung.core.errors import InputError
from schwung.core.text import Text

MOST_BYTES = 256_000
_SKEW = 300 * SECOND
"""So far may the moment of a signature lie from now (Standard Webhooks)."""
_TOKEN = re.compile(r"([0-9]{1,15})-([A-Za-z0-9_-]{32})")
_MOST_ID = 200


@dataclass(frozen=True, slots=True)
class Hook:
    """address: where to post JSON. secret: by which it is signed as Standard Webhooks says; is_signed: it must be."""

    journey_no: int
    address: str
    secret: str
    is_signed: bool

    def to_json(self) -> dict[str, Any]:
        return {"address": self.address, "secret": self.secret, "is_signed": self.is_signed}


def hook_of(workspace: Workspace, named: int | str) -> Hook | None:
    """None where there is none. InputError for an unknown journey."""
    number = find_journey(workspace, named).journey_no
    with workspace.store.read() as tx:
        row = tx.row("journeys.hook", journey_no=number)
    return None if row is None else _hook(workspace, number, bytes.fromhex(row["secret"]), bool(row["is_signed"]))


def open_hook(workspace: Workspace, named: int | str, *, is_signed: bool, actor: str) -> Hook:
    """A new address; the one before ends. InputError for an unknown journey."""
    number, secret = find_journey(workspace, named).journey_no, secrets.token_bytes(32)
    with workspace.store.write() as tx:
        now = workspace.clock()
        tx.run("journeys.set_hook", journey_no=number, secret=secret.hex(), is_signed=int(is_signed), now=now)
        audit.add(tx, now, actor, "journey_hook_opened", journey_no=number, is_signed=is_signed)
    return _hook(workspace, number, secret, is_signed)


def close_hook(workspace: Workspace, named: int | str, *, actor: str) -> None:
    """The address ends at once."""
    number = find_journey(workspace, named).journey_no
    with workspace.store.write() as tx:
        if tx.run("journeys.drop_hook", journey_no=number):
            audit.add(tx, workspace.clock(), actor, "journey_hook_closed", journey_no=number)


def take_hook(workspace: Workspace, token: str, body: bytes, headers: Mapping[str, str]) -> int:
    """What was posted to an address lets a customer enter: how many were asked.

    The same `webhook-id` a second time enters nobody twice. InputError: hook_unknown, hook_unsigned, and those of `called`.
    """
    number, secret, is_signed = _known(workspace, token)
    own_id = headers.get("webhook-id", "")[:_MOST_ID]
    if is_signed or headers.get("webhook-signature"):
        _check(secret, own_id, headers, body, workspace.clock())
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise InputError(
            "hook_no_json",
            Text("The body is no JSON object.", "Der Inhalt ist kein JSON-Objekt."),
            Text("Send a JSON object that names the customer.", "Ein JSON-Objekt senden, das den Kunden nennt."),
        )
    return called(workspace, number, told, key=own_id or uuid.uuid4().hex, actor="hook")


def journey_of_hook(workspace: Workspace, token: str) -> int:
    """Which journey an address belongs to. InputError for one that is not ours."""
    return _known(workspace, token)[0]


def _known(workspace: Workspace, token: str) -> tuple[int, bytes, bool]:
    found = _TOKEN.fullmatch(token)
    row = None
    if found:
        with workspace.store.read() as tx:
            row = tx.row("journeys.hook", journey_no=int(found[1]))
    secret = bytes.fromhex(row["secret"]) if row else b""
    if row is None or found is None or not hmac.compare_digest(found[2], _mark(secret)):
        raise InputError(
            "hook_unknown",
            Text("There is no such address of a journey.", "Diese Adresse einer Strecke gibt es nicht."),
            Text("Copy it whole from the journey's page; an earlier one has ended.", "Sie ganz von der Seite der Strecke kopieren; eine frühere gilt nicht mehr."),
        )  # fmt: skip
    return row["journey_no"], secret, bool(row["is_signed"])


def _check(secret: bytes, own_id: str, headers: Mapping[str, str], body: bytes, now: Instant) -> None:
    """As Standard Webhooks says: HMAC-SHA256 over id, moment and body, base64, one of several."""
    moment = headers.get("webhook-timestamp", "")
    signed = f"{own_id}.{moment}.".encode() + body
    wanted = hmac.new(_signing(secret), signed, hashlib.sha256).digest()
    given = [_decoded(one[3:]) for one in headers.get("webhook-signature", "").split() if one.startswith("v1,")]
    is_near = moment.isascii() and moment.isdigit() and len(moment) < 15 and abs(int(moment) * SECOND - now) <= _SKEW
    if not own_id or not is_near or not any(hmac.compare_digest(one, wanted) for one in given):
        raise InputError(
            "hook_unsigned",
            Text("The signature is missing, wrong or more than five minutes old.", "Die Signatur fehlt, ist falsch oder über fünf Minuten alt."),
            Text("Sign with the secret of the journey's page: webhook-id, webhook-timestamp, webhook-signature.", "Mit dem Geheimnis von der Seite der Strecke signieren: webhook-id, webhook-timestamp, webhook-signature."),
        )  # fmt: skip


def _hook(workspace: Workspace, number: int, secret: bytes, is_signed: bool) -> Hook:
    told = "whsec_" + base64.b64encode(_signing(secret)).decode()
    return Hook(number, f"{base_address(workspace)}/p/hook/{number}-{_mark(secret)}", told, is_signed)


def _mark(secret: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.new(secret, b"address", hashlib.sha256).digest()[:24]).decode()


def _signing(secret: bytes) -> bytes:
    return hmac.new(secret, b"signature", hashlib.sha256).digest()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
