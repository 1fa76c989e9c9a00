"""Every metric's worked example on every engine: the answers worked out by hand, and the same rows for every cut."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pytest

from schwung.app.ports import Engine
from schwung.core.errors import InputError
from schwung.measure.answer import Answer, answer
from schwung.measure.cuts import CUTS
from schwung.measure.example import instant
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question
from tests.engines import ENGINES, start

# Cuts that make the same statement on an engine as one that is asked already; DuckDB is asked all of them.
SPARK_CUTS = ("month", "week", "channel", "category", "cohort")


@pytest.fixture(scope="module", params=ENGINES)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = start(request.param, tmp_path_factory.mktemp("engine"))
    yield made
    made.close()


def asked(engine: Engine, metric: Metric, by: tuple[str, ...]) -> Answer:
    tables = example_tables(metric.name)
    question = Question(as_of=instant(metric.example.as_of), by=by)
    shown = {name: engine.memtable(rows, f"{metric.name}_{name}") for name, rows in tables.items()}
    return answer(metric, question, lambda name, customer: shown[name], engine.run)


@lru_cache
def example_tables(name: str) -> dict[str, pa.Table]:
    return METRICS[name].example.tables()


def flat(found: Answer) -> list[dict[str, Any]]:
    return [
        dict(row.cuts)
        | {"value": row.estimate.value, "low": row.estimate.low, "high": row.estimate.high, "n": row.estimate.n}
        for row in found.rows
    ]


@pytest.mark.parametrize("name", METRICS)
def test_example_and_cuts(running: Engine, name: str) -> None:
    metric = METRICS[name]
    cuts = metric.cuts if running.name == "duckdb" else [cut for cut in metric.cuts if cut in SPARK_CUTS]
    for cut in (None, *cuts, *(cut for cut in metric.example.answers if cut not in (None, *cuts))):
        rows = flat(asked(running, metric, (cut,) if cut else ()))
        for place, wanted in enumerate(metric.example.answers.get(cut, ())):
            assert {column: rows[place][column] for column in wanted} == {
                column: pytest.approx(value, abs=2e-6) if isinstance(value, float) else value
                for column, value in wanted.items()
            }, f"{name} by {cut}, row {place}"
        if cut:
            assert all(cut in row for row in rows)
    assert metric.example.answers, "an example has an answer"


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_engines_agree(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two cuts at once, on both engines, over every metric that has them."""
    duckdb, spark = (start(name, tmp_path_factory.mktemp(name)) for name in ("duckdb", "spark"))  # type: ignore[arg-type]
    try:
        for metric in METRICS.values():
            for by in ((), ("quarter",), ("year", "country")):
                if set(by) <= set(metric.cuts):
                    one, other = flat(asked(duckdb, metric, by)), flat(asked(spark, metric, by))
                    assert one == [approximately(row) for row in other]
    finally:
        duckdb.close()
        spark.close()


def approximately(row: dict[str, Any]) -> dict[str, Any]:
    return {name: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value for name, value in row.items()}


@pytest.mark.parametrize("name", METRICS)
def test_a_wrong_cut_names_the_right_ones(name: str) -> None:
    metric = METRICS[name]
    for by in (("shoe_size",), tuple(cut for cut in CUTS if cut not in metric.cuts)[:1], ("month", "year")):
        if by:
            with pytest.raises(InputError) as caught:
                answer(metric, Question(as_of=0, by=by), lambda name, customer: pytest.fail("asked"), lambda expr: expr)
            assert caught.value.code == "wrong_cut"
            assert all(cut in caught.value.step.de for cut in metric.cuts)
