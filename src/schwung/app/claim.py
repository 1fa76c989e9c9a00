"""Takes messages whose time has come: what must not go is blocked, what must not go yet waits, the rest is claimed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from schwung.act.caps import Sent, Wish, held_back, longest
from schwung.act.quiet import day_after, day_starts
from schwung.act.warmup import Day, most_today
from schwung.app import law
from schwung.app.deliver_settings import DeliverSettings
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND, Instant
from schwung.core.period import day_of, zones

LOT = 400
_BURST = 0.2
"""Seconds of a provider's pace that may go at once, or be caught up."""
_AHEAD = "warm_up"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is to be sent now. customer: who owns it now; address, kind: of the identifier that is written to."""

    message_no: int
    message_key: str
    customer: int | None
    channel: str
    purpose: str
    is_advertising: int
    template: str
    variables: str
    journey_no: int | None
    enrollment_no: int | None
    step_id: str | None
    campaign: str | None
    identifier_id: int | None
    kind: str | None
    address: str | None
    attempts: int
    planned_at: Instant
    due_at: Instant
    lapses_at: Instant | None


@dataclass(frozen=True, slots=True)
class Lot:
    """What one claim took. looked_at: how many messages it touched, those among them that must wait."""

    token: int
    messages: Sequence[Claimed]
    looked_at: int


def claim(workspace: Workspace, channel: str, sender: str) -> Lot | None:
    """The next messages of a channel, in a commit of its own; None where nothing is due, or the channel is stopped.

    Claims of all processes follow each other, so that two never count a person's messages at the same time.
    """
    now, settings = workspace.clock(), workspace.settings.deliver
    with workspace.store.read() as tx:
        if not tx.value("messages.is_due", channel=channel, now=now) or tx.value(
            "messages.is_stopped", channel=channel
        ):
            return None
    with workspace.store.write() as tx:
        token = int(tx.value("store.draw", name="claim", count=1))
        room = _room(tx, channel, settings, now)
        if room < 1:
            return None
        asked = {"token": token, "sender": sender, "now": now, "channel": channel}
        taken = tx.run("messages.claim", is_advertising=0, most=room, **asked)
        if taken < room:
            taken += tx.run("messages.claim", is_advertising=1, most=room - taken, **asked)
        _strike(tx, token, now)
        waits = _waits(workspace, tx, token, channel, now)
        tx.run_many(
            "messages.wait",
            [
                {"message_no": number, "token": token, "due_at": at, "reason": reason, "now": now,
                 "longest": settings.longest_wait, "lapses": int(reason == "cap" and settings.over_cap == "lapse")}
                for number, (at, reason) in waits.items()
            ],
        )  # fmt: skip
        left = [Claimed(**row) for row in tx.rows("messages.claimed", token=token)]
        _count(workspace, tx, channel, settings, len(left), now)
    return Lot(token, left, taken)


def _strike(tx: Transaction, token: int, now: Instant) -> None:
    """What must not go at all, each by one statement over the whole claim; the others get their address."""
    tx.run("messages.hold_stopped", token=token)
    tx.run("messages.lapse", token=token, now=now)
    law.block(tx, now, [number for (number,) in tx.tuples("messages.claimed_numbers", token=token)])


def _waits(
    workspace: Workspace, tx: Transaction, token: int, channel: str, now: Instant
) -> dict[int, tuple[Instant, str]]:
    """Advertising that must not go yet: when it may, and why not now."""
    settings = workspace.settings.deliver
    rows = [row for row in tx.rows("messages.claimed", token=token) if row["is_advertising"]]
    if not rows:
        return {}
    quiet, waits = settings.quiet, dict[int, tuple[Instant, str]]()
    zone_of = _zones(workspace, tx, [row["customer"] for row in rows])
    silent = {zone: quiet.reason(now, zone) for zone in set(zone_of.values())}
    later = {zone: quiet.next_allowed(now, zone) for zone, reason in silent.items() if reason}
    wishes = []
    for row in rows:
        zone = zone_of[row["customer"]]
        if reason := silent[zone]:
            waits[row["message_no"]] = later[zone], reason
        else:
            wishes.append(Wish(row["message_no"], row["customer"], channel, zone))
    caps = settings.caps
    too_many = held_back(wishes, _had(workspace, tx, wishes, token, longest(caps), now), caps, now) if caps else {}
    for wish in wishes:
        if wish.message_no in too_many:
            waits[wish.message_no] = quiet.next_allowed(too_many[wish.message_no], wish.zone), "cap"
    left = [wish for wish in wishes if wish.message_no not in too_many]
    for wish in _beyond(workspace, tx, channel, left, now):
        tomorrow = day_after(now, workspace.settings.workspace.zone)
        waits[wish.message_no] = quiet.next_allowed(tomorrow, wish.zone), _AHEAD
    return waits


def _zones(workspace: Workspace, tx: Transaction, customers: Sequence[int]) -> dict[int, str]:
    """Where each lives: by what is known of the person, else where the workspace is."""
    here, known = workspace.settings.workspace.zone, zones()
    found = dict.fromkeys(customers, here)
    for row in tx.rows("messages.zones", customer_ids=sorted(found)):
        value = json.loads(row["value"])
        if isinstance(value, str) and value in known:
            found[row["customer_id"]] = value
    return found


def _had(
    workspace: Workspace, tx: Transaction, wishes: Sequence[Wish], token: int, days: int, now: Instant
) -> dict[int, list[Sent]]:
    had: dict[int, list[Sent]] = {}
    if not wishes:
        return had
    # A day more: in the person's zone it may have begun earlier.
    since = day_starts(now, workspace.settings.workspace.zone, days)[-1]
    customers = sorted({wish.customer_id for wish in wishes})
    for customer, sent_at, channel in tx.tuples("messages.had", customer_ids=customers, token=token, since=since):
        had.setdefault(customer, []).append((sent_at, channel))
    return had


def _beyond(
    workspace: Workspace, tx: Transaction, channel: str, wishes: Sequence[Wish], now: Instant
) -> Sequence[Wish]:
    """Those that a new domain must not send today."""
    settings = workspace.settings.deliver
    if channel != "email" or not settings.warm_up_from or not wishes:
        return ()
    today = day_of(now, workspace.settings.workspace.zone).isoformat()
    rows = tx.rows("messages.days", channel=channel, since=settings.warm_up_from)
    days = {row["day"]: Day(row["sent"], row["bounced"], row["complained"]) for row in rows}
    most = most_today([day for name, day in days.items() if name < today], settings.warm_up_steps)
    if most is None:
        return ()
    sent = days[today].sent if today in days else 0
    return wishes[max(0, most - sent) :]


def _room(tx: Transaction, channel: str, settings: DeliverSettings, now: Instant) -> int:
    """How many may be claimed now at the provider's pace."""
    rate = settings.per_second.get(channel)
    if not rate or rate <= 0:
        return LOT
    if (tx.value("messages.pace", channel=channel) or 0) > now:
        return 0
    return max(1, min(LOT, int(rate * _BURST)))


def _count(
    workspace: Workspace, tx: Transaction, channel: str, settings: DeliverSettings, messages: int, now: Instant
) -> None:
    if not messages:
        return
    rate = settings.per_second.get(channel)
    if rate and rate > 0:
        free_at = max(tx.value("messages.pace", channel=channel) or 0, now - round(_BURST * SECOND))
        tx.run("messages.set_pace", channel=channel, free_at=free_at + round(messages / rate * SECOND))
    day = day_of(now, workspace.settings.workspace.zone).isoformat()
    tx.run("messages.count_day", channel=channel, day=day, sent=messages, bounced=0, complained=0)
