"""Set a trait of the profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, line, mapping
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError


@dataclass(frozen=True, slots=True)
class SetTrait:
    """value: text, number or truth."""

    name: str
    value: str | int | float | bool

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "value": self.value}

    @property
    def words(self) -> Text:
        return Text("set {name} to {value}", "{name} auf {value} setzen").fill(name=self.name, value=self.value)


def _read(written: Mapping[str, Any]) -> SetTrait:
    data = mapping(written, "name", "value")
    name, value = line(data, "name", most=100, is_needed=True), data.get("value")
    if not name.replace("_", "").isalnum():
        raise LeafError(Text("a trait has letters, digits and _", "ein Merkmal hat Buchstaben, Ziffern und _"))
    if not isinstance(value, str | int | float | bool) or (isinstance(value, str) and len(value) > 1_000):
        raise LeafError(Text("“value” is a text, a number, true or false", "„value“ ist Text, Zahl, true oder false"))
    return SetTrait(name, value)


STEP = StepKind(
    "set_trait",
    Text("Set a trait", "Merkmal setzen"),
    Text("Writes a trait to the profile, as an event.", "Schreibt ein Merkmal ins Profil, als Ereignis."),
    _read,
    {"name": "welcomed", "value": True},
    (
        Field("name", "text", Text("trait", "Merkmal")),
        Field("value", "text", Text("value", "Wert")),
    ),
    icon="tag",
    is_effect=True,
)
