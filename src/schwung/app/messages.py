"""The messages of a workspace: planned by hand, looked at, sent again, marked, cancelled."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.message import STATES, reason_text
from schwung.app import audit
from schwung.app.customer_json import when
from schwung.app.message_events import Fate, tell
from schwung.app.ports import Row, Transaction
from schwung.app.templates import read_template
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.text import Text

_LAST = 2**62
_MOST_VARIABLES = 16_384


@dataclass(frozen=True, slots=True)
class Message:
    """One message as its row says it. customer_id: who it belongs to now; None: erased. reason: a code of `act.message.REASONS`."""

    message_no: int
    customer_id: int | None
    customer_name: str | None
    channel: str
    purpose: str
    is_advertising: bool
    template: str
    state: str
    reason: str | None
    planned_at: Instant
    due_at: Instant
    closed_at: Instant | None
    attempts: int
    journey_no: int | None
    step_id: str | None
    campaign: str | None

    @property
    def why(self) -> Text:
        """Why it is where it is, in words."""
        return reason_text(self.reason) or STATES[self.state]

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__slots__}
        told |= {name: when(told[name]) for name in ("planned_at", "due_at", "closed_at")}
        return told | {"why": {"en": self.why.en, "de": self.why.de}}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One moment in the story of a message. what: a state, or planned, due, called."""

    what: str
    at: Instant
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A message with all that is known of it. answer: the provider's words."""

    message: Message
    message_key: str
    address: str | None
    variables: Mapping[str, Any]
    provider_id: str | None
    answer: str | None
    chapters: tuple[Chapter, ...]

    def to_json(self) -> dict[str, Any]:
        return self.message.to_json() | {
            "message_key": self.message_key,
            "address": self.address,
            "variables": dict(self.variables),
            "provider_id": self.provider_id,
            "answer": self.answer,
            "story": [{"what": one.what, "at": when(one.at), "note": one.note} for one in self.chapters],
        }


def counts(workspace: Workspace) -> dict[str, int]:
    """How many messages are in each state, in the order of their life."""
    with workspace.store.read() as tx:
        found = {row["state"]: int(row["messages"]) for row in tx.rows("messages.counts")}
    return {state: found.get(state, 0) for state in STATES}


def unknown_count(workspace: Workspace) -> int:
    """How many wait for a look."""
    with workspace.store.read() as tx:
        return int(tx.value("messages.waiting"))


def messages(
    workspace: Workspace, state: str | None = None, *, before: int | None = None, most: int = 50
) -> list[Message]:
    """Of one state or of all, the newest first. before: numbers below this. InputError for a state that does not exist."""
    if state is not None and state not in STATES:
        raise InputError(
            "state_invalid",
            Text("“{state}” is no state of a message.", "„{state}“ ist kein Zustand einer Nachricht.").fill(
                state=state[:100]
            ),
            Text("Known: {names}.", "Bekannt: {names}.").fill(names=", ".join(STATES)),
        )
    with workspace.store.read() as tx:
        rows = tx.rows("messages.newest", state=state or "", before=_LAST if before is None else before, most=most)
    return [_message(row) for row in rows]


def read_message(workspace: Workspace, number: int) -> Story:
    """InputError when there is none."""
    with workspace.store.read() as tx:
        row = _row(tx, number)
        fates = tx.rows("messages.fates", message_no=number)
    chapters = [Chapter("planned", row["planned_at"])]
    if row["called_at"] is not None:
        chapters.append(Chapter("called", row["called_at"]))
    chapters += [Chapter(one["state"], one["happened_at"], one["note"]) for one in fates]
    if row["closed_at"] is not None and row["state"] not in {one["state"] for one in fates} | {"failed"}:
        chapters.append(Chapter(row["state"], row["closed_at"], row["reason"]))
    if row["state"] in ("planned", "held"):
        chapters.append(Chapter("due", row["due_at"], row["reason"]))
    order = {one: nth for nth, one in enumerate(("planned", "called", "sent"))}
    chapters.sort(key=lambda one: (one.at, order.get(one.what, 9)))
    return Story(
        _message(row), row["message_key"], row["address"], json.loads(row["variables"]), row["provider_id"],
        row["answer"], tuple(chapters),
    )  # fmt: skip


