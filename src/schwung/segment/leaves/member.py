"""In another segment, or in a saved list."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind
from schwung.segment.rule import LeafError
from schwung.segment.signed import signed
from schwung.segment.standing import Listed


@dataclass(frozen=True, slots=True)
class Member:
    """name: of the segment or list. list_no: of the list, once it is known that it is one; None: a segment with a rule."""

    name: str
    list_no: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {"member": self.name}

    @property
    def words(self) -> Text:
        return Text("is in “{name}”", "ist in „{name}“").fill(name=self.name)

    @property
    def needs(self) -> Needs:
        return () if self.list_no is None else (Listed(self.list_no),)

    def value(self, state: State) -> ir.IntegerValue:
        if self.list_no is not None:
            return signed(state.of(Listed(self.list_no)).notnull())
        column: ir.IntegerValue = state.rows[state.segments[self.name]]
        return column


def _read(written: Any) -> Member:
    if not isinstance(written, str) or not written.strip():
        raise LeafError(
            Text("the name of a segment or list is expected", "erwartet wird der Name eines Segments oder einer Liste")
        )
    return Member(" ".join(written.split()))


LEAF = LeafKind(
    "member",
    Text("in another segment or list", "in anderem Segment oder Liste"),
    Text(
        "The customer is in another segment or in a saved list.",
        "Der Kunde ist in einem anderen Segment oder einer Liste.",
    ),
    _read,
    {"member": "Regulars"},
    (Field("", "text", Text("segment or list", "Segment oder Liste")),),
)
