"""How providers post what came back: a plain form of our own, and those of some providers. One more is one more function."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from schwung.act.bounce.returned import JsonFormat, Returned, State, bare
from schwung.act.retry import meaning
from schwung.core.clock import SECOND, Instant, to_instant
from schwung.core.text import Text


def _plain(body: Mapping[str, Any]) -> list[Returned]:
    """{"events": [{"state": "bounced", "message": "…", "permanent": true, "status": "5.1.1", "detail": "…", "at": "ISO"}]}"""
    events = body.get("events", [body])
    found = []
    for one in events:
        state: State = one["state"]
        if state not in ("delivered", "bounced", "complained", "later"):
            raise ValueError(state)
        told = f"{one.get('status') or ''} {one.get('detail') or ''}".strip()
        is_dead = state == "complained" or (state == "bounced" and (bool(one.get("permanent")) or _dead(told)))
        found.append(Returned(state, (bare(one["message"]),), is_dead, told, _iso(one.get("at"))))
    return found


def _postmark(body: Mapping[str, Any]) -> list[Returned]:
    kind, ids = body["RecordType"], (bare(body["MessageID"]),)
    if kind == "Delivery":
        return [Returned("delivered", ids, False, "", _iso(body.get("DeliveredAt")))]
    if kind == "SpamComplaint":
        return [Returned("complained", ids, True, "", _iso(body.get("BouncedAt")))]
    if kind != "Bounce":
        return []
    told = f"{body.get('Type', '')} {body.get('Details', '')}".strip()
    is_soft = body.get("Type") in ("Transient", "SoftBounce", "DnsError", "AutoResponder")
    return [Returned("later" if is_soft else "bounced", ids, not is_soft, told, _iso(body.get("BouncedAt")))]


def _ses(body: Mapping[str, Any]) -> list[Returned]:
    """The notification itself, or wrapped by SNS."""
    told = json.loads(body["Message"]) if isinstance(body.get("Message"), str) else body
    mail = told["mail"]
    own = [one["value"] for one in mail.get("headers", []) if one.get("name", "").lower() == "message-id"]
    ids = tuple(bare(one) for one in (*own, mail["messageId"]) if one)
    kind = told.get("notificationType") or told.get("eventType")
    if kind == "Delivery":
        return [Returned("delivered", ids, False, "", _iso(told["delivery"].get("timestamp")))]
    if kind == "Complaint":
        words = str(told["complaint"].get("complaintFeedbackType") or "")
        return [Returned("complained", ids, True, words, _iso(told["complaint"].get("timestamp")))]
    if kind != "Bounce":
        return []
    bounce = told["bounce"]
    words = " ".join(
        str(one.get("diagnosticCode") or one.get("status") or "") for one in bounce.get("bouncedRecipients", [])
    )
    is_final = bounce.get("bounceType") == "Permanent"
    return [Returned("bounced" if is_final else "later", ids, is_final, words.strip(), _iso(bounce.get("timestamp")))]


def _mailgun(body: Mapping[str, Any]) -> list[Returned]:
    event = body.get("event-data", body)
    ids = (bare(event["message"]["headers"]["message-id"]),)
    at = round(float(event["timestamp"]) * SECOND) if event.get("timestamp") else None
    if event["event"] == "delivered":
        return [Returned("delivered", ids, False, "", at)]
    if event["event"] == "complained":
        return [Returned("complained", ids, True, "", at)]
    if event["event"] != "failed":
        return []
    status = event.get("delivery-status", {})
    words = f"{status.get('code', '')} {status.get('message') or status.get('description') or ''}".strip()
    is_final = event.get("severity") == "permanent"
    return [Returned("bounced" if is_final else "later", ids, is_final and _dead(words), words, at)]


def _dead(words: str) -> bool:
    code = words[:3]
    return meaning(int(code) if code.isdigit() else 500, words) == "bad_address"


def _iso(written: object) -> Instant | None:
    if not isinstance(written, str) or not written:
        return None
    moment = datetime.fromisoformat(written)
    return to_instant(moment) if moment.tzinfo else None


FORMATS: Mapping[str, JsonFormat] = {
    one.name: one
    for one in (
        JsonFormat("plain", Text("Plain JSON", "Einfaches JSON"), _plain),
        JsonFormat("postmark", Text("Postmark", "Postmark"), _postmark),
        JsonFormat("ses", Text("Amazon SES", "Amazon SES"), _ses),
        JsonFormat("mailgun", Text("Mailgun", "Mailgun"), _mailgun),
    )
}
