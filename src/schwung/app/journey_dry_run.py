"""A dry run: who would walk a journey now, and by which ways, over the facts as they are; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import Any

import numpy as np

from schwung.act.change import step_words
from schwung.act.journey import Journey
from schwung.act.trigger import Happened, Moved
from schwung.app.facts import open_facts
from schwung.app.segment_facts import Asked
from schwung.app.segments import NAMELESS, bound_rules
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.segment.evaluate import plan
from schwung.segment.leaves.did import Did
from schwung.segment.leaves.member import Member
from schwung.segment.leaves.share import Share
from schwung.segment.rule import Node

DAYS = 28
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class DryRun:
    """triggered: by an event these are customers who did it in the last 28 days. entered: of them, who may enter.

    visits: step → customers who come there, once per pass of a loop. ways: (step, outcome) → customers. people: some customers with
    their way, in words. Where time or chance outside decides, nothing is taken to happen: waits for an event run out.
    """

    customers: int
    triggered: int
    entered: int
    holdout: float
    visits: Mapping[str, int]
    ways: Mapping[tuple[str, str], int]
    people: Mapping[int, tuple[Text, ...]]

    def to_json(self) -> dict[str, Any]:
        return {
            "customers": self.customers,
            "triggered": self.triggered,
            "entered": self.entered,
            "holdout": self.holdout,
            "visits": dict(self.visits),
            "ways": [{"step": step, "outcome": outcome, "customers": n} for (step, outcome), n in self.ways.items()],
            "people": [
                {"customer_id": who, "steps": [{"en": one.en, "de": one.de} for one in steps]}
                for who, steps in self.people.items()
            ],
        }


def dry_run(workspace: Workspace, journey: Journey, *, sample: int = 5, seed: int = 1) -> DryRun:
    """Over all customers at once. InputError for a rule that names something unknown."""
    rules: dict[str, Node] = dict(journey.conditions)
    trigger = _trigger_rule(journey)
    if trigger is not None:
        rules["trigger"] = trigger
    walk = _Walk(journey, *_masks(workspace, rules))
    may = walk.holds("trigger", True) & walk.holds("entry", True)
    for name in rules:
        if name == "goal" or name.startswith("exit:"):
            may &= ~walk.holds(name, False)
    triggered = int(walk.holds("trigger", True).sum())
    walk.go(journey.first, may, {})
    picked = np.sort(np.random.default_rng(seed).permutation(np.flatnonzero(may))[:sample])
    people = {int(walk.ids[at]): tuple(walk.told(int(at))) for at in picked}
    return DryRun(len(walk.ids), triggered, int(may.sum()), journey.holdout, walk.visits, walk.ways, people)


def _trigger_rule(journey: Journey) -> Node | None:
    if isinstance(journey.trigger, Happened):
        return Did(journey.trigger.step, window=DAYS * DAY)
    if isinstance(journey.trigger, Moved) and journey.trigger.entered:
        return Member(journey.trigger.segment)
    return None


def _masks(workspace: Workspace, rules: Mapping[str, Node]) -> tuple[Any, dict[str, Mask]]:
    """Numbers of all customers, and per rule who meets it."""
    with open_facts(workspace) as facts:
        everybody = {} if rules else {NAMELESS: Share(1)}
        found = Asked(facts, plan(bound_rules(workspace, {**everybody, **rules}))).of_all()
    ids = next(iter(found.values()))[0]
    return ids, {name: found[name][1] > 0 for name in rules}


class _Walk:
    """Everybody walks at once: a mask of customers per step."""

    def __init__(self, journey: Journey, ids: Any, masks: Mapping[str, Mask]) -> None:
        self.journey, self.ids, self._masks = journey, ids, masks
        self._nodes = journey.nodes
        self._words = {item.id: step_words(item) for _, item in journey.items}
        self.visits: dict[str, int] = {}
        self.ways: dict[tuple[str, str], int] = {}
        self._passed: list[tuple[str, str, Mask]] = []

    def holds(self, name: str, unsaid: bool) -> Mask:
        return self._masks.get(name, np.full(len(self.ids), unsaid))

    def go(self, step_id: str | None, who: Mask, passes: Mapping[str, int]) -> None:
        while step_id is not None and who.any():
            node = self._nodes[step_id]
            self.visits[step_id] = self.visits.get(step_id, 0) + int(who.sum())
            parts = self._parts(step_id, who, passes)
            for outcome, some in parts.items():
                self.ways[step_id, outcome] = self.ways.get((step_id, outcome), 0) + int(some.sum())
                self._passed.append((step_id, outcome, some))
            if node.kind == "loop":
                passes = {**passes, step_id: passes.get(step_id, 0) + 1}
            (*others, last) = parts
            for outcome in others:
                self.go(node.leads.get(outcome), parts[outcome], passes)
            step_id, who = node.leads.get(last), parts[last]

    def _parts(self, step_id: str, who: Mask, passes: Mapping[str, int]) -> dict[str, Mask]:
        node, does = self._nodes[step_id], self._nodes[step_id].does
        holds = self.holds(step_id, False)
        if node.kind == "branch":
            return {"yes": who & holds, "no": who & ~holds}
        if node.kind == "wait_for":
            return {"happened": who & holds, "timed_out": who & ~holds}
        if node.kind == "loop":
            is_over = passes.get(step_id, 0) >= getattr(does, "times", 1)
            again = who & ~holds & (not is_over)
            return {"again": again, "done": who & ~again}
        if node.kind == "split":
            return self._split(step_id, who)
        return {"next": who}

    def _split(self, step_id: str, who: Mask) -> dict[str, Mask]:
        bounds = getattr(self._nodes[step_id].does, "bounds", ())
        salt = f":split:{self.journey.name}/{step_id}"
        lots = np.full(len(self.ids), "g", dtype="<U8")
        for at in np.flatnonzero(who):
            lots[at] = md5(f"{self.ids[at]}{salt}".encode(), usedforsecurity=False).hexdigest()[:8]
        found, low = {}, ""
        for name, end in bounds:
            found[name] = who & (lots >= low) & (lots < end)
            low = end
        return found

    def told(self, at: int) -> list[Text]:
        """The way of one customer; only the first pass through what is walked in several orders."""
        from schwung.app.journey_why import OUTCOMES

        found = []
        for step_id, outcome, some in self._passed:
            if some[at]:
                words = self._words[step_id]
                way = OUTCOMES.get(outcome, Text(outcome, outcome))
                found.append(words if outcome == "next" else Text(f"{words.en}: {way.en}", f"{words.de}: {way.de}"))
        return found
