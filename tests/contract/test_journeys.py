"""Journeys on both stores: every kind of step, entry and re-entry, goals during a wait, merges, crashes at every commit."""

import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from schwung.act.channel import Later, Outcome, Outgoing, Refused, Sent, Unknown
from schwung.app import journeys as saved
from schwung.app.export_person import export_person
from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.journey_calls import call_due
from schwung.app.journey_status import standing
from schwung.app.journey_tell import tell
from schwung.app.journey_tick import tick
from schwung.app.merge import merge
from schwung.app.retain import retain
from schwung.app.segment_tick import tick as segment_tick
from schwung.app.segments import save_segment
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, HOUR, MINUTE, SECOND
from schwung.core.errors import InputError
from tests import cast
from tests.conftest import FrozenClock
from tests.letters import write_letters
from tests.people import customer_of

PEOPLE = ("anna", "ben", "cem", "dana", "emil")


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace], store_url: str) -> Workspace:
    workspace = new_workspace(store=store_url)
    cast.fill(workspace)
    return workspace


def number(workspace: Workspace, who: str) -> int:
    found = customer_of(workspace, "user_id", who)
    assert found is not None
    return found


def live(workspace: Workspace, name: str, **written: Any) -> saved.SavedJourney:
    whole = {"trigger": "manual", "holdout": 0} | written
    written_down = saved.save_journey(workspace, name, whole, actor="cli:test")
    write_letters(workspace, written_down.journey.templates)
    return saved.start(workspace, name, actor="cli:test")


def enter(workspace: Workspace, name: str, *people: str, key: str = "1", **variables: Any) -> None:
    numbers = [number(workspace, who) for who in people]
    saved.enter(workspace, name, numbers, key=key, variables=variables, actor="cli:test")
    tick(workspace)


def rows(workspace: Workspace, statement: str, **values: Any) -> list[dict[str, Any]]:
    with workspace.store.read() as tx:
        return tx.rows(statement, **values)


def ways(workspace: Workspace, name: str) -> dict[str, tuple[str, str]]:
    """Who of the cast → (state, step) of the latest way."""
    known = {number(workspace, who): who for who in PEOPLE}
    found = rows(workspace, "journeys.ways", journey_no=saved.find_journey(workspace, name).journey_no)
    return {known[row["customer_id"]]: (row["state"], row["step_id"]) for row in found}


def happen(workspace: Workspace, *events: dict[str, Any]) -> None:
    cast.send(workspace, list(events))
    cast.mirror(workspace)
    segment_tick(workspace)
    tick(workspace)


def added(who: str, moment: str = "13:00") -> dict[str, Any]:
    return cast.track("product_added", f"2026-11-20 {moment}", {"product_id": "coffee", "price": 20}, user=who)


def later(workspace: Workspace, clock: FrozenClock, span: int) -> None:
    clock.now += span
    segment_tick(workspace)
    tick(workspace)


def test_an_event_lets_in_a_wait_holds_and_a_goal_ends_it_at_once(shop: Workspace, clock: FrozenClock) -> None:
    live(
        shop, "Cart", trigger={"event": "product_added"}, goal={"fact": "orders"},
        steps=[{"wait": "3 hours"}, {"send": "cart"}, {"wait": "1 day"}, {"send": "again"}],
    )  # fmt: skip
    happen(shop, added("anna"), added("ben"))
    assert ways(shop, "Cart") == {"anna": ("active", "wait1"), "ben": ("active", "wait1")}
    later(shop, clock, 3 * HOUR - SECOND)
    assert messages(shop) == []
    later(shop, clock, SECOND)
    assert messages(shop) == [("anna", "cart", "planned"), ("ben", "cart", "planned")]
    assert ways(shop, "Cart") == {"anna": ("active", "wait2"), "ben": ("active", "wait2")}
    happen(shop, cast.order("X1", "2026-11-20 15:00", 5, user="ben"))
    assert ways(shop, "Cart")["ben"] == ("goal", "wait2")
    assert messages(shop) == [("anna", "cart", "planned"), ("ben", "cart", "cancelled")]
    later(shop, clock, DAY)
    assert ways(shop, "Cart")["anna"] == ("done", "send2")
    assert not tick(shop), "nothing is left to do"


