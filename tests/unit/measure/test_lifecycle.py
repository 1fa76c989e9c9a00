"""Kinds, active customers and growth against one customer at a time, told in plain Python; Hypothesis picks the orders."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schwung.collect.tables import ORDERS
from schwung.core.clock import DAY
from schwung.core.period import start_of
from schwung.measure.answer import answer
from schwung.measure.example import arrow
from schwung.measure.lifecycle import KINDS
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from schwung.unify.tables import PROFILES

FIRST = date(2025, 1, 1)
ZONE = "Europe/Berlin"
_engine = ibis.duckdb.connect()
# Per customer the days of its orders; days far enough apart to be dormant and lost now and then.
HISTORIES = st.lists(st.lists(st.integers(0, 700), max_size=6), min_size=12, max_size=24)


def at(day: int) -> int:
    return start_of(FIRST + timedelta(days=day), ZONE) + 12 * 3_600_000_000


def kind(history: Sequence[int], moment: int) -> str:
    """The state machine, step by step. history: instants in order, all before the moment."""
    state, last = "lead", 0
    for nth, order in enumerate(history):
        gap = order - last if nth else 0
        if gap > 180 * DAY:
            state = "won_back"
        elif nth == 0:
            state = "new"
        elif state != "won_back" or gap > 90 * DAY:
            state = "existing"
        last = order
    if state == "lead":
        return state
    age = moment - last
    return "lost" if age > 180 * DAY else "dormant" if age > 90 * DAY else state


def asked(name: str, histories: Sequence[Sequence[int]], by: tuple[str, ...]) -> list[dict[str, Any]]:
    orders = [
        {"order_key": 1000 * who + nth, "identifier_id": who, "customer_id": who, "ordered_at": at(day),
         "amount_minor": 100, "is_cancelled": False}
        for who, history in enumerate(histories, 1)
        for nth, day in enumerate(history)
    ]  # fmt: skip
    profiles = [{"customer_id": who, "first_seen_at": at(0), "is_gone": False} for who in range(1, len(histories) + 1)]
    tables = {"orders": arrow(ORDERS, orders), "profiles": arrow(PROFILES, profiles)}
    shown: dict[str, Any] = {table: ibis.memtable(rows) for table, rows in tables.items()}
    question = Question(as_of=at(720), zone=ZONE, by=by, since_on=FIRST)
    found = answer(METRICS[name], question, lambda table, customer: shown[table], _run)
    return [dict(row.cuts) | {"value": row.estimate.value} for row in found.rows]


def _run(expression: Any) -> pa.Table:
    return _engine.to_pyarrow(expression)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HISTORIES)
def test_kinds_now(histories: list[list[int]]) -> None:
    found = {row["kind"]: row["value"] for row in asked("customers_by_kind", histories, ())}
    told = [kind(sorted(at(day) for day in history), at(720)) for history in histories]
    assert found == {name: told.count(name) for name in KINDS}


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HISTORIES)
def test_growth_balances_and_is_the_base(histories: list[list[int]]) -> None:
    """start + new + reactivated − lost = end in every month; each start is the end before; the ends are the active."""
    months: dict[str, dict[str, int]] = {}
    for row in asked("growth_accounting", histories, ("month",)):
        months.setdefault(row["month"], {})[row["part"]] = row["value"]
    active = {row["month"]: row["value"] for row in asked("active_customers", histories, ("month",))}
    end = 0
    for month, parts in months.items():
        assert parts["start"] == end
        assert parts["start"] + parts["new"] + parts["reactivated"] - parts["lost"] == parts["end"]
        end = parts["end"]
        assert active[month] == end
    assert sum(parts["new"] for parts in months.values()) == sum(1 for history in histories if history)
    kinds = {row["kind"]: row["value"] for row in asked("customers_by_kind", histories, ())}
    assert end == sum(kinds.values()) - kinds["lead"] - kinds["lost"]
