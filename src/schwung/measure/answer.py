"""Asks one metric one question: expression, engine, inference, named and ordered rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.period import Period, Unit, day_of, first_day_of
from schwung.core.text import Text
from schwung.measure.cuts import CUTS, PERIODS
from schwung.measure.inference import Estimate, infer
from schwung.measure.inputs import missing_of
from schwung.measure.local_time import day_of_label, first_day, key_of_day, label
from schwung.measure.metric import Metric
from schwung.measure.missing import Missing
from schwung.measure.question import Question
from schwung.measure.scope import AtHand, Moments, Scope, TableOf

Run = Callable[[ir.Table], pa.Table]
MOST_MOMENTS = 800


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer. cuts: name → label, in the order asked. so_far: its period is not over at `as of`."""

    cuts: Mapping[str, Any]
    estimate: Estimate
    so_far: bool = False
    too_few: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """guest_orders: orders of guests, which the rows leave out; None where guests count. missing: inputs without which
    there is no number; then there are no rows."""

    rows: tuple[Row, ...]
    guest_orders: int | None = None
    missing: tuple[Missing, ...] = ()


def answer(metric: Metric, question: Question, table: TableOf, run: Run) -> Answer:
    """The rows of a metric. InputError for a cut that it does not have."""
    check_cuts(metric, question.by)
    question = windowed(metric, question)
    missing = missing_of(metric, question, table, run)
    if missing:
        return Answer((), missing=missing)
    if metric.shape == "state" and question.first_at is None and question.since_on is None:
        question = replace(question, first_at=first_of(run(first_facts(table))))
    return read(metric, question, run(expression_of(metric, question, table)))


def expression_of(
    metric: Metric,
    question: Question,
    table: TableOf,
    given: ir.Table | None = None,
    at_hand: AtHand | None = None,
) -> ir.Table:
    """What an engine runs. question: as `windowed` gives it. given: `moments_of(…).rows()` as a table that is there."""
    moments = moments_of(metric, question)
    return metric.expression(Scope(question, table, moments and replace(moments, given=given), at_hand))


def read(metric: Metric, question: Question, result: pa.Table) -> Answer:
    """The rows of a metric from what the engine found."""
    moments = moments_of(metric, question)
    found = result.to_pylist() if not metric.bins else _binned(metric, question, result)
    guests = sum(row.get("guest_orders") or 0 for row in found) if metric.per_customer else None
    rows = [row for statistics in found for row in _rows(metric, question, statistics)]
    if metric.shape == "matrix":
        rows = _fill_matrix(question, rows)
    elif question.by == (question.unit,):
        rows = _fill_periods(metric, question, rows, moments)
    return Answer(tuple(_ordered(metric, question, rows)), guests)


def windowed(metric: Metric, question: Question) -> Question:
    """The question with the metric's own window where no start is asked for and no calendar unit cuts."""
    if question.since_on is not None or metric.window_days is None or question.unit is not None:
        return question
    return replace(question, since_on=question.last_day - timedelta(days=metric.window_days - 1))


def check_cuts(metric: Metric, by: Iterable[str]) -> None:
    """InputError that lists what the metric can be cut by."""
    by = tuple(by)
    wrong = [cut for cut in by if cut not in metric.cuts]
    if not wrong and sum(cut in PERIODS for cut in by) <= 1 and len(set(by)) == len(by):
        return
    raise InputError(
        "wrong_cut",
        Text(
            en="{metric} cannot be cut by {cuts}.",
            de="{metric} lässt sich nicht nach {cuts} aufteilen.",
        ).fill(metric=metric.title, cuts=", ".join(wrong or by)),
        Text(
            en="Possible: {known}; at most one of the calendar units.",
            de="Möglich: {known}; höchstens eine Kalendereinheit.",
        ).fill(known=", ".join(metric.cuts) or "–"),
    )


def first_facts(table: TableOf) -> ir.Table:
    """Instants of the oldest order and of the oldest return; null where there is none."""
    ordered = table("orders", False).aggregate(first_at=_.ordered_at.min())
    returned = table("returns", False).aggregate(first_at=_.returned_at.min())
    return ordered.union(returned)


def first_of(found: pa.Table) -> Instant | None:
    """The older one; None where there is neither."""
    return min((at for at in found["first_at"].to_pylist() if at is not None), default=None)


def moments_of(metric: Metric, question: Question) -> Moments | None:
    """The periods at whose ends a state is counted, from the first fact on where no start is asked for; None for what is
    no state."""
    if metric.shape != "state":
        return None
    unit = question.unit
    since_on = question.since_on
    if since_on is None:
        first = question.as_of if question.first_at is None else question.first_at
        since_on = min(day_of(first, question.zone), question.last_day)
    period = Period(since_on, max(since_on, question.last_day), question.zone)
    parts = list(period.parts(unit)) if unit else [period]
    if len(parts) > MOST_MOMENTS:
        raise InputError(
            "too_many_periods",
            Text(en="That are {count} periods.", de="Das sind {count} Zeiträume.").fill(count=len(parts)),
            Text(
                en="Ask for at most {most}: a later start or a longer unit.",
                de="Höchstens {most} sind möglich: späterer Beginn oder längere Einheit.",
            ).fill(most=MOST_MOMENTS),
        )
    return Moments(
        keys=[key_of_day(part.since_on, unit) if unit else 0 for part in parts],
        since_at=[max(part.since_at, period.since_at) for part in parts],
        end_at=[min(part.until_at, question.until_at) for part in parts],
        moment_at=[min(part.until_at, question.until_at, question.as_of) for part in parts],
    )


