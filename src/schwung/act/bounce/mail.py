"""Bounces (RFC 3464) and complaints (RFC 5965) as e-mails."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import parsedate_to_datetime

from schwung.act.bounce.returned import Returned, State, bare
from schwung.act.retry import meaning
from schwung.core.clock import Instant, to_instant

_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
_MOST_PARTS = 50
_ACTIONS: dict[str, State] = {"failed": "bounced", "delayed": "later", "delivered": "delivered", "relayed": "delivered"}


def read_mail(raw: bytes) -> list[Returned]:
    """What an e-mail reports; empty for any other e-mail, such as an answer of a person."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    kind = message.get_content_type()
    report = str(message.get_param("report-type") or "").lower()
    if kind != "multipart/report" or report not in ("delivery-status", "feedback-report"):
        return []
    parts = list(_parts(message))
    ids = _ids(parts)
    at = _time(message.get("Date"))
    if report == "feedback-report":
        return _complaint(parts, ids, at)
    found = []
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            found += _bounces(part, ids, at)
    return found


def _complaint(parts: list[Message], ids: tuple[str, ...], at: Instant | None) -> list[Returned]:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            told = _fields(part)
            kind = told.get("feedback-type", "abuse")
            if kind == "not-spam" or not ids:
                return []
            return [Returned("complained", ids, True, kind, _time(told.get("arrival-date")) or at)]
    return []


def _bounces(part: Message, ids: tuple[str, ...], at: Instant | None) -> list[Returned]:
    """One for each recipient; the first block is about the message as a whole."""
    if not ids:
        return []
    found = []
    for block in _parts(part):
        action = str(block.get("Action") or "").strip().lower()
        if action not in _ACTIONS:
            continue
        status = str(block.get("Status") or "")
        words = " ".join(str(block.get("Diagnostic-Code") or "").split())
        number = _STATUS.search(status) or _STATUS.search(words)
        code = int(number[1]) * 100 if number else 500
        state = _ACTIONS[action]
        if state == "bounced" and code == 400:
            code = 500  # given up: for good, whatever the last reason was
        is_address = state == "bounced" and meaning(code, status if number else words) == "bad_address"
        found.append(Returned(state, ids, is_address, f"{status} {words}".strip(), at))
    return found


def _ids(parts: list[Message]) -> tuple[str, ...]:
    """Message-IDs of the returned e-mail: whole, or its headers only."""
    found = []
    for part in parts:
        kind = part.get_content_type()
        inner = next(_parts(part), None)
        if kind == "message/rfc822" and inner is not None:
            found.append(bare(inner.get("Message-ID")))
        elif kind == "text/rfc822-headers":
            found.append(bare(email.message_from_string(_text(part)).get("Message-ID")))
    return tuple(one for one in found if one)


def _fields(part: Message) -> dict[str, str]:
    """Headers of a feedback report: its body, or as the parser took it."""
    block = next(_parts(part), None)
    text = _text(part) if block is None else block.as_string() if block.keys() else str(block.get_payload())
    parsed = email.message_from_string(text.lstrip())
    return {
        name.lower(): str(value).strip().lower() if name.lower() == "feedback-type" else str(value)
        for name, value in parsed.items()
    }


def _parts(message: Message) -> Iterator[Message]:
    """Parts of the report itself, not those of the e-mail that came back."""
    inner = message.get_payload()
    for part in inner[:_MOST_PARTS] if isinstance(inner, list) else ():
        if isinstance(part, Message):
            yield part


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(part.get_payload())


def _time(written: object) -> Instant | None:
    if not written:
        return None
    try:
        moment = parsedate_to_datetime(str(written))
        return to_instant(moment) if moment.tzinfo else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
