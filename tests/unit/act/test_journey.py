"""Journeys are read with complaints that name the place, compiled to nodes, written back as they were."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import yaml

from schwung.act.change import edits, successors
from schwung.act.journey import read_journey
from schwung.act.local_time import instant_of, next_moment, next_monthly
from schwung.act.steps import STEPS
from schwung.act.trigger import EXAMPLES, read_trigger
from schwung.core.clock import DAY, HOUR, to_datetime
from schwung.core.errors import InputError

CART = """
trigger: {event: product_added}
entry: {consent: {purpose: newsletter, channel: email}}
re_entry: {after: 14 days}
goal: {fact: orders, within: 7 days}
exit: [{event: cart_cleared}, {rule: {kind: [lost]}}]
holdout: 0.2
steps:
  - wait: 3 hours
  - id: known
    branch:
      if: {kind: [existing]}
      then:
        - send: {template: your_cart, lapses_after: 24 hours}
        - wait_for: {event: email_link_clicked, at_most: 2 days, then: [exit: bought]}
      else:
        - split: {shares: {A: 1, B: 3}, ways: {A: [send: {template: a}], B: [send: {template: b}]}}
  - loop: {times: 2, steps: [{wait: 1 day}, {task: Call}], until: {kind: [existing]}}
  - set_trait: {name: reminded, value: true}
