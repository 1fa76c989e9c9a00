"""Writes down what a channel answered: sent, failed, unknown, or later."""

import json
from collections.abc import Sequence
from typing import Any

from schwung.act.channel import Later, Outcome, Refused, Sent
from schwung.act.retry import MOST_ATTEMPTS, pause
from schwung.app.claim import Claimed
from schwung.app.message_events import Fate, tell
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND, Instant
from schwung.core.period import day_of

_MOST_WORDS = 500

Answered = tuple[Claimed, Outcome]


def close(workspace: Workspace, tx: Transaction, token: int, answered: Sequence[Answered]) -> None:
    """Within a commit of the caller's. What somebody else has settled meanwhile stays as it is."""
    now = workspace.clock()
    fates = []
    for message, outcome in answered:
        state, row = _settled(message, outcome, now)
        if not tx.run("messages.close", message_no=message.message_no, token=token, now=now, **row):
            continue
        if state is not None:
            fates.append(Fate(_as_row(message), state, now, row["reason"]))
        if state == "bounced" and message.identifier_id is not None:
            suppress(tx, message.identifier_id, message.channel, "bounced", now)
            count_returned(workspace, tx, message.channel, now, bounced=1)
    tell(workspace, tx, fates)


def _as_row(message: Claimed) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__slots__}


def _settled(message: Claimed, outcome: Outcome, now: Instant) -> tuple[str | None, dict[str, Any]]:
    """The state of its story, if it has come to one, and what the row says from now on."""
    if isinstance(outcome, Sent):
        told = None if outcome.answer is None else json.dumps(outcome.answer, ensure_ascii=False)
        return "sent", _row("sent", None, told, provider_id=outcome.provider_id)
    if isinstance(outcome, Refused):
        words = without_address(outcome.detail, message.address)
        return ("bounced" if outcome.is_address else "failed"), _row("failed", outcome.reason, words)
    words = without_address(outcome.detail, message.address)
    if isinstance(outcome, Later):
        attempts = message.attempts + 1
        if attempts >= MOST_ATTEMPTS:
            return "failed", _row("failed", "tried_out", words)
        after = max(pause(attempts, message.message_no), outcome.after_seconds * SECOND)
        return None, _row("planned", outcome.reason, words, due_at=now + after)
    return None, _row("unknown", outcome.reason, words)


def _row(
    state: str, reason: str | None, answer: str | None, *, provider_id: str | None = None, due_at: Instant | None = None
) -> dict[str, Any]:
    return {"state": state, "reason": reason, "answer": answer, "provider_id": provider_id, "due_at": due_at}


def without_address(words: str, address: str | None) -> str | None:
    """What a server said, short, and without naming the person."""
    said = words.replace("\x00", "")
    if address:
        said = said.replace(address, "…")
    return said[:_MOST_WORDS] or None


def suppress(tx: Transaction, identifier_id: int, channel: str, reason: str, now: Instant) -> None:
    """No more messages to this address, unless that is known."""
    tx.run("messages.suppress", identifier_id=identifier_id, channel=channel, reason=reason, now=now)


def count_returned(
    workspace: Workspace, tx: Transaction, channel: str, at: Instant, *, bounced: int = 0, complained: int = 0
) -> None:
    """On the day on which it was sent: a new domain's next step depends on it."""
    day = day_of(at, workspace.settings.workspace.zone).isoformat()
    tx.run("messages.count_day", channel=channel, day=day, sent=0, bounced=bounced, complained=complained)
