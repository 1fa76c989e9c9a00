"""Texts of the console: `texts.toml` in each area, English and German under one key."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from schwung.core.text import Language, Text
from schwung.web.console import format as shown

FOLDER = Path(__file__).parent


@cache
def texts(area: str) -> dict[str, Text]:
    """Every text of an area by dotted key; `key_one` is the form for exactly one."""
    found: dict[str, Text] = {}

    def walk(node: dict[str, Any], path: str) -> None:
        if "en" in node or "de" in node:
            found[path] = Text(en=node["en"], de=node["de"])
            if "en_one" in node:
                found[f"{path}_one"] = Text(en=node["en_one"], de=node["de_one"])
            return
        for name, inner in node.items():
            walk(inner, f"{path}.{name}" if path else name)

    walk(tomllib.loads((FOLDER / area / "texts.toml").read_text(encoding="utf-8")), "")
    return found


def say(area: str, key: str, language: Language, /, **values: Any) -> Markup:
    """The text of a key as HTML, its marks filled: whole numbers are grouped, texts escaped. `area:key`: another area's.

    `n=1` picks the form for one, where there is one. KeyError for a key that does not exist.
    """
    template = Markup(_template(area, key, language, values.get("n")))
    return template.format(**{name: _plain(value, language) for name, value in values.items()}) if values else template


def spell(area: str, key: str, language: Language, /, **values: Any) -> str:
    """The same as plain text, for what goes into another text or is escaped later."""
    template = _template(area, key, language, values.get("n"))
    return template.format(**{name: _plain(value, language) for name, value in values.items()}) if values else template


def _template(area: str, key: str, language: Language, n: Any) -> str:
    if ":" in key:
        area, key = key.split(":", 1)
    found = texts(area)
    text = found.get(f"{key}_one") if n == 1 else None
    return (text or found[key]).in_(language)


def _plain(value: Any, language: Language) -> Any:
    if isinstance(value, Text):
        return value.in_(language)
    return shown.integer(value, language) if isinstance(value, int) else value
