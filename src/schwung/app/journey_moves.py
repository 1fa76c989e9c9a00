"""Moves customers through journeys: one statement moves all of a slice that are due at one step."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from schwung.act.path import Node
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import HOUR, Instant
from schwung.core.period import day_of

if TYPE_CHECKING:
    from schwung.app.journeys import SavedJourney

SLICE = 20_000
LATE = HOUR
"""Who is moved later than this after it was due waits anew from now on; else the waits add up without drift."""

ENDED = "*"
"""No step: under it is counted in which state ways ended, so that nobody must count the ways."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a step receives those who come. plus: acts so long after the one before; until: at this instant (0: plus counts)."""

    plus: int = 0
    until: Instant = 0
    waits_for: str | None = None


@dataclass(frozen=True)
class Due:
    """One slice of customers whose step acts now, within the commit that moves them.

    carried: (enrollment_no, None, lot, arm) of those who came in this commit; their rows still say where they were before it.
    """

    workspace: Workspace
    tx: Transaction
    saved: "SavedJourney"
    node: Node
    now: Instant
    carried: Sequence[tuple[Any, ...]] | None = None

    @property
    def asked(self) -> dict[str, Any]:
        return {"journey_no": self.saved.journey_no, "step_id": self.node.id, "now": self.now, "most": SLICE}

    @property
    def place(self) -> dict[str, Any]:
        """Where they are, and since when (0: as their rows say)."""
        return {"step_id": self.node.id, "since": 0 if self.carried is None else self.now}


Thing = TypeVar("Thing")


def in_commits(
    workspace: Workspace,
    todo: Sequence[Thing],
    act: Callable[[Transaction, Thing], int],
    may_go_on: Callable[[], bool] = lambda: True,
) -> int:
    """Act on each until less than a slice is found; how many were found. What is small shares a commit.

    When one fails, nothing of the commit holds: the others go on by themselves, and then its error is raised.
    """
    found, rest, is_shared, failure = 0, list(todo), True, None
    while rest and may_go_on():
        done = taken = 0
        try:
            with workspace.store.write() as tx:
                while done < len(rest) and taken < SLICE and (is_shared or not done):
                    some = act(tx, rest[done])
                    taken += some
                    if some >= SLICE:
                        break
                    done += 1
        except Exception as error:
            failure, taken, done = failure or error, 0, 0 if is_shared else 1
            is_shared = False
        found += taken
        rest = rest[done:]
    if failure is not None:
        raise failure
    return found


def move_due(workspace: Workspace, known: Sequence["SavedJourney"], may_go_on: Callable[[], bool]) -> int:
    """Move everybody whose step is due, until nobody is. How many moves were made.

    Where a step fails, all go on up to it, step by step; then its error is raised.
    """
    moved, is_through, failure = 0, True, None
    while may_go_on():
        now = workspace.clock()
        with workspace.store.read() as tx:
            due = [
                (one, one.journey.nodes[step_id])
                for one in known
                for (step_id,) in tx.tuples(
                    "journeys.due_steps", journey_no=one.journey_no, steps=list(one.journey.nodes), now=now
                )
            ]
        try:
            found = in_commits(workspace, due, partial(_move_step, workspace, is_through=is_through), may_go_on)
        except Exception as error:
            failure = failure or error
            if not is_through:
                break
            is_through = False
            continue
        moved += found
        if not found:
            break  # nobody is due, or others are at it
    if failure is not None:
        raise failure
    return moved


def _move_step(workspace: Workspace, tx: Transaction, step: tuple["SavedJourney", Node], *, is_through: bool) -> int:
    """Those who are due at one step, and on through all steps that act at once: a way is written where it comes to rest."""
    from schwung.app.journey_steps import AT_ONCE, WORK

    saved, first = step
    if not _is_newest(tx, saved):
        return 0
    now, nodes, found = workspace.clock(), saved.journey.nodes, 0
    order = {step_id: nth for nth, step_id in enumerate(nodes)}
    coming: dict[str, list[tuple[Any, ...]] | None] = {first.id: None}
    marks: dict[int, str] = {}
    while coming:
        node = nodes[min(coming, key=order.__getitem__)]
        looked, outcomes = WORK[node.kind](Due(workspace, tx, saved, node, now, coming.pop(node.id)))
        found = found or looked
        for outcome, some in outcomes.items():
            next_id = node.leads.get(_lead(outcome))
            mark = f"{node.id}>{outcome}@{now}\n"
            for row in some:
                marks[row[0]] = marks.get(row[0], "") + mark
            count(workspace, tx, saved.journey_no, node.id, outcome, Counter(row[-1] for row in some), now)
            if is_through and next_id is not None and nodes[next_id].kind in AT_ONCE:
                carried = [(row[0], None, row[-2], row[-1]) for row in some]
                coming[next_id] = (coming.get(next_id) or []) + carried
            else:
                _rest(workspace, tx, saved, (first.id, node.id, next_id), some, marks, now)
        coming = {step_id: some for step_id, some in coming.items() if some}
    return found


