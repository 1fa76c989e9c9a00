"""What each kind of step does with all customers that are due at it: its effects, and which way each one goes."""

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from hashlib import md5
from typing import Any

import msgspec

from schwung.act.path import Node
from schwung.act.step import NEXT
from schwung.act.steps.branch import NO, YES
from schwung.act.steps.loop import AGAIN, DONE
from schwung.act.steps.wait_for import HAPPENED, TIMED_OUT
from schwung.app.exposures import of_split
from schwung.app.journey_moves import Arrival, Due
from schwung.app.own_event import add_customer_events, strongest
from schwung.core.clock import Instant

Outcomes = Mapping[str, list[tuple[Any, ...]]]
"""Way out → (enrollment_no, …, lot, arm) of those who take it now."""
Work = Callable[[Due], tuple[int, Outcomes]]
"""How many were looked at, and who goes where; who is in no way stays."""
_DAY, _CALL, _ANSWER = "day", "call", "answer"


def _pass(due: Due) -> tuple[int, Outcomes]:
    rows = _rows(due)
    return len(rows), {NEXT: rows}


def _rows(due: Due) -> list[tuple[Any, ...]]:
    """(enrollment_no, waits_for, lot, arm) of one slice."""
    if due.carried is not None:
        return list(due.carried)
    return [(no, waits_for, lot, arm) for no, arm, waits_for, lot in due.tx.tuples("journeys.due", **due.asked)]


def _treated(rows: list[tuple[Any, ...]]) -> list[int]:
    return [row[0] for row in rows if row[-1] == "treated"]


def _send(due: Due) -> tuple[int, Outcomes]:
    rows, does = _rows(due), _does(due)
    due.tx.run(
        "journeys.plan_messages",
        picked=_treated(rows),
        **due.place,
        channel=does.channel,
        purpose=does.purpose or due.saved.journey.purpose,
        is_advertising=int(does.is_advertising),
        template=does.template,
        campaign=does.campaign or None,
        lapses_at=None if does.lapses_after is None else due.now + does.lapses_after,
        now=due.now,
    )
    return len(rows), {NEXT: rows}


def _wait_until(due: Due) -> tuple[int, Outcomes]:
    """Who came for a day on the profile is told until when; the others have waited."""
    rows, does = _rows(due), _does(due)
    come = [row[0] for row in rows if row[1] == _DAY]
    if come:
        from schwung.app.journey_days import instant_of_day

        zone = due.workspace.settings.workspace.zone
        moments: dict[Instant, list[int]] = {}
        for number, value in due.tx.tuples("journeys.days_of", picked=come, trait=does.trait):
            at = instant_of_day(value, does.time, zone, does.before)
            moments.setdefault(due.now if at is None else max(at, due.now), []).append(number)
        for at, numbers in moments.items():
            due.tx.run("journeys.hold", picked=numbers, step_id=due.node.id, waits_for=None, due_at=at)
    return len(rows), {NEXT: [row for row in rows if row[1] != _DAY]}


def _wait_for(due: Due) -> tuple[int, Outcomes]:
    rows = _rows(due)
    return len(rows), {
        HAPPENED: [row for row in rows if row[1] is None],
        TIMED_OUT: [row for row in rows if row[1] is not None],
    }


def _by_rule(due: Due, mark: str) -> list[tuple[Any, ...]]:
    """(enrollment_no, whether the rule holds, marks in the trail, lot, arm); marks of those whose row was read."""
    if due.carried is not None:
        numbers, list_no = [row[0] for row in due.carried], due.saved.conditions.get(due.node.id, 0)
        inside = {no for (no,) in due.tx.tuples("journeys.in_list", picked=numbers, list_no=list_no)}
        return [(no, no in inside, 0, lot, arm) for no, _, lot, arm in due.carried]
    asked = due.asked | {
        "list_no": due.saved.conditions.get(due.node.id, 0),
        "mark": mark,
        "mark_length": len(mark),
    }
    return [
        (no, holds, marks, lot, arm) for no, arm, holds, marks, lot in due.tx.tuples("journeys.due_by_rule", **asked)
    ]


def _branch(due: Due) -> tuple[int, Outcomes]:
    rows = _by_rule(due, "?")
    return len(rows), {YES: [row for row in rows if row[1]], NO: [row for row in rows if not row[1]]}


def _loop(due: Due) -> tuple[int, Outcomes]:
    rows, times = _by_rule(due, f"\n{due.node.id}>{AGAIN}@"), _does(due).times
    again = [row for row in rows if not row[1] and row[2] < times]
    done = [row for row in rows if row[1] or row[2] >= times]
    return len(rows), {AGAIN: again, DONE: done}


