"""Acts on what journeys heard: customers enter, goals and exits end ways at once, waits end; each slice in one commit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from schwung.act.experiment.design import CONTROL
from schwung.act.journey import LONGEST_LATE
from schwung.app.exposures import of_journey
from schwung.app.journey_moves import LATE, SLICE, arrival_at, count, end, in_commits, look_at_arrival
from schwung.app.journeys import SavedJourney, is_everything_stopped
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import MINUTE, Instant

_ENTRIES = ("trigger", "hand")
GRACE = MINUTE
"""An event ends a wait also where it happened so long before the wait began: clocks of shops differ."""


def react(workspace: Workspace, known: Sequence[SavedJourney]) -> bool:
    """Entries first, then goals and exits, then waits: who bought just after entering has reached the goal."""
    with workspace.store.read() as tx:
        waiting = {(row["journey_no"], row["ear"]) for row in tx.rows("journeys.heard_ears")}
        is_stopped = is_everything_stopped(tx)
    if not waiting:
        return False
    at_work = {one.journey_no: one for one in known}
    for number in {number for number, _ in waiting} - at_work.keys():
        with workspace.store.write() as tx:
            tx.run("journeys.forget_unheard", journey_no=number)
    ears = [(one, ear) for number, one in at_work.items() for heard, ear in sorted(waiting) if heard == number]
    entering = list({one.journey_no: one for one, ear in ears if ear in _ENTRIES}.values())
    in_commits(workspace, entering, lambda tx, one: _enter(workspace, tx, one, is_stopped))
    others = sorted((pair for pair in ears if pair[1] not in _ENTRIES), key=lambda pair: pair[1] != "goal")
    in_commits(workspace, others, lambda tx, pair: _hear_one(workspace, tx, *pair))
    return True


def _enter(workspace: Workspace, tx: Transaction, one: SavedJourney, is_stopped: bool) -> int:
    now, journey = workspace.clock(), one.journey
    re_entry = journey.re_entry if isinstance(journey.re_entry, str) else "after"
    rows = tx.tuples(
        "journeys.judge",
        journey_no=one.journey_no,
        too_late=now - LONGEST_LATE,
        entry_no=one.conditions.get("entry", 0),
        ends=[no for name, no in one.conditions.items() if name == "goal" or name.startswith("exit:")],
        re_entry=re_entry,
        entered_after=now - journey.re_entry if isinstance(journey.re_entry, int) else 0,
        most=SLICE,
    )
    reasons: dict[str, list[int]] = {}
    may: dict[int, int] = {}
    for heard_no, customer_id, reason in rows:
        if reason is None and (is_stopped or one.state != "live" or journey.lapsed):
            reason = "stopped" if is_stopped else "paused" if one.state != "live" else "lapsed"
        if reason is None:
            may[heard_no] = customer_id
        else:
            reasons.setdefault(reason, []).append(heard_no)
    if may:
        _let_in(workspace, tx, one, may, now)
    for why, some in reasons.items():
        if why != "unknown":  # of whom nothing may be kept
            tx.run("journeys.refuse", journey_no=one.journey_no, picked=some, reason=why, now=now)
        count(workspace, tx, one.journey_no, "entry", why, {"": len(some)}, now)
    tx.run("journeys.forget_heard", picked=[row[0] for row in rows])
    return len(rows)


def _let_in(workspace: Workspace, tx: Transaction, one: SavedJourney, may: Mapping[int, int], now: Instant) -> None:
    """may: number of what was heard → customer. Who is in which group is drawn once per person and kept."""
    journey, numbers = one.journey, list(may)
    people = list(dict.fromkeys(may.values()))
    arms_of = of_journey(
        workspace, tx, journey.name, journey.holdout, people, now, is_advertising=journey.is_advertising
    )
    arrival = arrival_at(workspace, journey.nodes[journey.first], now)
    tx.run(
        "journeys.enter",
        picked=numbers,
        journey_no=one.journey_no,
        version_no=one.version_no,
        control=[who for who, arm in arms_of.items() if arm == CONTROL],
        salt=f":journey:{one.journey_no}",
        step_id=journey.first,
        until_at=arrival.until,
        plus=arrival.plus,
        waits_for=arrival.waits_for,
        long_ago=now - LATE,
        now=now,
    )
    count(workspace, tx, one.journey_no, "entry", "entered", Counter(arms_of[who] for who in may.values()), now)
    if journey.first in one.conditions:
        entered: list[Any] = tx.tuples("journeys.entered_of_heard", journey_no=one.journey_no, picked=numbers)
        look_at_arrival(tx, one, journey.first, [row[0] for row in entered], now)


def _hear_one(workspace: Workspace, tx: Transaction, one: SavedJourney, ear: str) -> int:
    now = workspace.clock()
    picked = [no for (no,) in tx.tuples("journeys.some_heard", journey_no=one.journey_no, ear=ear, most=SLICE)]
    if ear == "goal" and one.journey.goal:
        some = _reached(tx, one, picked, one.journey.goal.within or 0)
        end(workspace, tx, one, some, "goal", "goal", now)
    elif ear.startswith("exit:"):
        end(workspace, tx, one, _reached(tx, one, picked, 0), "exited", ear, now)
    elif ear in one.journey.nodes:
        asked = {"journey_no": one.journey_no, "step_id": ear}
        grace = now if ear in one.conditions else GRACE
        woken = tx.tuples("journeys.woken", picked=picked, grace=grace, **asked)
        tx.run("journeys.hold", picked=[row[0] for row in woken], step_id=ear, waits_for=None, due_at=now)
    tx.run("journeys.forget_heard", picked=picked)
    return len(picked)


def _reached(tx: Transaction, one: SavedJourney, picked: list[int], within: int) -> list[tuple[Any, ...]]:
    return tx.tuples("journeys.reached", journey_no=one.journey_no, picked=picked, within=within)
