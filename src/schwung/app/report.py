"""Asks metrics of a workspace: one number, its cuts, its change, and quick answers for pages."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir
import pyarrow as pa
from ibis.common.exceptions import IbisError

from schwung.app.facts import Facts, open_facts
from schwung.app.fresh import Cached, NotAtHand, cached, only_at_hand
from schwung.app.ports import Build, EngineName
from schwung.app.valuation import valuation_of
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant, to_datetime
from schwung.core.errors import InputError
from schwung.core.period import UNITS, Period, day_of
from schwung.core.text import Language, Text
from schwung.measure.answer import (
    Answer,
    Row,
    check_cuts,
    expression_of,
    first_facts,
    first_of,
    moments_of,
    read,
    windowed,
)
from schwung.measure.inference import Difference, Estimate, difference
from schwung.measure.inputs import missing_of
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.measure.missing import Missing
from schwung.measure.question import Question

if TYPE_CHECKING:
    import altair
    import pandas

PAGE_DAYS = 28
"""Default period of pages: so many days against as many before, the same weekdays on both sides."""
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
_MOMENTS, _FIRST = "moments", "first fact"

_BY_CALENDAR = frozenset((*UNITS, "cohort"))
"""Cuts that need local time over all that happened: they are worth looking up where it began."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one metric. Money in major units; shares from 0 to 1.

    snapshot_no: the published state of the lake that was read. computed_at: when. missing: inputs without which there
    is no number, each with where to enter it; then there are no rows.
    """

    metric: Metric
    question: Question
    rows: tuple[Row, ...]
    guest_orders: int | None
    snapshot_no: int
    computed_at: Instant
    missing: tuple[Missing, ...] = ()

    @property
    def unit(self) -> str:
        """`share`, `count`, `ratio`, `per_customer`, or for money the ISO currency."""
        return self.question.currency if self.metric.unit == "money" else self.metric.unit

    @property
    def row(self) -> Row | None:
        """The only row of a metric that is not cut; None where there is no fact yet."""
        return self.rows[0] if len(self.rows) == 1 else None

    def records(self) -> list[dict[str, Any]]:
        """Rows as flat mappings: cuts, value, low, high, n. A matrix has no interval."""
        matrix = self.metric.shape == "matrix"
        return [
            {**row.cuts, "value": row.estimate.value}
            | ({} if matrix else {"low": row.estimate.low, "high": row.estimate.high})
            | {"n": row.estimate.n}
            for row in self.rows
        ]

    def to_json(self) -> dict[str, Any]:
        """{"metric", "unit", "as_of", "rows": [{<cut>, "value", "low", "high", "n"}]}; the instant in ISO 8601, UTC.

        Where it rests on settings also "remark", where inputs lack "missing": [{"name", "text", "where"}].
        """
        as_of = to_datetime(self.question.as_of).isoformat().replace("+00:00", "Z")
        found: dict[str, Any] = {"metric": self.metric.name, "unit": self.unit, "as_of": as_of, "rows": self.records()}
        if self.remark:
            found["remark"] = {"en": self.remark.en, "de": self.remark.de}
        if self.missing:
            found["missing"] = [one.to_json() for one in self.missing]
        return found

    @property
    def remark(self) -> Text | None:
        """What the number rests on by the settings, where it does."""
        return self.metric.remark(self.question)

    def to_pandas(self) -> "pandas.DataFrame":
        """One row per line; a calendar unit comes as its label."""
        import pandas

        return pandas.DataFrame.from_records(self.records())

    def plot(self, language: Language = "en") -> "altair.Chart":
        """A chart as an Altair object; a notebook shows it. InputError that names what lacks, where an input does."""
        if self.missing:
            first = self.missing[0]
            step = Text("Enter it in the console at {where}.", "In der Konsole unter {where} eintragen.")
            raise InputError("input_missing", first.text, step.fill(where=first.where))
        from schwung.renderers.chart import chart

        return chart(self, language)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric in a period and in the period of the same length before it, without cuts but with its parts.

    before: None where that period starts before the first fact: it is not whole, and a change against it would mislead.
    differences: one per row of `now`; none without `before`.
    """

    period: Period
    now: Result
    before: Result | None
    differences: tuple[Difference, ...]

    @property
    def difference(self) -> Difference | None:
        """Of a metric that comes as one number."""
        return self.differences[0] if len(self.differences) == 1 else None


