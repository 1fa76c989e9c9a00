"""The steps of a journey: nested as they are written, flat as customers walk them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.act.step import NEXT, Does, Way
from schwung.act.steps import STEPS


@dataclass(frozen=True, slots=True)
class Item:
    """A step as it is written. id: empty until it is named. ways: steps within it."""

    id: str
    kind: str
    does: Does
    title: str = ""
    ways: tuple[tuple[Way, tuple["Item", ...]], ...] = ()

    def to_json(self) -> dict[str, Any]:
        inner = self.does.to_json()
        for way, steps in self.ways:
            target = inner
            for key in way.key[:-1]:
                target = target.setdefault(key, {})
            if steps:
                target[way.key[-1]] = [one.to_json() for one in steps]
        return ({"id": self.id} if self.id else {}) | ({"title": self.title} if self.title else {}) | {self.kind: inner}


@dataclass(frozen=True, slots=True)
class Node:
    """A step as customers reach it. leads: outcome → id of the step that follows; None: the end of the journey."""

    id: str
    kind: str
    does: Does
    leads: Mapping[str, str | None]
    title: str = ""
    depth: int = 0


def items(steps: Sequence[Item], depth: int = 0) -> Iterator[tuple[int, Item]]:
    for one in steps:
        yield depth, one
        for _, inner in one.ways:
            yield from items(inner, depth + 1)


def flat(steps: Sequence[Item]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    _add(found, steps, None, 0)
    return found


def _add(found: dict[str, Node], steps: Sequence[Item], after: str | None, depth: int) -> None:
    for nth, one in enumerate(steps):
        following = steps[nth + 1].id if nth + 1 < len(steps) else after
        kind = STEPS[one.kind]
        leads: dict[str, str | None] = {}
        for way, inner in one.ways:
            leads[way.name] = inner[0].id if inner else following
        if kind.is_loop:
            leads["done"] = following
        if not one.ways:
            leads[NEXT] = None if kind.is_end else following
        found[one.id] = Node(one.id, one.kind, one.does, leads, one.title, depth)
        for _, inner in one.ways:
            _add(found, inner, one.id if kind.is_loop else following, depth + 1)