def test_every_kind_of_step_does_what_it_says(shop: Workspace, clock: FrozenClock) -> None:
    """One way through all of them; emil has no order, anna has."""
    live(shop, "Other", steps=[{"wait": "1 day"}])
    live(
        shop, "All",
        steps=[
            {"branch": {"if": {"did": {"fact": "orders"}}, "then": [{"task": {"title": "Call", "owner": "maria", "due_in": "2 days"}}], "else": [{"journey": "Other"}]}},
            {"set_trait": {"name": "reminded", "value": "yes"}},
            {"wait_until": {"time": "09:00", "weekdays": ["mon"]}},
            {"wait_for": {"event": "product_added", "at_most": "2 days", "then": [{"send": "added"}], "else": [{"send": "not_added"}]}},
            {"loop": {"times": 2, "steps": [{"wait": "1 hour"}, {"send": "again"}]}},
            {"webhook": {"url": "https://example.com/hook", "save": {"coupon": "code"}, "at_most": "1 hour"}},
            {"exit": {"note": "done"}},
        ],
    )  # fmt: skip
    enter(shop, "All", "anna", "dana", color="red")
    assert ways(shop, "All") == {"anna": ("active", "wait_until1"), "dana": ("active", "wait_until1")}
    (task,) = rows(shop, "tasks.open")
    assert (task["customer_id"], task["title"], task["owner"]) == (number(shop, "anna"), "Call", "maria")
    assert task["due_at"] == clock.now + 2 * DAY
    tick(shop)
    assert ways(shop, "Other") == {"dana": ("active", "wait1")}
    cast.mirror(shop)
    assert {
        row["value"]
        for row in rows(shop, "profile.of_customers", customer_ids=[number(shop, "anna")])
        if row["name"] == "reminded"
    } == {'"yes"'}
    monday = 68 * HOUR  # Friday 13:00 there → Monday 9:00
    later(shop, clock, monday - SECOND)
    assert ways(shop, "All")["anna"] == ("active", "wait_until1")
    later(shop, clock, SECOND)
    assert ways(shop, "All")["anna"] == ("active", "wait_for1")
    happen(shop, cast.track("product_added", "2026-11-23 09:00", {"product_id": "x"}, user="anna"))
    assert [one[:2] for one in messages_of(shop, "All")] == [("anna", "added")]
    later(shop, clock, 2 * DAY)
    later(shop, clock, HOUR)
    later(shop, clock, HOUR)
    assert sorted(one[:2] for one in messages_of(shop, "All")) == [
        ("anna", "added"), ("anna", "again"), ("anna", "again"), ("dana", "again"), ("dana", "again"), ("dana", "not_added"),
    ]  # fmt: skip
    calls = rows(shop, "calls.all")
    assert len(calls) == 2 and {row["state"] for row in calls} == {"planned"}
    assert ways(shop, "All") == {"anna": ("done", "exit1"), "dana": ("active", "webhook1")}
    later(shop, clock, HOUR)
    assert ways(shop, "All")["dana"] == ("done", "exit1"), "no answer in time: on without it"
    assert {json.loads(row["variables"])["color"] for row in rows(shop, "journeys.ways", journey_no=2)} == {"red"}


def messages_of(workspace: Workspace, name: str) -> list[tuple[str, str, str]]:
    known = {number(workspace, who): who for who in PEOPLE}
    found = rows(workspace, "journeys.messages_of", journey_no=saved.find_journey(workspace, name).journey_no)
    return sorted((known[row["customer_id"]], row["template"], row["state"]) for row in found)


def messages(workspace: Workspace) -> list[tuple[str, str, str]]:
    return messages_of(workspace, saved.journeys(workspace)[0].name)


