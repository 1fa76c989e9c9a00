"""Metrics: the list, and each with its figure, course, cuts and definition."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from fastapi.responses import Response, StreamingResponse

from schwung.app.report import PAGE_DAYS, Result, cached_compare, measure
from schwung.measure.cuts import CUTS, PERIODS
from schwung.measure.inference import Estimate
from schwung.measure.metric import SUBJECTS, Metric, Subject
from schwung.measure.metrics import METRICS
from schwung.web.console import figures, marks
from schwung.web.console.area import Area
from schwung.web.console.home import cards as home_cards
from schwung.web.console.metrics import cards
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("metrics", path="/metrics", group="measure", icon="chart-line", router=router)

WINDOWS = (7, 28, 90, 365)
DEFAULT_UNIT = "month"
PICTURED = {"growth_accounting": "growth", "customers_by_kind": "kinds", "cohort_retention": "cohorts"}
"""Metrics whose picture is a card of the overview."""


@router.get("/metrics")
def metrics(page: Viewer, subject: str = "", q: str = "") -> Response:
    state = data_state(page.workspace)
    subject = subject if subject in SUBJECTS else ""
    found = {name: _named(page, name, q) for name in SUBJECTS}
    tables = {
        name: inline(partial(_table, page, name, q))
        for name, listed in found.items()
        if state.has_orders and listed and subject in ("", name)
    }
    return page.render(
        "metrics/list.html",
        state=state,
        count=len(METRICS),
        found=sum(map(len, found.values())),
        subjects=[(name, title, len(found[name])) for name, title in SUBJECTS.items()],
        subject=subject,
        q=q,
        tables=tables,
    )


@router.get("/metrics/-/table")
def metrics_table(page: Viewer, subject: str = "", q: str = "") -> Response:
    """The metrics of a subject with their figures, for those who wait for them."""
    name: Subject = subject if subject in SUBJECTS else "customers"  # type: ignore[assignment]
    return page.fragment(inline(partial(_table, page, name, q), wait=True) or "")


@router.get("/metrics/{name}.csv")
def metric_csv(page: Viewer, name: str, by: str = "", days: int | None = None) -> Response:
    """The rows of a metric with full precision."""
    until = data_state(page.workspace).until_on
    days = days if days in WINDOWS else None
    since = until - timedelta(days=days - 1) if days else None
    result = measure(page.workspace, name, by=by or None, since=since, until=until if days else None)
    stem = "-".join(filter(None, (name, by.replace(",", "-"))))
    headers = {"Content-Disposition": f'attachment; filename="{stem}.csv"'}
    return StreamingResponse(_csv(result), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/metrics/{name}")
def metric(page: Viewer, name: str, by: str = DEFAULT_UNIT, cut: str = "", days: int | None = None) -> Response:
    asked = _asked(page, name, by, cut, days)
    found: Metric = asked["metric"]
    state = data_state(page.workspace)
    address = f"by={asked['by']}&cut={asked['cut']}&days={asked['days']}"
    parts = {}
    if state.has_orders:
        for part in ("course", "slices"):
            parts[part] = inline(partial(_part, page, part, asked))
    units = [CUTS[unit] for unit in PERIODS if unit in found.cuts]
    others = [CUTS[one] for one in found.cuts if one not in PERIODS]
    values: dict[str, Any] = {
        "units": units,
        "others": others,
        "windows": WINDOWS,
        "address": address,
        "parts": parts,
        "state": state,
    }
    return page.render(
        "metrics/metric.html", **asked, **values, currency_code=page.workspace.settings.workspace.currency
    )


@router.get("/metrics/{name}/{part}")
def metric_part(
    page: Viewer, name: str, part: str, by: str = DEFAULT_UNIT, cut: str = "", days: int | None = None
) -> Response:
    asked = _asked(page, name, by, cut, days)
    if part not in {"course", "slices"}:
        return page.render("shell/failed_part.html", status=404, code=404, sentence="")
    return page.fragment(inline(lambda: _part(page, part, asked), wait=True) or "")


def _asked(page: Page, name: str, by: str, cut: str, days: int | None) -> dict[str, Any]:
    """What the address asks for; what the metric does not have falls back to its default. InputError: no such metric."""
    found = METRICS.find(name)
    days = days if days in WINDOWS else found.window_days or PAGE_DAYS
    if by not in found.cuts or by not in PERIODS:
        by, cut = DEFAULT_UNIT, cut or by
    if cut not in found.cuts or cut in PERIODS or found.parts:
        cut = cards.default_cut(found)
    until = data_state(page.workspace).until_on
    return {
        "metric": found,
        "name": name,
        "by": by,
        "cut": cut,
        "days": days,
        "until": until,
        "since": until - timedelta(days=days - 1),
    }


def _part(page: Page, part: str, asked: dict[str, Any]) -> str:
    found: Metric = asked["metric"]
    currency = page.workspace.settings.workspace.currency
    if part == "slices":
        if not asked["cut"]:
            return ""
        cached = cards.cut_of(page, found, asked["cut"], asked["since"], asked["until"])
        if cached.value.missing:
            return ""
        whole = _whole(page, found, asked)
        shown = cards.slices(page, found, asked["cut"], whole, cached)
        return page.html(
            "metrics/slices.html", **asked, **shown, whole=whole, cut_of=CUTS[asked["cut"]], show=_shower(page, found)
        )
    if found.name in PICTURED:
        key = PICTURED[found.name]
        picture = page.html(f"home/{key}.html", **home_cards.PARTS[key](page, asked["days"]))
        table = cards.parts_table(page, found, asked["by"]) if found.parts else {"lines": [], "columns": {}, "age": 0}
        return page.html("metrics/parts.html", **asked, **table, picture=picture, unit=CUTS[asked["by"]])
    compared = cached_compare(page.workspace, found.name, days=asked["days"])
    figure = figures.figure_of(found, compared, page.language, currency)
    if figure.missing:
        return page.html("metrics/missing.html", **asked, missing=figure.missing)
    if found.parts:
        table = cards.parts_table(page, found, asked["by"])
        return page.html("metrics/parts.html", **asked, **table, picture="", unit=CUTS[asked["by"]])
    values = cards.course(page, found, asked["by"])
    return page.html(
        "metrics/course.html", **asked, **values, figure=figure, unit=CUTS[asked["by"]], show=_shower(page, found)
    )


def _whole(page: Page, found: Metric, asked: dict[str, Any]) -> Estimate:
    row = cached_compare(page.workspace, found.name, days=asked["days"]).value.now.row
    return row.estimate if row else Estimate(None)


def _shower(page: Page, found: Metric) -> Any:
    currency = page.workspace.settings.workspace.currency

    def show(estimate: Estimate, what: str = "value") -> str:
        if what == "bounds":
            return figures.bounds(found, estimate, page.language, currency)
        return figures.show(found, estimate.value, page.language, currency, estimate)

    return show


def _named(page: Page, subject: Subject, words: str) -> list[Metric]:
    """Metrics of a subject in whose name, title or definition every word stands."""
    sought = words.casefold().split()

    def text(metric: Metric) -> str:
        said = metric.title.in_(page.language), metric.definition.in_(page.language)
        return " ".join((metric.name, *said)).casefold()

    return [one for one in METRICS.values() if one.subject == subject and all(word in text(one) for word in sought)]


def _table(page: Page, subject: Subject, words: str) -> str:
    rows: list[dict[str, Any]] = []
    ages: list[int] = []
    since = date(data_state(page.workspace).until_on.year - 1, 1, 1)
    for found in _named(page, subject, words):
        if found.parts or found.shape == "matrix":
            rows.append({"metric": found, "figure": None, "spark": ""})
            continue
        figure = figures.figure(page.workspace, found.name, page.language, PAGE_DAYS)
        ages.append(figure.age)
        spark: Any = ""
        if not figure.missing:
            months, age = figures.series(page.workspace, found.name, "month", since)
            values = [None if row.too_few else row.estimate.value for row in months if not row.so_far][-12:]
            spark = marks.sparkline(values, (), found.title.in_(page.language))
            ages.append(age)
        rows.append({"metric": found, "figure": figure, "spark": spark})
    return page.html("metrics/table.html", rows=rows, title=SUBJECTS[subject], age=max(ages, default=0), days=PAGE_DAYS)


def _csv(result: Result) -> Iterator[str]:
    records = result.records()
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(records[0]) if records else ["value"])
    writer.writeheader()
    for at, record in enumerate(records):
        writer.writerow({name: _harmless(value) for name, value in record.items()})
        if at % 1000 == 999:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value[:1] else value
