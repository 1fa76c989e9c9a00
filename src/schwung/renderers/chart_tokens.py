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
_TIMES: Mapping[Language, dict[str, Any]] = {
    "en": {
        "dateTime": "%x, %X", "date": "%d %b %Y", "time": "%H:%M:%S", "periods": ["AM", "PM"],
        "days": ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
        "shortDays": ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
        "months": [
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ],
        "shortMonths": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    },
    "de": {
        "dateTime": "%x, %X", "date": "%d.%m.%Y", "time": "%H:%M:%S", "periods": ["AM", "PM"],
        "days": ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
        "shortDays": ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"],
        "months": [
            "Januar", "Februar", "März", "April", "Mai", "Juni",
            "Juli", "August", "September", "Oktober", "November", "Dezember",
        ],
        "shortMonths": ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
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


def locale_of(language: Language) -> dict[str, Any]:
    """How Vega writes numbers and dates, as options of Vega-Embed."""
    return {"formatLocale": _NUMBERS[language], "timeFormatLocale": _TIMES[language]}


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
