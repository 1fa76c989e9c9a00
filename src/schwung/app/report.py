"""Asks metrics of a workspace: one number, its cuts, its change, and quick answers for pages."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from schwung.app.facts import Facts, open_facts
from schwung.app.ports import EngineName
from schwung.app.publish import newest_snapshot
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND, Instant, to_datetime
from schwung.core.errors import InputError
from schwung.core.period import Period, day_of
from schwung.core.text import Language, Text
from schwung.measure.answer import Answer, Row, answer, check_cuts, first_fact
from schwung.measure.inference import Difference, Estimate, difference
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.measure.question import Question

if TYPE_CHECKING:
    import altair
    import pandas

PAGE_DAYS = 28
"""Default period of pages: so many days against as many before, the same weekdays on both sides."""
MOST_AGE = 60 * SECOND
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
_REFRESH_AGE = 20 * SECOND
_MOST_CACHED = 512


@dataclass(frozen=True, slots=True)
class Result:
    """The answer of one metric. Money in major units; shares from 0 to 1.

    snapshot_no: the published state of the lake that was read. computed_at: when.
    """

    metric: Metric
    question: Question
    rows: tuple[Row, ...]
    guest_orders: int | None
    snapshot_no: int
    computed_at: Instant

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
        """{"metric", "unit", "as_of", "rows": [{<cut>, "value", "low", "high", "n"}]}; the instant in ISO 8601, UTC."""
        as_of = to_datetime(self.question.as_of).isoformat().replace("+00:00", "Z")
        return {"metric": self.metric.name, "unit": self.unit, "as_of": as_of, "rows": self.records()}

    def to_pandas(self) -> "pandas.DataFrame":
        """One row per line; a calendar unit comes as its label."""
        import pandas

        return pandas.DataFrame.from_records(self.records())

    def plot(self, language: Language = "en") -> "altair.Chart":
        """A chart as an Altair object; a notebook shows it."""
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
    metric = METRICS.find(name)
    cuts = tuple(cut for cut in cuts_of(by) if cut not in metric.own_columns)
    check_cuts(metric, cuts)
    days = _day(since, "since"), _day(until, "until")
    with open_facts(workspace, engine) as facts:
        return ask(facts, metric, question_of(facts, cuts, *days))


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
    metric = METRICS.find(name)
    first, last = _day(since, "since"), _day(until, "until")
    with open_facts(workspace, engine) as facts:
        last = last or day_of(facts.as_of, facts.zone)
        period = Period(first or last - timedelta(days=days - 1), last, facts.zone)
        return _compare(facts, metric, period)


def ask(facts: Facts, metric: Metric, question: Question) -> Result:
    """One question on facts that are open already."""
    found: Answer = answer(metric, question, lambda table, customer: facts.table(table, customer=customer), facts.run)
    return Result(metric, question, found.rows, found.guest_orders, facts.snapshot_no, facts.workspace.clock())


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
        first_at=_first_fact(facts) if by else None,
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
    key = str(facts.workspace.folder)
    with _lock:
        known = _first_facts.get(key)
    if known is None or known[0] != facts.snapshot_no:
        found = first_fact(lambda name, customer: facts.everything(name), facts.run)
        known = (facts.snapshot_no, found)
        with _lock:
            _first_facts[key] = known
    return known[1]


def first_day(workspace: Workspace) -> date | None:
    """Local day of the oldest order or return: periods that reach further back are not whole. None without facts."""
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    with _lock:
        known = _first_facts.get(str(workspace.folder))
    if snapshot is None:
        return None
    if known is None or known[0] < snapshot.batch_no:
        with open_facts(workspace) as facts:
            return _first_day(facts)
    return None if known[1] is None else day_of(known[1], workspace.settings.workspace.zone)


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


def _day(day: date | str | None, name: str) -> date | None:
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


@dataclass(frozen=True, slots=True)
class Cached:
    """A comparison or result for a page, and how old it is."""

    value: Any
    age: Instant
    """Microseconds since it was computed or found to be still true."""


@dataclass(slots=True)
class _Entry:
    value: Any
    snapshot_no: int
    at: Instant
    day: date
    refreshing: bool = False


_cache: OrderedDict[tuple[object, ...], _Entry] = OrderedDict()
_first_facts: dict[str, tuple[int, Instant | None]] = {}
_lock = threading.Lock()
_refresher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="figures")


def cached_measure(workspace: Workspace, name: str, **asked: Any) -> Cached:
    """`measure(...)` for pages: at most 60 s old, refreshed in the background, says its age."""
    return _cached(workspace, ("measure", name), lambda: measure(workspace, name, **asked), asked)


def cached_compare(workspace: Workspace, name: str, **asked: Any) -> Cached:
    """`compare(...)` for pages, like `cached_measure`."""
    return _cached(workspace, ("compare", name), lambda: compare(workspace, name, **asked), asked)


def _cached(workspace: Workspace, what: tuple[str, str], compute: Any, asked: dict[str, Any]) -> Cached:
    key = (*what, str(workspace.folder), repr(workspace.settings), *sorted((k, str(v)) for k, v in asked.items()))
    now = workspace.clock()
    with _lock:
        entry = _cache.get(key)
        if entry is not None:
            _cache.move_to_end(key)
    if entry is not None and now - entry.at > _REFRESH_AGE and _still_true(workspace, entry, now):
        entry.at = now
    if entry is None or not 0 <= now - entry.at <= MOST_AGE:
        entry = _keep(workspace, key, compute)
    elif now - entry.at > _REFRESH_AGE and not entry.refreshing:
        entry.refreshing = True
        _refresher.submit(_refresh, workspace, key, compute, entry)
    return Cached(entry.value, max(0, now - entry.at))


def _still_true(workspace: Workspace, entry: _Entry, now: Instant) -> bool:
    """Nothing was published since, and the day is the same: the figure would come out as it is."""
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    number = 0 if snapshot is None else snapshot.batch_no
    return number == entry.snapshot_no and day_of(now, workspace.settings.workspace.zone) == entry.day


def _keep(workspace: Workspace, key: tuple[object, ...], compute: Any) -> _Entry:
    at = workspace.clock()
    value = compute()
    result = value.now if isinstance(value, Comparison) else value
    entry = _Entry(value, result.snapshot_no, at, day_of(at, workspace.settings.workspace.zone))
    with _lock:
        _cache[key] = entry
        while len(_cache) > _MOST_CACHED:
            _cache.popitem(last=False)
    return entry


def _refresh(workspace: Workspace, key: tuple[object, ...], compute: Any, entry: _Entry) -> None:
    try:
        _keep(workspace, key, compute)
    finally:
        entry.refreshing = False


def forget_cached() -> None:
    """Empties the cache: after an erasure, and between tests."""
    with _lock:
        _cache.clear()
