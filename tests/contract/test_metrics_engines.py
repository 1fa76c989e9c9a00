"""Every metric gives the same on every engine: counts to the digit, sums and ratios to 1e-9, over all examples at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from schwung.act.experiment.design import holdout
from schwung.act.experiment.outcomes import statistics
from schwung.app.ports import Engine
from schwung.core.clock import DAY
from schwung.measure.answer import expression_of, read
from schwung.measure.cuts import CUTS, PERIODS
from schwung.measure.example import instant
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.measure.predicted import best_values
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.measure.valuation import Valuation
from schwung.predict import summary
from schwung.predict.clv import ModifiedBetaGeoNBD, PurchaseSummary
from schwung.predict.features import goods as goods_bought
from schwung.predict.features import lead
from schwung.predict.features.feature import each_at
from schwung.predict.features.frame import FEATURES, GROUPS, KEYS
from schwung.predict.models.sbg import tenures
from schwung.predict.points import EventRule, Points
from schwung.predict.potential.base import base
from schwung.predict.recommend.purchases import goods, pairs
from schwung.predict.recommend.together import counted
from schwung.predict.sight import Sight
from tests.engines import SPARK, start

VALUE = Valuation(0.3, 0.07, 0.1, "margin", False, 24, 0.01)
KEYED = ("customer_id", "identifier_id")
TOGETHER = 8
THOROUGH = ("orders", "nps", "monthly_recurring_revenue", "first_response_time")
"""Metrics that are asked by all their cuts on the other engines too; together they have every cut."""


@lru_cache
def town() -> dict[str, pa.Table]:
    """The facts of all examples side by side, nobody in two of them."""
    parts: dict[str, list[pa.Table]] = {}
    for place, metric in enumerate(METRICS.values()):
        for name, rows in metric.example.tables().items():
            parts.setdefault(name, []).append(_apart(rows, place))
    return {name: pa.concat_tables(found) for name, found in parts.items()}


def _apart(rows: pa.Table, place: int) -> pa.Table:
    """The same rows with keys, numbers of people and of orders that no other example has."""
    for at, column in enumerate(rows.column_names):
        values = rows[column]
        if column in KEYED or column.endswith("_key") or column == "event_no":
            values = pc.add(values, 1000 * place if column in (*KEYED, "event_no") else place)
        elif column == "order_id":
            values = pc.binary_join_element_wise(values, str(place), "-")
        rows = rows.set_column(at, rows.schema.field(column), values)
    return rows


class Town:
    """The facts of all examples on one engine. Metrics whose statistics have the same columns are asked in one statement:
    what an engine takes to begin and end one is most of what it takes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._shown: dict[str, ir.Table] = {
            name: engine.memtable(rows, f"town_{name}") for name, rows in town().items()
        }
        self._found: dict[str, pa.Table] = {}

    def ask(self, metric: Metric) -> list[dict[str, Any]]:
        if metric.name not in self._found:
            self._together(metric)
        found = read(metric, question(metric), self._found[metric.name])
        return [
            dict(row.cuts)
            | {"value": row.estimate.value, "low": row.estimate.low, "high": row.estimate.high, "n": row.estimate.n}
            for row in found.rows
        ]

    def rows(self, build: Callable[[Scope], ir.Table], *by: str) -> list[dict[str, Any]]:
        """Rows of another expression over the same facts, in the order of the columns `by`."""
        asked = Question(instant("2026-12-31"), value=VALUE, first_at=instant("2025-01-01"))
        found = self.engine.run(build(Scope(asked, lambda name, customer: self._shown[name])))
        rows: list[dict[str, Any]] = found.sort_by([(column, "ascending") for column in by]).to_pylist()
        return rows

    def _together(self, metric: Metric) -> None:
        """Runs the metric with the next ones of its kind."""
        wanted = self._statement(metric)
        alike = {metric.name: wanted}
        for other in METRICS.values():
            if len(alike) < TOGETHER and other.name not in self._found and other.estimate == metric.estimate:
                statement = self._statement(other)
                if statement.schema() == wanted.schema():
                    alike[other.name] = statement
        named = [rows.mutate(metric_name=ibis.literal(name)) for name, rows in alike.items()]
        found = self.engine.run(ibis.union(*named) if len(named) > 1 else named[0])
        for name in alike:
            rows = found.filter(pc.equal(found["metric_name"], name))
            self._found[name] = rows.drop_columns(["metric_name"])

    def _statement(self, metric: Metric) -> ir.Table:
        return expression_of(metric, question(metric), lambda name, customer: self._shown[name])


