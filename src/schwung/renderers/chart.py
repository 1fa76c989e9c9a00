"""The chart of a metric: one definition for console and notebook. Plain Vega-Lite data; Altair wraps it in a notebook.

Colors are names of the look's tokens (`--c1`). The console resolves them when it draws; `drawn` puts in the light ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from schwung.core.period import Unit
from schwung.core.text import Language, Text
from schwung.measure.answer import Row
from schwung.measure.inference import Estimate
from schwung.measure.local_time import day_of_label
from schwung.measure.metric import Metric
from schwung.measure.question import Question
from schwung.renderers import spec
from schwung.renderers.chart_tokens import drawn, locale_of
from schwung.renderers.numbers import money_unit, money_word, number, stretch, unit_name

if TYPE_CHECKING:
    import altair

MOST_BARS = 20
WIDTH = 640
AGE = Text("months after the first order", "Monate nach der ersten Bestellung")
_YEAR_BACK: dict[Unit, int] = {"week": 52, "month": 12, "quarter": 4}
_SIGNS = {"new": (1, "good"), "reactivated": (1, "good"), "lost": (-1, "bad")}
_OTHERS = Text("the {most} largest of {count}", "die {most} größten von {count}")
_BAND = Text("95% interval", "95-%-Intervall")
_DOTTED = Text("dotted: a year before", "gepunktet: ein Jahr davor")


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


@dataclass(frozen=True, slots=True)
class Course:
    """A metric by calendar unit as a line. scale: what money is divided by on the axis; word: its name."""

    picture: spec.Spec
    points: tuple[spec.Point, ...]
    axis: spec.Axis
    scale: int
    word: Text | None

    @property
    def has_before(self) -> bool:
        return sum(point.before is not None for point in self.points) > 1


def course(
    metric: Metric, rows: Sequence[Row], unit: Unit, language: Language, *, most: int | None = None,
    notes: Sequence[spec.Note] = (),
) -> Course:  # fmt: skip
    """The line with its interval and, dotted, the year before where the rows reach back that far. most: latest points.
    notes: those that lie within are drawn."""
    values = [row.estimate.value for row in rows if row.estimate.value is not None]
    largest = max(values, default=0.0)
    scale, word = (
        money_unit(largest) if metric.unit == "money" else stretch(largest) if metric.unit == "duration" else (1, None)
    )
    back = _YEAR_BACK.get(unit, 0)
    before = [rows[place - back] if back and place >= back else None for place in range(len(rows))]
    points = tuple(_point(row, then, unit, scale) for row, then in zip(rows, before, strict=True))[-(most or 0) :]
    axis = spec.axis_for(points, zero=metric.unit in {"money", "count", "points", "hours", "duration", "months"})
    within = spec.within(notes, points)
    drawn_line = spec.line(points, axis, language, unit, number_format=_format(metric, axis), height=268, notes=within)
    return Course(drawn_line, points, axis, scale, word)


def chart(result: Answered, language: Language) -> "altair.TopLevelMixin":
    """For a notebook: titled, in the light colors, numbers and dates as the language writes them."""
    import altair

    made, notes = _picture(result, language)
    made = {name: part for name, part in made.items() if name != "autosize"}
    if "facet" not in made:
        made["width"] = WIDTH
    made["title"] = {"text": result.metric.title.in_(language), "anchor": "start", "subtitle": " · ".join(notes)}
    made["usermeta"] = {"embedOptions": locale_of(language)}
    return altair.Chart.from_dict(drawn(made))


def _picture(result: Answered, language: Language) -> tuple[spec.Spec, list[str]]:
    """The spec, and what stands under the title: unit, interval, what is left out."""
    metric, unit = result.metric, result.question.unit
    notes = [unit_name(result.unit, language)]
    if metric.shape == "matrix":
        return _matrix(result.rows, language), notes
    if metric.parts is not None:
        return _parts(result, language), notes
    if unit is not None and len(result.question.by) == 1:
        found = course(metric, result.rows, unit, language)
        if metric.unit == "money":
            notes = [money_word(found.word, result.unit, language)]
        elif found.word is not None:
            notes = [found.word.in_(language)]
        notes += [_BAND.in_(language)] if metric.estimate != "exact" else []
        return found.picture, notes + ([_DOTTED.in_(language)] if found.has_before else [])
    if len(result.rows) > MOST_BARS:
        notes.append(_OTHERS.fill(most=MOST_BARS, count=len(result.rows)).in_(language))
    return _bars(result, language), notes


def _bars(result: Answered, language: Language) -> spec.Spec:
    rows = result.rows[:MOST_BARS]
    title = result.metric.title.in_(language)
    named = [
        (
            " · ".join(str(part) for part in row.cuts.values()) or title,
            row.estimate.value or 0.0,
            number(row.estimate.value, result.unit, language),
        )
        for row in rows
    ]
    spans = [] if result.metric.estimate == "exact" else [(row.estimate.low, row.estimate.high) for row in rows]
    return spec.bars(named, spans=spans)


def _parts(result: Answered, language: Language) -> spec.Spec:
    """Parts at one moment as bars, moves from zero; over time one small line per part."""
    parts, unit = result.metric.parts, result.question.unit
    assert parts is not None
    named = [(row.cuts[parts.column], row.estimate.value or 0.0, row) for row in result.rows]
    if unit is not None:
        titles = {name: text.in_(language) for name, text in parts.texts.items()}
        lines = [(titles[part], day_of_label(row.cuts[unit], unit).isoformat(), value) for part, value, row in named]
        return spec.small_lines(lines, list(titles.values()), language, unit, number_format=",d")
    if any(part in _SIGNS for part, _, _ in named) and "start" in parts.texts:
        moves = [(part, value) for part, value, _ in named if part in _SIGNS]
        rows = [
            (parts.texts[part].in_(language), _SIGNS[part][0] * value, None, _SIGNS[part][1]) for part, value in moves
        ]
        return spec.signed_bars(rows, {name: number(value, "count", language) for name, value, _, _ in rows})
    return spec.bars(
        [(parts.texts[part].in_(language), value, number(value, result.unit, language)) for part, value, _ in named]
    )


def _matrix(rows: Sequence[Row], language: Language) -> spec.Spec:
    """Age 0 and the month that is not over are left out."""
    cells = [
        {
            "row": f"{row.cuts['cohort']} · {number(row.estimate.n, 'count', language)}",
            "column": row.cuts["age"],
            "value": row.estimate.value,
        }
        for row in rows
        if row.cuts["age"] and not row.so_far
    ]
    return spec.heatmap(cells, AGE.in_(language), number_format=".1%")


def _point(row: Row, before: Row | None, unit: Unit, scale: int) -> spec.Point:
    def scaled(value: float | None) -> float | None:
        return None if value is None else value / scale

    estimate = row.estimate if not row.too_few else Estimate(None)
    earlier = before.estimate.value if before and not before.too_few else None
    on = day_of_label(row.cuts[unit], unit).isoformat()
    return spec.Point(
        on, scaled(estimate.value), scaled(estimate.low), scaled(estimate.high), scaled(earlier), row.so_far
    )


def _format(metric: Metric, axis: spec.Axis) -> str:
    width = axis.end - axis.start
    if metric.unit == "share":
        return ".0%" if width > 0.05 else ".1%"
    if metric.unit in ("count", "points"):
        return ",d"
    return ",.0f" if width >= 5 else ",.1f" if width >= 0.5 else ",.2f"
