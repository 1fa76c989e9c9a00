"""A property of the first or the last event or fact of a kind."""

from dataclasses import dataclass
from typing import Any, Literal

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import Condition, Step
from schwung.segment.field import STEP, TEST, Field
from schwung.segment.given import Needs, State
from schwung.segment.happened import Happened
from schwung.segment.leaf import LeafKind, condition, mapping, step
from schwung.segment.leaves.did import ROWS
from schwung.segment.rule import LeafError
from schwung.segment.signed import signed

_WHICH = {"first": Text("first", "erstes Mal"), "last": Text("last", "letztes Mal")}


@dataclass(frozen=True, slots=True)
class PropertyOf:
    step: Step
    which: Literal["first", "last"]
    test: Condition

    def to_json(self) -> dict[str, Any]:
        return {"property": self.step.to_json() | {self.which: self.test.name} | _without_name(self.test)}

    @property
    def words(self) -> Text:
        told = "" if self.test.value is None else f" {self.test.value}"
        return Text("{what}, {which}: {test}", "{what}, {which}: {test}").fill(
            what=self.step.label(), which=_WHICH[self.which], test=f"{self.test.name} {self.test.op}{told}"
        )

    @property
    def needs(self) -> Needs:
        return (Happened(self.step, self.which, self.test.name),)

    def value(self, state: State) -> ir.IntegerValue:
        value = state.of(self.needs[0])
        if value.type().is_integer():  # money, in minor units
            value = value / state.given.scale
        return signed(self.test.meets(value) & value.notnull())


def _without_name(test: Condition) -> dict[str, Any]:
    return {name: value for name, value in test.to_json().items() if name != "property"}


def _read(written: Any) -> PropertyOf:
    data = mapping(written, *ROWS, "first", "last", "op", "value")
    which = [name for name in _WHICH if data.get(name)]
    if len(which) != 1:
        raise LeafError(Text("one of first, last is expected", "erwartet wird first oder last"))
    test = condition({"property": data[which[0]]} | {name: data[name] for name in ("op", "value") if name in data})
    rows = step({name: data[name] for name in ROWS if name in data})
    return PropertyOf(rows, which[0], test)  # type: ignore[arg-type]


LEAF = LeafKind(
    "property",
    Text("property of the first or last", "Eigenschaft des ersten oder letzten"),
    Text(
        "What the first or the last event or fact of a kind says; where there is none, it does not hold.",
        "Was das erste oder letzte Ereignis oder der Fakt einer Art sagt; wo es keines gibt, trifft es nicht zu.",
    ),
    _read,
    {"property": {"fact": "orders", "first": "channel", "value": "email"}},
    (STEP, Field("", "property", Text("of", "von"), _WHICH), TEST),
)
