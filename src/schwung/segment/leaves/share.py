"""A stable random share of all customers: the same people whenever it is asked, independent between salts."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, mapping, number
from schwung.segment.rule import LeafError
from schwung.segment.signed import signed


@dataclass(frozen=True, slots=True)
class Share:
    """of: 0 to 1. First 8 hex digits of md5(customer : salt), compared as text: the same on every engine."""

    of: float
    salt: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"share": {"of": self.of} | ({"salt": self.salt} if self.salt else {})}

    @property
    def words(self) -> Text:
        shown = f"{100 * self.of:g}"
        return Text(f"random {shown}% of customers", f"zufällige {shown.replace('.', ',')} % der Kunden")

    @property
    def needs(self) -> Needs:
        return ()

    def value(self, state: State) -> ir.IntegerValue:
        if self.of >= 1:
            return signed(ibis.literal(True))
        digest = (state.rows.customer_id.cast("string") + f":{self.salt}").hexdigest("md5").substr(0, 8)
        return signed(digest < f"{int(self.of * 2**32):08x}")


def _read(written: Any) -> Share:
    data = mapping(written, "of", "salt")
    of = number(data.get("of"), "of", least=0)
    if of > 1:
        raise LeafError(Text("“of” lies between 0 and 1", "„of“ liegt zwischen 0 und 1"))
    return Share(of, str(data.get("salt") or ""))


LEAF = LeafKind(
    "share",
    Text("random share", "zufälliger Anteil"),
    Text("A stable random share of all customers.", "Ein gleichbleibender zufälliger Anteil aller Kunden."),
    _read,
    {"share": {"of": 0.1, "salt": "spring"}},
    (
        Field("of", "number", Text("share, 0 to 1", "Anteil, 0 bis 1")),
        Field("salt", "text", Text("word", "Wort"), is_optional=True),
    ),
)
