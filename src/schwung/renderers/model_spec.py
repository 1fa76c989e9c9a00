"""Pictures of how good a model was: what it said beside what came."""

from collections.abc import Mapping, Sequence
from typing import Any

from schwung.core.text import Language, Text
from schwung.renderers.spec import SCHEMA, Spec

EXPECTED, ACTUAL = Text("expected", "erwartet"), Text("came", "gekommen")
_HEIGHT = 240


def reliability(rows: Sequence[Mapping[str, float]]) -> Spec:
    """Observed share by predicted probability; on the dashed line both agree."""
    most = max([0.05, *(max(row["predicted"], row["observed"]) for row in rows)])
    scale = {"domain": [0, min(1.0, most * 1.05)], "nice": False}
    axis = {"format": ".0%", "tickCount": 5}
    x = {"field": "predicted", "type": "quantitative", "title": None, "axis": axis | {"grid": False}, "scale": scale}
    y = {"field": "observed", "type": "quantitative", "title": None, "axis": axis, "scale": scale}
    ends = [{"predicted": end, "observed": end} for end in scale["domain"]]  # type: ignore[attr-defined]
    rule = {
        "data": {"values": ends},
        "mark": {"type": "line", "color": "--c-prev", "strokeDash": [2, 3]},
        "encoding": {"x": x, "y": y},
    }
    dots = {
        "mark": {"type": "line", "color": "--c1", "point": {"filled": True, "color": "--c1", "size": 40}},
        "encoding": {"x": x, "y": y, "order": {"field": "predicted"}},
    }
    values = [{"predicted": row["predicted"], "observed": row["observed"]} for row in rows]
    return _spec(values, [rule, dots])


def beside(rows: Sequence[Mapping[str, Any]], labels: Sequence[str], language: Language) -> Spec:
    """What came (solid) and what was expected (dotted) by class, in the given order. labels: names of the classes."""
    values = [
        {"class": label, "place": place, "expected": row["expected"], "actual": row["actual"]}
        for place, (label, row) in enumerate(zip(labels, rows, strict=True))
    ]
    x = {
        "field": "class", "type": "ordinal", "sort": {"field": "place"}, "title": None,
        "axis": {"labelAngle": 0, "grid": False, "labelOverlap": True},
    }  # fmt: skip
    layers = []
    for field, text, color, dash in (
        ("expected", EXPECTED, "--c-prev", [2, 3]), ("actual", ACTUAL, "--c1", [1, 0]),
    ):  # fmt: skip
        y = {"field": field, "type": "quantitative", "title": None, "scale": {"zero": True}, "axis": {"tickCount": 5}}
        mark = {
            "type": "line",
            "color": color,
            "strokeDash": dash,
            "point": {"filled": True, "color": color, "size": 36},
        }
        layers.append({"mark": mark, "encoding": {"x": x, "y": y}, "description": text.in_(language)})
    return _spec(values, layers)


def _spec(values: Sequence[Mapping[str, Any]], layers: Sequence[Spec]) -> Spec:
    return {
        "$schema": SCHEMA, "width": "container", "autosize": {"type": "fit-x", "contains": "padding"}, "height": _HEIGHT, "data": {"values": list(values)}, "layer": list(layers),
    }  # fmt: skip
