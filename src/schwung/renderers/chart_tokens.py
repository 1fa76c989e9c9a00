"""The look's color tokens for pictures that are drawn away from a page, and pictures themselves (PNG, SVG)."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from schwung.core.text import Language

LIGHT: Mapping[str, str] = {
    "--surface": "#FFFFFF", "--text": "#1A2226", "--text-2": "#4C585E", "--line-2": "#CBD3D6", "--control": "#87929A",
    "--good": "#0B7A55", "--bad": "#B93A0B", "--warn-mark": "#C98417",
    "--c1": "#0E6478", "--c2": "#C98417", "--c3": "#8E6FC4", "--c4": "#B5431A", "--c-prev": "#A3ADB2",
    "--c-band": "#0E647826", "--c-grid": "#E9EDEE", "--c-axis": "#5F6B72",
    "--s0": "#F3F7F8", "--s1": "#D6E7EB", "--s2": "#A9CDD6", "--s3": "#71ACBA",
}  # fmt: skip
_NUMBERS: Mapping[Language, dict[str, Any]] = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
    "de": {
        "decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", "\u00a0€"], "percent": "\u00a0%",
    },
}  # fmt: skip
CONFIG: Mapping[str, Any] = {
    "background": "--surface",
    "font": "Inter Variable, Inter, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "--c-axis", "titleColor": "--c-axis", "gridColor": "--c-grid", "domain": False, "ticks": False,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 400, "labelPadding": 8,
    },
    "axisX": {"grid": False, "domain": True, "domainColor": "--line-2"},
    "text": {"color": "--text-2", "fontSize": 12},
    "title": {"color": "--text", "subtitleColor": "--c-axis", "fontSize": 14, "subtitleFontSize": 12, "fontWeight": 600},
}  # fmt: skip


def drawn(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with the light colors in place of token names, and the look's settings."""
    found = _resolved({**spec, "config": CONFIG})
    assert isinstance(found, dict)
    return found


def picture(spec: Mapping[str, Any], kind: Literal["png", "svg"], language: Language, width: int = 720) -> bytes:
    """A chart as a file, drawn without a browser."""
    import vl_convert

    fixed = drawn({name: part for name, part in spec.items() if name != "autosize"} | {"width": width})
    numbers = _NUMBERS[language]
    times: Literal["de-DE", "en-GB"] = "de-DE" if language == "de" else "en-GB"
    text = json.dumps(fixed)
    if kind == "png":
        found = vl_convert.vegalite_to_png(text, scale=2, format_locale=numbers, time_format_locale=times)
        return bytes(found)
    return vl_convert.vegalite_to_svg(text, format_locale=numbers, time_format_locale=times).encode()


def _resolved(part: Any) -> Any:
    if isinstance(part, str):
        return LIGHT.get(part, part)
    if isinstance(part, Mapping):
        return {name: _resolved(value) for name, value in part.items()}
    return [_resolved(value) for value in part] if isinstance(part, list | tuple) else part
