"""docs/reference/settings.md: everything that can be set."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from schwung.app.settings import Settings, text_of
from schwung.cli.reference import Pages, table
from schwung.core.text import Text

_HEAD = """# Settings · Einstellungen

A workspace is a folder with `schwung.toml`. The environment overrides the file: `[workspace] zone` is
`SCHWUNG_WORKSPACE__ZONE`. Unknown names are refused.

Ein Arbeitsbereich ist ein Ordner mit `schwung.toml`. Die Umgebung geht der Datei vor: `[workspace] zone` heißt dort
`SCHWUNG_WORKSPACE__ZONE`. Unbekannte Namen werden abgelehnt.
"""


def pages() -> Pages:
    sections = []
    for name, field in Settings.model_fields.items():
        section = field.annotation
        assert isinstance(section, type) and issubclass(section, BaseModel)
        title: Text = section.title  # type: ignore[attr-defined]
        sections.append(f"## [{name}]\n\n{title.en}\n{title.de}\n\n{_rows(section)}")
    return {"reference/settings.md": _HEAD + "\n" + "\n".join(sections)}


def _rows(section: type[BaseModel]) -> str:
    rows = []
    for name, field in section.model_fields.items():
        text = text_of(field)
        rows.append((f"`{name}`", _default(field.get_default(call_default_factory=True)), text.en, text.de))
    return table(("name", "default", "English", "Deutsch"), rows)


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "–"
    return f"`{json.dumps(value, default=str, ensure_ascii=False)}`"
