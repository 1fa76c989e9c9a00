"""What becomes of a message is an event of the person it went to, and a state in its story; each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from schwung.app.facts import as_of
from schwung.app.own_event import SOURCE
from schwung.app.ports import Transaction
from schwung.app.publish import newest_snapshot
from schwung.app.receive import add_events
from schwung.app.wiring import Workspace
from schwung.collect.arrival import key_of_id
from schwung.collect.event import Claim, Event
from schwung.collect.wire import Accepted
from schwung.core.clock import Instant

# What the story calls a state, and the end of its event's name.
EVENTS: Mapping[str, str] = {
    "sent": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "link_clicked",
    "bounced": "bounced",
    "failed": "failed",
    "complained": "marked_as_spam",
    "unsubscribed": "unsubscribed",
}
_OWN_NAMES = ("email", "sms", "push")


@dataclass(frozen=True, slots=True)
class Fate:
    """A state that a message reached. message: a row with its number, channel, planned_at, address, kind and what it was for.

    note: words of the provider, or the link; without the address. part: tells what may be reached several times apart, such
    as clicks by the link.
    """

    message: Mapping[str, Any]
    state: str
    happened_at: Instant
    note: str | None = None
    part: int = 0


def tell(workspace: Workspace, tx: Transaction, fates: Sequence[Fate]) -> None:
    """Within a commit of the caller's. A state that the message reached before is not told again; one that is no event
    of the person (what a machine did) only stands in the story."""
    if not fates:
        return
    now = workspace.clock()
    latest = now if workspace.settings.workspace.as_of == "now" else min(now, as_of(workspace, newest_snapshot(tx)))
    tx.run_many(
        "messages.note_fate",
        [
            {"message_no": one.message["message_no"], "state": one.state, "happened_at": one.happened_at, "note": one.note}
            for one in fates
        ],
    )  # fmt: skip
    events = {
        event.key: event
        for event in (_event(one, min(one.happened_at, latest), now) for one in fates if one.state in EVENTS)
    }
    add_events(tx, list(events.values()), [])
    counts: dict[str, int] = {}
    for accepted in events.values():
        counts[accepted.event.name] = counts.get(accepted.event.name, 0) + 1
    tx.run_many(
        "intake.count_name",
        [{"name": name, "source": SOURCE, "is_declared": 1, "now": now, "count": count} for name, count in counts.items()],
    )  # fmt: skip


def event_name(channel: str, state: str) -> str:
    return f"{channel if channel in _OWN_NAMES else 'message'}_{EVENTS[state]}"


def _event(one: Fate, happened_at: Instant, now: Instant) -> Accepted:
    message = one.message
    told = {
        "message_id": str(message["message_no"]),
        "channel": message["channel"],
        "campaign_name": message.get("campaign"),
        "journey_no": message.get("journey_no"),
        "step": message.get("step_id"),
        "template": message.get("template"),
        "purpose": message.get("purpose"),
        "link_url" if one.state == "clicked" else "reason": one.note,
    }
    properties = msgspec.json.encode({name: value for name, value in told.items() if value is not None})
    claims = (Claim(message["kind"], message["address"]),) if message.get("kind") and message.get("address") else ()
    own_id = f"message:{message['message_no']}:{one.state}" + (f":{one.part}" if one.part else "")
    name = event_name(message["channel"], one.state)
    event = Event(own_id, "track", name, happened_at, now, SOURCE, claims, properties)
    return Accepted(key_of_id(SOURCE, own_id, message["planned_at"] // 1_000), event)
