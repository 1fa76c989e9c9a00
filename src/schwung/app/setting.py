"""How a setting is declared: its default, its rules, and its text in both languages."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from schwung.core.text import Text


class Section(BaseModel):
    """One table of `schwung.toml`. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def setting(default: Any = ..., *, text: Text, **rules: Any) -> Any:
    """A setting with its text in both languages; rules as pydantic's Field takes them."""
    return Field(default, description=text.en, json_schema_extra={"de": text.de}, **rules)


def text_of(field: FieldInfo) -> Text:
    """What a setting is, in both languages."""
    extra = field.json_schema_extra
    assert field.description is not None and isinstance(extra, dict)
    return Text(en=field.description, de=str(extra["de"]))