def measure(
    workspace: Workspace,
    name: str,
    *,
    by: str | Sequence[str] | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    engine: EngineName | None = None,
) -> Result:
    """A metric at the newest snapshot. `by`: one cut or several (a list, or text with commas).

    since, until: local days, both within. Without since: the metric's own window; all facts where a calendar unit cuts.
    InputError for an unknown metric, a cut that it does not have, or dates that are none.
    """
    with open_facts(workspace, engine) as facts:
        return measure_with(facts, name, by=by, since=since, until=until)


def measure_with(
    facts: Facts,
    name: str,
    *,
    by: str | Sequence[str] | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
) -> Result:
    """`measure` on facts that are open already."""
    metric = METRICS.find(name)
    cuts = tuple(cut for cut in cuts_of(by) if cut not in metric.own_columns)
    check_cuts(metric, cuts)
    return ask(facts, metric, question_of(facts, cuts, read_day(since, "since"), read_day(until, "until")))


def compare(
    workspace: Workspace,
    name: str,
    *,
    days: int = PAGE_DAYS,
    since: date | str | None = None,
    until: date | str | None = None,
    engine: EngineName | None = None,
) -> Comparison:
    """A metric in the last `days` days (or from since to until) beside the period of the same length before, where the
    facts reach back that far."""
    with open_facts(workspace, engine) as facts:
        return compare_with(facts, name, days=days, since=since, until=until)


def compare_with(
    facts: Facts,
    name: str,
    *,
    days: int = PAGE_DAYS,
    since: date | str | None = None,
    until: date | str | None = None,
) -> Comparison:
    """`compare` on facts that are open already."""
    first, last = read_day(since, "since"), read_day(until, "until")
    last = last or day_of(facts.as_of, facts.zone)
    return _compare(facts, METRICS.find(name), Period(first or last - timedelta(days=days - 1), last, facts.zone))


def ask(facts: Facts, metric: Metric, question: Question) -> Result:
    """One question on facts that are open already. Its statement is compiled once a day: only the moment changes."""
    check_cuts(metric, question.by)
    question = windowed(metric, question)
    missing = _missing(facts, metric, question)
    if missing:
        return Result(metric, question, (), None, facts.snapshot_no, facts.workspace.clock(), missing)
    if question.first_at is None and metric.shape != "flow":
        question = replace(question, first_at=_first_fact(facts))

    def build_on(source: Facts) -> Build:
        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            then = source.over(tables, moment)
            given = tables[_MOMENTS] if metric.shape == "state" and question.unit else None
            return expression_of(
                metric,
                replace(question, as_of=moment),
                lambda table, customer: then.table(table, customer=customer),
                given,
                then.at_hand,
            )

        return build

    moments = moments_of(metric, question)
    known = {_MOMENTS: moments.rows()} if moments else {}
    day = day_of(question.as_of, question.zone)
    shape = ("metric", metric.name, repr(replace(question, as_of=0)), day, tuple(facts.kept), facts.worked_out is None)
    found: Answer = read(metric, question, _run(facts, shape, build_on, known, question.as_of))
    now = facts.workspace.clock()
    return Result(metric, question, found.rows, found.guest_orders, facts.snapshot_no, now, found.missing)


def _missing(facts: Facts, metric: Metric, question: Question) -> tuple[Missing, ...]:
    """Looked up once in a snapshot."""
    key = ("missing", metric.name, repr(question.value))
    if key not in facts.remembered:
        whole = facts.unkept()
        facts.remembered[key] = missing_of(
            metric,
            question,
            lambda table, customer: whole.table(table, customer=customer),
            facts.run,
            facts.remembered.setdefault("inputs", set()),
        )
    found: tuple[Missing, ...] = facts.remembered[key]
    return found


def _run(
    facts: Facts,
    shape: Hashable,
    build_on: Callable[[Facts], Build],
    tables: Mapping[str, pa.Table],
    as_of: Instant,
) -> pa.Table:
    """On what is at hand in memory; on the lake where the expression reads columns that are not."""
    try:
        return facts.prepared(shape, build_on(facts), tables, like=as_of)
    except (AttributeError, IbisError):
        if not facts.kept:
            raise
        whole = facts.unkept()
        return whole.prepared((shape, "unkept"), build_on(whole), tables, like=as_of)


