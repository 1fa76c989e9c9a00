"""What journeys listen to: one pass over the facts of new batches, then a row per customer and ear, with the cursor in one commit."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.act.journey import Journey
from schwung.act.trigger import Moved, OnDay, Regularly
from schwung.app.facts import Facts, open_facts
from schwung.app.journey_days import days_asked
from schwung.app.journeys import SavedJourney, next_turn
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.measure.step import FACTS, Step

Heard = tuple[int, str, int, Instant, str, str]
_HEARD = ("journey_no", "ear", "customer_id", "happened_at", "entry_key", "variables")


def hear(workspace: Workspace, known: Sequence[SavedJourney]) -> bool:
    """Facts, changes of segments and moments of schedules since the last look. True when something was heard."""
    found = _hear_facts(workspace, known)
    found |= _hear_changes(workspace, known)
    return _take_turns(workspace, known) or found


def _hear_facts(workspace: Workspace, known: Sequence[SavedJourney]) -> bool:
    """Up to the batch that the segments have looked at: conditions are never older than what triggers."""
    with workspace.store.read() as tx:
        done, seen = (
            tx.value("store.counter", name="journeys_batch") or 0,
            tx.value("store.counter", name="segments") or 0,
        )
        newest = tx.value("journeys.newest_batch") or 0
        upto = min(newest, seen) if tx.value("journeys.has_rules") else newest
    if upto <= done:
        return False
    steps = list(dict.fromkeys(step for one in known for step in one.journey.listens.values()))
    rows: list[Heard] = []
    if steps:
        since = min(one.started_at or 0 for one in known)
        with open_facts(workspace) as facts:
            rows = _expanded(known, steps, _rows(facts, steps, done, upto, since))
    with workspace.store.write() as tx:
        if not tx.run("journeys.move_cursor", name="journeys_batch", after=done, upto=upto):
            return False
        tx.load("heard", _HEARD, rows)
    return bool(rows)


def _rows(facts: Facts, steps: Sequence[Step], done: int, upto: int, since: Instant) -> list[tuple[Any, ...]]:
    """(nth step, customer_id, happened_at, key, variables) of facts after batch `done`, oldest first."""
    names = list(dict.fromkeys("events" if step.kind == "event" else step.kind for step in steps))
    tables: dict[str, ir.Table | pa.Table] = {name: facts.everything(name, marked=True, since=done) for name in names}
    tables["identities"] = facts.everything("identities")
    bounds = {"done": [done], "upto": [upto], "since": [since]}
    tables["bounds"] = pa.table({name: pa.array(values, pa.int64()) for name, values in bounds.items()})

    def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
        found = [_of_step(nth, step, tables) for nth, step in enumerate(steps)]
        return ibis.union(*found) if len(found) > 1 else found[0]

    rows = facts.prepared(("journeys heard", repr(steps)), build, tables)
    listed = zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True)
    return sorted(listed, key=lambda row: (row[2], row[3]))


def _of_step(nth: int, step: Step, tables: Mapping[str, ir.Table]) -> ir.Table:
    is_event = step.kind == "event"
    rows, bounds = tables["events" if is_event else step.kind], tables["bounds"]
    version = rows.batch_no if is_event else rows.version
    happened = rows[str("happened_at" if is_event else FACTS[step.kind].time)]
    rows = rows.filter(
        version > bounds["done"].as_scalar(),
        version <= bounds["upto"].as_scalar(),
        happened >= bounds["since"].as_scalar(),
    )
    rows = rows.filter(step.holds(rows))
    if step.kind == "orders":
        rows = rows.filter(~rows.is_cancelled)
    keys = ("event_no",) if is_event else FACTS[step.kind].key
    key: Any = ibis.literal(f"{step.kind}:")
    for name in keys:
        key = key + rows[name].cast("string") + ibis.literal(" ")
    happened = rows[str("happened_at" if is_event else FACTS[step.kind].time)]
    told = rows["properties"] if is_event else ibis.literal("")
    rows = rows.select("identifier_id", nth=ibis.literal(nth, "int64"), happened=happened, key=key, told=told)
    owned = rows.join(tables["identities"].select("identifier_id", "customer_id"), "identifier_id")
    owned = owned.filter(owned.customer_id.notnull())
    return owned.select("nth", "customer_id", "happened", "key", "told")


def _expanded(known: Sequence[SavedJourney], steps: Sequence[Step], rows: list[tuple[Any, ...]]) -> list[Heard]:
    """One row per ear that listens to it; what happened before a journey was started lets nobody enter."""
    place = {step: nth for nth, step in enumerate(steps)}
    ears: dict[int, list[tuple[SavedJourney, str]]] = {}
    for one in known:
        for ear, step in one.journey.listens.items():
            ears.setdefault(place[step], []).append((one, ear))
    return [
        (one.journey_no, ear, customer, happened, key.strip(), _variables(ear, told))
        for nth, customer, happened, key, told in rows
        for one, ear in ears[nth]
        if happened >= (one.started_at or 0)
    ]


def _variables(ear: str, told: str | None) -> str:
    return f'{{"event": {told}}}' if ear == "trigger" and told else "{}"


def _hear_changes(workspace: Workspace, known: Sequence[SavedJourney]) -> bool:
    """Who entered or left segments, and rules that became true."""
    with workspace.store.read() as tx:
        after, upto = tx.value("store.counter", name="journeys_change") or 0, tx.value("journeys.last_change")
        numbers = {row["name"]: row["list_no"] for row in tx.rows("segments.all")}
    if upto <= after:
        return False
    count = 0
    with workspace.store.write() as tx:
        if not tx.run("journeys.move_cursor", name="journeys_change", after=after, upto=upto):
            return False
        for one in known:
            for ear, list_no, entered in _ears_of_lists(one, numbers):
                count += tx.run(
                    "journeys.hear_changes", journey_no=one.journey_no, ear=ear, list_no=list_no, entered=entered,
                    after=after, upto=upto, since=one.started_at or 0,
                )  # fmt: skip
    return count > 0


def _ears_of_lists(one: SavedJourney, numbers: Mapping[str, int]) -> list[tuple[str, int, int]]:
    found = []
    trigger, nodes = one.journey.trigger, one.journey.nodes
    if isinstance(trigger, Moved) and trigger.segment in numbers:
        found.append(("trigger", numbers[trigger.segment], int(trigger.entered)))
    for name, list_no in one.conditions.items():
        if name == "goal" or name.startswith("exit:") or (name in nodes and nodes[name].kind == "wait_for"):
            found.append((name, list_no, 1))
    return found


def _take_turns(workspace: Workspace, known: Sequence[SavedJourney]) -> bool:
    """Schedules and days on profiles whose moment has come; after an outage only the latest one of each."""
    now, zone, found = workspace.clock(), workspace.settings.workspace.zone, False
    for one in known:
        if one.state != "live" or one.next_at is None or one.next_at > now:
            continue
        moment = one.next_at
        turn = next_turn(one.journey, zone, moment)
        while turn is not None and turn <= now:
            moment, turn = turn, next_turn(one.journey, zone, turn)
        with workspace.store.write() as tx:
            if tx.run("journeys.take_turn", journey_no=one.journey_no, was=one.next_at, next_at=turn):
                _hear_turn(tx, one, moment, zone)
                found = True
    return found


def _hear_turn(tx: Transaction, one: SavedJourney, moment: Instant, zone: str) -> None:
    journey: Journey = one.journey
    heard = {"journey_no": one.journey_no, "happened_at": moment, "entry_key": f"turn:{moment}"}
    if isinstance(journey.trigger, Regularly):
        tx.run("journeys.hear_members", list_no=one.conditions.get("entry", 0), **heard)
    elif isinstance(journey.trigger, OnDay):
        days, first = days_asked(journey.trigger, moment, zone)
        # The text is JSON: a quote stands before it.
        tx.run(
            "journeys.hear_days", trait=journey.trigger.trait, days=list(days), first=first + 1, length=len(days[0]), **heard
        )  # fmt: skip
