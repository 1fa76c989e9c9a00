"""Reports of what came back, as mail servers and providers write them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schwung.act.bounce import FORMATS, Returned, read_mail
from schwung.core.clock import SECOND

BOUNCE = """From: mailer-daemon@mx.example
Date: Fri, 20 Nov 2026 12:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; anna@example.de
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} User unknown

--b
Content-Type: message/rfc822

Message-ID: <abc@shop.example>
Subject: News

Hello
--b--
"""
COMPLAINT = """From: fbl@provider.example
Date: Fri, 20 Nov 2026 12:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

Somebody complained.
--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Fbl/1.0
Version: 1
Arrival-Date: Fri, 20 Nov 2026 11:00:00 +0000

--b
Content-Type: text/rfc822-headers

Message-ID: <abc@shop.example>
Subject: News

--b--
"""


def mail(text: str) -> list[Returned]:
    return read_mail(text.replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    ("action", "status", "state", "is_address"),
    [
        ("failed", "5.1.1", "bounced", True), ("failed", "5.2.2", "bounced", False), ("failed", "5.7.1", "bounced", False),
        ("delayed", "4.4.1", "later", False), ("delivered", "2.0.0", "delivered", False), ("failed", "4.4.7", "bounced", False),
    ],
)  # fmt: skip
def test_bounces(action: str, status: str, state: str, is_address: bool) -> None:
    (found,) = mail(BOUNCE.format(action=action, status=status))
    assert (found.state, found.is_address, found.ids) == (state, is_address, ("abc@shop.example",))
    assert found.happened_at is not None and status in found.detail


def test_complaints() -> None:
    (found,) = mail(COMPLAINT.format(kind="abuse"))
    assert (found.state, found.is_address, found.ids) == ("complained", True, ("abc@shop.example",))
    assert mail(COMPLAINT.format(kind="not-spam")) == []


def test_other_mail_is_no_report() -> None:
    assert mail("From: anna@example.de\nSubject: Re: News\n\nThanks!") == []
    assert mail(BOUNCE.format(action="failed", status="5.1.1").replace("Message-ID", "X-Id")) == []


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 800))
def test_broken_reports_break_nothing(noise: bytes, place: int) -> None:
    whole = BOUNCE.format(action="failed", status="5.1.1").encode()
    for found in read_mail(whole[:place] + noise + whole[place:]):
        assert found.ids


SES = {
    "notificationType": "Bounce",
    "mail": {"messageId": "0102-x", "headers": [{"name": "Message-ID", "value": "<abc@shop.example>"}]},
    "bounce": {"bounceType": "Permanent", "timestamp": "2026-11-20T12:00:00.000Z", "bouncedRecipients": [{"diagnosticCode": "smtp; 550 5.1.1 unknown"}]},
}  # fmt: skip
POSTED: list[tuple[str, dict[str, Any], tuple[str, bool, str]]] = [
    ("plain", {"state": "bounced", "message": "<abc@shop.example>", "detail": "550 5.1.1 no"}, ("bounced", True, "abc@shop.example")),
    ("plain", {"state": "bounced", "message": "abc@shop.example", "detail": "554 5.7.1 no"}, ("bounced", False, "abc@shop.example")),
    ("postmark", {"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "m-1", "Details": "gone", "BouncedAt": "2026-11-20T12:00:00Z"}, ("bounced", True, "m-1")),
    ("postmark", {"RecordType": "Bounce", "Type": "Transient", "MessageID": "m-1"}, ("later", False, "m-1")),
    ("postmark", {"RecordType": "SpamComplaint", "MessageID": "m-1"}, ("complained", True, "m-1")),
    ("ses", SES, ("bounced", True, "abc@shop.example")),
    ("ses", {"Type": "Notification", "Message": json.dumps(SES)}, ("bounced", True, "abc@shop.example")),
    ("mailgun", {"event-data": {"event": "failed", "severity": "permanent", "timestamp": 1_795_000_000.5, "message": {"headers": {"message-id": "abc@shop.example"}}, "delivery-status": {"code": 550, "message": "5.1.1 unknown"}}}, ("bounced", True, "abc@shop.example")),
    ("mailgun", {"event-data": {"event": "complained", "message": {"headers": {"message-id": "abc@shop.example"}}}}, ("complained", True, "abc@shop.example")),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "body", "expected"), POSTED)
def test_providers(provider: str, body: dict[str, Any], expected: tuple[str, bool, str]) -> None:
    (found,) = FORMATS[provider].read(body)
    assert (found.state, found.is_address, found.ids[0]) == expected
    assert found.happened_at is None or found.happened_at > 1_700_000_000 * SECOND
