"""Funnels, equal to ClickHouse's windowFunnel to the event, to trying every way by hand, and on both engines."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from schwung.app.ports import Engine
from schwung.collect.tables import EVENTS, ORDERS
from schwung.core.clock import DAY, HOUR
from schwung.measure import funnel_carry, funnel_pass, funnel_sort
from schwung.measure.example import arrow
from schwung.measure.funnel import Exclusion, Funnel
from schwung.measure.funnel_answer import answer, dropped
from schwung.measure.funnel_rows import OTHER, Span, funnel_rows, gap_bit
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.step import Step

NOW = 1_700_000_000_000_000
MODES = {"in_order": "", "later": ", 'strict_increase'", "strict": ", 'strict_order'"}


def stream(seed: int, steps: int, gaps: Sequence[int] = (), *, ties: bool = True) -> pa.Table:
    """Random events of 300 customers at few instants, so that most tie; a tenth fit two steps; some are no step at all.

    ties=False: no two events at one instant, none fits two steps.
    """
    rng = np.random.default_rng(seed)
    count, span = 3_000, int(rng.choice([20, 60, 300]))
    name = rng.integers(0, steps + 1 + len(gaps), count)
    marks = np.array([*(1 << nth for nth in range(steps)), OTHER, *gaps])
    mask = marks[name]
    twice = (rng.random(count) < 0.1) & (name < steps) & ties
    mask = np.where(twice, mask | marks[rng.integers(0, steps, count)], mask)
    ids = rng.integers(1, 301, count) * 7_919
    at = NOW + (rng.integers(0, span, count) if ties else rng.permutation(count))
    return pa.table({"customer_id": ids, "happened_at": at, "mask": pa.array(mask.astype(np.int32))})


def plain(steps: int, window: int, mode: str = "in_order") -> Funnel:
    """Whose steps are told apart by the mask alone."""
    order = "in_order" if mode == "later" else mode
    return Funnel((Step("event", "x"),) * steps, window, order, later=mode == "later")  # type: ignore[arg-type]


def levels(found: pa.Table) -> dict[int, int]:
    return dict(zip(found["customer_id"].to_pylist(), found["level"].to_pylist(), strict=True))


def steps_only(rows: pa.Table) -> pa.Table:
    return rows.filter(pa.compute.not_equal(rows["mask"], OTHER))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("mode", MODES)
def test_equal_to_window_funnel(mode: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts per customer of ClickHouse, in parts as small as one customer, and where numbers are too large to be packed."""
    chdb = pytest.importorskip("chdb", reason="chdb is not installed")
    steps, window = 2 + seed % 4, (3, 10, 50)[seed % 3] * (10 if mode == "later" else 1)
    rows = stream(seed, steps, ties=mode != "later")  # at ties ClickHouse's strict_increase forgets earlier steps
    rows = rows if mode == "strict" else steps_only(rows)
    t = rows.set_column(1, "happened_at", rows["happened_at"].cast(pa.uint64()))  # noqa: F841  ClickHouse reads it by this name
    tests = ", ".join(f"bitAnd(mask, {1 << nth}) != 0" for nth in range(steps))
    found = chdb.query(
        f"SELECT customer_id, windowFunnel({window}{MODES[mode]})(happened_at, {tests}) AS level FROM Python(t) "
        "GROUP BY customer_id",
        "Arrowtable",
    )
    theirs = {customer: level for customer, level in levels(found).items() if level}
    funnel = plain(steps, window, mode)
    assert levels(funnel_pass.ways(funnel, rows)) == theirs
    monkeypatch.setattr(funnel_sort, "PART", 1)
    assert levels(funnel_pass.ways(funnel, rows)) == theirs
    monkeypatch.setattr(funnel_sort, "_MOST_DEALS", 1)
    assert levels(funnel_pass.ways(funnel, rows)) == theirs


def by_hand(funnel: Funnel, rows: pa.Table) -> dict[int, int]:
    """The deepest of all ways, each tried."""
    steps, found = len(funnel.steps), {}
    per: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in rows.to_pylist():
        per[row["customer_id"]].append((row["happened_at"], row["mask"]))
    for customer, events in per.items():
        events.sort()

        def free(low: int, high: int, bit: int, events: list[tuple[int, int]] = events) -> bool:
            return not any(low < at < high and mask & bit for at, mask in events)

        @cache
        def deepest(step: int, came: int, begun: int, events: tuple[tuple[int, int], ...] = tuple(events)) -> int:
            further = [
                deepest(step + 1, at, begun)
                for at, mask in events
                if step < steps and mask >> step & 1 and (came < at if funnel.later and step else came <= at) and at <= begun + funnel.window
                and free(came, at, gap_bit(funnel, step))
            ]  # fmt: skip
            return max(further, default=step)

        if funnel.order == "any":
            best = 0
            for low, _ in events:
                for high, _ in events:
                    if low <= high <= low + funnel.window and free(low, high, gap_bit(funnel, 1)):
                        done = {
                            nth for nth in range(steps) for at, mask in events if low <= at <= high and mask >> nth & 1
                        }
                        best = max(best, len(done))
        else:
            best = max((deepest(1, at, at) for at, mask in events if mask & 1), default=0)
        if best:
            found[customer] = best
    return found


def excluding(mode: str, window: int) -> Funnel:
    step = Step("event", "x")
    order = "in_order" if mode == "later" else mode
    gaps = (1, 2) if order == "in_order" else (1,)
    return Funnel((step,) * 3, window, order, (Exclusion(step, gaps),), later=mode == "later")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mode", ["in_order", "any", "later"])
