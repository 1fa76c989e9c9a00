"""What a metric's page shows: its course over time, its cuts against the average, its definition."""

from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Any

from schwung.app.fresh import Cached
from schwung.app.lists import names_of_lists
from schwung.app.report import cached_measure
from schwung.collect.touch import CHANNELS
from schwung.core.period import Unit
from schwung.core.text import Language
from schwung.measure.answer import Row
from schwung.measure.cuts import CUTS, GUEST, NO_LIST, NO_PERSONA, NO_PRODUCT, PERIODS, UNKNOWN
from schwung.measure.inference import Estimate
from schwung.measure.lifecycle import KINDS
from schwung.measure.local_time import day_of_label
from schwung.measure.metric import Metric
from schwung.renderers import chart, spec
from schwung.renderers.numbers import money_word, unit_name
from schwung.web.console import figures
from schwung.web.console import format as shown
from schwung.web.console.page import Page

MOST_POINTS = {"day": 90, "week": 104, "month": 36, "quarter": 24, "year": 20}
MOST_ROWS = 25
MOST_FEW = 5


def course(page: Page, metric: Metric, unit: Unit) -> dict[str, Any]:
    """The chart by calendar unit, with the year before where the facts reach back that far."""
    rows, age = figures.series(page.workspace, metric.name, unit)
    begins = figures.first_day(page.workspace)
    rows = tuple(row for row in rows if day_of_label(row.cuts[unit], unit) >= begins or len(rows) < 3)
    currency = page.workspace.settings.workspace.currency
    made = chart.course(
        metric, rows, unit, page.language, most=MOST_POINTS[unit], notes=figures.notes(page.workspace, page.language)
    )
    points = made.points
    known = [row for row in rows if row.estimate.value is not None and not row.so_far]
    last = known[-1].estimate if known else Estimate(None)
    start = figures.show(metric, made.axis.start * made.scale, page.language, currency)
    named = {"metric": metric.title.in_(page.language), "unit": CUTS[unit].title.in_(page.language)}
    return {
        "spec": made.picture,
        "rows": [(day_of_label(row.cuts[unit], unit), row) for row in rows[-MOST_POINTS[unit] :]],
        "has_before": made.has_before,
        "has_values": any(point.value is not None for point in points),
        "has_band": metric.estimate != "exact",
        "axis_starts": "" if made.axis.starts_at_zero else start,
        "axis_unit": _axis_unit(metric, made, currency, page.language),
        "is_open": bool(rows and rows[-1].so_far),
        "finding": page.text(
            "metrics:finding",
            **named,
            since=shown.day(date.fromisoformat(points[0].on), page.language) if points else shown.MISSING,
            until=shown.day(date.fromisoformat(points[-1].on), page.language) if points else shown.MISSING,
            value=figures.show(metric, last.value, page.language, currency, last),
        ),
        "age": age,
    }


def _axis_unit(metric: Metric, made: chart.Course, currency: str, language: Language) -> str:
    """What the numbers at the axis are, where they do not say it."""
    if metric.unit == "money":
        return money_word(made.word, currency, language)
    if made.word is not None:
        return made.word.in_(language)
    return unit_name(metric.unit, language) if metric.unit in ("months", "hours") else ""


@dataclass(frozen=True, slots=True)
class Slice:
    """One row of a cut. verdict: higher, lower, or empty; good: whether that is good news, None where it is neither."""

    name: str
    row: Row
    verdict: str = ""
    good: bool | None = None
    share: float | None = None


