"""All rules of a set at once: what they need of the facts is read once, then each rule is one signed column."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.segment.given import Given, State
from schwung.segment.leaves.member import Member
from schwung.segment.rule import Group, Node, Not, leaves, rule_wrong

Keep = Callable[[ir.Table, str], ir.Table]
"""Works a table out now and gives it back: parts, then the state, then the rules, not one statement of all."""


def bound(rules: Mapping[str, Node], lists: Mapping[str, int]) -> dict[str, Node]:
    """Rules by name, those that others name before them, with the numbers of the lists that they name.

    InputError for a name that is no segment and no list, and for segments that name each other in a circle.
    """
    done: dict[str, Node] = {}
    for name in rules:
        _bind(name, rules, lists, done, ())
    return done


def evaluate(rules: Mapping[str, Node], given: Given, keep: Keep) -> tuple[ir.Table, dict[str, str]]:
    """customer_id of every customer and a signed column per rule; the column of each rule by its name. rules: as `bound` gives."""
    needs: dict[Any, str] = {}
    for rule in rules.values():
        for leaf in leaves(rule):
            for need in leaf.needs:
                needs.setdefault(need, f"n{len(needs)}")
    rows = keep(_state(needs, given, keep), "state")
    columns = {name: f"s{nth}" for nth, name in enumerate(rules)}
    named = {
        one.name for rule in rules.values() for one in leaves(rule) if isinstance(one, Member) and one.list_no is None
    }
    for name in rules:
        if (
            name in named
        ):  # as a column of its own: written into each rule that names it, it would be worked out each time
            rows = rows.mutate(**{columns[name]: rules[name].value(State(rows, needs, given, columns))})
    state = State(rows, needs, given, columns)
    others = {columns[name]: rule.value(state) for name, rule in rules.items() if name not in named}
    return rows.mutate(**others).select("customer_id", *columns.values()), columns


def _state(needs: Mapping[Any, str], given: Given, keep: Keep) -> ir.Table:
    parts: dict[Any, dict[Any, str]] = {}
    for need, name in needs.items():
        parts.setdefault(need.part, {})[need] = name
    profiles = given.table("profiles", False)
    rows = profiles.filter(~profiles.is_gone).select(
        "customer_id", "first_seen_at", "country", "language", properties=profiles.traits
    )
    for nth, (part, asked) in enumerate(parts.items()):
        found = keep(part.build(asked, given), f"part{nth}").rename({f"of{nth}": "customer_id"})
        rows = rows.left_join(found, rows.customer_id == found[f"of{nth}"]).drop(f"of{nth}")
    return rows


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
