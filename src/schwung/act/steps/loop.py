"""Do some steps again, a limited number of times."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, Way, mapping, number
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError, Node, read_rule

AGAIN, DONE = "again", "done"
MOST_TIMES = 50


@dataclass(frozen=True, slots=True)
class Loop:
    """until: ends it before, where it holds."""

    times: int
    until: Node | None = None

    def to_json(self) -> dict[str, Any]:
        return {"times": self.times} | ({"until": self.until.to_json()} if self.until else {})

    @property
    def words(self) -> Text:
        if self.until is None:
            return Text(f"{self.times} times", f"{self.times}-mal")
        return Text("at most {times} times, until {until}", "höchstens {times}-mal, bis {until}").fill(
            times=self.times, until=self.until.words
        )


def _read(written: Mapping[str, Any]) -> Loop:
    data = mapping(written, "times", "until", "steps")
    times = int(number(data.get("times"), "times", whole=True, least=1))
    if times > MOST_TIMES:
        raise LeafError(Text(f"at most {MOST_TIMES} times", f"höchstens {MOST_TIMES}-mal"))
    if not data.get("steps"):
        raise LeafError(Text("“steps” holds what is done again", "„steps“ enthält, was wiederholt wird"))
    return Loop(times, read_rule(data["until"]) if data.get("until") is not None else None)


def _ways(written: Mapping[str, Any]) -> tuple[Way, ...]:
    return (Way(AGAIN, Text("again", "nochmals"), ("steps",)),)


STEP = StepKind(
    "loop",
    Text("Repeat", "Wiederholen"),
    Text(
        "Does its steps `times` times, and no more once `until` holds.",
        "Macht seine Schritte `times`-mal, und nicht mehr, sobald `until` gilt.",
    ),
    _read,
    {"times": 3, "steps": [{"send": {"template": "reminder"}}, {"wait": {"for": "7 days"}}]},
    (
        Field("times", "number", Text("times", "Anzahl")),
        Field("until", "rule", Text("until", "bis"), is_optional=True),
    ),
    icon="repeat",
    is_loop=True,
    ways=_ways,
)