def test_re_entry_holdout_and_reasons_are_kept(shop: Workspace, clock: FrozenClock) -> None:
    step = [{"send": "hello"}]
    live(shop, "Never", steps=step)
    live(shop, "After", steps=step, re_entry={"after": "2 days"})
    live(shop, "Each", steps=[{"wait": "9 days"}], re_entry="each")
    live(shop, "Buyers", steps=step, entry={"did": {"fact": "orders"}}, exit={"rule": {"kind": ["lost"]}})
    for name in ("Never", "After", "Each"):
        enter(shop, name, "anna", key="1")
        enter(shop, name, "anna", key="1")
        enter(shop, name, "anna", key="2")
    clock.now += 2 * DAY
    for name in ("Never", "After", "Each"):
        enter(shop, name, "anna", key="3")
    counts = {
        name: len(rows(shop, "journeys.ways", journey_no=nth))
        for nth, name in ((1, "Never"), (2, "After"), (3, "Each"))
    }
    assert counts == {"Never": 1, "After": 2, "Each": 3}
    enter(shop, "Buyers", "anna", "dana")
    assert ways(shop, "Buyers") == {"anna": ("done", "send1")}
    refused = {(row["customer_id"], row["reason"]) for row in rows(shop, "journeys.refusals", journey_no=4)}
    assert refused == {(number(shop, "dana"), "entry_rule")}
    live(shop, "Held", steps=[{"send": "hello"}, {"task": "call"}], holdout=0.9)
    enter(shop, "Held", *PEOPLE)
    arms = {row["customer_id"]: row["arm"] for row in rows(shop, "journeys.ways", journey_no=5)}
    assert set(ways(shop, "Held").values()) == {("done", "task1")} and "control" in arms.values()
    treated = {who for who, arm in arms.items() if arm == "treated"}
    assert {row["customer_id"] for row in rows(shop, "journeys.messages_of", journey_no=5)} == treated
    assert {row["customer_id"] for row in rows(shop, "tasks.open")} == treated


def test_what_happened_in_journeys_is_in_the_log_and_goes_with_the_person(shop: Workspace, clock: FrozenClock) -> None:
    live(shop, "J", steps=[{"wait": "1 hour"}, {"task": "call"}], goal={"event": "product_added"})
    enter(shop, "J", "anna", "ben")
    happen(shop, added("ben"))
    later(shop, clock, HOUR)
    assert tell(shop) and not tell(shop)
    with open_facts(shop) as facts:
        events = facts.table("events", customer=True)
        found = facts.run(events.filter(events["name"].startswith("journey_"))).to_pylist()
    told = sorted((row["name"], row["customer_id"]) for row in found)
    anna, ben = number(shop, "anna"), number(shop, "ben")
    assert told == sorted(
        [
            ("journey_entered", anna),
            ("journey_entered", ben),
            ("journey_goal_reached", ben),
            ("journey_completed", anna),
        ]
    )
    assert json.loads(found[0]["properties"])["journey"] == "J"
    exported = export_person(shop, anna, "cli:test")
    with zipfile.ZipFile(exported) as archive:
        told_of = "".join(
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if "json" in name
        )
    assert '"journeys"' in told_of and '"tasks"' in told_of
    expired = {one.what: one.count for one in retain(shop)}
    assert expired["journeys"] == expired["tasks"] == 0
    clock.now += 900 * DAY
    assert {one.what: one.count for one in retain(shop)}["journeys"] == 2
    forget(shop, anna, "cli:test")
    assert [row["customer_id"] for row in rows(shop, "journeys.ways", journey_no=1)] == [ben]
    assert rows(shop, "tasks.open") == []


def test_a_merge_of_two_within_leaves_the_older_way(shop: Workspace, clock: FrozenClock) -> None:
    live(shop, "Long", steps=[{"send": "first"}, {"wait": "1 day"}, {"send": "second"}])
    enter(shop, "Long", "ben")
    clock.now += MINUTE
    enter(shop, "Long", "anna")
    anna, ben = number(shop, "anna"), number(shop, "ben")
    merge(shop, anna, ben, actor="cli:test")
    tick(shop)
    found = {row["customer_id"]: (row["state"], row["reason"]) for row in rows(shop, "journeys.ways", journey_no=1)}
    assert found == {ben: ("active", None), anna: ("stopped", "merged")}
    later(shop, clock, DAY)
    sent = [
        (row["customer_id"], row["template"], row["state"]) for row in rows(shop, "journeys.messages_of", journey_no=1)
    ]
    assert sent == [(ben, "first", "planned"), (anna, "first", "cancelled"), (min(anna, ben), "second", "planned")]
    enter(shop, "Long", "anna", key="again")
    assert len(rows(shop, "journeys.ways", journey_no=1)) == 2, "who walked it under another number has walked it"


