"""Keeps who is in each segment true: after new facts, when time alone changes it, and once a night as a whole."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schwung.app.facts import Facts, open_facts
from schwung.app.lane import lease
from schwung.app.own_event import SOURCE
from schwung.app.ports import Transaction
from schwung.app.segment_facts import Asked, Ids
from schwung.app.segment_tell import tell
from schwung.app.segments import Segment, evaluate, kept_rules
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.period import day_of
from schwung.segment.signed import FAR

LEASE = "segments"
FEW = 50_000
"""So many customers are read from their own buckets. Where more have new facts the whole base is worked out; where the time of
more has come the next look goes on: what each costs does not grow with how many wait."""
WAITED = 2 * DAY
"""Who is not in is watched only where time could bring them in by then; the nightly pass looks at all."""
_FLIPS = 4
"""A customer may be due in several segments at once."""
_SLICE = 50_000


Pairs = tuple[Ids, Ids]


@dataclass(frozen=True, slots=True)
class _Moves:
    """What changed in one segment. since: when those who left had joined. until: when to look at those whom to watch.

    unwatch: also who is watched until another instant now.
    """

    segment: Segment
    came: Ids
    left: Ids
    since: Ids
    watch: Ids
    until: Ids
    unwatch: Ids


def tick(workspace: Workspace) -> bool:
    """`look`, and what it changed is in the lake when this returns."""
    found = look(workspace)
    tell(workspace)
    return found


def look(workspace: Workspace) -> bool:
    """Look at the customers with new facts and at those whose time has come. True when somebody was looked at.

    The store knows at once who entered and left, and by it journeys; the lake by `tell`. SetupError `lease_held` while
    another process is at it.
    """
    known = kept_rules(workspace)
    if not known or not _has_work(workspace, known):
        return False
    with lease(workspace, LEASE, "segments", wait=0), open_facts(workspace) as facts:
        known = kept_rules(workspace)
        asked = evaluate(facts, known)
        with workspace.store.read() as tx:
            done, consent_no = tx.value("store.counter", name="segments") or 0, tx.value("segments.last_consent")
            due = dict(tx.tuples("segments.due", now=facts.as_of, most=_FLIPS * FEW))
            told = tx.value("store.counter", name="segment_consents") or 0
            touched = {one for (one,) in tx.tuples("segments.consents_since", after=told)}
            predicted = tx.value("store.counter", name="segment_predictions") or 0
        touched.update(_touched(asked, done) if facts.snapshot_no > done else ())
        ids = sorted(touched.union(islice(due, FEW)))
        is_new = "predictions" in asked.tables and _predictions_of(facts) != predicted
        if len(touched) > FEW or is_new or any(one.is_pending for one in known):
            _keep(facts, known, asked.of_all(), None)
        elif ids:
            _keep(facts, known, asked.of_few(ids), ids)
        _close(workspace, facts, consent_no)
        return bool(ids) or is_new or any(one.is_pending for one in known)


def work_out_pending(workspace: Workspace) -> bool:
    """Work out segments whose rule is new, and those that name them."""
    if not any(one.is_pending for one in kept_rules(workspace)):
        return False
    return work_out_all(workspace)


def work_out_all(workspace: Workspace, *, wait: float = 60.0) -> bool:
    """Every segment over every customer."""
    with lease(workspace, LEASE, "segments", wait=wait), open_facts(workspace) as facts:
        known = kept_rules(workspace)
        with workspace.store.read() as tx:
            consent_no = tx.value("segments.last_consent")
        if known:
            _keep(facts, known, evaluate(facts, known).of_all(), None)
        _close(workspace, facts, consent_no)
    tell(workspace)
    return bool(known)


def _has_work(workspace: Workspace, known: Sequence[Segment]) -> bool:
    from schwung.app.facts import as_of
    from schwung.app.publish import newest_snapshot

    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
        now = as_of(workspace, snapshot)
        newer = snapshot is not None and snapshot.batch_no > (tx.value("store.counter", name="segments") or 0)
        consents = tx.value("segments.last_consent") > (tx.value("store.counter", name="segment_consents") or 0)
        return newer or consents or any(one.is_pending for one in known) or bool(tx.value("segments.is_due", now=now))


def _touched(asked: Asked, done: int) -> list[int]:
    """Customers with a fact after batch `done` that a rule may read."""
    facts = asked.facts
    tables: dict[str, ir.Table | pa.Table] = {
        name: facts.everything(name, since=done) for name in (*asked.tables, "identities") if name != "predictions"
    }
    tables["owners"] = facts.everything("identities")
    tables["done"] = pa.table({"done": pa.array([done], pa.int64())})
    names = asked.event_names
    looked = [
        name for name in asked.tables if name != "predictions"
    ]  # a training exchanges all of them: looked at as a whole

    def newer(tables: Any, moment: Instant) -> ir.Table:
        after, identities = tables["done"]["done"].as_scalar(), tables["identities"]
        owners = tables["owners"].select("identifier_id", "customer_id")
        found = [identities.filter(identities.version > after).select("customer_id")]
        for name in looked:
            rows = tables[name]
            if name == "events":
                rows = rows.filter(rows.batch_no > after, rows.source != SOURCE)
                rows = rows if names is None else rows.filter(rows["name"].isin(list(names)))
            elif name == "memberships":
                rows = rows.filter(rows.version > after, rows.kind != "segment")
            else:
                rows = rows.filter(rows.version > after)
            owned = rows if name == "profiles" else rows.select("identifier_id").join(owners, "identifier_id")
            found.append(owned.select("customer_id"))
        return ibis.union(*found, distinct=True)

    rows = facts.prepared(("segments touched", asked.tables, names), newer, tables)
    return [one for one in rows["customer_id"].to_pylist() if one is not None]


def _predictions_of(facts: Facts) -> int:
    """The version of the lake's predictions at the snapshot; 0: there are none."""
    return 0 if facts.snapshot is None else facts.snapshot.tables.get("predictions", -1) + 1


