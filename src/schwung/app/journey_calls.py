"""Webhooks that journeys call: claimed before, closed after; what comes back becomes variables, and the customer goes on."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from schwung.act.channel import Channel, Later, Outcome, Outgoing, Rendered, Sent, Unknown
from schwung.act.retry import pause
from schwung.app.ports import Row, Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import MINUTE, SECOND

MOST = 40
AT_ONCE = 8
GONE = 5 * MINUTE
"""A claim older than this belongs to a process that ended: whether it had called is not known."""
_LONGEST = 2_000


def call_due(workspace: Workspace, channel: Channel | None = None) -> bool:
    """Call what is due, some at once. True when something was called."""
    with workspace.store.read() as tx:
        if not tx.value("calls.is_due", now=workspace.clock()):
            return False
    with workspace.store.write() as tx:
        now = workspace.clock()
        _give_up(tx, now)
        is_stopped = tx.value("messages.is_stopped", channel="webhook")
        claimed = [] if is_stopped else tx.rows("calls.claim", now=now, most=MOST)
        bodies = _bodies(tx, claimed)
    if not claimed:
        return False
    opened = channel or _channel(workspace)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda row: opened.send(_outgoing(row, bodies[row["call_no"]])), claimed))
    with workspace.store.write() as tx:
        for row, outcome in zip(claimed, outcomes, strict=True):
            _close(tx, row, outcome, workspace.clock())
    return True


def _give_up(tx: Transaction, now: int) -> None:
    """Claims of a process that ended, and calls whose time is over: nobody waits for them any longer."""
    for row in tx.rows("calls.gone", before=now - GONE):
        _set(tx, row, "unknown", "sender_gone", now)
    for row in tx.rows("calls.lapsed", now=now):
        _set(tx, row, "failed", "too_late", now)


def _channel(workspace: Workspace) -> Channel:
    from schwung.app.post import webhook_channel

    return webhook_channel(workspace)


def _outgoing(row: Row, body: Mapping[str, Any]) -> Outgoing:
    return Outgoing(row["call_key"], row["url"], Rendered("", "", json.dumps(body, ensure_ascii=False)))


def _bodies(tx: Transaction, claimed: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """What each call tells: the customer by number, user id and e-mail, the journey, its variables, the step's own content."""
    found: dict[int, dict[str, Any]] = {}
    numbers = [row["call_no"] for row in claimed]
    known: dict[int, dict[str, str]] = {}
    for row in tx.rows("calls.identifiers", numbers=numbers):
        known.setdefault(row["call_no"], {}).setdefault(row["kind"], row["value"])
    for row in tx.rows("calls.told", numbers=numbers):
        customer = {"customer_id": row["customer_id"], **known.get(row["call_no"], {})}
        found[row["call_no"]] = {
            "journey": row["journey"],
            "step": row["step_id"],
            "customer": customer,
            "variables": json.loads(row["variables"]),
            "content": json.loads(row["content"]),
        }
    return found


def _close(tx: Transaction, row: Row, outcome: Outcome, now: int) -> None:
    if isinstance(outcome, Later):
        wait = max(outcome.after_seconds * SECOND, pause(row["attempts"], row["call_no"]))
        if now + wait < row["lapses_at"]:
            tx.run("calls.again", call_no=row["call_no"], reason=outcome.reason, due_at=now + wait)
            return
        _set(tx, row, "failed", "tried_out", now)
    elif isinstance(outcome, Sent):
        answer = _kept(json.loads(row["save"]), outcome.answer)
        if tx.run("calls.close", call_no=row["call_no"], state="done", reason=None, now=now):
            before = tx.value("calls.variables", enrollment_no=row["enrollment_no"]) or "{}"
            variables = json.dumps(json.loads(before) | answer, ensure_ascii=False)
            asked = {"enrollment_no": row["enrollment_no"], "step_id": row["step_id"], "now": now}
            tx.run("calls.answer", variables=variables, **asked)
    else:
        _set(tx, row, "unknown" if isinstance(outcome, Unknown) else "failed", outcome.reason, now)


def _set(tx: Transaction, row: Row, state: str, reason: str, now: int) -> None:
    """No answer will come: who waits for it goes on without."""
    if tx.run("calls.close", call_no=row["call_no"], state=state, reason=reason, now=now):
        tx.run("calls.go_on", enrollment_no=row["enrollment_no"], step_id=row["step_id"], now=now)


def _kept(save: Mapping[str, str], answer: Mapping[str, object] | None) -> dict[str, Any]:
    """Parts of the answer by the names under which they are kept; what is not there, or no plain value, is left out."""
    found: dict[str, Any] = {}
    for name, path in save.items():
        value: Any = answer
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str | int | float | bool) and len(str(value)) <= _LONGEST:
            found[name] = value
    return found
