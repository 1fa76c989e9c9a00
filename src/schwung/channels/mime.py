"""An e-mail as bytes: headers that nothing can be slipped into, a plain part and an HTML part."""

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, formataddr

import idna

from schwung.act.channel import Outgoing
from schwung.core.clock import Instant, to_datetime

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
# What is written here is written by nobody else.
_OURS = frozenset(("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "reply-to", "content-transfer-encoding", "bcc", "cc", "sender", "return-path", "received", "dkim-signature"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sender:
    address: str
    name: str = ""
    reply_to: str = ""


class AddressUnusable(ValueError):
    """An address that cannot be written to."""


def address_on_wire(address: str) -> str:
    """The address as mail servers take it: a domain with umlauts in ASCII. AddressUnusable for what is none, or needs SMTPUTF8."""
    local, _at, domain = address.strip().rpartition("@")
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise AddressUnusable("the part before @ has letters that not every mail server takes")
    try:
        plain = idna.encode(domain, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise AddressUnusable("the part after @ is no domain") from error
    if "." not in plain:
        raise AddressUnusable("the part after @ is no domain")
    return f"{local}@{plain}"


def message_id(key: str, sender: str) -> str:
    """The same at every try."""
    return f"{hashlib.sha256(key.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}"


def write(message: Outgoing, recipient: str, sender: Sender, now: Instant) -> tuple[list[tuple[str, str]], bytes]:
    """Headers in their order, folded, without the last line end; and the body. recipient: as on the wire."""
    made, own = message.rendered, address_on_wire(sender.address)
    boundary = f"=_{hashlib.sha256(message.key.encode()).hexdigest()[:32]}"
    headers = [
        ("From", _mailbox(sender.name, own)),
        ("To", _mailbox(message.name, recipient)),
        ("Subject", _words("Subject", made.subject)),
        ("Date", format_datetime(to_datetime(now))),
        ("Message-ID", f"<{message_id(message.key, own)}>"),
    ]
    if sender.reply_to:
        headers.append(("Reply-To", address_on_wire(sender.reply_to)))
    headers += _further(made.headers)
    headers += [("MIME-Version", "1.0"), ("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"')]
    body = [f"--{boundary}\r\n".encode(), _part("plain", made.text), f"\r\n--{boundary}\r\n".encode(), _part("html", made.html), f"\r\n--{boundary}--\r\n".encode()]  # fmt: skip
    return headers, b"".join(body)


def joined(headers: list[tuple[str, str]], body: bytes) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii") + b"\r\n" + body


def _further(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers from outside; names that are ours or no names are left out."""
    return [
        (name, _plain(value) if name.lower().startswith("list-") else _words(name, value))
        for name, value in given.items()
        if _NAME.fullmatch(name) and name.lower() not in _OURS
    ]


def _part(kind: str, content: str) -> bytes:
    lines = content.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


def _plain(value: str) -> str:
    """Addresses in angle brackets, which must not be encoded."""
    return _CONTROL.sub("", value).encode("ascii", "ignore").decode()[:900]


def _words(name: str, value: str) -> str:
    clean = _CONTROL.sub(" ", value).strip()
    if clean.isascii() and len(clean) + len(name) < 76 and "=?" not in clean:
        return clean
    return Header(clean, "utf-8", header_name=name).encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    clean = _CONTROL.sub(" ", name).strip()[:100]
    return formataddr((clean, address), "utf-8") if clean else address
