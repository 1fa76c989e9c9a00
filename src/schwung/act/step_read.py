"""Reads the steps of a journey; every complaint names the place."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from schwung.act.path import Item, items
from schwung.act.step import Way, journey_wrong, line
from schwung.act.steps import STEPS
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.segment.rule import LeafError

MOST_STEPS = 200
MOST_DEPTH = 8
_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_WAITS = ("wait", "wait_until", "wait_for")
T = TypeVar("T")


def at(place: Sequence[str], read: Callable[[], T]) -> T:
    """What `read` gives; its complaint with the place before it."""
    try:
        return read()
    except LeafError as error:
        raise journey_wrong(place, error.why) from error
    except InputError as error:
        if error.code == "journey_wrong":
            raise
        said = error.message
        raise journey_wrong(place, Text(said.en.rstrip("."), said.de.rstrip("."))) from error


def read_items(written: Any, place: tuple[str, ...]) -> tuple[Item, ...]:
    """All steps; ids may still be empty. InputError for what cannot be walked."""
    found = _list(written, place, 0, False)
    ids = [one.id for _, one in items(found) if one.id]
    twice = [one for one in ids if ids.count(one) > 1]
    if twice:
        raise journey_wrong(place, Text("the id {id} is there twice", "die id {id} gibt es zweimal").fill(id=twice[0]))
    if sum(1 for _ in items(found)) > MOST_STEPS:
        raise journey_wrong(place, Text(f"more than {MOST_STEPS} steps", f"mehr als {MOST_STEPS} Schritte"))
    return found


def _list(written: Any, place: tuple[str, ...], depth: int, in_loop: bool) -> tuple[Item, ...]:
    if not isinstance(written, Sequence) or isinstance(written, str) or not written:
        raise journey_wrong(place, Text("a list of steps is expected", "erwartet wird eine Liste von Schritten"))
    if depth > MOST_DEPTH:
        raise journey_wrong(place, Text("steps stand too deep within steps", "die Schritte sind zu tief verschachtelt"))
    found: list[Item] = []
    for nth, one in enumerate(written, 1):
        if found and STEPS[found[-1].kind].is_end:
            raise journey_wrong(
                (*place, str(nth)),
                Text(
                    "nobody gets here: the step before it leaves", "hierher kommt niemand: der Schritt davor verlässt"
                ),
            )
        found.append(_item(one, (*place, str(nth)), depth, in_loop))
    return tuple(found)


def _item(written: Any, place: tuple[str, ...], depth: int, in_loop: bool) -> Item:
    if isinstance(written, str):
        written = {written: {}}
    kinds = [name for name in written if name not in ("id", "title")] if isinstance(written, Mapping) else []
    if len(kinds) != 1 or kinds[0] not in STEPS:
        raise journey_wrong(
            (*place, *(str(one)[:40] for one in kinds[:1])),
            Text("one step is expected, of: {names}", "erwartet wird ein Schritt: {names}").fill(
                names=", ".join(STEPS)
            ),
        )
    name, here = kinds[0], (*place, kinds[0])
    kind, inner = STEPS[name], written[name]
    step_id, title = str(written.get("id") or ""), at(here, lambda: line(written, "title"))
    if step_id and not _ID.fullmatch(step_id):
        raise journey_wrong(here, Text("an id has a-z, 0-9, _ and -", "eine id hat a-z, 0-9, _ und -"))
    if kind.is_loop and in_loop:
        raise journey_wrong(here, Text("a loop cannot stand in a loop", "eine Wiederholung kann in keiner stehen"))
    does = at(here, lambda: kind.read({} if inner is None else inner))
    found = []
    for way in kind.ways(inner) if isinstance(inner, Mapping) else ():
        steps = _within(inner, way)
        below = () if not steps else _list(steps, (*here, *way.key), depth + 1, in_loop or kind.is_loop)
        found.append((way, below))
    if kind.is_loop and not any(one.kind in _WAITS for _, steps in found for one in steps):
        raise journey_wrong(
            here, Text("what is repeated needs a wait among its steps", "was wiederholt wird, braucht ein Warten")
        )
    return Item(step_id, name, does, title, tuple(found))


def _within(written: Mapping[str, Any], way: Way) -> Any:
    found: Any = written
    for key in way.key:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
