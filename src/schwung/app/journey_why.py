"""“Why did this customer get it, or not?”: the answer from the record, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schwung.act.change import step_words
from schwung.act.message import REASONS as MESSAGE_REASONS
from schwung.act.message import STATES as MESSAGE_STATES
from schwung.act.message import told_by_itself
from schwung.app.journeys import SavedJourney, find_journey
from schwung.app.merge import customer_unknown
from schwung.app.ports import Row, Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant, to_datetime
from schwung.core.text import Text
from schwung.unify.consent import CHANNELS

REFUSED: Mapping[str, Text] = {
    "too_late": Text("what should have let the customer in was heard of more than a day late", "der Auslöser wurde mehr als einen Tag zu spät bekannt"),
    "entry_rule": Text("the entry rule was not met", "die Eintrittsregel war nicht erfüllt"),
    "ended_before": Text("the goal or an exit held already", "Ziel oder Ausstieg trafen schon zu"),
    "within": Text("the customer was in it already", "der Kunde war schon darin"),
    "re_entry": Text("the rule of re-entry does not let the customer in again", "die Regel zum Wiedereintritt lässt den Kunden nicht erneut hinein"),
    "heard_before": Text("the same trigger had let the customer in before", "derselbe Auslöser hatte den Kunden schon eingelassen"),
    "unknown": Text("the customer is not known any more", "der Kunde ist nicht mehr bekannt"),
    "paused": Text("the journey was paused", "die Strecke war pausiert"),
    "lapsed": Text("the journey rested: something that it names is gone", "die Strecke ruhte: Etwas, das sie nennt, gibt es nicht mehr"),
    "stopped": Text("all journeys were stopped", "alle Strecken waren angehalten"),
}  # fmt: skip
ENDED: Mapping[str, Text] = {
    "end": Text("walked to the end", "bis zum Ende durchlaufen"),
    "exit": Text("left at an exit step", "an einem Ausstieg verlassen"),
    "goal": Text("left with the goal reached", "mit erreichtem Ziel verlassen"),
    "merged": Text("went on as one with an earlier way, after a merge", "nach einer Zusammenführung mit einem früheren Weg vereint"),
    "stopped": Text("the journey was stopped", "die Strecke wurde gestoppt"),
}  # fmt: skip
_EXITED = Text("left at once, because: {words}", "sofort verlassen, weil: {words}")
OUTCOMES: Mapping[str, Text] = {
    "next": Text("done", "erledigt"),
    "next unanswered": Text("no answer in time", "keine Antwort in der Zeit"),
    "yes": Text("yes", "ja"),
    "no": Text("no", "nein"),
    "happened": Text("it happened", "eingetreten"),
    "timed_out": Text("time was up", "Zeit abgelaufen"),
    "again": Text("again", "nochmals"),
    "done": Text("done", "fertig"),
    "goal": Text("goal reached", "Ziel erreicht"),
    "exited": Text("left", "verlassen"),
    "stopped": Text("stopped", "gestoppt"),
    "removed": Text("the step was removed", "der Schritt wurde entfernt"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What happened and when; at None: at no one moment."""

    at: Instant | None
    words: Text


@dataclass(frozen=True, slots=True)
class Why:
    """lines: the whole answer, oldest first. is_in: walks it now. has_entered: ever."""

    customer_id: int
    journey: str
    has_entered: bool
    is_in: bool
    lines: tuple[Line, ...]

    def to_json(self) -> dict[str, Any]:
        from schwung.app.customer_json import when

        return {
            "customer_id": self.customer_id,
            "journey": self.journey,
            "has_entered": self.has_entered,
            "is_in": self.is_in,
            "lines": [{"at": when(one.at) if one.at else None, "en": one.words.en, "de": one.words.de} for one in self.lines],
        }  # fmt: skip


def why(workspace: Workspace, named: int | str, customer_id: int) -> Why:
    """From enrollments, refusals and messages of all identifiers of the customer. InputError for an unknown customer."""
    saved = find_journey(workspace, named)
    with workspace.store.read() as tx:
        ids = [row["identifier_id"] for row in tx.rows("lists.identifiers", customer_ids=[customer_id])]
        if not ids:
            raise customer_unknown(str(customer_id))
        ways = tx.rows("journeys.ways_of", journey_no=saved.journey_no, identifier_ids=ids)
        refusals = tx.rows("journeys.refusals_of", journey_no=saved.journey_no, identifier_ids=ids)
        messages = tx.rows("journeys.messages_of_ways", numbers=[row["enrollment_no"] for row in ways])
        lines = [line for row in ways for line in _of_way(workspace, saved, row)]
        lines += [_of_message(row) for row in messages]
        lines += [_of_refusal(row) for row in refusals]
        if not lines:
            lines = _of_nothing(tx, saved, customer_id)
    lines.sort(key=lambda line: (line.at is not None, line.at or 0))
    return Why(customer_id, saved.name, bool(ways), any(row["state"] == "active" for row in ways), tuple(lines))