def plan_message(
    workspace: Workspace,
    customer_id: int,
    template: str,
    actor: str,
    *,
    variables: Mapping[str, Any] | None = None,
    key: str | None = None,
    due_at: Instant | None = None,
) -> Message:
    """One message of a template to one customer, by hand or by the API. The same key a second time gives the first message.

    InputError for an unknown customer or template, and for variables that are too large.
    """
    found = read_template(workspace, template).template
    written = json.dumps(variables or {}, ensure_ascii=False)
    if len(written) > _MOST_VARIABLES or "\x00" in written:
        raise InputError(
            "variables_too_large",
            Text("The variables are too large.", "Die Variablen sind zu groß."),
            Text("16 KB are the most.", "Höchstens 16 KB."),
        )
    with workspace.store.write() as tx:
        now, full_key = workspace.clock(), f"hand:{key or uuid.uuid4().hex}"[:200]
        if tx.value("identity.customer_of", identifier_id=customer_id) is None:
            from schwung.app.merge import customer_unknown

            raise customer_unknown(str(customer_id))
        due = now if due_at is None else due_at
        planned = tx.run(
            "messages.plan", message_key=full_key, customer_id=customer_id, channel=found.channel, purpose=found.purpose,
            is_advertising=int(found.is_advertising), template=found.name, variables=written,
            campaign=found.campaign or None, identifier_id=None, planned_at=now, due_at=due,
            lapses_at=due + (workspace.settings.deliver.longest_wait or DAY) if found.is_advertising else None,
        )  # fmt: skip
        number = int(tx.value("messages.by_key", message_key=full_key))
        if planned:
            audit.add(tx, now, actor, "message_planned", customer_id, message_no=number)
        return _message(_row(tx, number))


def resend(workspace: Workspace, number: int, actor: str) -> Message:
    """Once more, now: for a person who looked at one that failed or whose outcome is not known. InputError for others."""
    return _settle(workspace, number, actor, "resend", "message_resent")


def mark_sent(workspace: Workspace, number: int, actor: str) -> Message:
    """A person looked: it had arrived. InputError unless its outcome is not known."""
    return _settle(workspace, number, actor, "mark_sent", "message_marked")


def cancel_message(workspace: Workspace, number: int, actor: str) -> Message:
    """It will not be sent. InputError where it is with the provider already."""
    return _settle(workspace, number, actor, "cancel_one", "message_cancelled")


def _settle(workspace: Workspace, number: int, actor: str, statement: str, act: str) -> Message:
    with workspace.store.write() as tx:
        now = workspace.clock()
        before = _row(tx, number)
        if not tx.run(f"messages.{statement}", message_no=number, now=now):
            raise InputError(
                "message_settled",
                Text("Message {number} is settled: {state}.", "Nachricht {number} ist entschieden: {state}.").fill(
                    number=number, state=STATES[before["state"]]
                ),
                Text(
                    "Look at it with: schwung messages show {number}", "Ansehen mit: schwung messages show {number}"
                ).fill(number=number),
            )
        if statement == "mark_sent":
            tell(workspace, tx, [Fate(before, "sent", before["called_at"] or now)])
        audit.add(tx, now, actor, act, before["customer_id"], message_no=number)
        return _message(_row(tx, number))


def _row(tx: Transaction, number: int) -> Row:
    row = tx.row("messages.one", message_no=number)
    if row is None:
        raise InputError(
            "message_unknown",
            Text("There is no message {number}.", "Eine Nachricht {number} gibt es nicht.").fill(number=number),
            Text("See messages with: schwung messages", "Nachrichten zeigt: schwung messages"),
        )
    return row


def _message(row: Row) -> Message:
    return Message(
        row["message_no"], row["customer_id"], row["full_name"], row["channel"], row["purpose"],
        bool(row["is_advertising"]), row["template"], row["state"], row["reason"], row["planned_at"], row["due_at"],
        row["closed_at"], row["attempts"], row["journey_no"], row["step_id"], row["campaign"],
    )  # fmt: skip
