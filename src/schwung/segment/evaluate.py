"""All rules of a set at once: what they need of the facts is read once, then each rule is one signed column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.segment.given import Given, State
from schwung.segment.leaves.member import Member
from schwung.segment.rule import Group, Node, Not, leaves, rule_wrong


def bound(rules: Mapping[str, Node], lists: Mapping[str, int]) -> dict[str, Node]:
    """Rules by name, those that others name before them, with the numbers of the lists that they name.

    InputError for a name that is no segment and no list, and for segments that name each other in a circle.
    """
    done: dict[str, Node] = {}
    for name in rules:
        _bind(name, rules, lists, done, ())
    return done


@dataclass(frozen=True)
class Plan:
    """What a set of rules asks of the facts. rules: as `bound` gives them. parts: what is read together.

    Work the parts out first, then the state, then the rules: as one statement they take a third longer.
    """

    rules: Mapping[str, Node]
    needs: Mapping[Any, str]
    parts: tuple[tuple[Any, Mapping[Any, str]], ...]

    @property
    def columns(self) -> dict[str, str]:
        """Rule → its column."""
        return {name: f"s{nth}" for nth, name in enumerate(self.rules)}

    def part(self, nth: int, given: Given) -> ir.Table:
        part, asked = self.parts[nth]
        rows: ir.Table = part.build(asked, given)
        return rows

    def state(self, given: Given, parts: Sequence[ir.Table]) -> ir.Table:
        """One row per customer, whatever is known of them. parts: as worked out, in their order."""
        profiles = given.table("profiles", False)
        rows = profiles.filter(~profiles.is_gone).select(
            "customer_id", "first_seen_at", "country", "language", properties=profiles.traits
        )
        for nth, part in enumerate(parts):
            found = part.rename({f"of{nth}": "customer_id"})
            rows = rows.left_join(found, rows.customer_id == found[f"of{nth}"]).drop(f"of{nth}")
        return rows

    def result(self, given: Given, state: ir.Table) -> ir.Table:
        """customer_id of every customer and a signed column per rule."""
        rows, columns = state, self.columns
        named = {
            one.name
            for rule in self.rules.values()
            for one in leaves(rule)
            if isinstance(one, Member) and one.list_no is None
        }
        for name in self.rules:
            if (
                name in named
            ):  # a column of its own: written into each rule that names it, it would be worked out each time
                rows = rows.mutate(**{columns[name]: self.rules[name].value(State(rows, self.needs, given, columns))})
        read = State(rows, self.needs, given, columns)
        others = {columns[name]: rule.value(read) for name, rule in self.rules.items() if name not in named}
        return rows.mutate(**others).select("customer_id", *columns.values())


def plan(rules: Mapping[str, Node]) -> Plan:
    """rules: as `bound` gives them. Needs that several rules share are read once."""
    needs: dict[Any, str] = {}
    parts: dict[Any, dict[Any, str]] = {}
    for rule in rules.values():
        for leaf in leaves(rule):
            for need in leaf.needs:
                name = needs.setdefault(need, f"n{len(needs)}")
                parts.setdefault(need.part, {})[need] = name
    return Plan(rules, needs, tuple(parts.items()))


def _bind(
    name: str, rules: Mapping[str, Node], lists: Mapping[str, int], done: dict[str, Node], path: tuple[str, ...]
) -> None:
    if name in done:
        return
    if name in path:
        raise rule_wrong(
            (*path, name), Text("the segments name each other in a circle", "die Segmente nennen einander im Kreis")
        )

    def found(leaf: Member) -> Member:
        if leaf.name in rules:
            _bind(leaf.name, rules, lists, done, (*path, name))
            return replace(leaf, list_no=None)
        if leaf.name not in lists:
            raise rule_wrong(
                (name, "member"),
                Text("there is no segment or list “{name}”", "ein Segment oder eine Liste „{name}“ gibt es nicht").fill(
                    name=leaf.name[:60]
                ),
            )
        return replace(leaf, list_no=lists[leaf.name])

    done[name] = _replaced(rules[name], found)


def _replaced(node: Node, found: Callable[[Member], Member]) -> Node:
    if isinstance(node, Group):
        return Group(node.op, tuple(_replaced(one, found) for one in node.nodes))
    if isinstance(node, Not):
        return Not(_replaced(node.node, found))
    return found(node) if isinstance(node, Member) else node
