"""A postcode that begins with certain digits."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import json_text
from schwung.segment.field import Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, listed, same, texts
from schwung.segment.signed import signed


@dataclass(frozen=True, slots=True)
class Postcode:
    starts: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"postcode": list(self.starts)}

    @property
    def words(self) -> Text:
        return Text("postcode begins with {starts}", "Postleitzahl beginnt mit {starts}").fill(
            starts=listed([same(one) for one in self.starts])
        )

    @property
    def needs(self) -> Needs:
        return ()

    def value(self, state: State) -> ir.IntegerValue:
        code = json_text(state.rows.properties, "$.postcode")
        return signed(
            reduce(lambda one, other: one | other, (code.startswith(one) for one in self.starts)).fill_null(False)
        )


def _read(written: Any) -> Postcode:
    return Postcode(texts([str(one) for one in written] if isinstance(written, list) else written))


LEAF = LeafKind(
    "postcode",
    Text("postcode", "Postleitzahl"),
    Text("The trait `postcode` begins with one of these.", "Das Merkmal `postcode` beginnt mit einem von diesen."),
    _read,
    {"postcode": ["10", "12"]},
    (Field("", "words", Text("begins with", "beginnt mit")),),
    has_past=False,
)