def slices(page: Page, metric: Metric, cut: str, whole: Estimate, cached: Cached) -> dict[str, Any]:
    """The table by a cut: estimates against the average, exact figures as shares of the whole."""
    rows: tuple[Row, ...] = tuple(row for row in cached.value.rows if row.estimate.n or row.estimate.value)
    rows = tuple(
        sorted(rows, key=lambda row: (row.too_few, -(row.estimate.n if row.too_few else row.estimate.value or 0)))
    )
    judged = sum(not row.too_few for row in rows)
    few = sorted((row for row in rows if row.too_few), key=lambda row: -row.estimate.n)
    judged_rows = sorted((row for row in rows if not row.too_few), key=lambda row: -(row.estimate.n or 0))
    top = judged_rows[:MOST_ROWS] + few[:MOST_FEW]
    kept = [row for row in rows if row in top]
    found = [_slice(page, metric, cut, row, whole, judged) for row in kept]
    ends = [
        number
        for row in kept
        if not row.too_few
        for number in (row.estimate.low, row.estimate.high)
        if number is not None
    ]
    axis = (
        spec.axis_for([spec.Point("", number) for number in (*ends, whole.value or 0)])
        if ends
        else spec.Axis(0, 1, True)
    )
    return {
        "slices": found,
        "judged": judged,
        "left": max(0, len(judged_rows) - MOST_ROWS),
        "few_left": max(0, len(few) - MOST_FEW),
        "total": len(rows),
        "axis": axis,
        "overlaps": cut in {"product", "category", "list"},
        "age": cached.age,
    }


def parts_table(page: Page, metric: Metric, unit: str) -> dict[str, Any]:
    """A metric that comes in parts, by calendar unit: newest first, one column per part."""
    rows, age = figures.series(page.workspace, metric.name, unit)
    assert metric.parts is not None
    lines: dict[str, dict[str, Any]] = {}
    for row in rows:
        line = lines.setdefault(row.cuts[unit], {"on": day_of_label(row.cuts[unit], unit), "so_far": row.so_far})  # type: ignore[arg-type]
        line[row.cuts[metric.parts.column]] = row.estimate.value
    newest = list(lines.values())[: -MOST_POINTS[unit] - 1 : -1]
    return {"lines": newest, "columns": metric.parts.texts, "age": age}


def default_cut(metric: Metric) -> str:
    """Country where there is one: every import knows it."""
    others = [cut for cut in metric.cuts if cut not in PERIODS and not metric.parts]
    return next((cut for cut in ("country", "channel") if cut in others), others[0] if others else "")


def cut_of(page: Page, metric: Metric, cut: str, since: date, until: date) -> Cached:
    return cached_measure(page.workspace, metric.name, by=cut, since=since, until=until)


def _slice(page: Page, metric: Metric, cut: str, row: Row, whole: Estimate, judged: int) -> Slice:
    label = str(row.cuts[cut])
    if label in (UNKNOWN, GUEST):
        label = page.text(f"metrics:{label}")
    elif label in (NO_PRODUCT, NO_LIST, NO_PERSONA):
        label = page.text(f"metrics:{label.replace(' ', '_')}")
    elif cut == "kind":
        label = KINDS[label].in_(page.language)
    elif cut in ("list", "persona") and label.isdigit():
        named = names_of_lists(page.workspace).get(int(label))
        label = named.in_(page.language) if named else label
    elif cut == "channel":
        label = CHANNELS[label].in_(page.language) if label in CHANNELS else label.replace("_", " ")
    elif cut == "cohort":
        label = shown.month(day_of_label(label, "month"), page.language)
    estimate = row.estimate
    if metric.estimate == "exact":
        part = (estimate.value or 0) / whole.value if whole.value and metric.shape != "matrix" else None
        return Slice(label, row, share=part)
    if row.too_few or None in (estimate.value, estimate.low, estimate.high, whole.value) or judged < 2:
        return Slice(label, row)
    verdict = _verdict(estimate, whole.value, judged)  # type: ignore[arg-type]
    good = None if metric.better == "neither" or not verdict else verdict == metric.better
    return Slice(label, row, verdict, good)


def _verdict(estimate: Estimate, average: float, comparisons: int) -> str:
    """higher or lower where the interval, widened after Bonferroni for so many looks, leaves the average out."""
    normal = NormalDist()
    wider = normal.inv_cdf(1 - 0.025 / comparisons) / normal.inv_cdf(0.975)
    value, low, high = estimate.value or 0.0, estimate.low or 0.0, estimate.high or 0.0
    if value - (value - low) * wider > average:
        return "higher"
    return "lower" if value + (high - value) * wider < average else ""