def question_of(facts: Facts, by: tuple[str, ...], since_on: date | None, until_on: date | None) -> Question:
    """A question as the workspace's settings read it. InputError when it ends before it starts."""
    lifecycle = facts.workspace.settings.lifecycle
    question = Question(
        as_of=facts.as_of,
        zone=facts.zone,
        currency=facts.currency,
        by=by,
        since_on=since_on,
        until_on=until_on,
        dormant_after_days=lifecycle.dormant_after_days,
        lost_after_days=lifecycle.lost_after_days,
        value=valuation_of(facts),
        first_at=_first_fact(facts) if _BY_CALENDAR.intersection(by) else None,
    )
    if since_on is not None and until_on is not None and until_on < since_on:
        raise InputError(
            "period_reversed",
            Text(en="{until} lies before {since}.", de="{until} liegt vor {since}.").fill(
                until=until_on, since=since_on
            ),
            Text(en="Exchange the two dates.", de="Die beiden Daten tauschen."),
        )
    return question


def cuts_of(by: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names of cuts from `"month,channel"`, a list, or nothing."""
    if by is None:
        return ()
    parts: Iterable[str] = by.split(",") if isinstance(by, str) else by
    return tuple(part.strip() for part in parts if part.strip())


def _first_fact(facts: Facts) -> Instant | None:
    """Instant of the oldest order or return of the snapshot, looked up once."""
    if _FIRST not in facts.remembered:
        found = facts.prepared(_FIRST, lambda tables, _: first_facts(lambda name, customer: tables[name]))
        facts.remembered[_FIRST] = first_of(found)
    first: Instant | None = facts.remembered[_FIRST]
    return first


def first_day(workspace: Workspace) -> date | None:
    """Local day of the oldest order or return: periods that reach further back are not whole. None without facts."""
    found: date | None
    try:
        with only_at_hand():
            found = cached(workspace, "first day", _first_day).value  # however old: only an import reaches further back
    except NotAtHand:
        found = cached(workspace, "first day", _first_day).value
    return found


def _first_day(facts: Facts) -> date | None:
    first = _first_fact(facts)
    return None if first is None else day_of(first, facts.zone)


def _compare(facts: Facts, metric: Metric, period: Period) -> Comparison:
    question = question_of(facts, (), period.since_on, period.until_on)
    now = ask(facts, metric, question)
    before, begins = period.before(), _first_day(facts)
    if begins is None or before.since_on < begins:
        return Comparison(period, now, None, ())
    then = ask(facts, metric, replace(question, since_on=before.since_on, until_on=before.until_on))
    least = metric.least if metric.estimate != "exact" else 0
    earlier = {tuple(row.cuts.values()): row.estimate for row in then.rows}
    differences = tuple(
        difference(row.estimate, earlier.get(tuple(row.cuts.values()), Estimate(None)), least) for row in now.rows
    )
    return Comparison(period, now, then, differences)


def read_day(day: date | str | None, name: str) -> date | None:
    """A day that somebody wrote; None stays None. InputError for what is none. name: of the input, for the message."""
    if day is None:
        return None
    try:
        found = day if isinstance(day, date) else date.fromisoformat(day)
    except ValueError:
        found = None
    if found is not None and _FIRST_DAY <= found <= _LAST_DAY:
        return found
    raise InputError(
        "not_a_date",
        Text(en="{name} is not a date: “{day}”.", de="{name} ist kein Datum: „{day}“.").fill(name=name, day=day),
        Text(en="Write it like 2026-11-21.", de="So schreiben: 2026-11-21."),
    )


# -- quick answers for pages ------------------------------------------------------------------------------------------


def cached_measure(workspace: Workspace, name: str, **asked: Any) -> Cached:
    """`measure(...)` for pages: at most 60 s old, renewed in the background, says its age."""
    return cached(workspace, ("measure", name, _asked(asked)), lambda facts: measure_with(facts, name, **asked))


def cached_compare(workspace: Workspace, name: str, **asked: Any) -> Cached:
    """`compare(...)` for pages, like `cached_measure`."""
    return cached(workspace, ("compare", name, _asked(asked)), lambda facts: compare_with(facts, name, **asked))


def _asked(asked: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in asked.items()))
