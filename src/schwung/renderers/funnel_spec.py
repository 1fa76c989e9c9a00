"""The picture of a funnel: horizontal bars in the order of the steps, each with what was lost before it."""

from typing import TYPE_CHECKING, Any

from schwung.core.text import Language
from schwung.renderers.numbers import number
from schwung.renderers.spec import SCHEMA, Spec

if TYPE_CHECKING:
    from schwung.measure.funnel_answer import FunnelAnswer

_ROW = 44
_MOST_LETTERS = 34


def spec(answer: "FunnelAnswer", language: Language) -> Spec:
    """Bars from zero: who reached the step, in color; who was lost before it, as a pale rest; the number at the end."""
    rows: list[dict[str, Any]] = []
    for nth, step in enumerate(answer.steps):
        title = step.title.in_(language)
        told = f"{number(step.customers, 'count', language)} · {number(step.of_first.value, 'share', language)}"
        named = f"{nth + 1} {title if len(title) <= _MOST_LETTERS else title[: _MOST_LETTERS - 1] + '…'}"
        before = answer.steps[nth - 1].customers if nth else step.customers
        rows.append({"nth": nth, "step": named, "customers": step.customers, "before": before, "told": told})
    most = max((row["before"] for row in rows), default=1) or 1
    y = {"field": "step", "type": "nominal", "sort": {"field": "nth"}, "title": None, "axis": {"labelLimit": 260}}
    scale = {"domain": [0, most * 1.28], "nice": False}

    def x(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "title": None, "scale": scale, "axis": None}

    lost = {
        "mark": {"type": "bar", "height": 22, "color": "--c1", "opacity": 0.18},
        "encoding": {"y": y, "x": x("before")},
    }
    came = {"mark": {"type": "bar", "height": 22, "color": "--c1"}, "encoding": {"y": y, "x": x("customers")}}
    text = {
        "mark": {"type": "text", "align": "left", "dx": 8, "color": "--text-2"},
        "encoding": {"y": y, "x": x("before"), "text": {"field": "told", "type": "nominal"}},
    }
    return {
        "$schema": SCHEMA,
        "width": "container",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"values": rows},
        "layer": [lost, came, text],
        "height": _ROW * len(rows),
    }


def chart(answer: "FunnelAnswer", language: str = "en") -> Any:
    """The picture for a notebook."""
    import altair

    from schwung.renderers.chart_tokens import drawn

    return altair.Chart.from_dict(drawn(spec(answer, "de" if language == "de" else "en")))
