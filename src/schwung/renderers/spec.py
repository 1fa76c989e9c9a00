"""Vega-Lite pictures as plain data. Colors are token names (`--c1`), resolved where the picture is drawn.

Rules of the look: bars start at zero; this period solid, comparison dotted, interval a band; an unfinished period is a
hollow point, never joined to the line; no title inside, horizontal grid only.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from schwung.core.period import Unit
from schwung.core.text import Language, Text

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_SO_FAR = Text("so far", "bisher")
_TICKS = 5
_LABELS = 8
_APART = 14
"""Days between a label at the first point and that of the next month."""
_MONTHS_FROM = 45
"""Days or weeks beyond which only the first of each month is labelled."""
_TIMES: Mapping[Unit, tuple[str, str]] = {
    "day": ("%-d %b", "%-d. %b"),
    "week": ("%-d %b", "%-d. %b"),
    "month": ("%b %y", "%b %y"),
    "quarter": ("Q%q %Y", "Q%q %Y"),
    "year": ("%Y", "%Y"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a line: `on` its first day in ISO; value, interval, the same period a year before."""

    on: str
    value: float | None
    low: float | None = None
    high: float | None = None
    before: float | None = None
    so_far: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What happened on a day (ISO), in a few words."""

    on: str
    text: str


@dataclass(frozen=True, slots=True)
class Axis:
    """The value axis: from a round number to a round number. starts_at_zero: else the page says where it starts."""

    start: float
    end: float
    starts_at_zero: bool


def axis_for(points: Sequence[Point], *, zero: bool = False) -> Axis:
    """Ends of the axis; it starts at zero unless the line then would be flat (all values above half the highest)."""
    numbers = [
        number
        for point in points
        for number in (point.value, point.low, point.high, point.before)
        if number is not None
    ]
    low, high = min(numbers, default=0.0), max(numbers, default=1.0)
    if zero or low < high / 2:
        low = min(low, 0.0)
    step = _nice_step((high - low) or abs(high) or 1.0)
    start, end = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return Axis(start, end if end > start else start + step, start <= 0)


def line(
    points: Sequence[Point],
    axis: Axis,
    language: Language,
    unit: Unit,
    *,
    number_format: str,
    height: int = 240,
    notes: Sequence[Note] = (),
) -> Spec:
    """A measured series by calendar unit, with its interval and the year before. notes: dashed rules with short texts."""
    x = {"field": "on", "type": "temporal", "title": None, "axis": _time_axis(points, language, unit)}
    if len(points) > 1:  # whole, even where only some periods have a value
        ends = [date.fromisoformat(points[place].on) for place in (0, -1)]
        x["scale"] = {"domain": [{"year": day.year, "month": day.month, "date": day.day} for day in ends]}
    values = {"format": number_format, "tickCount": _TICKS} | ({"tickMinStep": 1} if number_format == ",d" else {})
    scale = {"domain": [axis.start, axis.end], "zero": axis.start == 0, "nice": False}

    def y(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "title": None, "axis": values, "scale": scale}

    layers = _line_layers(points, axis, language, x, y) + _note_layers(notes, x)
    rows = [
        {
            "on": f"{point.on}T00:00:00",
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "before": point.before,
            "so_far": point.so_far,
        }
        for point in points
    ]
    return _framed({"data": {"values": rows}, "layer": layers, "height": height})


def within(notes: Sequence[Note], points: Sequence[Point]) -> list[Note]:
    """Those that lie within the line; what happened within its last period stands at the last point."""
    if not points:
        return []
    return [replace(note, on=min(note.on, points[-1].on)) for note in notes if note.on >= points[0].on]


def _note_layers(notes: Sequence[Note], x: Spec) -> list[Spec]:
    """A dashed rule on each day, its text at the left of it, one below the other."""
    layers: list[Spec] = []
    for place, note in enumerate(sorted(notes, key=lambda one: one.on)):
        where = {"data": {"values": [{"on": f"{note.on}T00:00:00"}]}, "encoding": {"x": x}}
        layers.append(where | {"mark": {"type": "rule", "color": "--control", "strokeDash": [3, 3]}})
        words = {
            "type": "text",
            "align": "right",
            "dx": -5,
            "y": 8 + 15 * (place % 3),
            "text": note.text,
            "color": "--text-2",
        }
        layers.append(where | {"mark": words})
    return layers


def _time_axis(points: Sequence[Point], language: Language, unit: Unit) -> Spec:
    """At most eight labels, each at a point, so that none stands twice; under days and weeks the year where it begins."""
    days = [date.fromisoformat(point.on) for point in points]
    if unit in ("day", "week") and len(days) > _MONTHS_FROM:
        months = [day for day, before in zip(days[1:], days, strict=False) if day.month != before.month]
        days = [day for day in days[:1] if (months[0] - day).days > _APART] + months
    step = max(1, math.ceil(len(days) / _LABELS))
    days = days[(len(days) - 1) % step :: step] if days else []
    found: Spec = {
        "values": [{"year": day.year, "month": day.month, "date": day.day} for day in days],
        "format": _TIMES[unit][language == "de"],
        "labelOverlap": True,
        "labelFlush": True,
    }
    if unit in ("day", "week"):
        starts = [day for place, day in enumerate(days) if not place or days[place - 1].year != day.year]
        listed = ",".join(f"{day:%Y%m%d}" for day in starts)
        number = "year(datum.value) * 10000 + (month(datum.value) + 1) * 100 + date(datum.value)"
        year = f"indexof([{listed}], {number}) >= 0 ? timeFormat(datum.value, '%Y') : ''"
        found["labelExpr"] = f"[timeFormat(datum.value, '{found.pop('format')}'), {year}]"
    return found


def _line_layers(
    points: Sequence[Point], axis: Axis, language: Language, x: Spec, y: Callable[[str], Spec]
) -> list[Spec]:
    """Band, the year before, the line, and the unfinished period as a hollow point with its word."""
    layers: list[Spec] = []
    if any(point.low is not None for point in points):
        band = {"type": "area", "color": "--c-band"}
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.low) && !datum.so_far"}],
                "mark": band,
                "encoding": {"x": x, "y": y("low"), "y2": {"field": "high"}},
            }
        )
    if any(point.before is not None for point in points):
        dotted = {"type": "line", "color": "--c-prev", "strokeDash": [2, 3], "strokeWidth": 1.6}
        layers.append(
            {"transform": [{"filter": "isValid(datum.before)"}], "mark": dotted, "encoding": {"x": x, "y": y("before")}}
        )
    solid = {
        "type": "line",
        "color": "--c1",
        "strokeWidth": 2,
        "point": {"size": 26, "filled": True, "color": "--c1"} if len(points) <= 16 else False,
    }
    layers.append(
        {
            "transform": [{"filter": "isValid(datum.value) && !datum.so_far"}],
            "mark": solid,
            "encoding": {"x": x, "y": y("value")},
        }
    )
    if any(point.so_far and point.value is not None for point in points):
        open_ = [{"filter": "isValid(datum.value) && datum.so_far"}]
        hollow = {"type": "point", "filled": False, "size": 46, "strokeWidth": 1.8, "color": "--c1"}
        layers.append({"transform": open_, "mark": hollow, "encoding": {"x": x, "y": y("value")}})
        newest = points[-1].value or 0.0
        near_axis = newest - axis.start < (axis.end - axis.start) / 4
        said = {
            "type": "text",
            "align": "right",
            "dx": 5,
            "dy": -14 if near_axis else 17,
            "text": _SO_FAR.in_(language),
            "color": "--text-2",
        }
        layers.append({"transform": open_, "mark": said, "encoding": {"x": x, "y": y("value")}})
    return layers


def signed_bars(
    rows: Sequence[tuple[str, float, float | None, str]], labels: Mapping[str, str], *, height: int = 196
) -> Spec:
    """Changes from zero: (name, value, value before, tone "good", "bad" or "c1"). labels: what stands at each bar."""
    values = [
        {"name": name, "value": value, "before": before, "tone": tone, "label": labels[name]}
        for name, value, before, tone in rows
    ]
    low = min([0.0, *(value for _, value, _, _ in rows), *(before or 0 for _, _, before, _ in rows)])
    high = max([0.0, *(value for _, value, _, _ in rows), *(before or 0 for _, _, before, _ in rows)])
    high = high if high > low else low + 1
    # Pixels of room for the figure beside each bar.
    x = {"type": "quantitative", "scale": {"domain": [low, high], "nice": False, "padding": 52}, "title": None}
    axis = {"format": ",d", "tickCount": 5, "tickMinStep": 1, "grid": True, "domain": False, "labelOverlap": True}
    color = {
        "field": "tone",
        "type": "nominal",
        "scale": {"domain": ["good", "bad", "c1"], "range": ["--good", "--bad", "--c1"]},
        "legend": None,
    }
    y = {
        "field": "name",
        "type": "ordinal",
        "sort": None,
        "title": None,
        "axis": {"domain": False, "labelFontSize": 13},
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": 17},
            "encoding": {"x": {**x, "field": "value", "axis": axis}, "y": y, "color": color},
        },
        {
            "transform": [{"filter": "isValid(datum.before)"}],
            "mark": {"type": "tick", "thickness": 2, "size": 25, "color": "--text"},
            "encoding": {"x": {**x, "field": "before"}, "y": y},
        },
    ]
    layers += [_bar_label(x, y, *side) for side in ((">=", "left", 8), ("<", "right", -8))]
    layers.append(
        {
            "data": {"values": [{}]},
            "mark": {"type": "rule", "color": "--control"},
            "encoding": {"x": {"datum": 0, "type": "quantitative"}},
        }
    )
    return _framed({"data": {"values": values}, "layer": layers, "height": height})


def _bar_label(x: Spec, y: Spec, sign: str, align: str, shift: int) -> Spec:
    """What stands at the outer end of the bars on one side of zero, beyond the tick of the period before."""
    outer = "max" if sign == ">=" else "min"
    edge = f"{outer}(datum.value, isValid(datum.before) && datum.before {sign} 0 ? datum.before : 0)"
    return {
        "transform": [{"filter": f"datum.value {sign} 0"}, {"calculate": edge, "as": "edge"}],
        "mark": {"type": "text", "align": align, "dx": shift, "fontWeight": 500, "color": "--text"},
        "encoding": {"x": {**x, "field": "edge"}, "y": y, "text": {"field": "label"}},
    }


def bars(
    rows: Sequence[tuple[str, float, str]],
    *,
    height: int | None = None,
    spans: Sequence[tuple[float | None, float | None]] = (),
) -> Spec:
    """Lengths from zero in the given order: (name, value, what stands at the bar). spans: low and high of each."""
    ends = spans or [(None, None)] * len(rows)
    values = [
        {"name": name, "value": value, "label": label, "low": low, "high": high, "edge": max(value, high or 0.0)}
        for (name, value, label), (low, high) in zip(rows, ends, strict=True)
    ]
    largest = max((row["edge"] for row in values), default=1) or 1  # type: ignore[type-var]
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, largest], "nice": False, "rangeMax": {"expr": "width - 104"}},
        "title": None,
        "axis": None,
    }
    y = {
        "field": "name",
        "type": "ordinal",
        "sort": None,
        "title": None,
        "axis": {"domain": False, "labelFontSize": 13, "labelLimit": 220},
    }
    text = {"type": "text", "align": "left", "dx": 8, "fontWeight": 500, "color": "--text"}
    layers: list[Spec] = [
        {"mark": {"type": "bar", "height": 17, "color": "--c1"}, "encoding": {"x": {**x, "field": "value"}}}
    ]
    if spans:
        span = {"type": "rule", "color": "--text", "strokeWidth": 1.4}
        known = [{"filter": "isValid(datum.low)"}]
        layers.append(
            {"transform": known, "mark": span, "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}}}
        )
    layers.append({"mark": text, "encoding": {"x": {**x, "field": "edge"}, "text": {"field": "label"}}})
    return _framed(
        {"data": {"values": values}, "encoding": {"y": y}, "layer": layers, "height": height or 30 * max(1, len(rows))}
    )


def small_lines(
    rows: Sequence[tuple[str, str, float]], names: Sequence[str], language: Language, unit: Unit, *, number_format: str
) -> Spec:
    """One small chart per name on its own scale, three in a row: (name, first day in ISO, value)."""
    dates = sorted({on for _, on, _ in rows})
    axis = _time_axis([Point(on, None) for on in dates[:: max(1, len(dates) - 1)]], language, unit)
    x = {"field": "on", "type": "temporal", "title": None, "axis": axis}
    y = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "axis": {"format": number_format, "tickCount": 3, "tickMinStep": 1},
        "scale": {"zero": True},
    }
    one = {
        "width": 190,
        "height": 80,
        "mark": {"type": "line", "color": "--c1", "strokeWidth": 2},
        "encoding": {"x": x, "y": y},
    }
    head = {"title": None, "labelAnchor": "start", "labelFontSize": 12, "labelColor": "--text-2"}
    values = [{"name": name, "on": f"{on}T00:00:00", "value": value} for name, on, value in rows]
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "facet": {"field": "name", "type": "nominal", "sort": list(names), "header": head},
        "columns": 3,
        "resolve": {"scale": {"y": "independent"}},
        "spec": one,
    }


def heatmap(cells: Sequence[Mapping[str, Any]], x_title: str, *, number_format: str) -> Spec:
    """cells: row (label), column (number), value 0–1, so_far. The number stands in every cell; color repeats it."""
    values = [cell["value"] for cell in cells if cell["value"] is not None]
    low, high = min(values, default=0.0), max(values, default=1.0)
    rows = len({cell["row"] for cell in cells})
    x = {
        "field": "column",
        "type": "ordinal",
        "title": x_title,
        "axis": {"orient": "top", "labelAngle": 0, "domain": False, "titleAnchor": "start"},
    }
    scale = {
        "range": ["--s0", "--s1", "--s2", "--s3"],
        "domain": [low, high if high > low else low + 1],
        "type": "quantize",
    }
    color = {"field": "value", "type": "quantitative", "scale": scale, "legend": None}
    layers = [
        {
            "mark": {"type": "rect", "cornerRadius": 2, "stroke": "--surface", "strokeWidth": 2},
            "encoding": {"color": color},
        },
        {
            "mark": {"type": "text", "fontSize": 12, "color": "--text"},
            "encoding": {"text": {"field": "value", "type": "quantitative", "format": number_format}},
        },
    ]
    y = {
        "field": "row",
        "type": "ordinal",
        "sort": None,
        "title": None,
        "axis": {"labelFontSize": 12, "labelLimit": 220},
    }
    return _framed(
        {"data": {"values": list(cells)}, "encoding": {"x": x, "y": y}, "layer": layers, "height": 23 * max(1, rows)}
    )


def _framed(spec: Spec) -> Spec:
    return {"$schema": SCHEMA, "width": "container", "autosize": {"type": "fit-x", "contains": "padding"}, **spec}


def _nice_step(width: float) -> float:
    rough = width / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough * 0.999)
