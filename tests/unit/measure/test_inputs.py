"""What lacks is named: no metric makes a number of facts that are not there."""

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from schwung.measure.answer import answer
from schwung.measure.example import Example
from schwung.measure.inputs import INPUTS, missing_of
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from schwung.measure.valuation import Valuation

_engine = ibis.duckdb.connect()
_EMPTY = {name: ibis.memtable(rows) for name, rows in Example("2026-01-01", {}).tables().items()}
WANTING = [name for name, metric in METRICS.items() if metric.requires(Valuation(basis="margin", less_cac=True))]


def empty(name: str, customer: bool) -> ir.Table:
    return _EMPTY[name]


def run(expression: ir.Table) -> pa.Table:
    return _engine.to_pyarrow(expression)


@pytest.mark.parametrize("name", WANTING)
def test_nothing_comes_of_nothing(name: str) -> None:
    found = answer(METRICS[name], Question(as_of=0, value=Valuation(basis="margin", less_cac=True)), empty, run)
    assert found.rows == () and found.missing
    for one in found.missing:
        assert one.where.startswith("/") and one.act and one.text.en.endswith(".") and one.text.de.endswith(".")


def test_every_input_is_wanted_and_a_setting_answers_it() -> None:
    wanted = {one for name in WANTING for one in METRICS[name].requires(Valuation(basis="margin", less_cac=True))}
    assert wanted == set(INPUTS)
    told = Question(as_of=0, value=Valuation(margin_rate=0.3, tax_rate=0.19, point_value=0.01))
    assert missing_of(METRICS["gross_margin"], told, empty, run) == ()
    assert [one.name for one in missing_of(METRICS["points_liability"], told, empty, run)] == ["points"]


def test_what_was_seen_is_not_sought_again() -> None:
    def never(expression: ir.Table) -> Any:
        raise AssertionError("sought again")

    assert missing_of(METRICS["nps"], Question(as_of=0), empty, never, {"answers_nps"}) == ()
