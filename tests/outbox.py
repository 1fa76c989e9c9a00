"""People with an e-mail address and what they agreed to, messages for them, and channels that say what a test wants."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from schwung.act.channel import Channel, Outcome, Outgoing, Refused, Rendered, Sent
from schwung.app.claim import Claimed
from schwung.app.deliver import Deliverer
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from tests.people import bring, customer_of, event


def people(workspace: Workspace, count: int, *, consents: Sequence[str] = ("newsletter", "tracking"), first: int = 1_000) -> list[int]:  # fmt: skip
    """Customers first, first + 1 …, each with one address `p1000@example.de`."""
    now = workspace.clock()
    numbers = list(range(first, first + count))
    with workspace.store.write() as tx:
        tx.load(
            "identifier",
            ("identifier_id", "kind", "value", "customer_id", "source", "first_seen_at", "batch_no"),
            [(number, "email", f"p{number}@example.de", number, "shop", now - DAY, 1) for number in numbers],
        )
        _agree(tx, numbers, consents, now)
    return numbers


def arrivals(workspace: Workspace, addresses: Sequence[str], *, consents: Sequence[str] = ("newsletter", "tracking")) -> list[int]:  # fmt: skip
    """The same by way of events, so that facts know them too."""
    now = workspace.clock()
    bring(workspace, *[event("profile_identified", now - DAY, call="identify", email=one) for one in addresses])
    found = [customer_of(workspace, "email", one) or 0 for one in addresses]
    with workspace.store.write() as tx:
        _agree(tx, found, consents, now)
    return found


def _agree(tx: Transaction, numbers: Sequence[int], consents: Sequence[str], now: Instant) -> None:
    columns = (
        "identifier_id",
        "purpose",
        "channel",
        "state",
        "legal_basis",
        "source",
        "proof",
        "given_at",
        "recorded_at",
    )
    rows = [
        (number, purpose, "email", "granted", "consent", "form", "form 7", now - DAY, now - DAY)
        for number in numbers
        for purpose in consents
    ]
    tx.load("consent", columns, rows)


def plan(
    workspace: Workspace, customers: Sequence[int], *, key: str = "m", purpose: str = "newsletter", advertising: bool = True,
    channel: str = "email", due_at: Instant | None = None, lapses_at: Instant | None = None, journey_no: int | None = None,
    enrollment_no: int | None = None,
) -> list[int]:  # fmt: skip
    """One message for each, in the order given; their numbers."""
    now = workspace.clock()
    columns = (
        "message_key", "customer_id", "channel", "purpose", "is_advertising", "template", "variables", "state", "planned_at",
        "due_at", "lapses_at", "journey_no", "enrollment_no",
    )  # fmt: skip
    with workspace.store.write() as tx:
        before = tx.value("messages.last") or 0
        tx.load(
            "message",
            columns,
            [
                (f"{key}/{nth}/{who}", who, channel, purpose, int(advertising), "Hello", "{}", "planned", now,
                 now if due_at is None else due_at, lapses_at, journey_no, enrollment_no)
                for nth, who in enumerate(customers)
            ],
        )  # fmt: skip
        return list(range(before + 1, before + 1 + len(customers)))


@dataclass
class Memory:
    """A channel that keeps what it got. answer: what it says to each."""

    name: str = "email"
    answer: Callable[[Outgoing], Outcome] = lambda message: Sent(f"id-{message.key}")
    got: list[Outgoing] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Outgoing) -> Outcome:
        with self._lock:
            self.got.append(message)
        return self.answer(message)

    def close(self) -> None:
        pass


@dataclass
class Bag:
    """A post with some channels and plain words."""

    channels: Mapping[str, Channel]

    def render(self, messages: Sequence[Claimed]) -> Mapping[int, Outgoing | Refused]:
        return {
            one.message_no: Outgoing(one.message_key, one.address or "", Rendered("Hello", "<p>Hello</p>", "Hello"))
            for one in messages
        }

    def close(self) -> None:
        pass


def deliverer(workspace: Workspace, *channels: Channel, stop: threading.Event | None = None) -> Deliverer:
    return Deliverer(workspace, Bag({one.name: one for one in channels}), stop or threading.Event())


def states(workspace: Workspace) -> dict[str, int]:
    with workspace.store.read() as tx:
        return {row["state"]: row["messages"] for row in tx.rows("messages.counts")}


def row_of(workspace: Workspace, number: int) -> dict[str, object]:
    with workspace.store.read() as tx:
        found = tx.row("messages.one", message_no=number)
    assert found is not None
    return found
