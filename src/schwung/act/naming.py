"""Ids of steps: given in the file, kept from the version before, or new; so who waits at a step still does after an edit."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from schwung.act.path import Item, items


def named(steps: Sequence[Item], before: Sequence[Item], taken: Iterable[str] = ()) -> tuple[Item, ...]:
    """The same steps, each with an id."""
    new, old = [one for _, one in items(steps)], [one for _, one in items(before)]
    given = {one.id for one in new if one.id}
    used = given | {one.id for one in old} | set(taken)
    kept = _kept(new, old, given)
    ids: list[str] = []
    for nth, one in enumerate(new):
        step_id = one.id or kept.get(nth) or _fresh(one.kind, used)
        used.add(step_id)
        ids.append(step_id)
    return _with(steps, iter(ids))


def _kept(new: Sequence[Item], old: Sequence[Item], given: set[str]) -> dict[int, str]:
    """Place of a new step → id of the old one that it is: the same, or another setting of the same kind in its place."""
    found: dict[int, str] = {}
    same = SequenceMatcher(None, [_key(one) for one in old], [_key(one) for one in new], autojunk=False)
    for tag, i1, i2, j1, j2 in same.get_opcodes():
        if tag == "insert" or tag == "delete":
            continue
        for i, j in zip(range(i1, i2), range(j1, j2), strict=False):
            is_free = not new[j].id and old[i].id not in given
            if is_free and new[j].kind == old[i].kind:
                found[j] = old[i].id
    return found


def _key(one: Item) -> str:
    return one.kind + json.dumps(one.does.to_json(), sort_keys=True, default=str)


def _fresh(kind: str, used: set[str]) -> str:
    nth = 1
    while f"{kind}{nth}" in used:
        nth += 1
    return f"{kind}{nth}"


def _with(steps: Sequence[Item], ids: Iterator[str]) -> tuple[Item, ...]:
    found = []
    for one in steps:
        step_id = next(ids)
        ways = tuple((way, _with(inner, ids)) for way, inner in one.ways)
        found.append(replace(one, id=step_id, ways=ways))
    return tuple(found)
