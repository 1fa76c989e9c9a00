"""A lasting fact on the profile: any trait, or country, language."""

from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.step import Condition
from schwung.segment.field import TEST, Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, condition, mapping
from schwung.segment.signed import signed
from schwung.segment.words import OPS

COLUMNS = {"country": "country", "language": "language"}


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait that is not known meets only `unknown` and `≠`."""

    test: Condition

    def to_json(self) -> dict[str, Any]:
        found = self.test.to_json()
        return {"trait": {"name": found.pop("property")} | found}

    @property
    def words(self) -> Text:
        value = self.test.value
        told = "" if value is None else " " + (", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
        return Text("{name} {op}{value}", "{name} {op}{value}").fill(
            name=self.test.name, op=OPS[self.test.op], value=told
        )

    @property
    def needs(self) -> Needs:
        return ()

    def value(self, state: State) -> ir.IntegerValue:
        return signed(self.test.holds(state.rows, COLUMNS))


def _read(written: Any) -> Trait:
    data = mapping(written, "name", "op", "value")
    return Trait(
        condition({"property": data.get("name")} | {name: data[name] for name in ("op", "value") if name in data})
    )


LEAF = LeafKind(
    "trait",
    Text("trait", "Merkmal"),
    Text(
        "A lasting fact on the profile; `known` and `unknown` ask whether there is one.",
        "Ein dauerhaftes Merkmal am Profil; `known` und `unknown` fragen, ob es eines gibt.",
    ),
    _read,
    {"trait": {"name": "country", "op": "=", "value": "DE"}},
    (Field("name", "text", Text("trait", "Merkmal")), TEST),
    has_past=False,
)