def test_segments_days_and_schedules_trigger(shop: Workspace, clock: FrozenClock) -> None:
    save_segment(shop, "Recent", {"did": {"fact": "orders", "within": "30 days"}}, actor="cli:test")
    live(shop, "Came", trigger={"entered": "Recent"}, steps=[{"wait": "1 hour"}])
    live(shop, "Went", trigger={"left": "Recent"}, steps=[{"wait": "1 hour"}])
    live(
        shop,
        "Birthday",
        trigger={"date": "birthday", "before": "1 day", "time": "09:00", "yearly": True},
        steps=[{"send": "b"}],
    )
    live(
        shop,
        "Weekly",
        trigger={"every": "week", "weekdays": ["sat"], "time": "10:00"},
        entry={"did": {"fact": "orders"}},
        steps=[{"send": "w"}],
    )
    clock.now += 1
    happen(
        shop,
        cast.identify("2026-11-20 12:30", "ben", birthday="1990-11-22"),
        cast.order("X1", "2026-11-20 13:00", 5, user="dana"),
    )
    assert ways(shop, "Came") == {"dana": ("active", "wait1")} and ways(shop, "Went") == {}
    later(shop, clock, 20 * HOUR - SECOND - 1)
    assert ways(shop, "Birthday") == {}
    later(shop, clock, SECOND)
    assert ways(shop, "Birthday") == {"ben": ("done", "send1")} and ways(shop, "Weekly") == {}
    later(shop, clock, HOUR)
    assert set(ways(shop, "Weekly")) == {"anna", "ben", "cem", "dana", "emil"}
    later(shop, clock, 31 * DAY)
    assert "anna" in ways(shop, "Went")
    assert len(rows(shop, "journeys.ways", journey_no=4)) == 5, "who was in once does not enter again"


def test_an_edit_of_a_live_journey_meets_those_within_by_its_rules(shop: Workspace, clock: FrozenClock) -> None:
    whole: dict[str, Any] = {
        "trigger": "manual",
        "holdout": 0,
        "steps": [{"wait": "1 day"}, {"wait": "5 days"}, {"send": "a"}],
    }
    saved.save_journey(shop, "J", whole, actor="cli:test")
    with pytest.raises(InputError, match="send1: there is no template"):
        saved.start(shop, "J", actor="cli:test")
    write_letters(shop, ["a"])
    saved.start(shop, "J", actor="cli:test")
    enter(shop, "J", "anna")
    later(shop, clock, DAY)
    enter(shop, "J", "ben")
    assert ways(shop, "J") == {"anna": ("active", "wait2"), "ben": ("active", "wait1")}
    edited = whole | {"steps": [{"wait": "2 days"}, {"send": "a"}], "exit": {"rule": {"member": "Gone"}}}
    save_segment(shop, "Gone", {"kind": ["lost"]}, actor="cli:test")
    assert [one.kind for one in saved.edits_of(shop, "J", edited)] == ["goal", "removed", "changed"]
    after = saved.save_journey(shop, "J", edited, actor="cli:test")
    assert after.version_no == 2 and saved.save_journey(shop, "J", edited, actor="cli:test").version_no == 2
    tick(shop)
    assert ways(shop, "J") == {"anna": ("done", "send1"), "ben": ("active", "wait1")}
    later(shop, clock, DAY)
    assert ways(shop, "J")["ben"] == ("done", "send1"), "who waits already waits as it was"


def test_stop_and_pause(shop: Workspace, clock: FrozenClock) -> None:
    live(shop, "J", steps=[{"send": "a"}, {"wait": "1 hour"}, {"send": "b"}], goal={"event": "product_added"})
    enter(shop, "J", "anna", "ben", "cem")
    saved.pause(shop, "J", actor="cli:test")
    clock.now += 2 * HOUR
    happen(shop, added("ben", "15:00"))
    assert ways(shop, "J") == {"anna": ("active", "wait1"), "ben": ("goal", "wait1"), "cem": ("active", "wait1")}
    saved.start(shop, "J", actor="cli:test")
    saved.stop_everything(shop, actor="cli:test")
    assert not tick(shop) and len(messages(shop)) == 3
    saved.stop_everything(shop, actor="cli:test", is_stopped=False)
    tick(shop)
    assert ways(shop, "J")["anna"] == ("done", "send2")
    with shop.store.write() as tx:
        tx.run(
            "journeys.enter_by_hand", journey_no=1, customer_id=999_999, now=clock.now, entry_key="x", variables="{}"
        )
    assert tick(shop) and not tick(shop), "of whom nothing is known is passed over"
    enter(shop, "J", "dana")
    assert saved.stop(shop, "J", actor="cli:test") == 1
    assert [one for one in messages(shop) if one[0] == "dana"] == [("dana", "a", "cancelled")]