def _lead(outcome: str) -> str:
    """An outcome may say more than the way that it takes: `next unanswered`."""
    return outcome.partition(" ")[0]


def _is_newest(tx: Transaction, saved: "SavedJourney") -> bool:
    row = tx.row("journeys.standing", journey_no=saved.journey_no)
    return row is not None and row["state"] == saved.state and row["version_no"] == saved.version_no


Picked = Sequence[tuple[Any, ...]]
"""Rows that begin with the number of the enrollment and end with its arm."""


def move_on(
    workspace: Workspace,
    tx: Transaction,
    saved: "SavedJourney",
    step_id: str,
    outcome: str,
    next_id: str | None,
    picked: Picked,
    now: Instant,
) -> None:
    """From one step to the next, or to the end; counted. picked: (enrollment_no, …, arm last)."""
    count(workspace, tx, saved.journey_no, step_id, outcome, Counter(row[-1] for row in picked), now)
    marks = dict.fromkeys((row[0] for row in picked), f"{step_id}>{outcome}@{now}\n")
    _rest(workspace, tx, saved, (step_id, step_id, next_id), picked, marks, now)


def _rest(
    workspace: Workspace,
    tx: Transaction,
    saved: "SavedJourney",
    way: tuple[str, str, str | None],
    picked: Picked,
    marks: Mapping[int, str],
    now: Instant,
) -> None:
    """Write where ways have come to. way: the step of their rows, the last that acted, the next one. marks: what the trail gets."""
    first_id, last_id, next_id = way
    same: dict[str, list[int]] = {}
    for row in picked:
        same.setdefault(marks[row[0]], []).append(row[0])
    if next_id is None and picked:
        count(workspace, tx, saved.journey_no, ENDED, "done", Counter(row[-1] for row in picked), now)
    for mark, numbers in same.items():
        if next_id is None:
            last = saved.journey.nodes.get(last_id)
            reason = "exit" if last and last.kind == "exit" else "end"
            tx.run("journeys.finish", picked=numbers, step_id=last_id, state="done", reason=reason, now=now, mark=mark)
            continue
        arrival = arrival_at(workspace, saved.journey.nodes[next_id], now)
        tx.run(
            "journeys.move",
            picked=numbers,
            step_id=first_id,
            passed=int(last_id != first_id),
            next_id=next_id,
            waits_for=arrival.waits_for,
            until_at=arrival.until,
            plus=arrival.plus,
            long_ago=now - LATE,
            now=now,
            mark=mark,
        )
        look_at_arrival(tx, saved, next_id, numbers, now)


def arrival_at(workspace: Workspace, node: Node, now: Instant) -> Arrival:
    from schwung.app.journey_steps import ARRIVALS

    arrive = ARRIVALS.get(node.kind)
    return Arrival() if arrive is None else arrive(node, now, workspace.settings.workspace.zone)


def look_at_arrival(tx: Transaction, saved: "SavedJourney", step_id: str, numbers: Sequence[int], now: Instant) -> None:
    """Who waits for a rule that holds already does not wait."""
    node = saved.journey.nodes[step_id]
    if node.kind == "wait_for" and step_id in saved.conditions:
        tx.run("journeys.wake_members", picked=list(numbers), list_no=saved.conditions[step_id], now=now)


def end(
    workspace: Workspace,
    tx: Transaction,
    saved: "SavedJourney",
    some: Picked,
    state: str,
    reason: str,
    now: Instant,
) -> None:
    """Ways that end at once, wherever they are, with what is planned for them. some: (enrollment_no, step_id, arm)."""
    rows = list({row[0]: row for row in some}.values())
    if not rows:
        return
    numbers = [row[0] for row in rows]
    count(workspace, tx, saved.journey_no, ENDED, state, Counter(row[-1] for row in rows), now)
    steps: dict[str, Counter[str]] = {}
    for _, step_id, arm in rows:
        steps.setdefault(step_id, Counter())[arm] += 1
    for step_id, arms in steps.items():
        count(workspace, tx, saved.journey_no, step_id, state, arms, now)
    tx.run("journeys.end_at_steps", picked=numbers, state=state, reason=reason, now=now, mark=f">{state}@{now}\n")
    tx.run("journeys.cancel_messages", picked=numbers, reason=f"journey_{state}", now=now)
    tx.run("journeys.cancel_calls", picked=numbers, reason=f"journey_{state}", now=now)


def count(
    workspace: Workspace,
    tx: Transaction,
    journey_no: int,
    step_id: str,
    outcome: str,
    arms: Mapping[str, int],
    now: Instant,
) -> None:
    day = day_of(now, workspace.settings.workspace.zone).isoformat()
    tx.run_many(
        "journeys.count",
        [
            {"journey_no": journey_no, "step_id": step_id, "outcome": outcome, "arm": arm, "counted_on": day, "customers": n}
            for arm, n in sorted(arms.items())
        ],
    )  # fmt: skip
