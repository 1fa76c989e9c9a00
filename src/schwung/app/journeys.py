"""Journeys of a workspace: saved in versions, started, paused, stopped; what an edit means for those within."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from schwung.act.change import Edit, edits, successors, told
from schwung.act.journey import Journey, needed_segments, read_journey, read_kept_journey
from schwung.act.step import journey_wrong
from schwung.act.trigger import Called, OnDay, Regularly
from schwung.app import audit, stops
from schwung.app.journey_conditions import drop_unused, keep_conditions
from schwung.app.journey_moves import end, move_on
from schwung.app.lists import checked, lists
from schwung.app.merge import customer_unknown
from schwung.app.ports import Row, Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.unify.identifier import normalize

State = Literal["draft", "live", "paused", "stopped"]
STATES: Mapping[State, Text] = {
    "draft": Text("draft", "Entwurf"),
    "live": Text("live", "läuft"),
    "paused": Text("paused", "pausiert"),
    "stopped": Text("stopped", "gestoppt"),
}
SLICE = 50_000


@dataclass(frozen=True)
class SavedJourney:
    """conditions: name of a rule (`entry`, `goal`, `exit:1`, the id of a step) → list of who meets it; empty in a draft."""

    journey_no: int
    journey: Journey
    state: State
    version_no: int
    conditions: Mapping[str, int]
    started_at: Instant | None
    next_at: Instant | None
    saved_by: str
    saved_at: Instant

    @property
    def name(self) -> str:
        return self.journey.name

    def to_json(self) -> dict[str, Any]:
        from schwung.app.customer_json import when

        why = self.journey.lapsed_words
        lines = [{"depth": depth, "en": words.en, "de": words.de} for depth, words in told(self.journey)]
        return {
            "journey_no": self.journey_no,
            "name": self.name,
            "state": self.state,
            "version": self.version_no,
            "started_at": when(self.started_at) if self.started_at else None,
            "next_at": when(self.next_at) if self.next_at else None,
            "saved_by": self.saved_by,
            "saved_at": when(self.saved_at),
            "lapsed": None if why is None else {"en": why.en, "de": why.de},
            "words": lines,
            "definition": self.journey.to_mapping(),
        }


@lru_cache(maxsize=500)
def _journey(name: str, definition: str) -> Journey:
    return read_kept_journey(name, json.loads(definition))


def read_row(row: Row) -> SavedJourney:
    return SavedJourney(
        row["journey_no"],
        _journey(row["name"], row["definition"]),
        row["state"],
        row["version_no"],
        json.loads(row["conditions"]),
        row["started_at"],
        row["next_at"],
        row["saved_by"],
        row["saved_at"],
    )


def journeys(workspace: Workspace) -> list[SavedJourney]:
    """In the order in which they were made."""
    with workspace.store.read() as tx:
        return [read_row(row) for row in tx.rows("journeys.all")]


def find_journey(workspace: Workspace, named: int | str) -> SavedJourney:
    """By number or name. InputError when there is none."""
    for one in journeys(workspace):
        if str(named) in (str(one.journey_no), one.name):
            return one
    raise InputError(
        "unknown_journey",
        Text("There is no journey “{name}”.", "Eine Strecke „{name}“ gibt es nicht.").fill(name=named),
        Text("See journeys with: schwung journey list", "Strecken zeigt: schwung journey list"),
    )


def read_beside(workspace: Workspace, name: str, written: Any, known: SavedJourney | None) -> Journey:
    """The journey with ids of steps as saving would give them: what stays keeps its id. InputError for what cannot be read."""
    return read_journey(checked(name), written, known.journey if known else None, _taken_ids(workspace, known))


def check_journey(workspace: Workspace, name: str, written: Any) -> Journey:
    """The journey as it would be saved.

    InputError for what is wrong, for unknown segments, lists and journeys, and for journeys that call each other in a circle.
    """
    known = {one.name: one for one in journeys(workspace)}
    journey = read_beside(workspace, name, written, known.get(checked(name)))
    named = {one.name for one in lists(workspace)}
    missing = [one for one in needed_segments(journey) if one not in named]
    if missing:
        why = Text("there is no segment or list “{name}”", "ein Segment oder eine Liste „{name}“ gibt es nicht")
        raise journey_wrong((), why.fill(name=missing[0]))
    _refuse_circles(journey, {one.name: one.journey for one in known.values()} | {journey.name: journey})
    return journey


def save_journey(workspace: Workspace, name: str, written: Any, *, actor: str) -> SavedJourney:
    """A new journey as a draft, or a new version of the one with this name, which holds at once where it is live."""
    journey = check_journey(workspace, name, written)
    known = {one.name: one for one in journeys(workspace)}
    before = known.get(journey.name)
    if before is not None and before.journey == journey:
        return before
    is_at_work = before is not None and before.state in ("live", "paused")
    conditions = keep_conditions(workspace, journey.conditions, actor) if is_at_work else {}
    changes = edits(before.journey, journey) if before else ()
    now = workspace.clock()
    with workspace.store.write() as tx:
        if before is None:
            number, version = int(tx.value("journeys.add", name=journey.name, created_by=actor, now=now)), 1
        else:
            number, version = before.journey_no, before.version_no + 1
            if not tx.run("journeys.set_version", journey_no=number, version_no=version):
                raise _changed_meanwhile(journey.name)
        tx.run(
            "journeys.add_version",
            journey_no=number,
            version_no=version,
            definition=json.dumps(journey.to_mapping(), ensure_ascii=False),
            conditions=json.dumps(conditions),
            edits=json.dumps([one.to_json() for one in changes], ensure_ascii=False),
            created_by=actor,
            saved_by=actor,
            now=now,
        )
        if before is not None and is_at_work:
            _bring_over(workspace, tx, replace(before, journey=journey, conditions=conditions), before.journey, now)
        audit.add(tx, now, actor, "journey_saved", journey_no=number, version=version)
    drop_unused(workspace)
    return find_journey(workspace, number)


def start(workspace: Workspace, named: int | str, *, actor: str) -> SavedJourney:
    """Live from now on: what happened before lets nobody enter. A paused one goes on. InputError that names the step for what
    is wrong by now, and for a template that is not there."""
    found = find_journey(workspace, named)
    check_journey(workspace, found.name, found.journey.to_mapping())
    _refuse_unwritten(workspace, found.journey)
    conditions = keep_conditions(workspace, found.journey.conditions, actor)
    return _set_state(workspace, found, "live", actor, conditions)


def _refuse_unwritten(workspace: Workspace, journey: Journey) -> None:
    from schwung.app.templates import templates

    known = {one.name for one in templates(workspace)} if journey.templates else set()
    for node in journey.nodes.values():
        name = getattr(node.does, "template", None)
        if name is not None and name not in known:
            why = Text("there is no template “{name}”", "eine Vorlage „{name}“ gibt es nicht").fill(name=name)
            raise journey_wrong((node.id,), why)


def pause(workspace: Workspace, named: int | str, *, actor: str) -> SavedJourney:
    """Nobody enters or moves until it is started again; goals and exits still act. Planned messages wait with it."""
    found = find_journey(workspace, named)
    if found.state != "live":
        raise _not_live(found)
    return _set_state(workspace, found, "paused", actor)


def stop(workspace: Workspace, named: int | str, *, actor: str) -> int:
    """Everybody within leaves, and what is planned for them is cancelled. How many left."""
    found = find_journey(workspace, named)
    _set_state(workspace, found, "stopped", actor)
    count = 0
    while True:
        with workspace.store.write() as tx:
            some = tx.tuples("journeys.some_active", journey_no=found.journey_no, most=SLICE)
            end(workspace, tx, found, some, "stopped", "stopped", workspace.clock())
            tx.run("journeys.forget_unheard", journey_no=found.journey_no)
        count += len(some)
        if len(some) < SLICE:
            break
    drop_unused(workspace)
    return count


def delete(workspace: Workspace, named: int | str, *, actor: str) -> SavedJourney:
    """Stops it and takes it away; the record of who walked it stays."""
    found = find_journey(workspace, named)
    callers = [one.name for one in journeys(workspace) if found.name in one.journey.calls and one.name != found.name]
    if callers:
        raise InputError(
            "journey_used",
            Text("“{name}” is called by: {users}.", "„{name}“ wird aufgerufen von: {users}.").fill(
                name=found.name, users=", ".join(callers)
            ),
            Text("Change these first.", "Diese zuerst ändern."),
        )
    stop(workspace, found.journey_no, actor=actor)
    with workspace.store.write() as tx:
        tx.run("journeys.remove", journey_no=found.journey_no, now=workspace.clock())
        audit.add(tx, workspace.clock(), actor, "journey_deleted", journey_no=found.journey_no)
    return found


def enter(
    workspace: Workspace,
    named: int | str,
    customer_ids: Sequence[int],
    *,
    key: str,
    variables: Mapping[str, Any] | None = None,
    actor: str,
) -> int:
    """Let customers enter by hand, by the journey's own rules of entry. key: the same a second time enters nobody twice.

    InputError where the journey is not live or a customer is unknown.
    """
    found = find_journey(workspace, named)
    if found.state != "live":
        raise _not_live(found)
    now, asked = workspace.clock(), list(dict.fromkeys(customer_ids))
    with workspace.store.write() as tx:
        known = {row["identifier_id"] for row in tx.rows("lists.by_numbers", numbers=asked)}
        unknown = [one for one in asked if one not in known]
        if unknown:
            raise customer_unknown(str(unknown[0]))
        told = json.dumps(dict(variables or {}), ensure_ascii=False)
        asking = {"journey_no": found.journey_no, "now": now, "entry_key": f"hand:{key}", "variables": told}
        tx.run_many("journeys.enter_by_hand", [asking | {"customer_id": one} for one in asked])
        audit.add(tx, now, actor, "journey_entered", journey_no=found.journey_no, customers=len(asked))
    return len(asked)


def called(workspace: Workspace, named: int | str, body: Mapping[str, Any], *, key: str, actor: str) -> int:
    """A webhook from outside: the customer whom its JSON names enters, with the JSON as variable `webhook`.

    InputError where the journey takes no webhooks, or the JSON names nobody whom we know.
    """
    found = find_journey(workspace, named)
    trigger = found.journey.trigger
    if not isinstance(trigger, Called):
        raise InputError(
            "journey_no_webhook",
            Text("“{name}” is not triggered by a webhook.", "„{name}“ wird nicht durch einen Webhook ausgelöst.").fill(name=found.name),
            Text("Give it a trigger such as webhook: customer.email", "Ihr einen Auslöser geben wie webhook: customer.email"),
        )  # fmt: skip
    value: Any = body
    for name in trigger.path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    with workspace.store.read() as tx:
        read = normalize(trigger.identifier, text, workspace.settings.workspace.country)
        rows = tx.rows("lists.by_values", values=[read]) if read else []
    owners = {row["customer_id"] for row in rows if row["kind"] == trigger.identifier}
    if len(owners) != 1:
        raise customer_unknown(text)
    return enter(
        workspace, found.journey_no, list(owners), key=f"webhook:{key}", variables={"webhook": body}, actor=actor
    )


def stop_everything(workspace: Workspace, *, actor: str, is_stopped: bool = True) -> None:
    """The switch for all: no journey lets in, moves or plans, and nothing is sent, until it is lifted. Goals and exits still act."""
    if is_stopped:
        stops.stop(workspace, stops.ALL, actor)
    else:
        stops.lift(workspace, stops.ALL, actor)


def is_everything_stopped(tx: Transaction) -> bool:
    return any(row["scope"] == stops.ALL for row in tx.rows("messages.stops"))


def next_turn(journey: Journey, zone: str, after: Instant) -> Instant | None:
    """The next moment of a schedule or of days on profiles, after an instant; None: it has none."""
    from schwung.act.local_time import next_moment, next_monthly

    trigger = journey.trigger
    if isinstance(trigger, Regularly) and trigger.every == "month":
        return next_monthly(after + 1, zone, trigger.time, trigger.day_of_month)
    if isinstance(trigger, Regularly):
        return next_moment(after + 1, zone, trigger.time, weekdays=trigger.weekday_numbers)
    if isinstance(trigger, OnDay):
        return next_moment(after + 1, zone, trigger.time)
    return None


def _set_state(
    workspace: Workspace, found: SavedJourney, state: State, actor: str, conditions: Mapping[str, int] | None = None
) -> SavedJourney:
    now, number = workspace.clock(), found.journey_no
    with workspace.store.write() as tx:
        if conditions is not None:
            tx.run(
                "journeys.set_conditions",
                journey_no=number,
                version_no=found.version_no,
                conditions=json.dumps(dict(conditions)),
            )
        tx.run("journeys.set_state", journey_no=number, state=state, now=now)
        turn = next_turn(found.journey, workspace.settings.workspace.zone, now) if state == "live" else None
        tx.run("journeys.set_next", journey_no=number, next_at=turn)
        if state == "live":
            tx.run("messages.release_held", journey_no=number)
        audit.add(tx, now, actor, f"journey_{state}", journey_no=number)
    return find_journey(workspace, number)


def _bring_over(workspace: Workspace, tx: Transaction, saved: SavedJourney, before: Journey, now: Instant) -> None:
    """Who is at a step that is gone goes on with the one that follows it."""
    turn = next_turn(saved.journey, workspace.settings.workspace.zone, now)
    tx.run("journeys.set_next", journey_no=saved.journey_no, next_at=turn)
    for gone, following in successors(before, saved.journey).items():
        while True:
            some = tx.tuples("journeys.some_at", journey_no=saved.journey_no, step_id=gone, most=SLICE)
            if some:
                move_on(workspace, tx, saved, gone, "removed", following, some, now)
            if len(some) < SLICE:
                break


def _taken_ids(workspace: Workspace, saved: SavedJourney | None) -> set[str]:
    """Ids that any version had: their counts and trails must not be mixed up."""
    if saved is None:
        return set()
    with workspace.store.read() as tx:
        rows = tx.rows("journeys.versions", journey_no=saved.journey_no)
    return {name for row in rows for name in _journey(saved.name, row["definition"]).nodes}


def _refuse_circles(journey: Journey, others: Mapping[str, Journey]) -> None:
    def look(one: Journey, path: tuple[str, ...]) -> None:
        for name in one.calls:
            if name not in others:
                why = Text("there is no journey “{name}”", "eine Strecke „{name}“ gibt es nicht").fill(name=name)
                raise journey_wrong((), why)
            if name == journey.name:
                why = Text("journeys call each other in a circle", "Strecken rufen einander im Kreis auf")
                raise journey_wrong((*path, name), why)
            if name not in path:
                look(others[name], (*path, name))

    look(journey, (journey.name,))


def edits_of(workspace: Workspace, name: str, written: Any) -> tuple[Edit, ...]:
    """What saving would change, with the rule for those within; nothing is saved."""
    journey = check_journey(workspace, name, written)
    before = next((one for one in journeys(workspace) if one.name == journey.name), None)
    return edits(before.journey, journey) if before else ()


def _changed_meanwhile(name: str) -> InputError:
    return InputError(
        "journey_changed",
        Text(
            "“{name}” was changed by somebody else meanwhile.", "„{name}“ wurde inzwischen anderweitig geändert."
        ).fill(name=name),
        Text("Load it again and repeat the change.", "Neu laden und die Änderung wiederholen."),
    )


def _not_live(found: SavedJourney) -> InputError:
    return InputError(
        "journey_not_live",
        Text("“{name}” is not live.", "„{name}“ läuft nicht.").fill(name=found.name),
        Text("Start it with: schwung journey start NAME", "Starten mit: schwung journey start NAME"),
    )
