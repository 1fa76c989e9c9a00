"""Figures as pages show them: a metric's value, interval, change and word, each in the reader's language."""

from dataclasses import dataclass
from datetime import date

from schwung.app import report
from schwung.app.alerts import annotations
from schwung.app.fresh import Cached
from schwung.app.report import Comparison, cached_compare, cached_measure
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.period import Period
from schwung.core.text import Language, Text
from schwung.measure.answer import Row
from schwung.measure.inference import WORDS, Difference, Estimate
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.measure.missing import Missing
from schwung.renderers.numbers import number, unit_name
from schwung.renderers.spec import Note
from schwung.web.console import format as shown


@dataclass(frozen=True, slots=True)
class Change:
    """tone: good, bad or flat. arrow: ▲, ▼ or none. text: the size, or the word where nothing is clear."""

    tone: str
    arrow: str
    text: str
    word: str
    bounds: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    metric: Metric
    period: Period
    value: str
    interval: str
    too_few: bool
    change: Change | None
    n: int
    age: Instant
    guests: int | None
    missing: tuple[Missing, ...] = ()
    remark: Text | None = None


def show(
    metric: Metric, value: float | None, language: Language, currency: str, estimate: Estimate | None = None
) -> str:
    """A value in the metric's unit, with no digit finer than its interval allows."""
    width = estimate.high - estimate.low if estimate and estimate.high is not None and estimate.low is not None else 0.0
    if metric.unit == "money":
        return shown.amount(value, language, currency)
    if metric.unit == "share":
        return shown.share(value, language, shown.digits_for(width * 100, shown.share_digits(value)))
    if metric.unit in ("count", "points"):
        return shown.integer(value, language)
    if metric.unit == "duration" or value is None:
        return number(value, metric.unit, language)
    if metric.unit in ("score", "months", "hours"):
        text = shown.decimal(value, language, shown.digits_for(width, 1))
        return text if metric.unit == "score" else f"{text}{shown.NBSP}{unit_name(metric.unit, language)}"
    return shown.decimal(value, language, shown.digits_for(width, 2))


def bounds(metric: Metric, estimate: Estimate, language: Language, currency: str) -> str:
    """The interval, empty for exact figures."""
    if estimate.low is None or estimate.high is None:
        return ""
    if metric.unit == "duration":
        low, high = (number(end, "duration", language) for end in (estimate.low, estimate.high))
        return shown.span(low, high, language)
    unit = metric.unit if metric.unit in {"money", "share"} else "number"
    return shown.interval(estimate.low, estimate.high, language, unit, currency)


def change(metric: Metric, difference: Difference | None, language: Language, currency: str) -> Change | None:
    """What moved, in points for shares, in percent for all else. None where there is nothing to compare with."""
    if difference is None or difference.value is None or difference.word == "too_few":
        return None
    word = WORDS[difference.word].in_(language)
    if difference.word == "no_clear_difference":
        return Change("flat", "", word, word, _difference_bounds(metric, difference, language, currency))
    if not difference.value:
        return Change("flat", "", word, word)
    up = difference.value > 0
    good = metric.better == ("higher" if up else "lower")
    tone = "flat" if metric.better == "neither" else "good" if good else "bad"
    if metric.unit == "share":
        size = shown.points(difference.value, language)
    elif metric.unit in ("score", "rating"):
        size = shown.decimal(abs(difference.value), language, 1 if metric.unit == "score" else 2)
    elif difference.relative is None:
        size = show(metric, abs(difference.value), language, currency)
    else:
        size = shown.share(abs(difference.relative), language)
    return Change(tone, "▲" if up else "▼", size, word, _difference_bounds(metric, difference, language, currency))


def figure(workspace: Workspace, name: str, language: Language, days: int) -> Figure:
    """A metric in its own window, else in the last `days` days, against the period before."""
    metric = METRICS.find(name)
    cached = cached_compare(workspace, name, days=metric.window_days or days)
    return figure_of(metric, cached, language, workspace.settings.workspace.currency)


def notes(workspace: Workspace, language: Language) -> list[Note]:
    """Annotations for charts."""
    return [Note(one.noted_on, one.in_(language)) for one in annotations(workspace)]


def first_day(workspace: Workspace) -> date:
    """Day of the first fact: periods that reach further back are not whole."""
    return report.first_day(workspace) or date.max


def figure_of(metric: Metric, cached: Cached, language: Language, currency: str) -> Figure:
    comparison: Comparison = cached.value
    row = comparison.now.row
    estimate = row.estimate if row else Estimate(None)
    return Figure(
        metric=metric,
        period=comparison.period,
        value=show(metric, estimate.value, language, currency, estimate),
        interval=bounds(metric, estimate, language, currency),
        too_few=bool(row and row.too_few),
        change=change(metric, comparison.difference, language, currency),
        n=estimate.n,
        age=cached.age,
        guests=comparison.now.guest_orders,
        missing=comparison.now.missing,
        remark=comparison.now.remark,
    )


def series(workspace: Workspace, name: str, unit: str, since: date | None = None) -> tuple[tuple[Row, ...], Instant]:
    """A metric by calendar unit, oldest first, and its age."""
    cached = cached_measure(workspace, name, by=unit, **({"since": since} if since else {}))
    return cached.value.rows, cached.age


def _difference_bounds(metric: Metric, difference: Difference, language: Language, currency: str) -> str:
    if difference.low is None or difference.high is None:
        return ""
    low, high = (_signed(metric, end, language, currency) for end in (difference.low, difference.high))
    return shown.span(low, high, language)


def _signed(metric: Metric, value: float, language: Language, currency: str) -> str:
    if metric.unit == "share":
        text = shown.decimal(abs(value) * 100, language, 1)
    else:
        text = show(metric, abs(value), language, currency)
    return ("−" if value < 0 else "+") + text
