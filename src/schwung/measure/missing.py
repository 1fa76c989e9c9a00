"""An input that only a person or another source has: which one, and where it is entered. Never 0 for unknown."""

from dataclasses import dataclass
from typing import Any

from schwung.core.text import Text


@dataclass(frozen=True, slots=True)
class Missing:
    """name: what lacks, such as `answers`. text: a sentence that names it. where: path in the console; empty: nowhere yet.

    act: what the link to `where` says.
    """

    name: str
    text: Text
    where: str = ""
    act: Text | None = None

    def to_json(self) -> dict[str, Any]:
        """{"name", "text": {"en", "de"}, "where"}."""
        return {"name": self.name, "text": {"en": self.text.en, "de": self.text.de}, "where": self.where}


IMPORT = Text("Import them", "Einlesen")


def lacks(name: str, en: str, de: str) -> Missing:
    """A fact table without rows: it can be imported, or sent as events."""
    return Missing(name, Text(en, de), f"/imports/new?kind={name}", IMPORT)
