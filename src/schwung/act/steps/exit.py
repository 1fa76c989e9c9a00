"""Leave the journey here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, line, mapping
from schwung.core.text import Text
from schwung.segment.field import Field


@dataclass(frozen=True, slots=True)
class Exit:
    """note: why, for those who read the journey."""

    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"note": self.note} if self.note else {}

    @property
    def words(self) -> Text:
        return (
            Text("leave: {note}", "verlassen: {note}").fill(note=self.note)
            if self.note
            else Text("leave the journey", "Strecke verlassen")
        )


def _read(written: Mapping[str, Any]) -> Exit:
    data = mapping({"note": written} if isinstance(written, str) else written or {}, "note")
    return Exit(line(data, "note"))


STEP = StepKind(
    "exit",
    Text("Leave", "Verlassen"),
    Text("The customer leaves the journey here.", "Der Kunde verlässt hier die Strecke."),
    _read,
    {"note": "has bought"},
    (Field("note", "text", Text("why", "warum"), is_optional=True),),
    icon="door-exit",
    is_end=True,
)
