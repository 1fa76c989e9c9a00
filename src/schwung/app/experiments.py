"""Experiments of a workspace: which there are, what they compare, how many have met them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from schwung.act.experiment.design import Design, Share, design_wrong, read_design
from schwung.app import audit
from schwung.app.definitions import DefinitionKind
from schwung.app.ports import Row, Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.step import Step

Kind = Literal["own", "journey", "split", "global"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_MOST_LETTERS = 120
_TITLES: Mapping[str, Text] = {
    "own": Text("{subject}", "{subject}"),
    "journey": Text("Journey “{subject}”", "Strecke „{subject}“"),
    "split": Text("Split in journey “{subject}”", "Aufteilung in Strecke „{subject}“"),
    "global": Text("Held back from everything, {subject}", "Von allem zurückgehalten, {subject}"),
}


@dataclass(frozen=True, slots=True)
class Met:
    """How many people are in a group, and when the first and the last of them came."""

    people: int
    first_at: Instant
    last_at: Instant


@dataclass(frozen=True, slots=True)
class Experiment:
    """kind: own, journey (its holdout), split (a step of a journey), global. subject: what it belongs to. met: per group."""

    experiment_no: int
    name: str
    kind: Kind
    subject: str
    design: Design
    salt: str
    created_by: str
    created_at: Instant
    ended_at: Instant | None
    met: Mapping[str, Met]

    @property
    def title(self) -> Text:
        subject = self.name if self.kind == "own" else self.subject
        return _TITLES[self.kind].fill(subject=subject)

    @property
    def people(self) -> int:
        """Records of people; who was merged since counts once for each."""
        return sum(one.people for one in self.met.values())

    @property
    def started_at(self) -> Instant | None:
        return min((one.first_at for one in self.met.values()), default=None)

    def to_json(self) -> dict[str, Any]:
        from schwung.app.customer_json import when

        return {
            "name": self.name,
            "kind": self.kind,
            "title": {"en": self.title.en, "de": self.title.de},
            **self.design.to_json(),
            "people": {arm: self.met[arm].people if arm in self.met else 0 for arm in self.design.shares},
            "created_at": when(self.created_at),
            "started_at": None if self.started_at is None else when(self.started_at),
            "ended_at": None if self.ended_at is None else when(self.ended_at),
        }


def experiments(workspace: Workspace) -> list[Experiment]:
    """All, newest first."""
    with workspace.store.read() as tx:
        return read_rows(tx, tx.rows("experiments.all"))


def read_experiment(workspace: Workspace, name: str) -> Experiment:
    """By name. InputError when there is none."""
    with workspace.store.read() as tx:
        return named(tx, name)


def numbered(workspace: Workspace, experiment_no: int) -> Experiment:
    """By number. InputError when there is none."""
    found = next((one for one in experiments(workspace) if one.experiment_no == experiment_no), None)
    if found is None:
        raise _unknown(str(experiment_no))
    return found


def save_experiment(workspace: Workspace, name: str, written: Any, *, actor: str) -> Experiment:
    """A new experiment of one's own, or another design of the one with this name.

    InputError for a design that is wrong; for other groups, another goal or other days once somebody has met it: what was
    decided before the start must hold to the end.
    """
    name, design = _checked_name(name), written if isinstance(written, Design) else read_design(written)
    now = workspace.clock()
    with workspace.store.write() as tx:
        row = tx.row("experiments.by_name", name=name)
        if row is None:
            number = add(tx, name, "own", "", design, actor=actor, now=now)
        else:
            (before,) = read_rows(tx, [row])
            _refuse(before, design)
            number = before.experiment_no
            tx.run("experiments.change", experiment_no=number, **_columns(design))
            if not before.people:
                _set_arms(tx, number, design)
        audit.add(tx, now, actor, "experiment_saved", experiment_no=number)
    return read_experiment(workspace, name)


def end_experiment(workspace: Workspace, name: str, *, actor: str) -> Experiment:
    """Nobody enters any more; who has met it is followed to the end. InputError when there is none, or a journey leads it."""
    found = read_experiment(workspace, name)
    if found.kind != "own":
        raise InputError(
            "experiment_led",
            Text("“{name}” belongs to {title}.", "„{name}“ gehört zu: {title}.").fill(name=name, title=found.title),
            Text("End it there, or in the settings.", "Dort beenden, oder in den Einstellungen."),
        )
    now = workspace.clock()
    with workspace.store.write() as tx:
        tx.run("experiments.end", experiment_no=found.experiment_no, now=now)
        audit.add(tx, now, actor, "experiment_ended", experiment_no=found.experiment_no)
    return read_experiment(workspace, name)


def add(
    tx: Transaction, name: str, kind: Kind, subject: str, design: Design, *, actor: str, now: Instant, salt: str = ""
) -> int:
    """One row with its groups. salt: of the lots; else the name, so that experiments draw independently of each other."""
    number = int(
        tx.value(
            "experiments.add", name=name, kind=kind, subject=subject, salt=salt or name, created_by=actor, now=now,
            **_columns(design),
        )
    )  # fmt: skip
    _set_arms(tx, number, design)
    return number


def named(tx: Transaction, name: str) -> Experiment:
    """By name. InputError when there is none."""
    row = tx.row("experiments.by_name", name=" ".join(name.split()))
    if row is None:
        raise _unknown(name)
    return read_rows(tx, [row])[0]


def read_rows(tx: Transaction, rows: Sequence[Row], *, is_counted: bool = True) -> list[Experiment]:
    """Experiments from their rows in the store. is_counted: with how many people met them, which reads all records."""
    numbers = [row["experiment_no"] for row in rows]
    arms: dict[int, list[Share]] = {}
    for row in tx.rows("experiments.arms_of", numbers=numbers):
        arms.setdefault(row["experiment_no"], []).append(Share(row["arm"], row["share"]))
    met: dict[int, dict[str, Met]] = {}
    for row in tx.rows("experiments.sizes", numbers=numbers) if is_counted else ():
        met.setdefault(row["experiment_no"], {})[row["arm"]] = Met(row["people"], row["first_at"], row["last_at"])
    return [_read(row, arms.get(row["experiment_no"], []), met.get(row["experiment_no"], {})) for row in rows]


def _read(row: Row, arms: Sequence[Share], met: Mapping[str, Met]) -> Experiment:
    goal = None if row["goal"] is None else Step.read(json.loads(row["goal"]))
    design = Design(tuple(arms), goal, row["window_days"], row["before_days"], row["note"])
    plain = ("experiment_no", "name", "kind", "subject", "salt", "created_by", "created_at", "ended_at")
    return Experiment(**{name: row[name] for name in plain}, design=design, met=met)


def _columns(design: Design) -> dict[str, Any]:
    goal = None if design.goal is None else json.dumps(design.goal.to_json(), ensure_ascii=False, sort_keys=True)
    return {"note": design.note, "goal": goal, "window_days": design.window_days, "before_days": design.before_days}


def _set_arms(tx: Transaction, number: int, design: Design) -> None:
    tx.run("experiments.drop_arms", experiment_no=number)
    rows = [
        {"experiment_no": number, "nth": nth, "arm": one.arm, "share": one.share, "below": below}
        for nth, (one, below) in enumerate(zip(design.arms, design.bounds, strict=True))
    ]
    tx.run_many("experiments.add_arm", rows)


def _refuse(before: Experiment, design: Design) -> None:
    if before.kind != "own":
        raise InputError(
            "experiment_led",
            Text("“{name}” belongs to {title}.", "„{name}“ gehört zu: {title}.").fill(
                name=before.name, title=before.title
            ),
            Text("Choose another name.", "Einen anderen Namen wählen."),
        )
    if before.people and replace(design, note="") != replace(before.design, note=""):
        raise InputError(
            "experiment_runs",
            Text(
                "“{name}” has begun with {people} people; its groups, goal and days stay as they are.",
                "„{name}“ hat mit {people} Personen begonnen; Gruppen, Ziel und Tage bleiben, wie sie sind.",
            ).fill(name=before.name, people=before.people),
            Text(
                "Define another experiment under another name.", "Ein anderes Experiment unter anderem Namen anlegen."
            ),
        )


def _unknown(name: str) -> InputError:
    return InputError(
        "unknown_experiment",
        Text("There is no experiment “{name}”.", "Ein Experiment „{name}“ gibt es nicht.").fill(
            name=name[:_MOST_LETTERS]
        ),
        Text("See them with: schwung experiment list", "Sie zeigt: schwung experiment list"),
    )


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _MOST_LETTERS or name.startswith(tuple(f"{kind}:" for kind in KINDS)):
        raise design_wrong(
            Text(
                "a name has 1 to {most} letters and begins with none of {kinds}",
                "ein Name hat 1 bis {most} Zeichen und beginnt mit keinem von {kinds}",
            ).fill(most=_MOST_LETTERS, kinds=", ".join(f"{kind}:" for kind in KINDS))
        )
    return name


def _definitions(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return {one.name: one.design.to_json() for one in experiments(workspace) if one.kind == "own"}


def _checked(
    workspace: Workspace, name: str, definition: Mapping[str, Any], beside: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    design, name = read_design(definition), _checked_name(name)
    with workspace.store.read() as tx:
        row = tx.row("experiments.by_name", name=name)
        if row is not None:
            _refuse(read_rows(tx, [row])[0], design)
    return design.to_json()


def _told(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Text, ...]:
    words = read_design(after).words
    if before is None:
        return (Text("new: {words}", "neu: {words}").fill(words=words),)
    was, now = read_design({**before, "note": ""}), read_design({**after, "note": ""})
    found = []
    if was != now:
        found.append(Text("{words} (was: {was})", "{words} (bisher: {was})").fill(words=now.words, was=was.words))
    if before.get("note") != after.get("note"):
        found.append(Text("note changed", "Notiz geändert"))
    return tuple(found)


def _save(workspace: Workspace, name: str, definition: Mapping[str, Any], actor: str) -> Experiment:
    return save_experiment(workspace, name, definition, actor=actor)


def _ordered(workspace: Workspace, clean: Iterable[str]) -> list[str]:
    return list(clean)


DEFINITION = DefinitionKind(
    "experiment", Text("experiment", "Experiment"), _definitions, _checked, _told, _save, _ordered
)
