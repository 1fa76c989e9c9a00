"""One thing, and for a time not the other that should have followed: a cart without an order."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import Step
from schwung.segment.field import WITHIN, Field
from schwung.segment.given import Needs, State
from schwung.segment.happened import Happened
from schwung.segment.leaf import LeafKind, mapping, span, step
from schwung.segment.rule import LeafError
from schwung.segment.signed import FAR, signed
from schwung.segment.span import ever_or_within, said_span


@dataclass(frozen=True, slots=True)
class LeftOff:
    """The latest `first` is at least `silent` old, younger than `window`, and no `then` came since (at its instant or later)."""

    first: Step
    then: Step
    silent: int
    window: int | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "first": self.first.to_json(),
            "then": self.then.to_json(),
            "for": said_span(self.silent).en,
        }
        return {"left_off": found | ({"within": said_span(self.window).en} if self.window else {})}

    @property
    def words(self) -> Text:
        return Text("{first}, and for {span} no {then}, {when}", "{first}, und seit {span} kein {then}, {when}").fill(
            first=self.first.label(),
            then=self.then.label(),
            span=said_span(self.silent),
            when=ever_or_within(self.window),
        )

    @property
    def needs(self) -> Needs:
        return (Happened(self.first, "latest"), Happened(self.then, "latest"))

    def value(self, state: State) -> ir.IntegerValue:
        first, then = (state.of(need) for need in self.needs)
        is_open = (first.notnull() & (then.isnull() | (then < first))).fill_null(False)
        begins, now = first + self.silent, state.now
        if self.window is None:
            holds = (is_open & (begins <= now)).fill_null(False)
            return signed(holds, ibis.cases((is_open & ~holds, begins), else_=FAR))
        ends = first + self.window
        holds = (is_open & (begins <= now) & (ends > now)).fill_null(False)
        return signed(holds, ibis.cases((holds, ends), (is_open & (begins > now), begins), else_=FAR))


def _read(written: Any) -> LeftOff:
    data = mapping(written, "first", "then", "for", "within")
    silent, window = span(data, "for"), span(data, "within")
    if not data.get("first") or not data.get("then") or silent is None:
        raise LeafError(Text("first, then and for are expected", "erwartet werden first, then und for"))
    if window is not None and window <= silent:
        raise LeafError(Text("within must be longer than for", "within muss länger sein als for"))
    return LeftOff(step(data["first"]), step(data["then"]), silent, window)


LEAF = LeafKind(
    "left_off",
    Text("one, and the other did not follow", "das eine, und das andere blieb aus"),
    Text(
        "An event or fact, and for a time after it no other: a cart without an order.",
        "Ein Ereignis oder Fakt, und eine Zeit lang danach kein anderer: ein Warenkorb ohne Bestellung.",
    ),
    _read,
    {"left_off": {"first": "product_added", "then": "orders", "for": "3 hours", "within": "7 days"}},
    (
        Field("first", "step", Text("first", "zuerst")),
        Field("then", "step", Text("and not", "und nicht")),
        Field("for", "span", Text("for", "seit")),
        WITHIN,
    ),
)
