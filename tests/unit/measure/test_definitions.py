"""What a window, a promise and a cancelled order do to figures, on a few orders told by hand."""

from datetime import date
from typing import Any

import ibis
import pytest

from schwung.measure.answer import answer
from schwung.measure.example import Example, Return, Sale, Touch, instant
from schwung.measure.example_facts import Answered, State
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from schwung.measure.retention_chain import linked
from schwung.measure.scope import Scope, TableOf

_engine = ibis.duckdb.connect()


def _table_of(example: Example) -> TableOf:
    shown: dict[str, Any] = {name: ibis.memtable(rows) for name, rows in example.tables().items()}
    return lambda name, customer: shown[name]


@pytest.mark.parametrize(("cut", "name"), [("channel", "email"), ("campaign", "spring")])
def test_returns_belong_to_the_touch_of_their_order_however_long_ago(cut: str, name: str) -> None:
    example = Example(
        as_of="2026-03-31",
        answers={},
        sales=(Sale("anna", "2026-01-10", 60),),
        returns=(Return("anna", "2026-03-05", 15, undoes=0),),
        touches=(Touch("anna", "2026-01-09", "email", "spring"),),
    )
    question = Question(as_of=instant("2026-03-31"), by=(cut,), since_on=date(2026, 3, 1))
    found = answer(METRICS["revenue"], question, _table_of(example), _engine.to_pyarrow)
    assert [(dict(row.cuts), row.estimate.value) for row in found.rows] == [({cut: name}, -15.0)]


def test_the_chain_reads_promises_and_cancelled_orders_as_the_metrics_do() -> None:
    """A promised day lasts to its end; what was cancelled was not bought."""
    example = Example(
        as_of="2026-06-01",
        answers={},
        sales=(
            Sale("anna", "2025-01-05", 20, lines={"coffee": 20}),
            Sale("anna", "2025-02-01", 10, lines={"coffee": 10}),
            Sale("anna", "2025-02-02", 50, lines={"mug": 50}, cancelled=True),
        ),
        states={
            "deliveries": (State("0", "delivered", "anna", "2025-01-08 15:00", {"promised_at": "2025-01-08 00:00"}),)
        },
        answered=(Answered("anna", "2025-01-10", "csat", 5, 1, 5, phase="interact"),),
    )
    rows = linked(Scope(Question(as_of=instant("2026-06-01")), _table_of(example)))
    (row,) = _engine.to_pyarrow(rows).to_pylist()
    assert (row["first_in_time"], row["cross_buying"]) == (1.0, 1.0)
