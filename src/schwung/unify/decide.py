"""Decides which links of a batch merge customers: union-find in link order, with limits and a person's word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from schwung.unify.identifier import KINDS, MOST_IDENTIFIERS


class JoiningLink(NamedTuple):
    """A link between identifiers of two customers. kind: the weaker one's."""

    low_id: int
    high_id: int
    low_customer_id: int
    high_customer_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Decision:
    """merges: customer that goes → customer that stays, the smallest of its group. refused: (low_id, high_id, why)."""

    merges: Mapping[int, int]
    refused: Sequence[tuple[int, int, str]]


@dataclass(slots=True)
class _Groups:
    counts: dict[int, dict[str, int]]
    apart: dict[int, set[int]]
    root_of: dict[int, int] = field(default_factory=dict)

    def find(self, customer_id: int) -> int:
        root = customer_id
        while (above := self.root_of.get(root, root)) != root:
            root = above
        while customer_id != root:
            self.root_of[customer_id], customer_id = root, self.root_of.get(customer_id, root)
        return root

    def objection(self, one: int, other: int, kind: str) -> str | None:
        """Why the two groups must not become one; None when they may."""
        if any(self.find(enemy) == other for enemy in self.apart.get(one, ())):
            return "kept_apart"
        mine, theirs = self.counts.get(one, {}), self.counts.get(other, {})
        if not KINDS[kind].joins_accounts and mine.get("user_id") and theirs.get("user_id"):
            return "shared_device"
        if sum(mine.values()) + sum(theirs.values()) > MOST_IDENTIFIERS:
            return "too_many"
        for name, declared in KINDS.items():
            if theirs.get(name) and mine.get(name, 0) + theirs[name] > declared.most:
                return f"too_many_{name}"
        return None

    def join(self, one: int, other: int) -> None:
        stays, goes = min(one, other), max(one, other)
        self.root_of[goes] = stays
        counts = self.counts.setdefault(stays, {})
        for kind, number in self.counts.pop(goes, {}).items():
            counts[kind] = counts.get(kind, 0) + number
        apart = self.apart.setdefault(stays, set())
        apart |= self.apart.pop(goes, set())


def decide(
    links: Iterable[JoiningLink], counts: Mapping[int, Mapping[str, int]], kept_apart: Iterable[tuple[int, int]]
) -> Decision:
    """What the links do, in their order; the same as if each came alone.

    counts: identifiers in use per customer and kind, before the links. kept_apart: pairs of customers that an
    operator declared two persons.
    """
    groups = _Groups({customer: dict(kinds) for customer, kinds in counts.items()}, {})
    for one, other in kept_apart:
        groups.apart.setdefault(one, set()).add(other)
        groups.apart.setdefault(other, set()).add(one)
    refused = []
    for link in links:
        one, other = groups.find(link.low_customer_id), groups.find(link.high_customer_id)
        if one == other:
            continue
        why = groups.objection(one, other, link.kind)
        if why:
            refused.append((link.low_id, link.high_id, why))
        else:
            groups.join(one, other)
    return Decision({customer: groups.find(customer) for customer in list(groups.root_of)}, refused)


def parts(members: Iterable[int], links: Iterable[tuple[int, int]]) -> list[frozenset[int]]:
    """The connected parts of some identifiers under links, the part of the smallest identifier first.

    Both ends of a link must be members; others are ignored.
    """
    groups = _Groups({}, {}, {})
    known = sorted(set(members))
    inside = set(known)
    for low_id, high_id in links:
        if low_id in inside and high_id in inside:
            one, other = groups.find(low_id), groups.find(high_id)
            if one != other:
                groups.join(one, other)
    found: dict[int, set[int]] = {}
    for member in known:
        found.setdefault(groups.find(member), set()).add(member)
    return [frozenset(part) for part in found.values()]
