"""A journey in words, what is different between two versions, and by which written rule each edit meets those within."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from schwung.act.journey import Journey
from schwung.act.path import Item
from schwung.core.text import Text

EditKind = Literal["added", "removed", "changed", "moved", "entry", "goal", "holdout", "note"]
RULES: Mapping[EditKind, Text] = {
    "added": Text(
        "who has not come there yet walks it; who is past it does not go back",
        "wer noch nicht dort war, durchläuft ihn; wer vorbei ist, geht nicht zurück",
    ),
    "removed": Text(
        "who is there goes on at once with the step that follows; planned messages of it stay planned",
        "wer dort ist, geht sofort zum folgenden Schritt weiter; geplante Nachrichten daraus bleiben geplant",
    ),
    "changed": Text(
        "holds for who arrives from now on; who already waits there waits as it was, planned messages stay as they are",
        "gilt für alle, die ab jetzt ankommen; wer dort schon wartet, wartet wie bisher, geplante Nachrichten bleiben",
    ),
    "moved": Text(
        "who is there stays there and goes on from the new place",
        "wer dort ist, bleibt dort und geht von der neuen Stelle weiter",
    ),
    "entry": Text("holds for entries from now on", "gilt für Eintritte ab jetzt"),
    "goal": Text("holds at once, also for who is within", "gilt sofort, auch für alle, die unterwegs sind"),
    "holdout": Text(
        "holds for entries from now on; who is within keeps the group", "gilt für Eintritte ab jetzt; Gruppen bleiben"
    ),
    "note": Text("nothing else changes", "sonst ändert sich nichts"),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """words: what is different. rule: what becomes of those within."""

    kind: EditKind
    step_id: str | None
    words: Text

    @property
    def rule(self) -> Text:
        return RULES[self.kind]

    def to_json(self) -> dict[str, Any]:
        words, rule = self.words, self.rule
        return {
            "kind": self.kind,
            "step_id": self.step_id,
            "words": {"en": words.en, "de": words.de},
            "rule": {"en": rule.en, "de": rule.de},
        }


def step_words(item: Item) -> Text:
    """A step in one line: its own title, or what it does."""
    return Text(item.title, item.title) if item.title else item.does.words


def told(journey: Journey) -> list[tuple[int, Text]]:
    """The journey in lines with their depths, as one would tell it."""
    lines = [(0, words) for _, words in _head(journey)]
    for depth, item in journey.items:
        lines.append((depth + 1, step_words(item)))
    return lines


def edits(before: Journey, after: Journey) -> tuple[Edit, ...]:
    """What is different, in the order in which it is read."""
    found: list[Edit] = []
    was = dict(_head(before))
    for name, words in _head(after):
        if was.get(name) is None or was[name] != words:
            said = words if name not in was else _now(words, was[name])
            found.append(Edit(_KINDS.get(name, "goal"), None, said))
    gone = {name: words for name, words in was.items() if name not in dict(_head(after))}
    found += [Edit(_KINDS.get(n, "goal"), None, _without(words)) for n, words in gone.items()]
    return (*found, *_step_edits(before, after))


def successors(before: Journey, after: Journey) -> dict[str, str | None]:
    """Removed step → where those who are there go on; None: to the end."""
    old, new = before.nodes, after.nodes
    found: dict[str, str | None] = {}
    for gone in old.keys() - new.keys():
        place: str | None = gone
        seen: set[str] = set()
        while place is not None and place not in new:
            if place in seen:  # a loop that was removed as a whole
                place = None
                break
            seen.add(place)
            place = list(old[place].leads.values())[-1]
        found[gone] = place
    return found


_KINDS: Mapping[str, EditKind] = {
    "trigger": "entry", "entry": "entry", "re_entry": "entry", "holdout": "holdout", "note": "note", "purpose": "changed",
}  # fmt: skip


def _head(journey: Journey) -> list[tuple[str, Text]]:
    shown = f"{100 * journey.holdout:g}"
    found = [("trigger", Text("starts: {words}", "Beginn: {words}").fill(words=journey.trigger.words))]
    if journey.entry:
        found.append(("entry", Text("who: {words}", "wer: {words}").fill(words=journey.entry.words)))
    found.append(("re_entry", Text("re-entry: {words}", "Wiedereintritt: {words}").fill(words=journey.re_entry_words)))
    if journey.goal:
        found.append(("goal", Text("goal: {words}", "Ziel: {words}").fill(words=journey.goal.words)))
    for nth, one in enumerate(journey.exits, 1):
        found.append((f"exit:{nth}", Text("leaves at once: {words}", "verlässt sofort: {words}").fill(words=one.words)))
    found.append(("holdout", Text(f"holdout: {shown}%", f"Vergleichsgruppe: {shown.replace('.', ',')} %")))
    found.append(("purpose", Text("purpose: {purpose}", "Zweck: {purpose}").fill(purpose=journey.purpose)))
    if journey.note:
        found.append(("note", Text("note: {note}", "Notiz: {note}").fill(note=journey.note)))
    return found


def _step_edits(before: Journey, after: Journey) -> Sequence[Edit]:
    old = {item.id: item for _, item in before.items}
    new = {item.id: item for _, item in after.items}
    found = [
        Edit("removed", name, Text("step removed: {words}", "Schritt entfernt: {words}").fill(words=step_words(item)))
        for name, item in old.items()
        if name not in new
    ]
    stays = [name for name in old if name in new]
    order = [name for name in new if name in old]
    leads = {name: _place(before, name, set(stays)) for name in stays}
    for name, item in new.items():
        if name not in old:
            words = Text("step added: {words}", "Schritt hinzugefügt: {words}").fill(words=step_words(item))
            found.append(Edit("added", name, words))
        elif (item.kind, item.does, item.title) != (old[name].kind, old[name].does, old[name].title):
            found.append(Edit("changed", name, _now(step_words(item), step_words(old[name]))))
        elif stays != order and leads[name] != _place(after, name, set(stays)):
            words = Text("step moved: {words}", "Schritt verschoben: {words}").fill(words=step_words(item))
            found.append(Edit("moved", name, words))
    return found


def _place(journey: Journey, name: str, among: set[str]) -> str | None:
    """The step before it, of those that both versions have."""
    last = None
    for _, item in journey.items:
        if item.id == name:
            return last
        if item.id in among:
            last = item.id
    return last


def _now(words: Text, was: Text) -> Text:
    return Text("{words} (was: {was})", "{words} (bisher: {was})").fill(words=words, was=was)


def _without(words: Text) -> Text:
    return Text("no more {words}", "entfällt: {words}").fill(words=words)
