"""Delivery on both stores: once each, and what must not go or not go yet says why."""

import json
import subprocess
import sys
import threading

import pytest

from schwung.act.channel import Later, Outcome, Outgoing, Refused, Sent, Unknown
from schwung.app.claim import claim
from schwung.app.consents import opt_out
from schwung.app.deliver import SLICE
from schwung.app.flight_log import FlightLog
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, HOUR, MINUTE, SECOND
from tests.conftest import FrozenClock
from tests.outbox import Memory, deliverer, people, plan, row_of, states


def test_what_is_due_goes_once_and_is_an_event(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace, channel = each_workspace, Memory()
    numbers = plan(workspace, people(workspace, 30))
    plan(workspace, [1_000], key="later", due_at=clock.now + HOUR)
    sender = deliverer(workspace, channel)
    sender.run_dry()
    assert states(workspace) == {"sent": 30, "planned": 1}
    assert sorted(one.address for one in channel.got) == [f"p{number}@example.de" for number in range(1_000, 1_030)]
    assert row_of(workspace, numbers[0])["provider_id"] == "id-m/0/1000"
    with workspace.store.read() as tx:
        assert tx.value("mirror.lag") == 30
    sender.run_dry()
    assert len(channel.got) == 30, "nothing goes twice"
    clock.advance(3_600)
    sender.run_dry()
    assert states(workspace) == {"sent": 31}


def test_what_must_not_go_is_blocked_and_says_why(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace, channel = each_workspace, Memory()
    people(workspace, 4)
    people(workspace, 1, consents=(), first=2_000)
    opt_out(workspace, 1_001, "test", "newsletter", "email")
    with workspace.store.write() as tx:
        tx.run("messages.suppress", identifier_id=1_002, channel="email", reason="bounced", now=clock.now)
    asked = plan(workspace, [1_000, 1_001, 1_002, 2_000])
    late = plan(workspace, [1_003], key="late", lapses_at=clock.now)
    order = plan(workspace, [1_001, 2_000], key="order", purpose="shipping", advertising=False)
    deliverer(workspace, channel).run_dry()
    found = [(row["state"], row["reason"]) for row in (row_of(workspace, number) for number in (*asked, *late, *order))]
    assert found == [
        ("sent", None), ("blocked", "opted_out"), ("blocked", "suppressed"), ("blocked", "no_consent"),
        ("lapsed", "too_late"), ("sent", None), ("sent", None),
    ]  # fmt: skip


def test_answers_are_kept_by_kind(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace = each_workspace
    said: dict[str, list[Outcome]] = {
        "p1000@example.de": [Later("temporary", "451 4.7.1 greylisted"), Refused("turned_away", "550 5.7.1 p1000@example.de spam")],
        "p1001@example.de": [Refused("bad_address", "550 5.1.1 unknown", is_address=True)],
        "p1002@example.de": [Unknown("answer_lost")],
        "p1003@example.de": [Later("connection"), Sent("x")],
    }  # fmt: skip
    channel = Memory(answer=lambda message: said[message.address].pop(0))
    numbers = plan(workspace, people(workspace, 4), purpose="shipping", advertising=False)
    sender = deliverer(workspace, channel)
    sender.run_dry()
    assert states(workspace) == {"planned": 2, "failed": 1, "unknown": 1}
    waiting = row_of(workspace, numbers[0])
    assert waiting["reason"] == "temporary" and 48 * SECOND <= int(str(waiting["due_at"])) - clock.now <= 72 * SECOND
    clock.advance(80)
    sender.run_dry()
    assert states(workspace) == {"sent": 1, "failed": 2, "unknown": 1}
    assert row_of(workspace, numbers[0])["answer"] == "550 5.7.1 … spam", "the address is not kept a second time"
    clock.advance(7 * 24 * 3_600)
    sender.run_dry()
    assert len(channel.got) == 6, "what is unknown never goes again by itself"
    again = plan(workspace, [1_001], key="again", purpose="shipping", advertising=False)
    sender.run_dry()
    assert row_of(workspace, again[0])["reason"] == "suppressed", "a dead address is not written to again"


def test_attempts_end(workspace: Workspace, clock: FrozenClock) -> None:
    channel = Memory(answer=lambda message: Later("temporary"))
    number = plan(workspace, people(workspace, 1), purpose="shipping", advertising=False)[0]
    sender = deliverer(workspace, channel)
    for _ in range(12):
        sender.run_dry()
        clock.advance(8 * 3_600)
    assert (row_of(workspace, number)["state"], row_of(workspace, number)["reason"]) == ("failed", "tried_out")
    assert len(channel.got) == 8


def test_caps_hold_and_what_is_too_much_waits(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace, channel = each_workspace, Memory()
    people(workspace, 1)
    numbers = plan(workspace, [1_000] * 7)
    order = plan(workspace, [1_000], key="order", purpose="shipping", advertising=False)
    sender = deliverer(workspace, channel)
    sender.run_dry()
    assert states(workspace) == {"sent": 3, "planned": 5}, "two, and the order's, which no cap holds back"
    assert row_of(workspace, order[0])["state"] == "sent"
    held = row_of(workspace, numbers[2])
    assert held["reason"] == "cap" and int(str(held["due_at"])) == clock.now + 19 * HOUR, "tomorrow at eight"
    sent = []
    for _ in range(5):
        clock.advance(24 * 3_600)
        sender.run_dry()
        sent.append(states(workspace)["sent"])
    assert sent[:2] == [5, 6], "two a day, five a week"
    assert states(workspace) == {"sent": 6, "lapsed": 2}, "after three days they are of no more use"


def test_quiet_hours_are_those_of_the_person(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace, channel = each_workspace, Memory()
    people(workspace, 3)
    with workspace.store.write() as tx:
        tx.load(
            "trait",
            ("identifier_id", "name", "source", "value", "observed_at"),
            [(1_001, "timezone", "shop", '"Asia/Tokyo"', 1), (1_002, "timezone", "shop", '"Nowhere/Land"', 1)],
        )
    numbers = plan(workspace, [1_000, 1_001, 1_002])
    deliverer(workspace, channel).run_dry()  # 13:00 in Berlin, 21:00 in Tokyo
    assert [row_of(workspace, number)["reason"] for number in numbers] == [None, "quiet_hours", None]
    assert int(str(row_of(workspace, numbers[1])["due_at"])) == clock.now + 11 * HOUR, "eight o'clock in Tokyo"
    clock.advance(11 * 3_600)
    deliverer(workspace, channel).run_dry()
    assert states(workspace) == {"sent": 3}


def test_stop_switches_hold_and_let_go(each_workspace: Workspace, clock: FrozenClock) -> None:
    from schwung.app.stops import lift, stop, stops

    workspace, channel = each_workspace, Memory()
    customers = people(workspace, 3)
    numbers = plan(workspace, customers, journey_no=7) + plan(workspace, customers, key="other")
    stop(workspace, "journey:7", "test")
    sender = deliverer(workspace, channel)
    sender.run_dry()
    assert states(workspace) == {"held": 3, "sent": 3} and row_of(workspace, numbers[0])["reason"] == "stopped"
    stop(workspace, "all", "test")
    lift(workspace, "journey:7", "test")
    sender.run_dry()
    assert states(workspace) == {"planned": 3, "sent": 3}
    assert [one.scope for one in stops(workspace)] == ["all"]
    lift(workspace, "all", "test")
    sender.run_dry()
    assert states(workspace) == {"sent": 6}


def test_a_stop_acts_within_what_is_claimed(workspace: Workspace) -> None:
    from schwung.app.stops import stop

    def answer(message: Outgoing) -> Outcome:
        if len(channel.got) == 3:
            stop(workspace, "channel:email", "test")
        return Sent("x")

    channel = Memory(answer=answer)
    plan(workspace, people(workspace, 100))
    (workspace.folder / "schwung.toml").open("a").write("[deliver]\nconnections = 1\n")
    deliverer(workspace, channel).run_dry()
    assert states(workspace) == {"sent": SLICE, "planned": 100 - SLICE}


def test_a_cancelled_message_does_not_go_though_it_is_claimed(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace = each_workspace
    plan(workspace, people(workspace, 2), enrollment_no=5)
    lot = claim(workspace, "email", "somebody")
    assert lot is not None and len(lot.messages) == 2
    with workspace.store.write() as tx:
        assert tx.run("journeys.cancel_messages", picked=[5], reason="by_hand", now=clock.now) == 2
        assert (
            tx.rows("messages.call", numbers=[one.message_no for one in lot.messages], token=lot.token, now=clock.now)
            == []
        )
    assert states(workspace) == {"cancelled": 2}


def test_claims_of_the_dead_are_certain_or_unknown(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace, channel = each_workspace, Memory()
    plan(workspace, people(workspace, 10))
    lot = claim(workspace, "email", "gone")
    assert lot is not None
    called = [one.message_no for one in lot.messages[:4]]
    with workspace.store.write() as tx:
        tx.rows("messages.call", numbers=called, token=lot.token, now=clock.now)
    deliverer(workspace, channel).run_dry()
    assert states(workspace) == {"sent": 6, "unknown": 4} and len(channel.got) == 6
    assert row_of(workspace, called[0])["reason"] == "sender_gone"


def test_two_senders_share_the_work(each_workspace: Workspace) -> None:
    workspace, channel = each_workspace, Memory()
    plan(workspace, people(workspace, 300) * 4)
    both = [deliverer(workspace, channel) for _ in range(2)]
    for one in both:
        one._heartbeat.beat({})
    threads = [threading.Thread(target=one.run_dry) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(workspace) == {"sent": 600, "planned": 600}, "two for each person, whoever sends them"
    assert len({one.key for one in channel.got}) == len(channel.got) == 600


@pytest.mark.parametrize("rate", [10, 50])
def test_a_provider_gets_no_more_than_it_takes(workspace: Workspace, clock: FrozenClock, rate: int) -> None:
    channel = Memory()
    plan(workspace, people(workspace, 3 * rate))
    (workspace.folder / "schwung.toml").open("a").write(f"[deliver.per_second]\nemail = {rate}\n")
    sender = deliverer(workspace, channel)
    counts = []
    for _ in range(20):
        sender.run_dry()
        counts.append(len(channel.got))
        clock.advance(0.1)
    assert counts[-1] >= 1.9 * rate * 0.95
    assert all(later - earlier <= 1.5 * rate for earlier, later in zip(counts, counts[10:], strict=False))


def test_a_new_domain_begins_slowly(workspace: Workspace, clock: FrozenClock) -> None:
    channel = Memory()
    plan(workspace, people(workspace, 30))
    more = '[deliver]\nwarm_up_from = "2026-11-20"\nwarm_up_steps = [10, 15]\nwait_days = 30\n'
    (workspace.folder / "schwung.toml").open("a").write(more)
    sender = deliverer(workspace, channel)
    sent = []
    for _ in range(3):
        sender.run_dry()
        sent.append(len(channel.got))
        clock.now += DAY + MINUTE
    assert sent == [10, 25, 30]


def test_what_a_paused_journey_planned_waits_with_it(each_workspace: Workspace) -> None:
    workspace, channel = each_workspace, Memory()
    with workspace.store.write() as tx:
        tx.load(
            "journey",
            ("journey_no", "name", "state", "version_no", "created_by", "created_at"),
            [(7, "Welcome", "paused", 1, "test", 1)],
        )
    plan(workspace, people(workspace, 2), journey_no=7)
    sender = deliverer(workspace, channel)
    sender.run_dry()
    assert states(workspace) == {"held": 2}
    with workspace.store.write() as tx:
        assert tx.run("messages.release_held", journey_no=7) == 0, "not while it is paused"
        tx.run("journeys.set_state", journey_no=7, state="live", now=1)
        assert tx.run("messages.release_held", journey_no=7) == 2
    sender.run_dry()
    assert states(workspace) == {"sent": 2}


def test_the_log_of_a_killed_sender_says_what_became_of_its_messages(
    each_workspace: Workspace, clock: FrozenClock
) -> None:
    """Of four that were called: one was taken, one put off, one begun, one not yet."""
    workspace, channel = each_workspace, Memory()
    plan(workspace, people(workspace, 4))
    lot = claim(workspace, "email", "gone")
    assert lot is not None
    numbers = [one.message_no for one in lot.messages]
    with workspace.store.write() as tx:
        tx.rows("messages.call", numbers=numbers, token=lot.token, now=clock.now)
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    log = FlightLog(workspace, "gone")
    for number, outcome in zip(numbers, (Sent("id-7"), Later("temporary"), None), strict=False):
        log.begin(lot.token, number)
        if outcome is not None:
            log.end(lot.token, number, outcome)
    path = workspace.folder / "sending" / "gone.log"
    head, _, rest = path.read_text().partition("\n")
    path.write_text(json.dumps({**json.loads(head), "pid": int(ended.stdout)}) + "\n" + rest)
    deliverer(workspace, channel).run_dry()
    assert [row_of(workspace, one)["state"] for one in numbers] == ["sent", "sent", "unknown", "sent"]
    assert row_of(workspace, numbers[0])["provider_id"] == "id-7" and len(channel.got) == 2
    assert not path.exists()
