"""A journey as data: what lets customers enter, the steps of their way, and what ends it; from YAML or JSON and back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from schwung.act.listened import Listened, read_listened
from schwung.act.naming import named
from schwung.act.path import Item, Node, flat, items
from schwung.act.step import NEXT as NEXT
from schwung.act.step import journey_wrong, lasting, line, mapping, span
from schwung.act.step_read import at, read_items
from schwung.act.steps.wait_for import WaitFor
from schwung.act.trigger import Gone, Happened, Moved, Regularly, Trigger, read_trigger
from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment import rule as rules
from schwung.segment.rule import LeafError
from schwung.segment.span import said_span

HOLDOUT = 0.1
MOST_HOLDOUT = 0.9
PURPOSE = "advertising"
ReEntry: TypeAlias = Literal["never", "always", "each"] | int
"""never: once for ever. always: again after leaving. each: a way of its own for everything that triggers, also side by side.
A number: again after leaving, when so much time went by since the last entry."""
KEYS = ("trigger", "entry", "re_entry", "goal", "exit", "holdout", "purpose", "note", "steps")
_PLACES: Mapping[str, Text] = {
    "trigger": Text("Trigger", "Auslöser"),
    "entry": Text("Entry rule", "Eintrittsregel"),
    "goal": Text("Goal", "Ziel"),
    "exit": Text("Exit", "Ausstieg"),
}
RE_ENTRY_WORDS: Mapping[str, Text] = {
    "never": Text("once per customer", "einmal je Kunde"),
    "always": Text("again after leaving", "erneut nach dem Verlassen"),
    "each": Text("for each trigger anew, side by side too", "für jeden Auslöser neu, auch nebeneinander"),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """Reached, it ends the way at once, during a wait too. within: counts only so long after entering; None: always."""

    what: Listened
    within: int | None = None

    def to_json(self) -> dict[str, Any]:
        return self.what.to_json() | ({"within": said_span(self.within).en} if self.within else {})

    @property
    def words(self) -> Text:
        said = self.what.words
        if self.within is None:
            return said
        span = said_span(self.within)
        return Text(f"{said.en} within {span.en}", f"{said.de} in {span.de}")


@dataclass(frozen=True)
class Journey:
    """entry: who may enter; None: everybody. exits: each ends the way at once. holdout: share that walks it without effect."""

    name: str
    trigger: Trigger
    steps: tuple[Item, ...]
    entry: rules.Node | None = None
    re_entry: ReEntry = "never"
    goal: Goal | None = None
    exits: tuple[Listened, ...] = ()
    holdout: float = HOLDOUT
    purpose: str = PURPOSE
    note: str = ""

    @property
    def nodes(self) -> dict[str, Node]:
        """The steps as a flat map by id, in the order in which they are written."""
        return flat(self.steps)

    @property
    def first(self) -> str:
        return self.steps[0].id

    @property
    def items(self) -> Iterator[tuple[int, Item]]:
        """(depth, step) in the order in which they are written."""
        return items(self.steps)

    @property
    def conditions(self) -> dict[str, rules.Node]:
        """Rules that must be known of every customer: entry, goal, exit:1 …, and ids of steps."""
        found = {"entry": self.entry} if self.entry else {}
        for name, heard in self._ends:
            found |= {name: heard.rule} if heard.rule else {}
        for node in self.nodes.values():
            does: Any = node.does
            asked = getattr(does, "rule", None) or getattr(does, "until", None)
            asked = does.what.rule if node.kind == "wait_for" else asked
            found |= {node.id: asked} if asked else {}
        return found

    @property
    def listens(self) -> dict[str, Step]:
        """Events and facts that it waits for: trigger, goal, exit:1 …, and ids of steps."""
        found = {"trigger": self.trigger.step} if isinstance(self.trigger, Happened) else {}
        for name, heard in self._ends:
            found |= {name: heard.happened} if heard.happened else {}
        for node in self.nodes.values():
            does: Any = node.does
            if node.kind == "wait_for" and does.what.happened:
                found[node.id] = does.what.happened
        return found

    @property
    def lapsed(self) -> dict[str, Text]:
        """What names something that is gone, such as a column, and why it cannot be read: trigger, entry, goal, exit:1 …, and
        ids of steps. Empty unless the journey was read as it was kept."""
        heard = dict(self._ends) | {
            node.id: node.does.what for node in self.nodes.values() if isinstance(node.does, WaitFor)
        }
        found = {"trigger": self.trigger.lapsed} if isinstance(self.trigger, Gone) else {}
        found |= {place: one.lapsed for place, one in heard.items() if one.lapsed}
        found |= {place: rule for place, rule in self.conditions.items() if isinstance(rule, rules.Lapsed)}
        return {place: one.words for place, one in found.items()}

    @property
    def lapsed_words(self) -> Text | None:
        """The first of them as a sentence with its place; None: all can be read."""
        from schwung.act.steps import STEPS

        for place, why in self.lapsed.items():
            node, (name, _, nth) = self.nodes.get(place), place.partition(":")
            if node is not None:
                title = STEPS[node.kind].title
                named = Text(f"{title.en} ({place})", f"{title.de} ({place})")
            else:
                named = Text(f"{_PLACES[name].en} {nth}".rstrip(), f"{_PLACES[name].de} {nth}".rstrip())
            return Text("{place}: {why}", "{place}: {why}").fill(place=named, why=why)
        return None

    @property
    def _ends(self) -> list[tuple[str, Listened]]:
        goals = [("goal", self.goal.what)] if self.goal else []
        return goals + [(f"exit:{nth}", one) for nth, one in enumerate(self.exits, 1)]

    @property
    def templates(self) -> tuple[str, ...]:
        """Names of the templates that it sends."""
        sends: list[Any] = [node.does for node in self.nodes.values() if node.kind == "send"]
        return tuple(dict.fromkeys(one.template for one in sends))

    @property
    def is_advertising(self) -> bool:
        """Sends advertising: who is held back from all of it is held back here too."""
        sends: list[Any] = [node.does for node in self.nodes.values() if node.kind == "send"]
        return any(one.is_advertising for one in sends)

    @property
    def calls(self) -> tuple[str, ...]:
        """Names of the journeys that it lets customers enter."""
        called: list[Any] = [node.does for node in self.nodes.values() if node.kind == "journey"]
        return tuple(dict.fromkeys(one.name for one in called))

    @property
    def re_entry_words(self) -> Text:
        if isinstance(self.re_entry, str):
            return RE_ENTRY_WORDS[self.re_entry]
        span = lasting(self.re_entry)
        return Text(f"again {span.en} after the last entry", f"erneut {span.de} nach dem letzten Eintritt")

    def to_mapping(self) -> dict[str, Any]:
        """As a file says it, without the name; read again it is the same journey."""
        found: dict[str, Any] = {"trigger": self.trigger.to_json()}
        found |= {"entry": self.entry.to_json()} if self.entry else {}
        after = self.re_entry if isinstance(self.re_entry, str) else {"after": said_span(self.re_entry).en}
        found |= {"re_entry": after}
        found |= {"goal": self.goal.to_json()} if self.goal else {}
        found |= {"exit": [one.to_json() for one in self.exits]} if self.exits else {}
        found |= {"holdout": self.holdout, "purpose": self.purpose}
        found |= {"note": self.note} if self.note else {}
        return found | {"steps": [one.to_json() for one in self.steps]}


def read_journey(name: str, written: Any, before: Journey | None = None, taken: Iterable[str] = ()) -> Journey:
    """From what a YAML or JSON file holds. InputError that names the place and what is wrong there.

    before: the journey as it was: steps without an id that are the same keep theirs. taken: ids that earlier versions had.
    """
    if not isinstance(written, Mapping):
        raise journey_wrong((), Text("a mapping is expected", "erwartet wird eine Zuordnung"))
    data = at((), lambda: mapping(written, *KEYS))
    if "trigger" not in data:
        raise journey_wrong(("trigger",), Text("a trigger is needed, or manual", "ein Auslöser fehlt, oder manual"))
    trigger = at(("trigger",), lambda: read_trigger(data["trigger"]))
    entry = at(("entry",), lambda: rules.read_rule(data["entry"])) if data.get("entry") else None
    if isinstance(trigger, Regularly) and entry is None:
        raise journey_wrong(
            ("entry",),
            Text("a schedule needs a rule that says who enters", "ein Zeitplan braucht eine Regel, wer eintritt"),
        )
    steps = named(read_items(data.get("steps"), ("steps",)), before.steps if before else (), taken)
    return Journey(
        name,
        trigger,
        steps,
        entry,
        at(("re_entry",), lambda: _re_entry(data.get("re_entry", "never"))),
        at(("goal",), lambda: _goal(data["goal"])) if data.get("goal") else None,
        at(("exit",), lambda: _exits(data.get("exit"))),
        at(("holdout",), lambda: _holdout(data.get("holdout", HOLDOUT))),
        at(("purpose",), lambda: line(data, "purpose", most=60)) or PURPOSE,
        at(("note",), lambda: line(data, "note", most=1_000)),
    )


def read_kept_journey(name: str, written: Any) -> Journey:
    """A journey that could be read when it was saved; what names something that is gone by now is in `lapsed`."""
    mark = rules.IS_KEPT.set(True)
    try:
        return read_journey(name, written)
    finally:
        rules.IS_KEPT.reset(mark)


def _re_entry(written: Any) -> ReEntry:
    if written in ("never", "always", "each"):
        return written
    if isinstance(written, Mapping):
        after = span(mapping(written, "after"), "after")
        if after:
            return after
    raise LeafError(
        Text(
            "one of never, always, each, or after: 30 days is expected",
            "erwartet wird never, always, each oder after: 30 days",
        )
    )


def _goal(written: Any) -> Goal:
    if not isinstance(written, Mapping):
        return Goal(read_listened(written))
    within = span(written, "within")
    return Goal(read_listened({name: value for name, value in written.items() if name != "within"}), within)


def _exits(written: Any) -> tuple[Listened, ...]:
    if written is None:
        return ()
    several = written if isinstance(written, Sequence) and not isinstance(written, str) else [written]
    if len(several) > 10:
        raise LeafError(Text("at most 10 exits", "höchstens 10 Ausstiege"))
    return tuple(read_listened(one) for one in several)


def _holdout(written: Any) -> float:
    fits = isinstance(written, int | float) and not isinstance(written, bool) and 0 <= written <= MOST_HOLDOUT
    if not fits:
        raise LeafError(
            Text(f"a share from 0 to {MOST_HOLDOUT}", f"ein Anteil von 0 bis {str(MOST_HOLDOUT).replace('.', ',')}")
        )
    return float(written)


def needed_segments(journey: Journey) -> tuple[str, ...]:
    """Segments and lists that it names, in the trigger and in rules."""
    from schwung.segment.leaves.member import Member

    found = [journey.trigger.segment] if isinstance(journey.trigger, Moved) else []
    for rule in journey.conditions.values():
        found += [one.name for one in rules.leaves(rule) if isinstance(one, Member)]
    return tuple(dict.fromkeys(found))


LONGEST_LATE = DAY
"""Who is heard of later than this after it happened does not enter: the message would come at the wrong time."""
