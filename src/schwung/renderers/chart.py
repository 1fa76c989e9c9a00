"""Charts of metrics: one Altair chart for notebook, console, letter and slide.

Colors are names of the look's tokens (`--c1`). The console resolves them when it draws; `drawn` puts in the light ones.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import altair as alt

from schwung.core.period import Unit
from schwung.core.text import Language, Text
from schwung.measure.answer import Row
from schwung.measure.cuts import CUTS
from schwung.measure.local_time import day_of_label
from schwung.measure.metric import Metric
from schwung.measure.question import Question
from schwung.renderers.chart_tokens import drawn
from schwung.renderers.numbers import number

MOST_BARS = 20
HEIGHT = 236
_SO_FAR = Text("so far", "bisher")
_AGE = Text("months after the first order", "Monate nach der ersten Bestellung")
_OTHERS = Text("{title}: the {most} largest of {count}", "{title}: die {most} größten von {count}")
_RANGE = Text(
    "{title} by {cut}: {first} in {from_}, {last} in {to}; highest {top} in {top_in}.",
    "{title} nach {cut}: {first} im Zeitraum {from_}, {last} im Zeitraum {to}; am höchsten {top} im Zeitraum {top_in}.",
)
_LARGEST = Text("{title} by {cut}: largest {name} with {value}.", "{title} nach {cut}: am größten {name} mit {value}.")
_MATRIX = Text(
    "{title}: one month after the first order between {low} and {high} of a cohort came back.",
    "{title}: Einen Monat nach der ersten Bestellung kamen zwischen {low} und {high} einer Kohorte wieder.",
)
_ONE = Text("{title}: {value}.", "{title}: {value}.")
_NOTHING = Text("{title}: no data yet.", "{title}: noch keine Daten.")


class Answered(Protocol):
    """What a chart shows: the result of one question."""

    @property
    def metric(self) -> Metric: ...

    @property
    def question(self) -> Question: ...

    @property
    def rows(self) -> tuple[Row, ...]: ...

    @property
    def unit(self) -> str: ...


def chart(result: Answered, language: Language) -> alt.TopLevelMixin:
    """For a notebook: titled, in the light colors."""
    spec = chart_spec(result, language)
    if "facet" not in spec:
        spec["width"] = 640
    spec["title"] = {
        "text": result.metric.title.in_(language),
        "anchor": "start",
        "subtitle": _subtitle(result, language),
    }
    if "autosize" in spec:
        del spec["autosize"]
    return alt.Chart.from_dict(drawn(spec))


def chart_spec(result: Answered, language: Language, before: Sequence[Row] = ()) -> dict[str, Any]:
    """Vega-Lite for the console: token names for colors, as wide as its box, no title.

    before: the rows of the period before, drawn dotted; they are matched by place.
    """
    unit = result.question.unit
    if result.metric.shape == "matrix":
        made = _heatmap(result, language)
    elif result.metric.parts is not None:
        made = _parts(result, language)
    elif unit is not None and len(result.question.by) == 1:
        made = _line(result, unit, language, before)
    else:
        made = _bars(result, language)
    spec: dict[str, Any] = made.to_dict()
    spec.pop("config", None)
    if "facet" in spec:
        return spec
    return spec | {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}


def sentence(result: Answered, language: Language) -> str:
    """What the chart shows, in one sentence: its accessible name."""
    title, rows = result.metric.title, [row for row in result.rows if row.estimate.value is not None]

    def value(row: Row) -> str:
        return number(row.estimate.value, result.unit, language)

    if not rows:
        return _NOTHING.fill(title=title).in_(language)
    top = max(rows, key=lambda row: row.estimate.value or 0)
    by = result.question.by
    parts = result.metric.parts
    if parts is not None:
        latest = rows[-len(parts.texts) :]
        named = ", ".join(f"{parts.texts[row.cuts[parts.column]].in_(language)} {value(row)}" for row in latest)
        return _ONE.fill(title=title, value=named).in_(language)
    if result.metric.shape == "matrix":
        later = [row for row in rows if row.cuts["age"] == 1 and not row.so_far] or rows
        low, high = (find(later, key=lambda row: row.estimate.value or 0) for find in (min, max))
        return _MATRIX.fill(title=title, low=value(low), high=value(high)).in_(language)
    if not top.cuts:
        return _ONE.fill(title=title, value=value(top)).in_(language)
    name = CUTS[by[0]].title
    cut = Text(name.en.lower(), name.de)
    first, *_rest, last = (*rows, rows[-1])
    if result.question.unit is not None and len(by) == 1:
        unit = by[0]
        filled = _RANGE.fill(
            title=title, cut=cut, first=value(first), from_=first.cuts[unit], last=value(last), to=last.cuts[unit],
            top=value(top), top_in=top.cuts[unit],
        )  # fmt: skip
        return filled.in_(language)
    largest = ", ".join(str(part) for part in top.cuts.values())
    return _LARGEST.fill(title=title, cut=cut, name=largest, value=value(top)).in_(language)


def _subtitle(result: Answered, language: Language) -> list[str]:
    lines = [result.unit]
    if len(result.rows) > MOST_BARS and result.question.unit is None and result.metric.shape != "matrix":
        title = result.metric.title
        lines.append(_OTHERS.fill(title=title, most=MOST_BARS, count=len(result.rows)).in_(language))
    return lines


def _line(result: Answered, unit: Unit, language: Language, before: Sequence[Row]) -> alt.LayerChart:
    """Solid with its band; an unfinished period hollow and apart; the period before dotted."""
    x = alt.X("when:T", title=None, axis=alt.Axis(format=_time_format(unit), tickCount=6, grid=False))
    is_share = result.unit == "share"
    zero = result.metric.estimate == "exact"
    y_axis = alt.Axis(tickCount=4, format=".0%" if is_share else "~s")
    scale = alt.Scale(zero=zero)
    values = [_point(row, unit) | {"before": None} for row in result.rows]
    for place, row in enumerate(before[: len(values)]):
        values[place]["before"] = row.estimate.value
    base = alt.Chart(alt.Data(values=values)).encode(x=x)
    y = alt.Y("value:Q", title=None, scale=scale, axis=y_axis)
    layers: list[alt.Chart] = []
    if before:
        dotted = base.mark_line(color="--c-prev", strokeDash=[2, 3], strokeWidth=1.6)
        layers.append(dotted.encode(y=alt.Y("before:Q", title=None, scale=scale, axis=y_axis)))
    whole = base.transform_filter("!datum.open")
    if not zero:
        layers.append(whole.mark_area(color="--c1", opacity=0.15).encode(y=alt.Y("low:Q", title=None), y2="high:Q"))
    layers.append(whole.mark_line(color="--c1", strokeWidth=2).encode(y=y))
    is_open = base.transform_filter("datum.open && isValid(datum.value)")
    layers.append(is_open.mark_point(filled=False, size=46, strokeWidth=1.8, color="--c1").encode(y=y))
    so_far = _SO_FAR.in_(language)
    layers.append(is_open.mark_text(align="right", dx=-9, dy=8, text=so_far, color="--text-2").encode(y=y))
    return alt.layer(*layers).properties(height=HEIGHT)


def _point(row: Row, unit: Unit) -> dict[str, Any]:
    day = day_of_label(row.cuts[unit], unit).isoformat()
    estimate = row.estimate
    return {
        "when": f"{day}T00:00:00",
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "open": row.so_far,
    }


def _bars(result: Answered, language: Language) -> alt.LayerChart:
    """Largest first, from zero; the interval as a line with the estimate on it."""
    rows = result.rows[:MOST_BARS]
    values = [
        {
            "name": " · ".join(str(part) for part in row.cuts.values()) or result.metric.title.in_(language),
            "value": row.estimate.value,
            "low": row.estimate.low,
            "high": row.estimate.high,
            "label": number(row.estimate.value, result.unit, language),
        }
        for row in rows
    ]
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(domain=False, labelLimit=220, labelFontSize=13))
    axis = alt.Axis(tickCount=4, format=".0%" if result.unit == "share" else "~s", grid=True, domain=False)
    x = alt.X("value:Q", title=None, axis=axis, scale=alt.Scale(zero=True))
    base = alt.Chart(alt.Data(values=values)).encode(y=y)
    layers = [base.mark_bar(color="--c1", height=17, opacity=0.85).encode(x=x)]
    if result.metric.estimate != "exact":
        spread = base.transform_filter("isValid(datum.low)")
        layers.append(
            spread.mark_rule(color="--text", strokeWidth=1.4).encode(x=alt.X("low:Q", title=None), x2="high:Q")
        )
    else:
        layers.append(base.mark_text(align="left", dx=6, color="--text-2").encode(x=x, text="label:N"))
    return alt.layer(*layers).properties(height=max(48, 26 * len(values)))


def _parts(result: Answered, language: Language) -> alt.LayerChart | alt.FacetChart:
    """Parts of one moment as bars; over time the moves as signed bars, or one line per part in small multiples."""
    parts, unit = result.metric.parts, result.question.unit
    assert parts is not None
    signs = {"lost": -1} if result.metric.name == "growth_accounting" else {}
    shown = [name for name in parts.texts if not (signs and name in ("start", "end"))]
    values = [
        {
            "part": parts.texts[row.cuts[parts.column]].in_(language),
            "value": signs.get(row.cuts[parts.column], 1) * (row.estimate.value or 0),
            "side": "bad" if row.cuts[parts.column] in signs else "good",
            "when": f"{day_of_label(row.cuts[unit], unit).isoformat()}T00:00:00" if unit else "",
            "label": number(row.estimate.value, result.unit, language),
        }
        for row in result.rows
        if row.cuts[parts.column] in shown
    ]
    base = alt.Chart(alt.Data(values=values))
    color = alt.Color("side:N", legend=None, scale=alt.Scale(domain=["good", "bad"], range=["--good", "--bad"]))
    quantity = alt.Axis(tickCount=4, format="~s", grid=True, domain=False)
    if unit is None:
        y = alt.Y("part:N", sort=None, title=None, axis=alt.Axis(domain=False, labelLimit=220, labelFontSize=13))
        bars = base.mark_bar(height=17, color="--c1").encode(y=y, x=alt.X("value:Q", title=None, axis=quantity))
        if signs:
            bars = bars.encode(color=color)
        texts = base.mark_text(align="left", dx=6, color="--text-2").encode(y=y, x="value:Q", text="label:N")
        return alt.layer(bars, texts).properties(height=30 * len(shown))
    x = alt.X("when:T", title=None, axis=alt.Axis(format=_time_format(unit), tickCount=6, grid=False))
    if signs:
        bars = base.mark_bar(width={"band": 0.7}).encode(
            x=alt.X(
                "when:O",
                title=None,
                timeUnit=_time_unit(unit),
                axis=alt.Axis(format=_time_format(unit), labelOverlap=True, grid=False),
            ),
            y=alt.Y("sum(value):Q", title=None, axis=quantity),
            color=color,
        )
        return alt.layer(bars).properties(height=HEIGHT)
    order = [parts.texts[name].in_(language) for name in shown]
    line = base.mark_line(strokeWidth=2, color="--c1").encode(x=x, y=alt.Y("value:Q", title=None, axis=quantity))
    head = alt.Header(title=None, labelAnchor="start", labelFontSize=12, labelColor="--text-2")
    one = line.properties(width=190, height=80)
    return one.facet(facet=alt.Facet("part:N", sort=order, title=None, header=head), columns=3)


def _heatmap(result: Answered, language: Language) -> alt.LayerChart:
    """Share in every cell, size of the cohort in the row label; age 0 and the month that is not over are left out."""
    rows = [row for row in result.rows if row.cuts["age"] and not row.so_far]
    values = [
        {
            "cohort": f"{row.cuts['cohort']} · {number(row.estimate.n, 'count', language)}",
            "age": row.cuts["age"],
            "value": row.estimate.value,
        }
        for row in rows
    ]
    shares = [row.estimate.value or 0 for row in rows]
    domain = [min(shares, default=0), max(shares, default=1)]
    axis = alt.Axis(orient="top", labelAngle=0, domain=False, titleAnchor="start")
    base = alt.Chart(alt.Data(values=values)).encode(
        x=alt.X("age:O", title=_AGE.in_(language), axis=axis),
        y=alt.Y("cohort:O", sort=None, title=None, axis=alt.Axis(labelFontSize=12)),
    )
    scale = alt.Scale(type="quantize", domain=domain, range=["--s0", "--s1", "--s2", "--s3"])
    cells = base.mark_rect(cornerRadius=2, stroke="--surface", strokeWidth=2).encode(
        color=alt.Color("value:Q", scale=scale, legend=None)
    )
    texts = base.mark_text(fontSize=12, color="--text").encode(text=alt.Text("value:Q", format=".1%"))
    cohorts = len({value["cohort"] for value in values})
    return alt.layer(cells, texts).properties(height=max(48, 21 * cohorts))


def _time_format(unit: Unit) -> str:
    return {"day": "%-d %b", "week": "%-d %b", "month": "%b %Y", "quarter": "%b %Y", "year": "%Y"}[unit]


def _time_unit(unit: Unit) -> str:
    return {
        "day": "yearmonthdate",
        "week": "yearmonthdate",
        "month": "yearmonth",
        "quarter": "yearmonth",
        "year": "year",
    }[unit]
