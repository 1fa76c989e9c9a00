"""Segments of a workspace: saved rules, who is in them, what they would say."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.app import audit
from schwung.app.definitions import DefinitionKind
from schwung.app.facts import Facts, open_facts
from schwung.app.lists import SavedList, checked, lists, read_list, read_row
from schwung.app.lists import delete_list as _delete
from schwung.app.ports import EngineName
from schwung.app.segment_facts import Asked
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.segment.evaluate import bound, plan
from schwung.segment.leaves.member import Member
from schwung.segment.rule import Group, Lapsed, Node, leaves, read_kept, read_rule, rule_wrong
from schwung.segment.signed import FAR

NAMELESS = "\x00"
"""Stands for the rule that is being tried and has no name yet."""


@dataclass(frozen=True, slots=True)
class Segment:
    """list: its name, note and size. is_pending: its customers are still being worked out."""

    list: SavedList
    rule: Node
    is_pending: bool

    @property
    def name(self) -> str:
        return self.list.name

    def to_json(self) -> dict[str, Any]:
        words = self.rule.words
        return {
            "segment_no": self.list.list_no,
            "name": self.list.name,
            "note": self.list.note,
            "rule": self.rule.to_json(),
            "words": {"en": words.en, "de": words.de},
            "size": None if self.is_pending else self.list.size,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule says now. nodes: customers who meet each part of it alone, by its path (`""`, `0`, `0.1`), words: what it
    says; sample: some customers, and when at the earliest time alone takes each out (None: never)."""

    size: int
    customers: int
    nodes: Mapping[str, int]
    words: tuple[tuple[str, Text], ...]
    sample: Mapping[int, Instant | None]

    def to_json(self) -> dict[str, Any]:
        return {"size": self.size, "customers": self.customers, "nodes": dict(self.nodes), "sample": list(self.sample)}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Customers of a segment who are in another list too. share: of the segment."""

    list_no: int
    name: str
    customers: int
    share: float

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def segments(workspace: Workspace) -> list[Segment]:
    """In the order in which they were made."""
    with workspace.store.read() as tx:
        return [_read(read_row(row)) for row in tx.rows("segments.all")]


def kept_rules(workspace: Workspace) -> list[Segment]:
    """Segments and the rules that journeys ask: everything that is kept true. What has lapsed stays as it was, and who names
    it."""
    found = _kept(workspace)
    held = _held(found)
    return [one for one in found if one.name not in held]


def held_rules(workspace: Workspace) -> list[Segment]:
    """Those that have lapsed, then those that name one."""
    found = _kept(workspace)
    held = _held(found)
    return sorted((one for one in found if one.name in held), key=lambda one: not isinstance(one.rule, Lapsed))


def _kept(workspace: Workspace) -> list[Segment]:
    with workspace.store.read() as tx:
        return [_read(read_row(row)) for row in tx.rows("segments.kept")]


def _held(found: Sequence[Segment]) -> set[str]:
    held = {one.name for one in found if isinstance(one.rule, Lapsed)}
    while held and (more := {one.name for one in found if held & set(_names(one.rule, None))} - held):
        held |= more
    return held


def check_rules(workspace: Workspace, rules: Mapping[str, Node]) -> None:
    """InputError for a rule that names something unknown."""
    _bound(
        workspace, {one.name: one for one in segments(workspace)}, {NAMELESS + name: one for name, one in rules.items()}
    )


def bound_rules(workspace: Workspace, rules: Mapping[str, Node]) -> dict[str, Node]:
    """Rules with the segments and lists that they name, to be worked out together. InputError for something unknown."""
    return _bound(workspace, {one.name: one for one in segments(workspace)}, rules)


def read_segment(workspace: Workspace, named: int | str) -> Segment:
    """By number or name. InputError when there is none."""
    found = read_list(workspace, named)
    if found.origin != "segment":
        raise InputError(
            "unknown_segment",
            Text("“{name}” is a list without a rule.", "„{name}“ ist eine Liste ohne Regel.").fill(name=found.name),
            Text("See segments with: schwung segment ls", "Segmente zeigt: schwung segment ls"),
        )
    return _read(found)


def save_segment(workspace: Workspace, name: str, rule: Any, *, note: str = "", actor: str) -> Segment:
    """A new segment, or a new rule of the one with this name; who is in it is worked out at once.

    InputError for a rule that is wrong, names something unknown or itself, and for a name that a list has.
    """
    name, read = checked(name), read_rule(rule)
    known = {one.name: one for one in segments(workspace)}
    _bound(workspace, known, {name: read})
    basis = json.dumps({"rule": read.to_json(), "is_pending": True}, ensure_ascii=False, sort_keys=True)
    now, note = workspace.clock(), note.strip()[:1000]
    with workspace.store.write() as tx:
        if name in known:
            list_no = known[name].list.list_no
            tx.run("segments.set_rule", list_no=list_no, basis=basis, note=note or known[name].list.note)
        else:
            if tx.value("lists.by_name", name=name) is not None:
                raise _taken(name)
            list_no = tx.value(
                "lists.add", name=name, note=note, origin="segment", basis=basis, size=0, created_by=actor, now=now
            )
        audit.add(tx, now, actor, "segment_saved", list_no=list_no)
    from schwung.app.segment_tick import work_out_pending

    work_out_pending(workspace)
    return read_segment(workspace, int(list_no))


def delete_segment(workspace: Workspace, named: int | str, *, actor: str) -> Segment:
    """Takes it away. InputError while another segment or a journey names it."""
    from schwung.act.journey import needed_segments
    from schwung.app.journeys import journeys

    found = read_segment(workspace, named)
    users = [one.name for one in segments(workspace) if any(_names(one.rule, found.name))]
    users += [one.name for one in journeys(workspace) if found.name in needed_segments(one.journey)]
    if users:
        raise InputError(
            "segment_used",
            Text("“{name}” is named by: {users}.", "„{name}“ wird genannt von: {users}.").fill(
                name=found.name, users=", ".join(users)
            ),
            Text("Change these first.", "Diese zuerst ändern."),
        )
    from schwung.app.segment_tell import tell

    tell(workspace)
    _delete(workspace, found.list.list_no, actor=actor)
    with workspace.store.write() as tx:
        tx.run("segments.forget_list", list_no=found.list.list_no)
    return found


def preview(
    workspace: Workspace, rule: Any, *, sample: int = 5, seed: int = 1, engine: EngineName | None = None
) -> Preview:
    """What a rule says now, without saving it: how many customers it and each of its parts fit, and some of them."""
    read = read_rule(rule)
    nodes = dict(_paths(read, ""))
    known = {one.name: one for one in segments(workspace)}
    tried = {NAMELESS + path: node for path, node in nodes.items()}
    with open_facts(workspace, engine) as facts:
        found = Asked(facts, plan(_bound(workspace, known, tried))).of_all()
    ids, values = found[NAMELESS]
    inside = np.flatnonzero(values > 0)
    picked = np.sort(np.random.default_rng(seed).permutation(inside)[:sample])
    return Preview(
        len(inside),
        len(ids),
        {path: int((found[NAMELESS + path][1] > 0).sum()) for path in nodes},
        tuple((path, node.words) for path, node in nodes.items()),
        {int(ids[at]): None if values[at] >= FAR else int(values[at]) for at in picked},
    )


def overlap(workspace: Workspace, segment: Segment) -> list[Overlap]:
    """Other segments and lists with customers of this one, most first."""
    with workspace.store.read() as tx:
        rows = tx.rows("segments.overlap", list_no=segment.list.list_no)
    size = max(1, segment.list.size)
    return [Overlap(row["list_no"], row["name"], row["customers"], row["customers"] / size) for row in rows]


@dataclass(frozen=True, slots=True)
class Means:
    """Of customers: orders and revenue (minor units) of each on average, shares of those who ordered, and ordered again."""

    customers: int
    orders: float | None
    revenue_minor: float | None
    buyers: float | None
    again: float | None


def portrait(workspace: Workspace, segment: Segment) -> dict[str, Means]:
    """The segment's customers (`segment`) beside all (`all`), by the customer list."""
    with workspace.store.read() as tx:
        rows = tx.rows("segments.portrait", list_no=segment.list.list_no)
    return {row["name"]: Means(**{name: _plain(row[name]) for name in Means.__slots__}) for row in rows}


