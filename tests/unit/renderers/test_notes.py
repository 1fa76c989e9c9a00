"""Annotations in charts: a dashed rule and its words, on the chart's own time axis; the picture is valid."""

import vl_convert

from schwung.renderers.chart_tokens import drawn
from schwung.renderers.spec import Note, Point, axis_for, line


def test_notes_are_drawn_on_their_days() -> None:
    points = [Point(f"2026-0{month}-01", float(month)) for month in range(1, 7)]
    notes = [Note("2026-04-15", "New roast"), Note("2026-02-10", "Price up")]
    made = line(points, axis_for(points, zero=True), "en", "month", number_format=",d", notes=notes)
    words = [layer["mark"]["text"] for layer in made["layer"] if layer["mark"].get("text")]
    assert words == ["Price up", "New roast"]
    picture = vl_convert.vegalite_to_svg(drawn(made))
    assert "New roast" in picture and "stroke-dasharray" in picture
    assert "layer" in line(points, axis_for(points), "en", "month", number_format=",d")
