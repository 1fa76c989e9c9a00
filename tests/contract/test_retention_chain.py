"""The retention chain on every engine: correlations equal to those of the table worked out by hand."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from schwung.app.ports import Engine
from schwung.collect.relationship_tables import ANSWERS, DELIVERIES
from schwung.collect.tables import ORDER_LINES, ORDERS
from schwung.core.stable_hash import bucket_of
from schwung.measure.example import arrow, instant
from schwung.measure.question import Question
from schwung.measure.reading import Plainly
from schwung.measure.retention_chain import correlation, retention_chain
from schwung.measure.scope import Scope
from tests.engines import ENGINES, start

SIZE = 150
CSAT = [1 + number % 5 for number in range(SIZE)]
NPS = [min(10, 2 * CSAT[number] + number % 3) for number in range(SIZE)]
AGAIN = [1 if NPS[number] + number % 4 >= 8 else 0 for number in range(SIZE)]
SPENT = [10 * AGAIN[number] * (1 + number % 7) for number in range(SIZE)]


def _who(number: int) -> dict[str, Any]:
    return {"identifier_id": number + 1, "customer_id": number + 1, "bucket": bucket_of(number + 1), "currency": "EUR"}


def _order(number: int, day: str, amount: int) -> dict[str, Any]:
    key = {"order_key": number * 1_000 + int(day[5:7]) * 31 + int(day[8:10]), "order_id": f"{number}{day}"}
    return (
        _who(number)
        | key
        | {"ordered_at": instant(day), "amount_minor": 100 * amount, "is_cancelled": False, "is_net": False}
    )


def _answer(number: int, day: str, value: float, metric: str, high: float, low: float) -> dict[str, Any]:
    scale = {"scale_low": low, "scale_high": high, "better": "higher", "question_id": metric, "metric": metric}
    return (
        _who(number)
        | scale
        | {"answer_key": number * 10 + int(high), "answered_at": instant(day), "value": value, "phase": "interact"}
    )


def _tables() -> dict[str, Any]:
    """First order 5 January 2025, CSAT on 10 January, the 0–10 question in February; again in May; spent in August."""
    numbers = range(SIZE)
    orders = [_order(number, "2025-01-05", 20) for number in numbers]
    orders += [_order(number, "2025-05-01", 20) for number in numbers if AGAIN[number]]
    orders += [_order(number, "2025-08-01", SPENT[number]) for number in numbers if SPENT[number]]
    answers = [_answer(number, "2025-01-10", CSAT[number], "csat", 5, 1) for number in numbers]
    answers += [_answer(number, "2025-02-10", NPS[number], "nps", 10, 0) for number in numbers]
    found = {
        "orders": (ORDERS, orders),
        "answers": (ANSWERS, answers),
        "deliveries": (DELIVERIES, []),
        "order_lines": (ORDER_LINES, []),
    }
    return {name: arrow(table, rows) for name, (table, rows) in found.items()}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Engine]:
    made = start(request.param, tmp_path)
    yield made
    made.close()


def test_links(engine: Engine) -> None:
    shown = {name: engine.memtable(rows, f"chain_{name}") for name, rows in _tables().items()}
    scope = Scope(Question(as_of=instant("2026-06-01")), lambda name, customer: shown[name])
    found = {(link.measure, link.effect): link for link in retention_chain(Plainly(scope, engine.run)).links}
    csat, nps, again, spent = (np.array(column, dtype=float) for column in (CSAT, NPS, AGAIN, SPENT))
    for pair, x, y in (
        (("satisfaction", "recommendation"), csat, nps),
        (("recommendation", "ordered_again"), nps, again),
        (("ordered_again", "revenue"), again, np.log1p(spent)),
    ):
        link = found[pair]
        assert link.strength.n == SIZE
        assert link.strength.value == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-9), pair
        assert link.strength.low is not None and link.strength.low < link.strength.value
    assert found["satisfaction", "recommendation"].word == "strong"
    assert found["first_in_time", "satisfaction"].word == "too_few", "no delivery is known"
    assert found["satisfaction", "cross_buying"].strength.n == 0


def test_correlation_from_sums() -> None:
    """Fisher's own way: r = 0.5 of 103 pairs reaches from tanh(0.5493 − 1.96 ÷ 10) to tanh(0.5493 + 1.96 ÷ 10)."""
    chance = np.random.default_rng(2)
    x = chance.standard_normal(103)
    y = x + chance.standard_normal(103)
    found = correlation(103, x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum())
    r = np.corrcoef(x, y)[0, 1]
    assert found.value == pytest.approx(r)
    assert found.low == pytest.approx(np.tanh(np.arctanh(r) - 0.1959964)) and found.high == pytest.approx(
        np.tanh(np.arctanh(r) + 0.1959964)
    )
    assert correlation(50, 50, 10, 50, 10, 10).value is None, "one side is constant"