def _of_way(workspace: Workspace, saved: SavedJourney, row: Row) -> list[Line]:
    steps = {item.id: step_words(item) for _, item in saved.journey.items}
    if row["arm"] == "control":
        entered = Text("entered as part of the control group: no message, task, trait or call", "in der Vergleichsgruppe eingetreten: keine Nachricht, Aufgabe, kein Merkmal, kein Aufruf")  # fmt: skip
    else:
        entered = Text("entered", "eingetreten")
    lines = [Line(row["entered_at"], entered)]
    for mark in row["trail"].splitlines():
        step_id, _, rest = mark.partition(">")
        outcome, _, at = rest.rpartition("@")
        said = Text("{step}: {outcome}", "{step}: {outcome}").fill(
            step=steps.get(step_id, Text(step_id, step_id)), outcome=OUTCOMES.get(outcome, Text(outcome or "?", outcome or "?"))
        )  # fmt: skip
        lines.append(Line(int(at), said))
    if row["state"] == "active":
        step = steps.get(row["step_id"], Text(row["step_id"], row["step_id"]))
        until = local(row["due_at"], workspace.settings.workspace.zone)
        said = Text("is now at: {step} (until {until} at the latest)", "ist jetzt bei: {step} (bis spätestens {until})")
        lines.append(Line(workspace.clock(), said.fill(step=step, until=until)))
    else:
        lines.append(Line(row["ended_at"], _ended(saved, row["reason"])))
    return lines


def _ended(saved: SavedJourney, reason: str) -> Text:
    if reason.startswith("exit:"):
        exits: Sequence[Any] = saved.journey.exits
        nth = int(reason.removeprefix("exit:"))
        return _EXITED.fill(words=exits[nth - 1].words) if nth <= len(exits) else ENDED["exit"]
    return ENDED.get(reason, Text(reason, reason))


def _of_message(row: Row) -> Line:
    state = MESSAGE_STATES.get(row["state"], Text(row["state"], row["state"]))
    reason = row["reason"]
    told = MESSAGE_REASONS.get(reason, Text(reason, reason)) if reason else None
    said = Text("message “{template}” by {channel}: {state}", "Nachricht „{template}“ per {channel}: {state}").fill(
        template=row["template"],
        channel=CHANNELS.get(row["channel"], Text(row["channel"], row["channel"])),
        state=state,
    )
    if told and reason == "unrenderable" and row["answer"]:
        told = Text("{told}: {why}", "{told}: {why}").fill(told=told, why=told_by_itself(row["answer"]))
    said = Text("{said} ({told})", "{said} ({told})").fill(said=said, told=told) if told else said
    return Line(row["closed_at"] or row["planned_at"], said)


def _of_refusal(row: Row) -> Line:
    reason = REFUSED.get(row["reason"], Text(row["reason"], row["reason"]))
    said = Text("did not enter: {reason}", "nicht eingetreten: {reason}").fill(reason=reason)
    if row["times"] > 1:
        said = Text(f"{said.en} ({row['times']} times, last)", f"{said.de} ({row['times']}-mal, zuletzt)")
    return Line(row["refused_at"], said)


def _of_nothing(tx: Transaction, saved: SavedJourney, customer_id: int) -> list[Line]:
    """Never heard of in this journey: what would let the customer in, and whether the entry rule holds now."""
    lines = []
    if saved.started_at is None:
        lines.append(Line(None, Text("the journey was never started", "die Strecke wurde nie gestartet")))
    else:
        said = Text("did not enter: since the start there was no “{trigger}”", "nicht eingetreten: seit dem Start gab es kein „{trigger}“")  # fmt: skip
        lines.append(Line(None, said.fill(trigger=saved.journey.trigger.words)))
    if "entry" in saved.conditions:
        holds = tx.value("journeys.is_member", list_no=saved.conditions["entry"], customer_id=customer_id)
        lines.append(
            Line(
                None,
                Text("the entry rule holds now", "die Eintrittsregel trifft jetzt zu")
                if holds
                else Text("the entry rule does not hold now", "die Eintrittsregel trifft jetzt nicht zu"),
            )
        )
    return lines


def local(at: Instant, zone: str) -> Text:
    moment: datetime = to_datetime(at).astimezone(ZoneInfo(zone))
    return Text(moment.strftime("%Y-%m-%d %H:%M:%S"), moment.strftime("%d.%m.%Y %H:%M:%S"))
