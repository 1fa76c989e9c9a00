"""Customer kind: lead, new, existing, won back, dormant, lost."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.lifecycle import KINDS
from schwung.segment.field import Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, listed, texts
from schwung.segment.signed import FAR, signed
from schwung.segment.standing import Kind


@dataclass(frozen=True, slots=True)
class OfKind:
    kinds: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"kind": list(self.kinds)}

    @property
    def words(self) -> Text:
        return Text("kind: {kinds}", "Art: {kinds}").fill(kinds=listed([KINDS[one] for one in self.kinds]))

    @property
    def needs(self) -> Needs:
        return (Kind(),)

    def value(self, state: State) -> ir.IntegerValue:
        last, nth, won = (state.of(Kind(), suffix) for suffix in ("_last", "_nth", "_won"))
        question, now = state.given.question, state.now
        dormant_at, lost_at = last + question.dormant_after + 1, last + question.lost_after + 1
        kind = ibis.cases(
            (last.isnull(), "lead"),
            (lost_at <= now, "lost"),
            (dormant_at <= now, "dormant"),
            (won.fill_null(False), "won_back"),
            (nth > 1, "existing"),
            else_="new",
        )
        flip = ibis.cases((dormant_at > now, dormant_at), (lost_at > now, lost_at), else_=FAR)
        return signed(kind.isin(list(self.kinds)), flip)


def _read(written: Any) -> OfKind:
    return OfKind(texts(written, KINDS))


LEAF = LeafKind(
    "kind",
    Text("customer kind", "Kundenart"),
    Text("The customer is of one of these kinds.", "Der Kunde ist von einer dieser Arten."),
    _read,
    {"kind": ["dormant", "lost"]},
    (Field("", "choices", Text("kind", "Art"), KINDS),),
)