def _keep(
    facts: Facts, known: Sequence[Segment], found: dict[str, tuple[Any, Any]], among: Sequence[int] | None
) -> None:
    """Bring store and lake to what was found. among: customers that were looked at; None: all."""
    workspace, now = facts.workspace, facts.as_of
    with workspace.store.read() as tx:
        stored = _stored_among(tx, among) if among is not None else None
        moves = [_moved(one, *found[one.name], *(stored(one) if stored else _stored(tx, one)), now) for one in known]
    with workspace.store.write() as tx:
        _write(tx, moves, now)


def _stored(tx: Transaction, one: Segment) -> tuple[Pairs, Pairs]:
    """Members with the instant at which they joined, and who is watched until when."""
    list_no = one.list.list_no
    return _pairs(tx.tuples("segments.members", list_no=list_no)), _pairs(
        tx.tuples("segments.watched", list_no=list_no)
    )


def _stored_among(tx: Transaction, among: Sequence[int]) -> Callable[[Segment], tuple[Pairs, Pairs]]:
    """The same of some customers: asked once for all segments."""
    found = [
        _numbers(tx.tuples(f"segments.{name}_among", customer_ids=list(among)), 3) for name in ("members", "watched")
    ]

    def of(one: Segment) -> tuple[Pairs, Pairs]:
        were, watched = (
            rows[slice(*np.searchsorted(rows[:, 0], (one.list.list_no, one.list.list_no + 1)))] for rows in found
        )
        return (were[:, 1], were[:, 2]), (watched[:, 1], watched[:, 2])

    return of


def _pairs(rows: Sequence[tuple[int, int]]) -> Pairs:
    found = _numbers(rows, 2)
    return found[:, 0], found[:, 1]


def _numbers(rows: Sequence[tuple[int, ...]], width: int) -> Ids:
    """Ascending by the columns in their order."""
    found = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width).reshape(-1, width)
    return found[np.lexsort(found.T[::-1])]


def _moved(one: Segment, ids: Ids, values: Ids, members: Pairs, watched: Pairs, now: Instant) -> _Moves:
    """members, watched: as `_stored` has them, ascending."""
    (before, joined), (seen, until) = members, watched
    order = np.argsort(ids)
    ids, values = ids[order], values[order]
    inside, flips = ids[values > 0], np.abs(values)
    gone = ~np.isin(before, inside, assume_unique=True)
    matters = (flips < FAR) & ((values > 0) | (flips < now + WAITED))
    wanted, wanted_until = ids[matters], flips[matters]
    stays, _, place = np.intersect1d(seen, wanted, assume_unique=True, return_indices=True)
    is_old = np.zeros(len(wanted), bool)
    was = until[np.searchsorted(seen, stays)]
    is_old[place] = wanted_until[place] == was
    return _Moves(
        one, inside[~np.isin(inside, before, assume_unique=True)], before[gone], joined[gone],
        wanted[~is_old], wanted_until[~is_old], seen[~np.isin(seen, wanted[is_old], assume_unique=True)],
    )  # fmt: skip


def _write(tx: Transaction, moves: Sequence[_Moves], now: Instant) -> None:
    joined: list[tuple[int, ...]] = []
    watch: list[tuple[int, ...]] = []
    changes: list[tuple[int, ...]] = []
    for one in moves:
        list_no = one.segment.list.list_no
        for gone, statement in ((one.left.tolist(), "segments.leave"), (one.unwatch.tolist(), "segments.unwatch")):
            for at in range(0, len(gone), _SLICE):
                tx.run(statement, list_no=list_no, customer_ids=gone[at : at + _SLICE])
        came, left = one.came.tolist(), one.left.tolist()
        joined += [(list_no, who, now) for who in came]
        watch += zip(repeat(list_no), one.watch.tolist(), one.until.tolist(), strict=False)
        changes += [(list_no, who, 1, now, now) for who in came]
        changes += [(list_no, who, 0, now, since) for who, since in zip(left, one.since.tolist(), strict=True)]
    tx.load("membership", ("list_no", "identifier_id", "joined_at"), joined)
    tx.load("segment_watch", ("list_no", "customer_id", "flip_at"), watch)
    tx.load("segment_change", ("list_no", "customer_id", "entered", "changed_at", "joined_at"), changes)
    for one in moves:
        list_no = one.segment.list.list_no
        if len(one.came) or len(one.left) or one.segment.is_pending:
            tx.run("segments.set_size", list_no=list_no)
        if one.segment.is_pending:
            basis = json.dumps({"rule": one.segment.rule.to_json()}, ensure_ascii=False, sort_keys=True)
            tx.run("segments.set_rule", list_no=list_no, basis=basis, note=one.segment.list.note)


def _close(workspace: Workspace, facts: Facts, consent_no: int) -> None:
    """Note up to where was looked, and how large the segments are today."""
    day = day_of(facts.as_of, facts.zone).isoformat()
    with workspace.store.write() as tx:
        tx.run("segments.seen", batch_no=facts.snapshot_no)
        tx.run("segments.seen_consent", consent_no=consent_no)
        tx.run("segments.seen_predictions", version=_predictions_of(facts))
        tx.run("segments.note_sizes", counted_on=day)
