"""What the cards of the home page show, each from cached figures."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from schwung.app.analyses.compared import cached_compare_apart
from schwung.app.analyses.diagnosis import cached_diagnosis
from schwung.app.analyses.flywheel import cached_purchase_funnel
from schwung.app.home_figures import WEEKS, cohorts_since, revenue_since, tile_since
from schwung.app.report import Comparison, Result, cached_compare, cached_measure
from schwung.core.period import first_day_of
from schwung.measure.answer import Row
from schwung.measure.lifecycle import KINDS
from schwung.measure.local_time import day_of_label
from schwung.measure.metrics import METRICS
from schwung.measure.purchase_funnel import STEPS, PurchaseFunnel
from schwung.renderers import spec
from schwung.renderers.numbers import money_unit, money_word
from schwung.web.console import figures, marks
from schwung.web.console import format as shown
from schwung.web.console.findings.cards import cards as finding_cards
from schwung.web.console.home import wheelrow
from schwung.web.console.page import Page
from schwung.web.console.standing import data_state

COHORTS = 12
MOST_FINDINGS = 4


def tile(page: Page, name: str, days: int, against: str = "before") -> dict[str, Any]:
    """One figure with its change, and its course over two years."""
    today = data_state(page.workspace).until_on
    metric = METRICS[name]
    apart = wheelrow.against(metric.window_days or days, against)
    if apart:
        cached = cached_compare_apart(page.workspace, name, days=metric.window_days or days, apart=apart)
        currency = page.workspace.settings.workspace.currency
        figure = figures.figure_of(metric, cached, page.language, currency)
    else:
        figure = figures.figure(page.workspace, name, page.language, days)
    rows, age = figures.series(page.workspace, name, "month", tile_since(today))
    return {
        "figure": figure,
        "name": name,
        "spark": _spark(page, name, rows),
        "own_days": metric.window_days,
        "days": days,
        "age": max(figure.age, age),
    }


def funnel(page: Page, days: int) -> dict[str, Any]:
    """The classic funnel: bars with counts, the share of the step before, and what is lost between."""
    found: PurchaseFunnel = cached_purchase_funnel(page.workspace, days=days).value
    rows = []
    counts = [getattr(found, name) for name in STEPS]
    for place, (name, count) in enumerate(zip(STEPS, counts, strict=True)):
        before = counts[place - 1] if place else count
        rows.append(
            {
                "title": STEPS[name].in_(page.language),
                "count": count,
                "share": count / before if place and before else None,
                "width": 540 * count / counts[0] if counts[0] else 0.0,
                "tone": "s-hi" if name == "ordered" else "s-ha",
            }
        )
    steps = ", ".join(f"{row['title']} {shown.integer(row['count'], page.language)}" for row in rows)
    return {"rows": rows, "known": bool(counts[0]), "steps": steps}


def revenue(page: Page, days: int) -> dict[str, Any]:
    today = data_state(page.workspace).until_on
    rows, age = figures.series(page.workspace, "revenue", "week", revenue_since(today))
    by_week = {day_of_label(row.cuts["week"], "week"): row for row in rows}
    begins = figures.first_day(page.workspace)
    by_week = {week: row for week, row in by_week.items() if week >= begins}
    weeks = [first_day_of(today, "week") - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    weeks = [week for week in weeks if week >= min(by_week, default=week)]
    values = [row.estimate.value or 0.0 for row in rows]
    scale, word = money_unit(max(values, default=0.0))
    points = [_point(week, today, by_week, scale) for week in weeks]
    axis = spec.axis_for(points, zero=True)
    full = [point for point in points if not point.so_far and point.value is not None]
    currency = page.workspace.settings.workspace.currency
    finding = page.text(
        "home:revenue.finding",
        since=shown.day(weeks[0], page.language),
        until=shown.day(weeks[-1], page.language),
        value=shown.amount((full[-1].value or 0) * scale, page.language, currency) if full else shown.MISSING,
    )
    picture = spec.line(
        points,
        axis,
        page.language,
        "week",
        number_format=",.0f",
        notes=spec.within(figures.notes(page.workspace, page.language), points),
    )
    return {
        "spec": picture,
        "finding": finding,
        "unit": money_word(word, currency, page.language),
        "weeks": [
            {"on": week, "row": by_week.get(week), "before": by_week.get(week - timedelta(weeks=52))} for week in weeks
        ],
        "open": next((week for week, point in zip(weeks, points, strict=True) if point.so_far), None),
        "has_before": sum(point.before is not None for point in points) > 1,
        "age": age,
    }


def growth(page: Page, days: int) -> dict[str, Any]:
    """The written equation, and its parts as bars; new customers by how they came, where every one of them is told."""
    compared = cached_compare(page.workspace, "growth_accounting", days=days)
    acquired = cached_compare(page.workspace, "acquired_customers", days=days)
    now, then = _parts_of(compared.value, acquired.value)
    net = now["end"] - now["start"]
    split: list[str] = [name for name in ("paid", "organic", "referred") if name in now] or ["new"]
    signs = (*((name, 1, "good") for name in split), ("reactivated", 1, "good"), ("lost", -1, "bad"))
    rows = [
        (
            page.words(f"home:growth.bar_{name}"),
            sign * now[name],
            sign * then[name] if name in then else None,
            tone,
        )
        for name, sign, tone in signs
    ]
    rows.append((page.words("home:growth.bar_net"), net, then["end"] - then["start"] if then else None, "c1"))
    labels = {name: _signed(value, page) for name, value, _, _ in rows}
    return {
        "spec": spec.signed_bars(rows, labels),
        "parts": now,
        "rows": rows,
        "days": days,
        "period": compared.value.period,
        "lost_after": page.workspace.settings.lifecycle.lost_after_days,
        "age": max(compared.age, acquired.age),
    }


def _parts_of(compared: Comparison, acquired: Comparison) -> tuple[dict[str, int], dict[str, int]]:
    """Of now and before (empty where there is none); how the new ones came only where spend or referrals tell it."""

    def counts(found: Result | None, split: Result | None) -> dict[str, int]:
        if found is None:
            return {}
        parts = {name: int(value) for name, value in _by(found.rows, "part").items()}
        ways = {} if split is None else {name: int(value) for name, value in _by(split.rows, "part").items()}
        told = ways.get("paid", 0) + ways.get("referred", 0) > 0 and sum(ways.values()) == parts.get("new")
        return parts | (ways if told else {})

    empty = dict.fromkeys(("start", "new", "reactivated", "lost", "end"), 0)
    return empty | counts(compared.now, acquired.now), counts(compared.before, acquired.before)


def cohorts(page: Page, days: int) -> dict[str, Any]:
    today = data_state(page.workspace).until_on
    cached = cached_measure(page.workspace, "cohort_retention", since=cohorts_since(today))
    rows = [row for row in cached.value.rows if row.cuts["age"] >= 1 and not row.so_far and row.cuts["age"] <= COHORTS]
    cells = [
        {
            "row": f"{shown.month(day_of_label(row.cuts['cohort'], 'month'), page.language)}  ·  {shown.integer(row.estimate.n, page.language)}",
            "cohort": day_of_label(row.cuts["cohort"], "month"),
            "size": row.estimate.n,
            "column": row.cuts["age"],
            "value": row.estimate.value,
        }
        for row in rows
    ]
    first = [cell for cell in cells if cell["column"] == 1]
    people = sum(cell["size"] for cell in first)
    mean = sum((cell["value"] or 0) * cell["size"] for cell in first) / people if people else None
    drawn = [{name: cell[name] for name in ("row", "column", "value")} for cell in cells]
    return {
        "spec": spec.heatmap(drawn, page.words("home:cohorts.axis"), number_format=".1%"),
        "cells": cells,
        "columns": sorted({cell["column"] for cell in cells}),
        "first_is_all": bool(first)
        and min(cell["cohort"] for cell in first) == first_day_of(figures.first_day(page.workspace), "month"),
        "finding": page.text("home:cohorts.finding", n=len(first), share=shown.share(mean, page.language)),
        "age": cached.age,
    }


def kinds(page: Page, days: int) -> dict[str, Any]:
    cached = cached_measure(page.workspace, "customers_by_kind")
    counts = {kind: int(count) for kind, count in _by(cached.value.rows, "kind").items()}
    everyone = sum(counts.values())
    named = [
        (
            kind,
            KINDS[kind].in_(page.language),
            count,
            count / everyone if everyone else None,
        )
        for kind, count in counts.items()
    ]
    bars = [
        (name, float(count), f"{shown.integer(count, page.language)}  ·  {shown.share(part, page.language)}")
        for _, name, count, part in named
    ]
    largest = max(named, key=lambda row: row[2], default=("", shown.MISSING, 0, None))
    return {
        "spec": spec.bars(bars, height=232),
        "rows": named,
        "finding": page.text("home:kinds.finding", first=largest[1], n=largest[2], all=everyone),
        "day": data_state(page.workspace).until_on,
        "lifecycle": page.workspace.settings.lifecycle,
        "age": cached.age,
    }


def findings(page: Page, days: int) -> dict[str, Any]:
    """The dearest findings."""
    cached = cached_diagnosis(page.workspace, days=days)
    return {**finding_cards(page, cached.value, MOST_FINDINGS), "days": days}


PARTS: Mapping[str, Callable[[Page, int], dict[str, Any]]] = {
    "findings": findings,
    "growth": growth,
    "revenue": revenue,
    "cohorts": cohorts,
    "kinds": kinds,
}


def _spark(page: Page, name: str, rows: tuple[Row, ...]) -> Any:
    """The last 12 full months, and the 12 before them."""
    begins = figures.first_day(page.workspace)
    full = [row for row in rows if not row.so_far and day_of_label(row.cuts["month"], "month") >= begins]
    values = [None if row.too_few else row.estimate.value for row in full]
    metric = METRICS[name]
    last = (
        figures.show(metric, values[-1], page.language, page.workspace.settings.workspace.currency)
        if values
        else shown.MISSING
    )
    label = page.text("home:spark", metric=metric.title.in_(page.language), value=last)
    earlier = values[-24:-12]
    before = [*[None] * (12 - len(earlier)), *earlier] if earlier else []
    return marks.sparkline(values[-12:], before, label)


def _point(week: date, today: date, by_week: Mapping[date, Row], scale: float) -> spec.Point:
    row, before = by_week.get(week), by_week.get(week - timedelta(weeks=52))
    value = (row.estimate.value or 0) / scale if row else 0.0
    return spec.Point(
        week.isoformat(),
        value,
        before=(before.estimate.value or 0) / scale if before else None,
        so_far=week + timedelta(days=7) > today,
    )


def _by(rows: tuple[Row, ...], column: str) -> dict[str, float]:
    return {str(row.cuts[column]): row.estimate.value or 0 for row in rows}


def _signed(value: float, page: Page) -> str:
    return ("+" if value > 0 else "") + shown.integer(value, page.language)
