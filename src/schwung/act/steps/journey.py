"""Let the customer enter another journey."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, line, mapping
from schwung.core.text import Text
from schwung.segment.field import Field


@dataclass(frozen=True, slots=True)
class CallJourney:
    """name: of the other journey, whose own rules of entry hold."""

    name: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name}

    @property
    def words(self) -> Text:
        return Text("enter the journey “{name}”", "in die Strecke „{name}“ eintreten").fill(name=self.name)


def _read(written: Mapping[str, Any]) -> CallJourney:
    data = mapping({"name": written} if isinstance(written, str) else written, "name")
    return CallJourney(line(data, "name", is_needed=True))


STEP = StepKind(
    "journey",
    Text("Enter another journey", "In andere Strecke eintreten"),
    Text(
        "The customer enters another journey, by that one's rules of entry, and goes on here.",
        "Der Kunde tritt nach deren Eintrittsregeln in eine andere Strecke ein und geht hier weiter.",
    ),
    _read,
    {"name": "Welcome"},
    (Field("name", "text", Text("journey", "Strecke")),),
    icon="route",
    is_effect=True,
)
