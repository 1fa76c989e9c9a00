"""The picture of whom an action moves: what is gained by whom one treats first."""

from collections.abc import Sequence
from typing import Any

from schwung.renderers.spec import SCHEMA, Spec


def qini(model: Sequence[dict[str, float]], response: Sequence[dict[str, float]]) -> Spec:
    """Points share, gained, low, high of both. Solid with its band: the model; dotted: plain response; thin: by chance."""
    ends = [{"share": 0.0, "gained": 0.0}, {"share": 1.0, "gained": model[-1]["gained"]}]
    x = {
        "field": "share", "type": "quantitative", "title": None, "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "tickCount": 5, "grid": False},
    }  # fmt: skip
    axis = {"format": ".1%", "tickCount": 5}

    def y(field: str) -> Spec:
        return {"field": field, "type": "quantitative", "title": None, "scale": {"zero": True}, "axis": axis}

    def line(rows: Sequence[dict[str, float]], **mark: Any) -> Spec:
        return {"data": {"values": list(rows)}, "mark": {"type": "line"} | mark, "encoding": {"x": x, "y": y("gained")}}

    band = {
        "data": {"values": list(model)}, "mark": {"type": "area", "color": "--c-band"},
        "encoding": {"x": x, "y": y("low"), "y2": {"field": "high"}},
    }  # fmt: skip
    return {
        "$schema": SCHEMA, "width": "container", "autosize": {"type": "fit-x", "contains": "padding"}, "height": 240,
        "layer": [
            band,
            line(ends, color="--c-axis", strokeWidth=1),
            line(response, color="--c-prev", strokeDash=[2, 3], strokeWidth=2),
            line(model, color="--c1", strokeWidth=2),
        ],
    }  # fmt: skip
