"""docs/reference/settings.md: everything that can be set."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from schwung.app.settings import Settings
from schwung.cli.reference import Pages, table

_HEAD = """# Settings

A workspace is a folder with `schwung.toml`. The environment overrides the file: `[workspace] zone` is
`SCHWUNG_WORKSPACE__ZONE`. Unknown names are refused.
"""


def pages() -> Pages:
    sections = []
    for name, field in Settings.model_fields.items():
        section = field.annotation
        assert isinstance(section, type) and issubclass(section, BaseModel)
        sections.append(f"## [{name}]\n\n{section.__doc__}\n\n{_rows(section)}")
    return {"reference/settings.md": _HEAD + "\n" + "\n".join(sections)}


def _rows(section: type[BaseModel]) -> str:
    rows = []
    for name, field in section.model_fields.items():
        assert field.description, f"{section.__name__}.{name} has no description"
        rows.append((f"`{name}`", _default(field.get_default(call_default_factory=True)), field.description))
    return table(("name", "default", "meaning"), rows)


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "–"
    return f"`{json.dumps(value, default=str, ensure_ascii=False)}`"