class Answering:
    """A channel that answers in turn what it was given, and keeps what it was sent."""

    name = "webhook"

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = outcomes
        self.sent: list[tuple[str, str, Any]] = []

    def send(self, message: Outgoing) -> Outcome:
        self.sent.append((message.key, message.address, json.loads(message.rendered.text)))
        return self.outcomes[(len(self.sent) - 1) % len(self.outcomes)]

    def close(self) -> None: ...


def test_a_webhook_is_called_once_and_its_answer_becomes_a_variable(shop: Workspace, clock: FrozenClock) -> None:
    hook = {"url": "https://example.com/coupon", "content": {"kind": "welcome"}, "save": {"coupon": "data.code"}}
    live(shop, "J", steps=[{"webhook": hook}, {"send": "coupon"}], trigger={"webhook": "customer.email"})
    anna = number(shop, "anna")
    saved.called(shop, "J", {"customer": {"email": "Anna@example.com"}}, key="k", actor="cli:test")
    saved.called(shop, "J", {"customer": {"email": "anna@example.com"}}, key="k", actor="cli:test")
    with pytest.raises(InputError):
        saved.called(shop, "J", {"customer": {"email": "nobody@example.com"}}, key="x", actor="cli:test")
    tick(shop)
    channel = Answering(Later("temporary"), Sent("id", {"data": {"code": "SPRING"}}))
    assert call_due(shop, channel) and not call_due(shop, channel), "it is tried again later"
    clock.now += 5 * MINUTE
    assert call_due(shop, channel)
    tick(shop)
    (message,) = rows(shop, "journeys.messages_of", journey_no=1)
    assert json.loads(message["variables"])["coupon"] == "SPRING" and message["customer_id"] == anna
    first, second = channel.sent
    assert first == second and first[2]["customer"]["customer_id"] == anna
    assert first[2]["content"] == {"kind": "welcome"} and first[2]["variables"]["webhook"]["customer"]["email"]
    enter(shop, "J", "ben", "cem")
    assert call_due(shop, Answering(Unknown("answer_lost"), Refused("turned_away")))
    tick(shop)
    assert {state for state, _ in ways(shop, "J").values()} == {"done"}, "without an answer they go on at once"
    assert sorted(row["state"] for row in rows(shop, "calls.all")) == ["done", "failed", "unknown"]


def test_several_workers_move_everybody_once(shop: Workspace, clock: FrozenClock) -> None:
    many = 3_000
    first = 1_000_000
    journey = live(
        shop, "J", holdout=0.1, re_entry="each",
        steps=[{"send": "a"}, {"split": {"shares": {"A": 1, "B": 2}, "ways": {"A": [{"send": "b"}]}}}, {"send": "c"}],
    )  # fmt: skip
    with shop.store.write() as tx:
        columns = ("identifier_id", "kind", "value", "customer_id", "source", "first_seen_at", "batch_no")
        tx.load("identifier", columns, ((n, "user_id", f"m{n}", n, "x", 0, 0) for n in range(first, first + many)))
        ears = ("journey_no", "ear", "customer_id", "happened_at", "entry_key", "variables")
        heard = ((journey.journey_no, "hand", n, clock.now, "1", "{}") for n in range(first, first + many))
        tx.load("heard", ears, heard)
    with ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            list(pool.map(lambda _: tick(shop), range(3)))
    while tick(shop):
        pass
    found = rows(shop, "journeys.ways", journey_no=1)
    treated = {row["enrollment_no"] for row in found if row["arm"] == "treated"}
    assert len(found) == many and {row["state"] for row in found} == {"done"}
    assert 0.1 * many < many - len(treated) < 0.19 * many, "a tenth is held out here, a twentieth from all advertising"
    sent = [(row["enrollment_no"], row["template"]) for row in rows(shop, "journeys.messages_of", journey_no=1)]
    assert len(sent) == len(set(sent)) and {number for number, _ in sent} == treated
    in_a = {row["enrollment_no"] for row in found if ">A@" in row["trail"]}
    assert {number for number, template in sent if template == "b"} == in_a & treated
    assert 0.29 * many < len(in_a) < 0.38 * many
    counted = {one.step_id: one.came for one in standing(shop, "J").steps}
    assert counted == {"send1": many, "split1": many, "send2": len(in_a), "send3": many}