def test_exclusions_and_any_order_as_by_hand(mode: str, seed: int) -> None:
    funnel = excluding(mode, (5, 15, 40, 100)[seed])
    gaps = {gap_bit(funnel, after) for after in funnel.exclude[0].after}
    rows = steps_only(stream(seed, 3, sorted(gaps))).slice(0, 1_500)
    assert levels(funnel_pass.ways(funnel, rows)) == by_hand(funnel, rows)


def test_engines_say_what_the_pass_says(engine: Engine) -> None:
    """Levels and every instant of the ways."""
    funnels = [
        excluding("in_order", 15),
        excluding("any", 15),
        plain(3, 10, "strict"),
        plain(4, 10, "later"),
        excluding("later", 40),
    ]
    for funnel in funnels if engine.name == "duckdb" else funnels[1:3]:
        gaps = {gap_bit(funnel, after) for one in funnel.exclude for after in one.after}
        rows = stream(7, len(funnel.steps), sorted(gaps))
        rows = rows if funnel.order == "strict" else steps_only(rows)
        ours = funnel_pass.ways(funnel, rows).sort_by("customer_id")
        told = engine.run(funnel_carry.ways(funnel, engine.memtable(rows, "rows"))).sort_by("customer_id")
        assert told.to_pylist() == ours.to_pylist(), funnel.order
        for row in ours.to_pylist():
            times = [row[f"t{nth + 1}"] for nth in range(len(funnel.steps))]
            assert times[: row["level"]] == sorted(times[: row["level"]]) and not any(times[row["level"] :])


def events(*told: tuple[int, str, int, Mapping[str, Any]]) -> pa.Table:
    """(customer, name, hours after NOW, columns and properties)."""
    import json

    rows = [
        {"event_no": nth, "identifier_id": who, "customer_id": who, "name": name, "happened_at": NOW + hours * HOUR,
         "properties": json.dumps(more.get("properties", {})), **{k: v for k, v in more.items() if k != "properties"}}
        for nth, (who, name, hours, more) in enumerate(told)
    ]  # fmt: skip
    return arrow(EVENTS, rows)


COFFEE, TEA = ({"properties": {"category": one, "price": 9.5, "new": True}} for one in ("coffee", "tea"))
TABLES = {
    "events": events(
        (1, "viewed", 0, COFFEE), (1, "added", 2, {}), (2, "viewed", 0, TEA), (2, "added", 1, {}), (3, "viewed", 5, COFFEE),
        (4, "viewed", 0, COFFEE), (4, "refused", 1, {}), (4, "added", 2, {}), (5, "viewed", 0, COFFEE), (5, "added", 4, {}),
    ),
    "orders": arrow(ORDERS, [
        {"order_key": who, "identifier_id": who, "customer_id": who, "ordered_at": NOW + hours * HOUR, "amount_minor": amount,
         "is_cancelled": cancelled, "country": country, "currency": currency}
        for who, hours, amount, cancelled, country, currency in (
            (1, 3, 50, False, "JP", "JPY"), (5, 30, 5_000, False, "AT", "EUR"), (2, 2, 500, True, "DE", "EUR"), (4, 3, 1_999, False, "DE", "EUR"))
    ]),
}  # fmt: skip
DEFINITION = {
    "steps": [
        {"event": "viewed", "where": [{"property": "category", "op": "in", "value": ["coffee", "cocoa"]},
                                      {"property": "price", "op": "<", "value": 10}, {"property": "new", "value": True}]},
        "added",
        {"fact": "order", "where": [{"property": "amount", "op": ">=", "value": 20}]},
    ],
    "window": "1 day", "exclude": [{"event": "refused", "after": 1}], "by": "day",
}  # fmt: skip


def test_worked_example(engine: Engine) -> None:
    """1 goes all the way in 3 hours; 2 looked at tea; 3 only looks; 4 was refused in between; 5 orders too late.
    Amounts are asked in major units of each currency: 50 yen are more than 20."""
    funnel = Funnel.read(DEFINITION)
    assert Funnel.read(funnel.to_json()) == funnel
    tables = {name: engine.memtable(rows, name) for name, rows in TABLES.items()}
    scope = Scope(Question(as_of=NOW + 2 * DAY), lambda name, customer: tables[name])
    ways = funnel_carry.ways(funnel, funnel_rows(funnel, Span(None, NOW + 2 * DAY + 1), scope.table))
    told = answer(funnel, ways, scope, engine.run)
    assert [step.customers for step in told.steps] == [4, 2, 1]
    assert [(step.median, step.ninth) for step in told.steps] == [(None, None), (2 * HOUR, 4 * HOUR), (HOUR, HOUR)]
    assert told.steps[2].of_first.value == 0.25 and told.steps[2].of_before.value == 0.5  # type: ignore[union-attr]
    assert [(one.name.en, [step.customers for step in one.steps]) for one in told.slices] == [
        ("2023-11-14", [3, 2, 1]), ("2023-11-15", [1, 0, 0])
    ]  # fmt: skip
    assert engine.run(dropped(ways, 1))["customer_id"].to_pylist() in ([3, 4], [4, 3])
    assert told.to_json()["steps"][1]["median_seconds"] == 7200


def test_the_same_event_twice_is_two_events() -> None:
    """Order, and order again: one order is not both."""
    funnel = Funnel.read({"steps": ["order", "order"], "window": "365 days"})
    assert funnel.later and Funnel.read(funnel.to_json()) == funnel
    rows = pa.table(
        {"customer_id": [1, 2, 2], "happened_at": [NOW, NOW, NOW + DAY], "mask": pa.array([3, 3, 3], pa.int32())}
    )
    assert levels(funnel_pass.ways(funnel, rows)) == {1: 1, 2: 2}
