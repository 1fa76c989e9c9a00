"""One thing, then another within a time, without a third in between."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.segment.field import WITHIN, Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, mapping, span, step
from schwung.segment.rule import LeafError
from schwung.segment.sequence import Followed
from schwung.segment.signed import within
from schwung.segment.span import ever_or_within, said_span


@dataclass(frozen=True, slots=True)
class FollowedBy:
    sequence: Followed
    window: int | None = None

    def to_json(self) -> dict[str, Any]:
        one = self.sequence
        found: dict[str, Any] = {"first": one.first.to_json(), "then": one.then.to_json()}
        found |= {"after_at_most": said_span(one.within).en} if one.within else {}
        found |= {"without": one.without.to_json()} if one.without else {}
        return {"followed": found | ({"within": said_span(self.window).en} if self.window else {})}

    @property
    def words(self) -> Text:
        one = self.sequence
        said = Text("{first}, then {then}", "{first}, dann {then}").fill(first=one.first.label(), then=one.then.label())
        if one.within:
            said = Text("{said} within {span}", "{said} binnen {span}").fill(said=said, span=said_span(one.within))
        if one.without:
            said = Text("{said}, without {third}", "{said}, ohne {third}").fill(said=said, third=one.without.label())
        return Text("{said}, {when}", "{said}, {when}").fill(said=said, when=ever_or_within(self.window))

    @property
    def needs(self) -> Needs:
        return (self.sequence,)

    def value(self, state: State) -> ir.IntegerValue:
        return within(state.of(self.sequence), state.now, self.window)


def _read(written: Any) -> FollowedBy:
    data = mapping(written, "first", "then", "after_at_most", "without", "within")
    if not data.get("first") or not data.get("then"):
        raise LeafError(Text("first and then are expected", "erwartet werden first und then"))
    third = step(data["without"]) if data.get("without") else None
    return FollowedBy(
        Followed(step(data["first"]), step(data["then"]), span(data, "after_at_most"), third), span(data, "within")
    )


LEAF = LeafKind(
    "followed",
    Text("one, then another", "erst das eine, dann das andere"),
    Text(
        "One event or fact and later another, within a time, without a third in between; `within` is when the other happened.",
        "Ein Ereignis oder Fakt und später ein anderer, binnen einer Zeit, ohne einen dritten dazwischen; `within` sagt, wann der andere geschah.",
    ),
    _read,
    {"followed": {"first": "product_viewed", "then": "orders", "after_at_most": "7 days", "within": "30 days"}},
    (
        Field("first", "step", Text("first", "zuerst")),
        Field("then", "step", Text("then", "dann")),
        Field("after_at_most", "span", Text("after at most", "nach höchstens"), is_optional=True),
        WITHIN,
    ),
)
