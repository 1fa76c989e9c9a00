"""The picture of a funnel: horizontal bars in the order of the steps, each with what was lost before it."""

from typing import TYPE_CHECKING, Any

from schwung.core.text import Language
from schwung.renderers.numbers import number
from schwung.renderers.spec import SCHEMA, Spec

if TYPE_CHECKING:
    from schwung.measure.funnel_answer import FunnelAnswer

_ROW = 52
_ROOM = 1.45
"""The axis ends there, in widths of the longest bar: room for the number behind it, on a phone too."""


def spec(answer: "FunnelAnswer", language: Language) -> Spec:
    """Bars from zero: who reached the step, in color; who was lost before it, as a pale rest. Its name above, the number behind."""
    rows: list[dict[str, Any]] = []
    for nth, step in enumerate(answer.steps):
        told = f"{number(step.customers, 'count', language)} · {number(step.of_first.value, 'share', language)}"
        named = f"{nth + 1} {step.title.in_(language)}"
        before = answer.steps[nth - 1].customers if nth else step.customers
        rows.append({"nth": nth, "step": named, "customers": step.customers, "before": before, "told": told, "zero": 0})
    most = max((row["before"] for row in rows), default=1) or 1
    y = {"field": "nth", "type": "ordinal", "title": None, "axis": None}
    scale = {"domain": [0, most * _ROOM], "nice": False}

    def x(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "title": None, "scale": scale, "axis": None}

    def bar(field: str, opacity: float) -> Spec:
        mark = {"type": "bar", "height": 18, "yOffset": 9, "color": "--c1", "opacity": opacity}
        return {"mark": mark, "encoding": {"y": y, "x": x(field)}}

    def words(field: str, at: str, **more: Any) -> Spec:
        mark = {"type": "text", "align": "left", "baseline": "middle", "color": "--text-2", "fontSize": 12, **more}
        return {"mark": mark, "encoding": {"y": y, "x": x(at), "text": {"field": field, "type": "nominal"}}}

    above, behind = words("step", "zero", dy=-12), words("told", "before", dx=8, dy=9, color="--text")
    return {
        "$schema": SCHEMA,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": rows},
        "layer": [bar("before", 0.18), bar("customers", 1), above, behind],
        "height": _ROW * len(rows),
    }


def chart(answer: "FunnelAnswer", language: str = "en") -> Any:
    """The picture for a notebook."""
    import altair

    from schwung.renderers.chart_tokens import drawn

    return altair.Chart.from_dict(drawn(spec(answer, "de" if language == "de" else "en")))