def _split(due: Due) -> tuple[int, Outcomes]:
    """Groups are drawn once per person; the control group of the journey takes ways by its own lot, in no analysis."""
    rows, does = _rows(due), _does(due)
    names, ends = [name for name, _ in does.bounds], [end for _, end in does.bounds]
    people = dict(due.tx.tuples("journeys.people_of", picked=_treated(rows)))
    drawn = of_split(due.tx, due.saved.name, due.node.id, does.parts, list(set(people.values())), due.now)
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in names}
    for row in rows:
        way = drawn.get(people.get(row[0], 0))
        if way not in found:
            lot = md5(f"{row[2]}:{due.node.id}".encode(), usedforsecurity=False).hexdigest()[:8]
            way = names[bisect_right(ends, lot)]
        found[way].append(row)
    return len(rows), found


def _set_trait(due: Due) -> tuple[int, Outcomes]:
    """As an event of the customer, in the same commit; who has no identifier left is passed over."""
    rows, does = _rows(due), _does(due)
    _happen(due, "profile_identified", _treated(rows), {}, msgspec.json.encode({does.name: does.value}))
    return len(rows), {NEXT: rows}


def _happen(due: Due, name: str, picked: list[int], properties: Mapping[str, Any], traits: bytes = b"") -> None:
    """An event of each of those customers."""
    known: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for number, since, kind, value in due.tx.tuples("journeys.claims_of", picked=picked):
        known.setdefault((number, since), []).append((kind, value))
    way, told = f"journey:{due.saved.journey_no}/enrollment:", msgspec.json.encode(properties)
    each = (
        (f"{way}{number}/{due.node.id}/{due.place['since'] or since}", strongest(of), told)
        for (number, since), of in known.items()
    )
    add_customer_events(due.tx, due.now, name, each, traits=traits)


def _webhook(due: Due) -> tuple[int, Outcomes]:
    """Planned on arrival; where its answer is kept, they wait for it."""
    rows, does = _rows(due), _does(due)
    come = [row for row in rows if row[1] == _CALL]
    treated = set(_treated(come))
    due.tx.run(
        "journeys.plan_calls",
        picked=list(treated),
        **due.place,
        url=does.url,
        content=json.dumps(dict(does.content), ensure_ascii=False),
        save=json.dumps(dict(does.save)),
        lapses_at=due.now + does.at_most,
        now=due.now,
    )
    stay = treated if does.save else set()
    if stay:
        held = {"picked": list(stay), "step_id": due.node.id}
        due.tx.run("journeys.hold", **held, waits_for=_ANSWER, due_at=due.now + does.at_most)
    return len(rows), {
        NEXT: [row for row in rows if row[0] not in stay and row[1] != _ANSWER],
        f"{NEXT} unanswered": [row for row in rows if row[1] == _ANSWER],
    }


def _task(due: Due) -> tuple[int, Outcomes]:
    rows, does = _rows(due), _does(due)
    due.tx.run(
        "journeys.add_tasks",
        picked=_treated(rows),
        **due.place,
        title=does.title,
        note=does.note,
        owner=does.owner,
        due_at=None if does.due_in is None else due.now + does.due_in,
        now=due.now,
    )
    about = {"title": does.title, "owner": does.owner, "journey": due.saved.name, "journey_no": due.saved.journey_no}
    _happen(due, "task_created", _treated(rows), {name: value for name, value in about.items() if value})
    return len(rows), {NEXT: rows}


def _journey(due: Due) -> tuple[int, Outcomes]:
    rows = _rows(due)
    called = due.tx.value("journeys.number_of", name=_does(due).name)
    if called is not None:
        due.tx.run("journeys.call_journey", picked=_treated(rows), **due.place, called_no=called, now=due.now)
    return len(rows), {NEXT: rows}


def _does(due: Due) -> Any:
    return due.node.does


WORK: Mapping[str, Work] = {
    "send": _send,
    "wait": _pass,
    "wait_until": _wait_until,
    "wait_for": _wait_for,
    "branch": _branch,
    "split": _split,
    "set_trait": _set_trait,
    "webhook": _webhook,
    "task": _task,
    "journey": _journey,
    "loop": _loop,
    "exit": _pass,
}

AT_ONCE = frozenset({"send", "branch", "split", "set_trait", "task", "journey", "exit"})
"""Kinds that act on whoever comes, and send everybody on."""


def _until(node: Node, now: Instant, zone: str) -> Arrival:
    from schwung.act.local_time import instant_of, next_moment

    does: Any = node.does
    if does.trait:
        return Arrival(waits_for=_DAY)
    if does.on:
        return Arrival(until=max(instant_of(does.on, does.time, zone), now))
    return Arrival(until=next_moment(now, zone, does.time, until=does.to, weekdays=does.weekday_numbers))


def _length(node: Node, now: Instant, zone: str) -> Arrival:
    does: Any = node.does
    return Arrival(plus=does.length)


def _at_most(node: Node, now: Instant, zone: str) -> Arrival:
    does: Any = node.does
    return Arrival(plus=does.at_most, waits_for="event" if does.what.happened else "rule")


ARRIVALS: Mapping[str, Callable[[Node, Instant, str], Arrival]] = {
    "wait": _length,
    "wait_until": _until,
    "wait_for": _at_most,
    "webhook": lambda node, now, zone: Arrival(waits_for=_CALL),
}
"""How a step receives those who come, where it is not at once."""
