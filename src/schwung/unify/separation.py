"""How a merged profile falls apart again: which identifiers leave, which links still hold it together."""

from collections import deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from schwung.unify.decide import parts

Link = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Proposal:
    """leaving: identifiers that go. holding: links that keep both sides together though the chosen ones are cut."""

    leaving: frozenset[int]
    holding: tuple[Link, ...] = ()


def without_link(members: Iterable[int], links: Sequence[Link], cut: Link) -> Proposal:
    """What leaves when one link is cut: the part without the oldest identifier, or the way that still joins both ends."""
    rest = [link for link in links if link != cut]
    for part in parts(members, rest):
        ends_inside = [end for end in cut if end in part]
        if len(ends_inside) == 2:
            return Proposal(frozenset(), _way(rest, *cut))
    everyone = frozenset(members)
    sides = [part for part in parts(members, rest) if any(end in part for end in cut)]
    leaving = max(sides, key=min)
    return Proposal(leaving if leaving != everyone else frozenset())


def without_merge(members: Iterable[int], links: Sequence[Link], moved: Set[int], there_before: Set[int]) -> Proposal:
    """What leaves when a merge is taken back.

    links: open ones, oldest first. moved: identifiers that the merge brought; there_before: those that it found.
    An identifier that came later follows the side to which it was linked first.
    """
    inside = set(members)
    side = {member: member in moved for member in inside if member in moved or member in there_before}
    waiting = [link for link in links if link[0] in inside and link[1] in inside]
    found = True
    while found:
        found = False
        for low_id, high_id in waiting:
            if (low_id in side) != (high_id in side):
                known, unknown = (low_id, high_id) if low_id in side else (high_id, low_id)
                side[unknown] = side[known]
                found = True
                break
    leaving = frozenset(member for member, leaves in side.items() if leaves)
    crossing = tuple(link for link in waiting if (link[0] in leaving) != (link[1] in leaving))
    return Proposal(leaving, crossing)


def _way(links: Iterable[Link], start: int, end: int) -> tuple[Link, ...]:
    """Links of a shortest way between two identifiers."""
    near: dict[int, list[Link]] = {}
    for link in links:
        for here in link:
            near.setdefault(here, []).append(link)
    came: dict[int, Link | None] = {start: None}
    queue = deque([start])
    while queue and end not in came:
        here = queue.popleft()
        for link in near.get(here, ()):
            there = link[1] if link[0] == here else link[0]
            if there not in came:
                came[there] = link
                queue.append(there)
    way: list[Link] = []
    step = came.get(end)
    here = end
    while step is not None:
        way.append(step)
        here = step[0] if step[1] == here else step[1]
        step = came[here]
    return tuple(reversed(way))
