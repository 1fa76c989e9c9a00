"""A rule as data: a tree of all, any and not over leaves; from YAML or JSON and back, and in words."""

from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import ibis.expr.types as ir

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.segment.given import Needs, State
from schwung.segment.signed import every, some

MOST_NODES = 200
MOST_DEPTH = 12


class Leaf(Protocol):
    """One condition on a customer. A leaf is never unknown: what is not known does not hold."""

    def to_json(self) -> dict[str, Any]: ...

    @property
    def words(self) -> Text:
        """What it says of a customer, as a clause."""

    @property
    def needs(self) -> Needs: ...

    def value(self, state: State) -> ir.IntegerValue:
        """Signed instant, see `segment.signed`."""


@dataclass(frozen=True, slots=True)
class Group:
    """all: every node holds; any: at least one does."""

    op: Literal["all", "any"]
    nodes: tuple["Node", ...]

    def to_json(self) -> dict[str, Any]:
        return {self.op: [node.to_json() for node in self.nodes]}

    @property
    def words(self) -> Text:
        joint = Text(" and ", " und ") if self.op == "all" else Text(" or ", " oder ")
        parts = [_bracketed(node) for node in self.nodes]
        return Text(joint.en.join(one.en for one in parts), joint.de.join(one.de for one in parts))

    def value(self, state: State) -> ir.IntegerValue:
        values = [node.value(state) for node in self.nodes]
        return every(values) if self.op == "all" else some(values)


@dataclass(frozen=True, slots=True)
class Not:
    node: "Node"

    def to_json(self) -> dict[str, Any]:
        return {"not": self.node.to_json()}

    @property
    def words(self) -> Text:
        return Text("not ({words})", "nicht ({words})").fill(words=self.node.words)

    def value(self, state: State) -> ir.IntegerValue:
        return -self.node.value(state)


@dataclass(frozen=True, slots=True)
class Lapsed:
    """A kept rule that cannot be read any more: something that it names is gone, such as a column. why: what stands in its way."""

    written: Any
    why: InputError

    def to_json(self) -> Any:
        return self.written

    @property
    def words(self) -> Text:
        return self.why.message

    @property
    def needs(self) -> Needs:
        raise self.why

    def value(self, state: State) -> ir.IntegerValue:
        raise self.why


IS_KEPT: ContextVar[bool] = ContextVar("IS_KEPT", default=False)
"""What is read was good when it was saved: what it names may be gone by now, and is Lapsed then."""
Node: TypeAlias = Group | Not | Leaf


def leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Group):
        for one in node.nodes:
            yield from leaves(one)
    elif isinstance(node, Not):
        yield from leaves(node.node)
    else:
        yield node


def read_rule(written: Any) -> Node:
    """From what a YAML or JSON file holds. InputError that names the place and what is wrong there."""
    return read_kept(written) if IS_KEPT.get() else _read(written, (), [0])


def read_kept(written: Any) -> Node:
    """A rule that was good when it was saved; Lapsed where it no longer is, so that the others can go on."""
    try:
        return _read(written, (), [0])
    except InputError as error:
        return Lapsed(written, error)


def _read(written: Any, path: tuple[str, ...], count: list[int]) -> Node:
    from schwung.segment.leaves import LEAVES

    count[0] += 1
    if count[0] > MOST_NODES or len(path) > MOST_DEPTH:
        raise rule_wrong(path, Text("the rule is too large", "die Regel ist zu groß"))
    if not isinstance(written, Mapping) or len(written) != 1:
        raise rule_wrong(
            path,
            Text("one of all, any, not or a condition is expected", "erwartet wird all, any, not oder eine Bedingung"),
        )
    ((name, inner),) = written.items()
    here = (*path, str(name))
    if name in ("all", "any"):
        if not isinstance(inner, Sequence) or isinstance(inner, str) or not inner:
            raise rule_wrong(here, Text("a list of conditions is expected", "erwartet wird eine Liste von Bedingungen"))
        nodes = tuple(_read(one, (*here, str(nth + 1)), count) for nth, one in enumerate(inner))
        return Group("all" if name == "all" else "any", nodes)
    if name == "not":
        return Not(_read(inner, here, count))
    if name not in LEAVES:
        raise rule_wrong(
            here,
            Text("known conditions are {names}", "bekannte Bedingungen sind {names}").fill(names=", ".join(LEAVES)),
        )
    try:
        return LEAVES[name].read(inner)
    except LeafError as error:
        raise rule_wrong(here, error.why) from error


_SEE = Text("See docs/how-to/segments.md.", "Siehe docs/de/how-to/segments.md.")


class LeafError(ValueError):
    """A condition that cannot be read. why: a clause."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def rule_wrong(path: Sequence[str], why: Text) -> InputError:
    place = " › ".join(path) or "rule"
    clause = Text(why.en.rstrip("."), why.de.rstrip("."))
    said = Text("The rule is wrong at {place}: {why}.", "Die Regel ist falsch bei {place}: {why}.")
    return InputError("rule_wrong", said.fill(place=place, why=clause), _SEE)


def lapsed(written: Any, error: LeafError) -> Lapsed:
    """What was kept besides rules and cannot be read any more."""
    return Lapsed(written, InputError("rule_wrong", error.why, _SEE))


def _bracketed(node: Node) -> Text:
    words = node.words
    return Text(f"({words.en})", f"({words.de})") if isinstance(node, Group) and len(node.nodes) > 1 else words
