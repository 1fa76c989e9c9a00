"""The picture of response curves: one small chart each, with where one stands now and where it would be best."""

from collections.abc import Sequence
from dataclasses import dataclass

from schwung.renderers.spec import SCHEMA, Spec


@dataclass(frozen=True, slots=True)
class Drawn:
    """points: (effort, outcome) along the curve. now, best: such points too, where they are known."""

    name: str
    points: Sequence[tuple[float, float]]
    now: tuple[float, float] | None
    best: tuple[float, float] | None


def spec(curves: Sequence[Drawn], *, width: int = 190, columns: int = 3, share: bool = False) -> Spec:
    """Each on its own scales, both from zero. Hollow: now; filled: the best. share: outcomes are shares."""
    rows: list[Spec] = []
    for one in curves:
        rows += [{"name": one.name, "x": x, "y": y, "what": "curve"} for x, y in one.points]
        rows += [
            {"name": one.name, "x": point[0], "y": point[1], "what": what}
            for what, point in (("now", one.now), ("best", one.best))
            if point is not None
        ]

    def axis(field: str) -> Spec:
        return {
            "field": field, "type": "quantitative", "title": None, "scale": {"zero": True, "nice": True},
            "axis": {"tickCount": 3, "format": ".0%" if share and field == "y" else ",~r", "grid": field == "y"},
        }  # fmt: skip

    encoding = {"x": axis("x"), "y": axis("y")}

    def layer(what: str, mark: Spec) -> Spec:
        return {"transform": [{"filter": f"datum.what == '{what}'"}], "mark": mark, "encoding": encoding}

    layers = [
        layer("curve", {"type": "line", "color": "--c1", "strokeWidth": 2}),
        layer("now", {"type": "point", "filled": False, "size": 60, "strokeWidth": 1.8, "color": "--text"}),
        layer("best", {"type": "point", "filled": True, "size": 70, "opacity": 1, "color": "--c1"}),
    ]
    head = {"title": None, "labelAnchor": "start", "labelFontSize": 12, "labelColor": "--text-2"}
    return {
        "$schema": SCHEMA,
        "data": {"values": rows},
        "facet": {"field": "name", "type": "nominal", "sort": [one.name for one in curves], "header": head},
        "columns": columns,
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spec": {"width": width, "height": 110, "layer": layers},
    }