def question(metric: Metric) -> Question:
    by: tuple[str, ...] = ("quarter",) if "quarter" in metric.cuts else ()
    if metric.name in THOROUGH:
        by = tuple(cut for cut in metric.cuts if cut not in PERIODS or cut == "week")
    return Question(instant("2026-12-31"), by=by, value=VALUE, first_at=instant("2025-01-01"))


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    engine = start("duckdb", tmp_path_factory.mktemp("duckdb"))
    yield Town(engine)
    engine.close()


@pytest.fixture(scope="module", params=[SPARK])
def other(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    engine = start(request.param, tmp_path_factory.mktemp("engine"))
    yield Town(engine)
    engine.close()


def test_every_cut_is_asked() -> None:
    assert {cut for name in THOROUGH for cut in METRICS[name].cuts} == {*CUTS}


@pytest.mark.parametrize("name", METRICS)
def test_same_on_every_engine(duckdb: Town, other: Town, name: str) -> None:
    metric = METRICS[name]
    rows, same = duckdb.ask(metric), other.ask(metric)
    assert rows and same == [
        {
            column: pytest.approx(part, rel=1e-9, abs=1e-9) if isinstance(part, float) else part
            for column, part in row.items()
        }
        for row in rows
    ]


def test_numbers_that_belong_together_agree(duckdb: Town) -> None:
    """New customers by how they came are the new customers; who is not lost stays; growth within is the net beyond the gross."""

    def by_quarter(name: str, part: str | None = None) -> dict[str, float]:
        rows = [row for row in duckdb.ask(METRICS[name]) if part is None or row["part"] == part]
        return {row["quarter"]: row["value"] for row in rows if row["value"] is not None}

    ways = [by_quarter("acquired_customers", part) for part in ("paid", "organic", "referred")]
    new = by_quarter("new_customers")
    assert {quarter: sum(way[quarter] for way in ways) for quarter in new} == new
    growth = by_quarter("growth_accounting", "new")
    assert {quarter: growth[quarter] for quarter in new} == new
    churn, stay = by_quarter("churn_rate"), by_quarter("retention_rate")
    assert churn and {quarter: 1 - lost for quarter, lost in churn.items()} == pytest.approx(stay)
    net, gross = by_quarter("net_revenue_retention"), by_quarter("gross_revenue_retention")
    assert gross and all(gross[quarter] <= min(1, net[quarter]) for quarter in gross)


TABLES_OF_PREDICTIONS: dict[str, tuple[Callable[[Scope], ir.Table], tuple[str, ...]]] = {
    "potential": (lambda scope: base(scope, ("revenue", "margin")), ("customer_id",)),
    "purchases": (lambda scope: pairs(seen(scope)), ("customer_id", "product_id")),
    "purchases of late": (lambda scope: pairs(seen(scope), instant("2026-03-01")), ("customer_id", "product_id")),
    "goods": (goods, ("product_id",)),
    "bought together": (lambda scope: counted(scope, None), ("first", "second")),
    "features of customers": (lambda scope: features(scope), KEYS),
    "purchase summary": (lambda scope: summary.purchases(seen(scope)), ("customer_id",)),
    "tenures of contracts": (lambda scope: tenures(seen(scope)), ("subscription_key",)),
    "outcomes of experiments": (lambda scope: outcomes_of_experiments(scope), ("arm", "day", "value")),
    "lead points for deeds": (lambda scope: deeds(scope), ("customer_id",)),
    "customer value by prediction": (lambda scope: best_values(predicted(scope), less_cac=True), ("customer_id",)),
}


def predicted(scope: Scope) -> Scope:
    """As if a model of customer value had been trained."""
    value = replace(scope.question.value, is_predicted=True)
    return replace(scope, question=replace(scope.question, value=value))


def features(scope: Scope) -> ir.Table:
    """All of them, of everybody at two moments, side by side."""
    people = scope.table("profiles", False).select("customer_id").distinct()
    moments = each_at(people, [instant("2026-04-01"), instant("2026-12-01")])
    wide = moments
    for group in (*GROUPS, *lead.GROUPS, *goods_bought.GROUPS):
        wide = wide.left_join(group.rows(scope, moments), KEYS, rname=f"{group.name}_{{name}}")
    return wide.select(*KEYS, *(name for name in FEATURES if name in wide.columns))


def deeds(scope: Scope) -> ir.Table:
    """Points that fade; what they say of fit is a rule of segments."""
    rules = [EventRule(2, "page_viewed", 60 * DAY), EventRule(-3.5, "survey_sent", 90 * DAY)]
    return Points(engagement=tuple(rules)).engaged(scope.table("events", True), scope.question.as_of)


def outcomes_of_experiments(scope: Scope) -> ir.Table:
    """As if everybody had met one in March, every second person in the control; cut by kind."""
    people = scope.table("profiles", False).select("customer_id").distinct()
    arm = ibis.cases((people.customer_id % 2 == 0, "control"), else_="treated")
    met = people.mutate(arm=arm, exposed_at=ibis.literal(instant("2026-03-01"), "int64"), arms=ibis.literal(1, "int64"))
    return statistics(scope, met, holdout(0.5), "kind")


def seen(scope: Scope) -> Sight:
    return Sight(scope, lambda rows: pytest.fail("nothing runs here"), lambda at: pytest.fail("nor earlier"))


def test_a_fit_is_the_same_on_every_engine(duckdb: Town, other: Town) -> None:
    """The distinct rows are equal, and brought into one order: so are the parameters."""
    found = []
    for town in (duckdb, other):
        rows = town.rows(lambda scope: summary.distinct(summary.purchases(seen(scope))), "frequency", "recency", "age")
        table = pa.Table.from_pylist(rows)
        found.append(ModifiedBetaGeoNBD().fit(PurchaseSummary.from_table(table)))
    assert found[0].customers > 100
    assert found[1].parameters == pytest.approx(found[0].parameters, rel=1e-8)


def test_a_pass_over_orders_says_what_engines_say(duckdb: Town) -> None:
    """Where orders are near; that the engines say the same of the purchase summary is held below."""

    def near(scope: Scope) -> ir.Table:
        sight = replace(seen(scope), run=duckdb.engine.run, is_near=lambda: True)
        return ibis.memtable(summary.purchase_rows(sight))

    by_pass = duckdb.rows(near, "customer_id")
    assert any(row["paid_days"] for row in by_pass)
    assert by_pass == duckdb.rows(TABLES_OF_PREDICTIONS["purchase summary"][0], "customer_id")


@pytest.mark.parametrize("name", TABLES_OF_PREDICTIONS)
def test_tables_of_predictions_are_the_same(
    duckdb: Town, other: Town, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schwung.predict.recommend.together.LEAST_ORDERS", 1)
    build, by = TABLES_OF_PREDICTIONS[name]
    rows, same = duckdb.rows(build, *by), other.rows(build, *by)
    assert rows and same == [
        {
            column: pytest.approx(part, rel=1e-9, abs=1e-9) if isinstance(part, float) else part
            for column, part in row.items()
        }
        for row in rows
    ]
