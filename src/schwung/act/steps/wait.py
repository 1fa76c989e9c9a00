"""Wait a length of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, lasting, mapping, span
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError
from schwung.segment.span import said_span


@dataclass(frozen=True, slots=True)
class Wait:
    """length: microseconds. A day has 24 hours, also where summer time begins or ends."""

    length: int

    def to_json(self) -> dict[str, Any]:
        return {"for": said_span(self.length).en}

    @property
    def words(self) -> Text:
        span = lasting(self.length)
        return Text(f"wait {span.en}", f"{span.de} warten")


def _read(written: Mapping[str, Any]) -> Wait:
    data = mapping(written if isinstance(written, Mapping) else {"for": written}, "for")
    length = span(data, "for")
    if length is None:
        raise LeafError(Text("a length such as 3 days is needed", "eine Dauer wie 3 days fehlt"))
    return Wait(length)


STEP = StepKind(
    "wait",
    Text("Wait", "Warten"),
    Text("Waits so long, to the second.", "Wartet so lange, auf die Sekunde."),
    _read,
    {"for": "3 hours"},
    (Field("for", "span", Text("how long", "wie lange")),),
    icon="clock",
)
