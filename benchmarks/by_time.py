"""Who enters and leaves segments by time alone: a million within a minute, how late; and on random rules, whether any is missed."""

import random
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.figure import Figure, percentile
from benchmarks.running import new_workspace
from schwung.app.lane import lane
from schwung.app.publish import open_batch, publish
from schwung.app.segment_tell import tell
from schwung.app.segment_tick import look, work_out_all
from schwung.app.segments import save_segment
from schwung.app.wiring import TABLES, Workspace, open_workspace
from schwung.collect.arrow import rows_of
from schwung.core.clock import DAY, HOUR, MINUTE, SECOND, Instant
from schwung.core.stable_hash import bucket_of

CUSTOMERS = {"small": 20_000, "full": 1_000_000}
TRIED = {"small": 3_000, "full": 100_000}
START: Instant = 1_795_000_000_000_000
_MONTH = 30 * DAY
_NAMES = ("product_viewed", "product_added", "page_viewed")
_WINDOWS = (HOUR, 6 * HOUR, DAY, 2 * DAY, 3 * DAY)
_RULES, _LOOKS = 20, 24
Numbers = np.ndarray[Any, np.dtype[np.int64]]


class Clock:
    """Stands where it is put, or runs from there as the machine's does."""

    def __init__(self) -> None:
        self.now, self.began = START, 0.0

    def __call__(self) -> Instant:
        return self.now + (int((time.monotonic() - self.began) * SECOND) if self.began else 0)

    def run(self) -> None:
        self.began = time.monotonic()


def run(repeats: int, scale: str) -> list[Figure]:
    """One pass each: who has left cannot leave again."""
    late, customers = _lateness(CUSTOMERS["small" if scale == "small" else "full"])
    missed, checks = _missed(TRIED["small" if scale == "small" else "full"])
    note = f"{customers:,} members fall due within a minute; each leaves one segment and enters another"
    return [
        Figure("by time alone: how late, 95th percentile", "s", [percentile(late, 0.95)], "lower", None, note=note),
        Figure("by time alone: how late, the last of all", "s", [max(late)], "lower", 60, note=note),
        Figure(
            "by time alone: missed against brute force", "customers", [missed], "lower", 0,
            note=f"{checks:,} checks: {_RULES} random rules at {_LOOKS} moments of two days",
        ),
    ]  # fmt: skip


def _lateness(customers: int) -> tuple[list[float], int]:
    """Seconds from the instant at which each leaves and enters to the commit after which the store says so."""
    clock = Clock()
    with new_workspace() as path:
        workspace = open_workspace(path, clock)
        try:
            due = START + 10 * SECOND + np.random.default_rng(1).integers(0, MINUTE, customers)
            _fill(workspace, customers, {"product_viewed": (np.arange(1, customers + 1), due - _MONTH)})
            seen = {"did": {"event": "product_viewed", "within": "30 days"}}
            save_segment(workspace, "Seen", seen, actor="bench")
            save_segment(workspace, "Quiet", {"not": seen}, actor="bench")
            late: list[float] = []
            done = 0
            clock.run()
            while clock() < START + 5 * MINUTE and len(late) < 2 * customers:
                look(workspace)
                now = clock()
                with workspace.store.read() as tx:
                    rows = tx.tuples("segments.changes", after=done, lists=[1, 2], most=4 * customers)
                moved = [row for row in rows if row[0] > done and row[4] > START]
                late += ((now - due[np.fromiter((row[2] - 1 for row in moved), np.int64)]) / SECOND).tolist()
                done = rows[-1][0] if rows else done
                tell(workspace)
            if len(late) != 2 * customers:
                raise RuntimeError(f"{2 * customers - len(late):,} moves never came")
            return late, customers
        finally:
            workspace.store.close()


def _missed(customers: int) -> tuple[float, int]:
    """Customers of whom the store says something else than counting anew at the same moment does, and how many were compared."""
    clock, drawn = Clock(), random.Random(5)
    many = np.random.default_rng(5)
    with new_workspace() as path:
        workspace = open_workspace(path, clock)
        try:
            events = {
                name: (
                    many.integers(1, customers + 1, 2 * customers),
                    START - many.integers(0, 4 * DAY, 2 * customers),
                )
                for name in _NAMES
            }
            _fill(workspace, customers, events)
            rules = {f"rule {nth}": _rule(drawn) for nth in range(_RULES)}
            numbers = {
                name: save_segment(workspace, name, rule, actor="bench").list.list_no for name, rule in rules.items()
            }
            missed = checks = 0
            for moment in sorted(START + drawn.randrange(2 * DAY) for _ in range(_LOOKS)):
                is_night = clock.now // DAY != moment // DAY
                clock.now = moment
                (work_out_all if is_night else look)(workspace)
                for name, rule in rules.items():
                    with workspace.store.read() as tx:
                        inside = np.array([row[0] for row in tx.tuples("segments.members", list_no=numbers[name])], int)
                    says = np.zeros(customers + 1, bool)
                    says[inside] = True
                    missed += int((says != _holds(rule, events, moment, customers))[1:].sum())
                    checks += customers
            return float(missed), checks
        finally:
            workspace.store.close()


