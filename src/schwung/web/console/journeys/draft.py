"""A journey while it is edited: its mapping, finished or not; steps are found, added, moved, copied and taken away by place.

A place is `2`, the third step; `2.1.0` is the first step on the second way out of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schwung.act.journey import HOLDOUT
from schwung.act.step import StepKind, Way
from schwung.act.steps import STEPS
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.segment.rule import LeafError

Draft = dict[str, Any]
START: Mapping[str, Any] = {
    "trigger": {"event": "product_added"},
    "re_entry": {"after": "14 days"},
    "goal": {"fact": "orders", "within": "7 days"},
    "holdout": HOLDOUT,
    "purpose": "advertising",
    "steps": [{"wait": {"for": "3 hours"}}, {"send": {"template": "cart_reminder"}}],
}
"""What a new journey begins with."""
MOST_PAST = 30


@dataclass(frozen=True, slots=True)
class Shown:
    """A step as the path draws it. wrong: what is wrong with it by itself. ways: (text, steps) of each way out of it."""

    place: str
    id: str
    kind: StepKind
    words: Text
    wrong: Text | None
    ways: tuple[tuple[Way, tuple["Shown", ...]], ...]


def new() -> Draft:
    return _copied(START)


def is_sound(draft: Any) -> bool:
    """Whether it has the form of a journey; what its parts say may still be wrong."""
    return isinstance(draft, dict) and _are_steps(draft.get("steps"))


def _are_steps(steps: Any) -> bool:
    if not isinstance(steps, list):
        return False
    for one in steps:
        kinds = [name for name in one if name not in ("id", "title")] if isinstance(one, dict) else []
        if len(kinds) != 1 or kinds[0] not in STEPS:
            return False
        inner = one[kinds[0]]
        if isinstance(inner, dict):
            found = [_get(inner, way.key) for way in STEPS[kinds[0]].ways(inner)]
            if not all(_are_steps(steps) for steps in found if steps is not None):
                return False
    return True


def shown(steps: Sequence[Mapping[str, Any]], place: str = "") -> tuple[Shown, ...]:
    """The steps of a draft for the path, whether they are finished or not."""
    return tuple(_shown(one, f"{place}{nth}") for nth, one in enumerate(steps))


def step_at(draft: Draft, place: str) -> dict[str, Any] | None:
    """The step at a place; None: there is none."""
    steps, nth = _list(draft, place)
    return steps[nth] if steps is not None and nth < len(steps) else None


def kind_of(step: Mapping[str, Any]) -> str:
    return next((name for name in step if name not in ("id", "title")), "wait")


def insert(draft: Draft, place: str, kind: str) -> str:
    """A new step of a kind, as the kind is explained, without steps within it. Its place."""
    steps, nth = _list(draft, place, make=True)
    if steps is None or kind not in STEPS:
        return ""
    example: Any = _copied(STEPS[kind].example)
    if isinstance(example, dict):
        for way in STEPS[kind].ways(example):
            _put(example, way.key, [{"wait": {"for": "1 day"}}] if STEPS[kind].is_loop else None)
    steps.insert(nth, {kind: example})
    return place


def move(draft: Draft, place: str, by: int) -> str:
    """One place up (-1) or down (1) among its neighbours. Where it is then."""
    steps, nth = _list(draft, place)
    if steps is None or not 0 <= nth + by < len(steps):
        return place
    steps[nth], steps[nth + by] = steps[nth + by], steps[nth]
    return f"{place.rpartition('.')[0]}.{nth + by}".lstrip(".")


def copy(draft: Draft, place: str) -> str:
    """The same step again after it, with new ids. Its place."""
    steps, nth = _list(draft, place)
    if steps is None or nth >= len(steps):
        return place
    steps.insert(nth + 1, _without_ids(steps[nth]))
    return f"{place.rpartition('.')[0]}.{nth + 1}".lstrip(".")


def remove(draft: Draft, place: str) -> None:
    steps, nth = _list(draft, place)
    if steps is not None and nth < len(steps):
        del steps[nth]


def replace(draft: Draft, place: str, inner: Any, title: str) -> None:
    """Other parameters of a step; the steps on its ways stay, those of a way that is gone go with it."""
    step = step_at(draft, place)
    if step is None:
        return
    kind = kind_of(step)
    was = step[kind]
    if isinstance(was, dict) and isinstance(inner, dict):
        for way in STEPS[kind].ways(inner):
            kept = _get(was, way.key)
            if kept:
                _put(inner, way.key, kept)
    step[kind] = inner
    if title:
        step["title"] = title
    else:
        step.pop("title", None)


def _shown(step: Mapping[str, Any], place: str) -> Shown:
    name = kind_of(step)
    kind, inner = STEPS[name], step.get(name)
    title, wrong, words = str(step.get("title") or ""), None, kind.title
    ways = kind.ways(inner) if isinstance(inner, Mapping) else ()
    try:
        words = kind.read({} if inner is None else inner).words
    except LeafError as error:
        wrong = error.why
    except InputError as error:
        wrong = error.message
    within = tuple(
        (way, shown(_get(inner, way.key) or (), f"{place}.{nth}."))  # type: ignore[arg-type]
        for nth, way in enumerate(ways)
    )
    return Shown(place, str(step.get("id") or ""), kind, Text(title, title) if title else words, wrong, within)


def _list(draft: Draft, place: str, make: bool = False) -> tuple[list[dict[str, Any]] | None, int]:
    """The list in which a place lies, and its number there. make: the way's list is begun where there is none."""
    parts = [int(one) for one in place.split(".") if one.isdecimal()]
    steps: list[dict[str, Any]] = draft.setdefault("steps", [])
    if len(parts) % 2 == 0:
        return None, 0
    for nth, which in zip(parts[:-1:2], parts[1::2], strict=True):
        if nth >= len(steps):
            return None, 0
        kind = kind_of(steps[nth])
        inner = steps[nth][kind]
        ways = STEPS[kind].ways(inner) if isinstance(inner, Mapping) else ()
        if which >= len(ways):
            return None, 0
        found = _get(inner, ways[which].key)
        if found is None:
            if not make:
                return None, 0
            found = []
            _put(inner, ways[which].key, found)
        steps = found
    return steps, min(parts[-1], len(steps))


def _get(inner: Mapping[str, Any], key: Sequence[str]) -> list[dict[str, Any]] | None:
    found: Any = inner
    for name in key:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, list) else None


def _put(inner: dict[str, Any], key: Sequence[str], steps: list[dict[str, Any]] | None) -> None:
    """None takes the steps of a way away."""
    for name in key[:-1]:
        if not isinstance(inner.get(name), dict):
            inner[name] = {}
        inner = inner[name]
    if steps is None:
        inner.pop(key[-1], None)
    else:
        inner[key[-1]] = steps


def _without_ids(step: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _copied(step)
    found.pop("id", None)
    for one in _within(found):
        one.pop("id", None)
    return found


def _within(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    inner = step[kind_of(step)]
    for way in STEPS[kind_of(step)].ways(inner) if isinstance(inner, Mapping) else ():
        for one in _get(inner, way.key) or ():
            yield one
            yield from _within(one)


def _copied(value: Any) -> Any:
    return json.loads(json.dumps(value))