def _rows(metric: Metric, question: Question, statistics: Mapping[str, Any]) -> Iterable[Row]:
    cuts = {cut: _label(cut, statistics[cut]) for cut in question.by}
    if metric.shape == "matrix":
        cuts |= {"cohort": label(statistics["cohort"], "month"), "age": statistics["age"]}
    money = 10 ** exponent_of(question.currency) if metric.unit == "money" else 1
    unit = question.unit
    so_far = unit is not None and _is_open(statistics[unit], unit, question)
    if metric.parts is None:
        estimate = infer(metric.estimate, statistics, money)
        yield Row(cuts, estimate, so_far, metric.estimate != "exact" and estimate.n < metric.least)
        return
    for part in metric.parts.texts:
        yield Row(cuts | {metric.parts.column: part}, infer("exact", {"value": statistics[part] or 0}, money), so_far)


def _binned(metric: Metric, question: Question, result: pa.Table) -> list[dict[str, Any]]:
    """One row a slice, its several rows under "bins"; what a row says beside them holds for its slice."""
    slices: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in result.to_pylist():
        key = tuple(row[cut] for cut in question.by)
        whole = slices.setdefault(key, {"bins": []})
        whole.update({name: value for name, value in row.items() if value is not None or name not in whole})
        if row[metric.bins[0]] is not None:
            whole["bins"].append({name: row[name] for name in metric.bins})
    for whole in slices.values():  # engines give rows in any order; a seeded draw must not depend on it
        whole["bins"].sort(key=lambda one: one[metric.bins[0]])
    return list(slices.values())


def _label(cut: str, value: Any) -> str:
    if value is None:
        return CUTS[cut].rest
    if cut in PERIODS:
        return label(value, cut)  # type: ignore[arg-type]
    return label(value, "month") if cut == "cohort" else str(value)


def _is_open(key: int, unit: Unit, question: Question) -> bool:
    return first_day(key + 1, unit) > day_of(question.as_of, question.zone)


def _fill_periods(metric: Metric, question: Question, rows: list[Row], moments: Moments | None) -> list[Row]:
    """Periods in which nothing happened: 0 for what is counted, no value for what is estimated."""
    unit = question.unit
    assert unit is not None
    column = metric.parts.column if metric.parts else None
    known = {(row.cuts[unit], row.cuts.get(column) if column else None) for row in rows}
    keys: Iterable[int] = moments.keys if moments else _keys_between(rows, unit)
    empty = Estimate(0 if metric.estimate == "exact" else None)
    for key in keys:
        for part in metric.parts.texts if metric.parts else (None,):
            name = label(key, unit)
            if (name, part) not in known:
                cuts = {unit: name} | ({column: part} if column else {})
                rows.append(Row(cuts, empty, _is_open(key, unit, question), metric.estimate != "exact"))
    return rows


def _keys_between(rows: list[Row], unit: Unit) -> Iterable[int]:
    found = [key_of_day(day_of_label(row.cuts[unit], unit), unit) for row in rows]
    return range(min(found), max(found) + 1) if found else ()


def _fill_matrix(question: Question, rows: list[Row]) -> list[Row]:
    """Every age up to the month of `as of`; nobody came: 0."""
    last = key_of_day(first_day_of(question.last_day, "month"), "month")
    by_cell = {(row.cuts["cohort"], row.cuts["age"]): row for row in rows}
    filled = []
    for cohort in {cohort for cohort, _age in by_cell}:
        first = key_of_day(day_of_label(cohort, "month"), "month")
        size = by_cell[cohort, 0].estimate.n
        for age in range(last - first + 1):
            row = by_cell.get((cohort, age)) or Row(
                {"cohort": cohort, "age": age}, infer("share", {"hits": 0, "n": size})
            )
            filled.append(replace(row, so_far=_is_open(first + age, "month", question)))
    return filled


def _ordered(metric: Metric, question: Question, rows: list[Row]) -> list[Row]:
    """Periods and cohorts in time, parts as declared, else the largest first."""
    parts = list(metric.parts.texts) if metric.parts else []
    timed = [cut for cut in (*question.by, "cohort", "age") if cut in PERIODS or cut in ("cohort", "age")]

    def place(row: Row) -> tuple[Any, ...]:
        others = tuple(str(row.cuts[cut]) for cut in question.by if cut not in timed)
        size = -(row.estimate.value if row.estimate.value is not None else float("-inf"))
        part = parts.index(row.cuts[metric.parts.column]) if metric.parts else 0
        when = tuple(row.cuts[cut] for cut in timed if cut in row.cuts)
        return (*when, *others, part) if metric.parts else (*when, size, *others)

    return sorted(rows, key=place)