def _rule(drawn: random.Random, depth: int = 0) -> dict[str, Any]:
    kind = (
        drawn.choice(("did", "did", "did_not", "all", "any", "not")) if depth < 2 else drawn.choice(("did", "did_not"))
    )
    if kind in ("all", "any"):
        return {kind: [_rule(drawn, depth + 1) for _ in range(drawn.choice((2, 3)))]}
    if kind == "not":
        return {"not": _rule(drawn, depth + 1)}
    asked: dict[str, Any] = {"event": drawn.choice(_NAMES), "within": f"{drawn.choice(_WINDOWS) // HOUR} hours"}
    if kind == "did":
        asked[drawn.choice(("at_least", "at_most", "exactly"))] = drawn.choice((1, 2, 3))
    return {kind: asked}


def _holds(
    rule: Mapping[str, Any], events: Mapping[str, tuple[Numbers, Numbers]], moment: Instant, customers: int
) -> Any:
    """Counted anew, customer by customer: no signed instant, nothing kept from before."""
    ((kind, asked),) = rule.items()
    if kind == "not":
        return ~_holds(asked, events, moment, customers)
    if kind in ("all", "any"):
        found = [_holds(one, events, moment, customers) for one in asked]
        return np.logical_and.reduce(found) if kind == "all" else np.logical_or.reduce(found)
    who, happened = events[asked["event"]]
    window = int(asked["within"].split()[0]) * HOUR
    times = np.bincount(who[(happened > moment - window) & (happened <= moment)], minlength=customers + 1)
    if kind == "did_not":
        return times == 0
    if "exactly" in asked:
        return times == asked["exactly"]
    return times <= asked["at_most"] if "at_most" in asked else times >= asked["at_least"]


def _fill(workspace: Workspace, customers: int, events: Mapping[str, tuple[Numbers, Numbers]]) -> None:
    """Customers and what they did, as the worker would have brought them to store and lake."""
    numbers = np.arange(1, customers + 1)
    buckets = np.fromiter((bucket_of(one) for one in numbers.tolist()), np.int32, customers)
    columns = ("identifier_id", "kind", "value", "customer_id", "source", "first_seen_at", "batch_no")
    with workspace.store.write() as tx:
        rows = ((number, "user_id", f"u{number}", number, "bench", START, 1) for number in numbers.tolist())
        tx.load("identifier", columns, rows)
        tx.value("store.draw", name="identifier", count=customers)
    with lane(workspace, "bench") as held:
        with workspace.store.write() as tx:
            batch_no = open_batch(tx, held, "manual", workspace.clock())
        fixed = {"version": np.full(customers, batch_no)}
        seen = {"first_seen_at": np.full(customers, START - 90 * DAY), "is_gone": np.zeros(customers, bool)}
        own = {"customer_id": numbers, **seen, "has_objected": np.zeros(customers, bool), **fixed}
        profiles = rows_of(TABLES["profiles"], {name: pa.array(values) for name, values in own.items()})
        owned = {"identifier_id": numbers, "customer_id": numbers, **fixed}
        identities = rows_of(TABLES["identities"], {name: pa.array(values) for name, values in owned.items()})
        told, first = [], 1
        for name, (who, happened) in events.items():
            values = {
                "event_no": np.arange(first, first + len(who)), "happened_at": happened, "received_at": happened,
                "identifier_id": who, "bucket": buckets[who - 1], "batch_no": np.full(len(who), batch_no),
            }  # fmt: skip
            texts = {"name": pa.array([name]).take(pa.array(np.zeros(len(who), int))), "source": pa.array(["shop"]).take(pa.array(np.zeros(len(who), int)))}  # fmt: skip
            told.append(rows_of(TABLES["events"], {column: pa.array(one) for column, one in values.items()} | texts))
            first += len(who)
        tables = {"profiles": profiles, "identities": identities, "events": pa.concat_tables(told)}
        publish(workspace, held, batch_no, tables)
