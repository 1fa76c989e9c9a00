"""Every metric's worked example on every engine: the answers worked out by hand, and the same rows for every cut."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from schwung.app.ports import Engine
from schwung.core.errors import InputError
from schwung.measure.answer import Answer, answer
from schwung.measure.cuts import CUTS, PERIODS
from schwung.measure.example import instant
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from tests.engines import start

Rows = list[dict[str, Any]]


class Asker:
    """One engine with the examples' tables, each shown to it once and asked once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._shown: dict[str, dict[str, ir.Table]] = {}
        self._answers: dict[tuple[str, tuple[str, ...]], Rows] = {}

    def ask(self, metric: Metric, by: tuple[str, ...]) -> Rows:
        asked = (metric.name, by)
        if asked not in self._answers:
            self._answers[asked] = self._ask(metric, by)
        return self._answers[asked]

    def _ask(self, metric: Metric, by: tuple[str, ...]) -> Rows:
        if metric.name not in self._shown:
            tables = example_tables(metric.name)
            self._shown[metric.name] = {
                name: self.engine.memtable(rows, f"{metric.name}_{name}") for name, rows in tables.items()
            }
        shown = self._shown[metric.name]
        question = Question(as_of=instant(metric.example.as_of), by=by, value=metric.example.value)
        return flat(answer(metric, question, lambda name, customer: shown[name], self.engine.run))


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    engine = start("duckdb", tmp_path_factory.mktemp("duckdb"))
    yield Asker(engine)
    engine.close()


@lru_cache
def example_tables(name: str) -> dict[str, pa.Table]:
    return METRICS[name].example.tables()


def flat(found: Answer) -> Rows:
    return [
        dict(row.cuts)
        | {"value": row.estimate.value, "low": row.estimate.low, "high": row.estimate.high, "n": row.estimate.n}
        for row in found.rows
    ]


def nearly(row: dict[str, Any], error: float) -> dict[str, Any]:
    return {name: pytest.approx(part, abs=error) if isinstance(part, float) else part for name, part in row.items()}


@pytest.mark.parametrize("name", METRICS)
def test_worked_example(duckdb: Asker, name: str) -> None:
    metric = METRICS[name]
    assert metric.example.answers
    for cut, answers in metric.example.answers.items():
        rows = duckdb.ask(metric, (cut,) if cut else ())
        shown = [{column: row[column] for column in wanted} for row, wanted in zip(rows, answers, strict=False)]
        assert shown == [nearly(dict(wanted), 2e-6) for wanted in answers], f"{name} by {cut}"


ONE_OF_EACH = {(metric.needs, metric.cuts): name for name, metric in METRICS.items()}
"""Metrics that read the same facts by the same cuts are built alike."""


@pytest.mark.parametrize("name", ONE_OF_EACH.values())
def test_every_cut_runs(duckdb: Asker, name: str) -> None:
    metric = METRICS[name]
    by = tuple(cut for cut in metric.cuts if cut not in PERIODS or cut == "week")
    rows = duckdb.ask(metric, by)
    assert rows and all(cut in row for row in rows for cut in by)


@pytest.mark.parametrize("name", METRICS)
def test_slices_of_a_total_add_up(duckdb: Asker, name: str) -> None:
    """Revenue and orders are the sum of their slices, for every cut that takes each order once."""
    metric = METRICS[name]
    if metric.estimate != "exact" or metric.shape != "flow" or metric.parts:
        return
    (whole,) = duckdb.ask(metric, ())
    apart = [cut for cut in metric.cuts if cut not in ("product", "category", "list", "persona")]
    for cut in apart if name == "revenue" else [cut for cut in apart if cut not in PERIODS][:2]:
        slices = duckdb.ask(metric, (cut,))
        assert sum(row["value"] for row in slices) == pytest.approx(whole["value"]), f"{name} by {cut}"


@pytest.mark.parametrize("name", METRICS)
def test_a_wrong_cut_names_the_right_ones(name: str) -> None:
    metric = METRICS[name]
    wrong = [("shoe_size",), *((cut,) for cut in CUTS if cut not in metric.cuts), ("month", "year"), ("month", "month")]
    for by in wrong:
        with pytest.raises(InputError) as caught:
            answer(metric, Question(as_of=0, by=by), lambda name, customer: pytest.fail("asked"), lambda expr: expr)
        assert caught.value.code == "wrong_cut"
        assert all(cut in caught.value.step.de for cut in metric.cuts)
