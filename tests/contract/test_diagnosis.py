"""The series behind findings on every engine, all rules in one statement: counted by hand on a few facts."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import ibis
import pytest

from schwung.app.ports import Engine
from schwung.core.period import Period
from schwung.measure.diagnosis.diagnose import _series
from schwung.measure.diagnosis.rules import RULES
from schwung.measure.example import Example, Return, Sale, Touch, instant
from schwung.measure.example_facts import Answered, Goods, State
from schwung.measure.question import Question
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope
from tests.engines import ENGINES, start

SHOP = Example(
    as_of="2026-02-28",
    answers={},
    touches=(Touch("anna", "2026-01-01 11:00", "email"),),
    sales=(Sale("anna", "2026-01-02"), Sale("anna", "2026-01-12"), Sale("ben", "2026-01-03"), Sale(None, "2026-01-04")),
    returns=(Return("ben", "2026-01-09", 4),),
    goods=(Goods("coffee", "4.00"),),
    answered=(Answered("anna", "2026-01-05", "nps", 10), Answered("ben", "2026-01-05", "nps", 3)),
    states={
        "deliveries": (
            State("0", "shipped", "anna", "2026-01-02 13:00", {"promised_at": "2026-01-04 12:00"}),
            State("0", "delivered", "anna", "2026-01-06"),
        ),
        "carts": (
            State("k1", "started", "anna", "2026-01-05 12:00"),
            State("k1", "ordered", "anna", "2026-01-05 13:00"),
            State("k2", "started", "ben", "2026-01-05 12:00"),
        ),
        "cases": (
            State("c1", "opened", "ben", "2026-01-06 12:00", {"kind": "complaint"}),
            State("c1", "answered", "ben", "2026-01-08 12:00"),
        ),
        "messages": (State("m1", "sent", "anna", "2026-01-07"), State("m1", "unsubscribed", "anna", "2026-01-08")),
        "leads": (State("l1", "captured", "dana", "2026-01-07"),),
    },
)
ALL = {
    "carts_abandoned": (2, 1),
    "churn_rising": (2, 0),
    "cohort_worse": (2, 1),
    "complaints_rising": (4, 1),
    "late_rising": (1, 1),
    "nps_falling": (2, 0),
    "repeat_falling": (2, 1),
    "returns_rising": (4, 1),
    "slow_response": (1, 1),
    "unsubscribes_rising": (1, 1),
}
"""By rule: cases, hits. At risk of buying again at the end: Anna and Ben; active: both, so nobody of the two is lost."""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = start(request.param, tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


def test_every_series_counts_alike(engine: Engine) -> None:
    shown = {name: engine.memtable(rows, f"diagnosis_{name}") for name, rows in SHOP.tables().items()}
    question = Question(as_of=instant("2026-02-28 23:59"), first_at=instant("2026-01-01"), until_on=date(2026, 2, 28))
    windows = Windows.of(Period(date(2026, 2, 1), date(2026, 2, 28), question.zone))

    def table(name: str, customer: bool) -> Any:
        rows = shown[name]
        return rows if customer or "customer_id" not in rows.columns else rows.drop("customer_id")

    scope = Scope(question, table)
    found = engine.run(ibis.union(*(_series(rule, scope, windows) for rule in RULES if rule.series)))
    sums: dict[tuple[str, str], list[int]] = {}
    for row in found.to_pylist():
        one = sums.setdefault((row["rule"], row["slice"]), [0, 0])
        one[0] += row["n"]
        one[1] += row["total"]
    assert {rule: tuple(one) for (rule, slice_), one in sums.items() if not slice_} == ALL
    assert sums["stage_worse", "cart"] == [2, 1] and sums["stage_worse", "checkout"] == [1, 1]
    assert sums["stage_worse", "lead"] == [1, 0] and sums["channel_repeat", "email"] == [1, 1]
