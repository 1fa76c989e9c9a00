"""Nothing of a kind happened, in a window or ever; customers of whom nothing is known have not done it either."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment.field import STEP, WITHIN
from schwung.segment.given import Needs, State
from schwung.segment.happened import Happened
from schwung.segment.leaf import LeafKind, mapping, span, step
from schwung.segment.leaves.did import ROWS
from schwung.segment.signed import within
from schwung.segment.span import ever_or_within, said_span


@dataclass(frozen=True, slots=True)
class DidNot:
    step: Step
    window: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"did_not": self.step.to_json() | ({"within": said_span(self.window).en} if self.window else {})}

    @property
    def words(self) -> Text:
        return Text("{what}: none {when}", "{what}: nichts {when}").fill(
            what=self.step.label(), when=ever_or_within(self.window)
        )

    @property
    def needs(self) -> Needs:
        return (Happened(self.step, "latest"),)

    def value(self, state: State) -> ir.IntegerValue:
        return -within(state.of(self.needs[0]), state.now, self.window)


def _read(written: Any) -> DidNot:
    data = mapping(written, *ROWS, "within")
    return DidNot(step({name: data[name] for name in ROWS if name in data}), span(data, "within"))


LEAF = LeafKind(
    "did_not",
    Text("has not done", "hat nicht getan"),
    Text(
        "No such event or fact, in a window that moves with time or ever.",
        "Kein solches Ereignis und kein solcher Fakt, in einem mitlaufenden Zeitraum oder jemals.",
    ),
    _read,
    {"did_not": {"fact": "orders", "within": "30 days"}},
    (STEP, WITHIN),
)