"""


def written(text: str = CART) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_nodes_lead_where_customers_go() -> None:
    nodes = read_journey("Cart", written()).nodes
    leads = {name: dict(node.leads) for name, node in nodes.items()}
    assert leads == {
        "wait1": {"next": "known"},
        "known": {"yes": "send1", "no": "split1"},
        "send1": {"next": "wait_for1"},
        "wait_for1": {"happened": "exit1", "timed_out": "loop1"},
        "exit1": {"next": None},
        "split1": {"A": "send2", "B": "send3"},
        "send2": {"next": "loop1"},
        "send3": {"next": "loop1"},
        "loop1": {"again": "wait2", "done": "set_trait1"},
        "wait2": {"next": "task1"},
        "task1": {"next": "loop1"},
        "set_trait1": {"next": None},
    }


def test_written_and_read_again_it_is_the_same() -> None:
    journey = read_journey("Cart", written())
    again = read_journey("Cart", yaml.safe_load(yaml.safe_dump(journey.to_mapping())))
    assert again.to_mapping() == journey.to_mapping()
    assert again.nodes == journey.nodes
    assert set(journey.conditions) == {"entry", "exit:2", "known", "loop1"}
    assert set(journey.listens) == {"trigger", "goal", "exit:1", "wait_for1"}


def test_steps_keep_their_ids_when_others_come_and_go() -> None:
    before = read_journey("J", {"trigger": "manual", "steps": [{"wait": "1 day"}, {"send": "a"}, {"wait": "2 days"}]})
    edited = {"trigger": "manual", "steps": [{"wait": "5 days"}, {"task": "call"}, {"send": "a"}, {"wait": "2 days"}]}
    after = read_journey("J", edited, before, taken=("task1",))
    assert [one.id for one in after.steps] == ["wait1", "task2", "send1", "wait2"]


@pytest.mark.parametrize(
    ("change", "place", "why"),
    [
        ({"steps": []}, "steps", "a list of steps"),
        ({"steps": [{"wait": "3 hours"}, {"sned": {}}]}, "steps › 2 › sned", "one step is expected"),
        ({"steps": [{"branch": {"if": {"kind": ["none"]}}}]}, "steps › 1 › branch", "kind"),
        (
            {"steps": [{"branch": {"if": {"kind": ["new"]}, "then": [{"wait": "x"}]}}]},
            "steps › 1 › branch › then › 1 › wait",
            "length",
        ),
        ({"steps": [{"exit": {}}, {"wait": 1}]}, "steps › 2", "nobody gets here"),
        ({"steps": [{"loop": {"times": 3, "steps": [{"send": "a"}]}}]}, "steps › 1 › loop", "needs a wait"),
        ({"steps": [{"id": "a", "wait": 1}, {"id": "a", "wait": 2}]}, "steps", "there twice"),
        ({"steps": [{"wait_for": {"event": "x"}}]}, "steps › 1 › wait_for", "at_most"),
        ({"trigger": {"every": "day"}}, "entry", "a schedule needs"),
        ({"trigger": {"every": "week"}}, "trigger", "weekdays"),
        ({"holdout": 1}, "holdout", "share"),
        ({"goal": {"rule": {"all": []}}}, "goal", "list of conditions"),
        ({"extra": 1}, "journey", "extra"),
        ({"re_entry": "often"}, "re_entry", "never, always"),
    ],
)
def test_complaints_name_the_place(change: dict[str, Any], place: str, why: str) -> None:
    whole = {"trigger": "manual", "steps": [{"wait": "1 day"}]} | change
    with pytest.raises(InputError) as caught:
        read_journey("J", whole)
    assert caught.value.code == "journey_wrong"
    assert f"at {place}:" in caught.value.message.en
    assert why in caught.value.message.en


@pytest.mark.parametrize("name", STEPS)
def test_every_kind_reads_its_example(name: str) -> None:
    kind = STEPS[name]
    journey = read_journey("J", {"trigger": "manual", "steps": [{name: dict(kind.example)}]})
    assert journey.steps[0].kind == name
    assert journey.steps[0].does.words.en != journey.steps[0].does.words.de
    assert read_journey("J", journey.to_mapping()).to_mapping() == journey.to_mapping()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_trigger_reads_its_example(kind: str) -> None:
    trigger = read_trigger(EXAMPLES[kind])
    assert trigger.kind == kind
    assert read_trigger(trigger.to_json()) == trigger
    assert trigger.words.de


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


def test_local_times_hold_when_the_clocks_change() -> None:
    zone = "Europe/Berlin"
    # The night in which 2:30 does not exist: the first instant after the gap, 3:00 summer time.
    assert to_datetime(instant_of(date(2026, 3, 29), time(2, 30), zone)).isoformat() == "2026-03-29T01:00:00+00:00"
    # The night in which 2:30 comes twice: the first one.
    assert to_datetime(instant_of(date(2026, 10, 25), time(2, 30), zone)).isoformat() == "2026-10-25T00:30:00+00:00"
    nine = next_moment(_at("2026-10-24T08:00:00"), zone, time(9))
    assert to_datetime(nine).isoformat() == "2026-10-25T08:00:00+00:00"
    assert nine - next_moment(_at("2026-10-24T06:00:00"), zone, time(9)) == DAY + HOUR
    assert next_moment(nine, zone, time(9)) == nine
    assert next_moment(nine, zone, time(2, 30)) == _at("2026-10-26T01:30:00")


def test_windows_and_weekdays() -> None:
    zone = "Europe/Berlin"
    night = _at("2026-06-05T20:00:00")  # Friday, 22:00 there
    assert next_moment(night, zone, time(8), until=time(21)) == _at("2026-06-06T06:00:00")
    assert next_moment(night, zone, time(8), until=time(21), weekdays=(0, 1, 2, 3, 4)) == _at("2026-06-08T06:00:00")
    assert next_moment(night, zone, time(20), until=time(2)) == night
    assert next_moment(_at("2026-06-05T23:59:59"), zone, time(20), until=time(2)) == _at("2026-06-05T23:59:59")
    assert next_monthly(_at("2026-02-01T00:00:00"), zone, time(9), 31) == _at("2026-02-28T08:00:00")


def test_edits_are_told_with_their_rule() -> None:
    before = read_journey("Cart", written())
    changed = before.to_mapping()
    changed["holdout"], changed["goal"] = 0.1, {"fact": "orders", "within": "14 days"}
    changed["steps"][0] = {"id": "wait1", "wait": {"for": "5 hours"}}
    removed = changed["steps"].pop(2)
    assert "loop" in removed
    changed["steps"].append({"send": "bye"})
    after = read_journey("Cart", changed, before)
    told = [(edit.kind, edit.step_id, edit.words.en) for edit in edits(before, after)]
    assert told == [
        ("goal", None, "goal: Orders within 14 days (was: goal: Orders within 7 days)"),
        ("holdout", None, "holdout: 10% (was: holdout: 20%)"),
        ("removed", "loop1", "step removed: at most 2 times, until kind: Existing customer"),
        ("removed", "wait2", "step removed: wait 1 day"),
        ("removed", "task1", "step removed: task: Call"),
        ("changed", "wait1", "wait 5 hours (was: wait 3 hours)"),
        ("added", "send4", "step added: send “bye” by e-mail"),
    ]
    assert successors(before, after) == {"loop1": "set_trait1", "wait2": "set_trait1", "task1": "set_trait1"}
    assert not edits(before, read_journey("Cart", before.to_mapping(), before))
    moved = before.to_mapping()
    moved["steps"].insert(0, moved["steps"].pop())
    assert ("moved", "set_trait1") in [(one.kind, one.step_id) for one in edits(before, read_journey("Cart", moved))]
