"""Wait for an event or a rule that comes true, at most so long."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.listened import ROWS, Listened, read_listened
from schwung.act.step import StepKind, Way, lasting, mapping, span
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError
from schwung.segment.span import said_span

HAPPENED, TIMED_OUT = "happened", "timed_out"


@dataclass(frozen=True, slots=True)
class WaitFor:
    what: Listened
    at_most: int

    def to_json(self) -> dict[str, Any]:
        return self.what.to_json() | {"at_most": said_span(self.at_most).en}

    @property
    def words(self) -> Text:
        span = lasting(self.at_most)
        if self.what.rule is not None:
            told = Text("wait until: {rule}; at most {span}", "warten, bis gilt: {rule}; höchstens {span}")
            return told.fill(rule=self.what.words, span=span)
        return Text(
            f"wait for {self.what.words.en}, at most {span.en}", f"auf {self.what.words.de} warten, höchstens {span.de}"
        )


def _read(written: Mapping[str, Any]) -> WaitFor:
    data = mapping(written, *ROWS, "rule", "at_most", "then", "else")
    at_most = span(data, "at_most")
    if at_most is None:
        raise LeafError(Text("“at_most” is needed: how long it waits", "„at_most“ fehlt: wie lange gewartet wird"))
    return WaitFor(read_listened({name: data[name] for name in (*ROWS, "rule") if name in data}), at_most)


def _ways(written: Mapping[str, Any]) -> tuple[Way, ...]:
    return (
        Way(HAPPENED, Text("happened", "geschehen"), ("then",)),
        Way(TIMED_OUT, Text("time is up", "Zeit abgelaufen"), ("else",)),
    )


STEP = StepKind(
    "wait_for",
    Text("Wait for an event or condition", "Auf Ereignis oder Bedingung warten"),
    Text(
        "Goes on at once when the event comes or the rule holds, and after `at_most` in any case; `then` and `else` may hold steps for each.",
        "Geht weiter, sobald das Ereignis kommt oder die Regel gilt, spätestens nach `at_most`; `then` und `else` können je eigene Schritte haben.",
    ),
    _read,
    {"event": "order_completed", "at_most": "3 days", "then": [{"exit": {}}]},
    (
        Field("", "step", Text("what", "worauf"), is_optional=True),
        Field("rule", "rule", Text("or until this holds", "oder bis dies gilt"), is_optional=True),
        Field("at_most", "span", Text("at most", "höchstens")),
    ),
    icon="hourglass",
    ways=_ways,
)
