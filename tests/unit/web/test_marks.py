"""Small pictures: where their ends lie, what they leave out, what they escape."""

import re

from schwung.renderers import spec
from schwung.web.console import marks


def _numbers(svg: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf'\b{name}="([-0-9.]+)"', svg)]


def test_a_sparkline_goes_from_edge_to_edge_on_its_own_scale() -> None:
    svg = marks.sparkline([1, 3, 2], (), "Orders")
    points = re.search(r'class="s-l" points="([^"]+)"', svg)
    assert points is not None and points.group(1) == "0.0,25.5 50.0,4.5 100.0,15.0"


def test_a_sparkline_breaks_where_a_value_is_missing_and_stays_empty_below_two() -> None:
    assert marks.sparkline([1, 2, None, 3, 4], ()).count("<polyline") == 2
    assert "polyline" not in marks.sparkline([None, 4], ())


def test_labels_are_escaped() -> None:
    assert "<script>" not in marks.sparkline([1, 2], (), "<script>")


def test_an_interval_mark_stays_on_its_track() -> None:
    svg = marks.interval_mark(low=-5, value=50, high=150, start=0, end=100, at=25)
    assert _numbers(svg, "x1") == [0.0, 50.0, 0.0] and _numbers(svg, "x2")[-1] == 200.0
    assert _numbers(svg, "x") == [98.2]


def test_a_change_bar_points_to_its_side() -> None:
    assert _numbers(marks.change_bar(10, 10, "pos"), "x") == [37.0]
    assert _numbers(marks.change_bar(-5, 10, "neg"), "x") == [19.5]
    assert _numbers(marks.change_bar(1, 0), "width") == [0.0]


def test_an_axis_starts_at_zero_unless_the_line_would_be_flat() -> None:
    near = spec.axis_for([spec.Point("2026-01-01", 0.44), spec.Point("2026-02-01", 0.46, 0.45, 0.47)])
    assert (near.starts_at_zero, near.start <= 0.44, near.end >= 0.47) == (False, True, True)
    assert spec.axis_for([spec.Point("2026-01-01", 0.44)], zero=True).start == 0
    assert spec.axis_for([spec.Point("2026-01-01", 10), spec.Point("2026-01-08", 90)]).starts_at_zero
    assert spec.axis_for([]).end > spec.axis_for([]).start


def test_an_unfinished_period_is_a_point_and_never_joined() -> None:
    points = [spec.Point("2026-01-05", 1.0), spec.Point("2026-01-12", 0.4, so_far=True)]
    picture = spec.line(points, spec.axis_for(points), "de", "week", number_format=",d")
    lines = [layer for layer in picture["layer"] if layer["mark"]["type"] == "line"]
    assert all("!datum.so_far" in str(layer["transform"]) for layer in lines)
    assert [layer["mark"]["text"] for layer in picture["layer"] if layer["mark"]["type"] == "text"] == ["bisher"]


def test_colors_are_token_names() -> None:
    pictures = [
        spec.bars([("a", 1, "1")]),
        spec.signed_bars([("a", 1, None, "good")], {"a": "+1"}),
        spec.heatmap([{"row": "a", "column": 1, "value": 0.5}], "months", number_format=".1%"),
    ]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb", str(pictures).replace(spec.SCHEMA, ""))