def _plain(value: Any) -> Any:
    """PostgreSQL averages come as decimals."""
    return float(value) if value is not None and not isinstance(value, int) else value


def sizes(workspace: Workspace, segment: Segment) -> list[tuple[str, int]]:
    """(day, customers) as last counted on each day, oldest first."""
    with workspace.store.read() as tx:
        rows = tx.rows("segments.sizes", list_no=segment.list.list_no)
    return [(row["counted_on"], row["size"]) for row in rows]


def evaluate(facts: Facts, known: Sequence[Segment]) -> Asked:
    """The rules of segments over facts."""
    rules = {one.name: one.rule for one in known}
    numbers = {one.name: one.list_no for one in lists(facts.workspace) if one.origin != "segment"}
    return Asked(facts, plan(bound(rules, numbers)))


def _definitions(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return {one.name: {"note": one.list.note, "rule": one.rule.to_json()} for one in segments(workspace)}


def _checked(
    workspace: Workspace, name: str, definition: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    unknown = set(definition) - {"note", "rule"}
    if unknown or "rule" not in definition:
        raise rule_wrong(
            (), Text("a segment has note and rule, and nothing else", "ein Segment hat note und rule und sonst nichts")
        )
    rule, others = read_rule(definition["rule"]), {}
    for one, each in beside.items():
        with suppress(InputError):  # told of its own file
            others[one] = read_rule(each.get("rule"))
    _bound(workspace, {one.name: one for one in segments(workspace)}, others | {checked(name): rule})
    return {"note": str(definition.get("note") or "").strip()[:1000], "rule": rule.to_json()}


def _told(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Text, ...]:
    words = read_rule(after["rule"]).words
    if before is None:
        return (Text("new: {words}", "neu: {words}").fill(words=words),)
    found = []
    if before["rule"] != after["rule"]:
        was = read_rule(before["rule"]).words
        found.append(Text("rule: {words} (was: {was})", "Regel: {words} (bisher: {was})").fill(words=words, was=was))
    if before["note"] != after["note"]:
        found.append(Text("note changed", "Notiz geändert"))
    return tuple(found)


def _ordered(workspace: Workspace, clean: Mapping[str, Mapping[str, Any]]) -> list[str]:
    rules = {name: read_rule(one["rule"]) for name, one in clean.items()}
    return [name for name in _bound(workspace, {one.name: one for one in segments(workspace)}, rules) if name in rules]


def _save(workspace: Workspace, name: str, definition: Mapping[str, Any], actor: str) -> Segment:
    return save_segment(workspace, name, definition["rule"], note=definition["note"], actor=actor)


DEFINITION = DefinitionKind("segment", Text("segment", "Segment"), _definitions, _checked, _told, _save, _ordered)


def _bound(workspace: Workspace, known: Mapping[str, Segment], tried: Mapping[str, Node]) -> dict[str, Node]:
    """The tried rules with what they name; rules that they do not need are left out."""
    rules = {name: one.rule for name, one in known.items()} | dict(tried)
    numbers = {one.name: one.list_no for one in lists(workspace) if one.origin != "segment"}
    needed: dict[str, Node] = {}

    def add(name: str) -> None:
        if name not in needed and name in rules:
            needed[name] = rules[name]
            for other in _names(rules[name], None):
                add(other)

    for name in tried:
        add(name)
    return bound(needed, numbers)


def _names(rule: Node, wanted: str | None) -> list[str]:
    """Segments and lists that a rule names: all, or the wanted one."""
    return [one.name for one in leaves(rule) if isinstance(one, Member) and wanted in (None, one.name)]


def _paths(node: Node, path: str) -> list[tuple[str, Node]]:
    found: list[tuple[str, Node]] = [(path, node)]
    inner = node.nodes if isinstance(node, Group) else (node.node,) if hasattr(node, "node") else ()
    for nth, one in enumerate(inner):
        found += _paths(one, f"{path}.{nth}" if path else str(nth))
    return found


def _read(found: SavedList) -> Segment:
    return Segment(found, read_kept(found.basis["rule"]), bool(found.basis.get("is_pending")))


def _taken(name: str) -> InputError:
    return InputError(
        "list_exists",
        Text(en="A list named “{name}” exists.", de="Eine Liste „{name}“ gibt es schon.").fill(name=name),
        Text(en="Choose another name.", de="Einen anderen Namen wählen."),
    )
