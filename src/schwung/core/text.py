"""A text that a person reads, in every language that the product speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    """English and German of one text. `{name}` marks are filled by `fill`."""

    en: str
    de: str

    def __post_init__(self) -> None:
        if not self.en.strip() or not self.de.strip():
            raise ValueError("a Text needs both languages")

    def __str__(self) -> str:
        return self.en

    def in_(self, language: Language) -> str:
        return self.de if language == "de" else self.en

    def fill(self, **values: object) -> "Text":
        """The same text with its marks filled; a value that is a Text is filled per language."""
        return Text(en=_fill(self.en, values, "en"), de=_fill(self.de, values, "de"))


def _fill(template: str, values: Mapping[str, object], language: Language) -> str:
    shown = {name: value.in_(language) if isinstance(value, Text) else value for name, value in values.items()}
    return template.format_map(shown)
