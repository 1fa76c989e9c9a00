"""Several ways, by lot: A/B/n."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.act.step import StepKind, Way, mapping, number
from schwung.core.text import Text
from schwung.segment.field import Field
from schwung.segment.rule import LeafError

MOST_WAYS = 10


@dataclass(frozen=True, slots=True)
class Split:
    """shares: way → its part of all; they need not add up to 1."""

    shares: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        return {"shares": dict(self.shares)}

    @property
    def parts(self) -> dict[str, float]:
        """Way → its share of 1."""
        total = sum(self.shares.values())
        return {name: share / total for name, share in self.shares.items()}

    @property
    def bounds(self) -> tuple[tuple[str, str], ...]:
        """(way, upper end of its lots): 8 hex digits, compared as text; the last way takes all that is left."""
        total, reached, found = sum(self.shares.values()), 0.0, []
        for name, share in self.shares.items():
            reached += share
            found.append((name, f"{min(int(reached / total * 2**32), 2**32 - 1):08x}"))
        return (*found[:-1], (found[-1][0], "g"))

    @property
    def words(self) -> Text:
        total = sum(self.shares.values())
        en = ", ".join(f"{name} {100 * share / total:.3g}%" for name, share in self.shares.items())
        return Text(f"split by lot: {en}", f"auslosen: {en.replace('.', ',').replace('%', ' %')}")


def _read(written: Mapping[str, Any]) -> Split:
    data = mapping(written, "shares", "ways")
    ways = data.get("ways") or {}
    shares = data.get("shares") or dict.fromkeys(ways, 1)
    if not isinstance(shares, Mapping) or not isinstance(ways, Mapping) or not 2 <= len(shares) <= MOST_WAYS:
        raise LeafError(
            Text(f"2 to {MOST_WAYS} ways are needed, by name", f"2 bis {MOST_WAYS} Wege sind nötig, je mit Namen")
        )
    if set(map(str, ways)) - set(map(str, shares)):
        raise LeafError(Text("every way needs a share", "jeder Weg braucht einen Anteil"))
    read = {str(name)[:40]: number(share, str(name), least=0) for name, share in shares.items()}
    if not all(share > 0 for share in read.values()):
        raise LeafError(Text("a share is more than 0", "ein Anteil ist größer als 0"))
    return Split({name: int(share) if share == int(share) else share for name, share in read.items()})


def _ways(written: Mapping[str, Any]) -> tuple[Way, ...]:
    named = written.get("shares") or written.get("ways") or {}
    return tuple(Way(str(name)[:40], Text(str(name), str(name)), ("ways", str(name))) for name in named)


STEP = StepKind(
    "split",
    Text("Split at random", "Zufällig aufteilen"),
    Text(
        "Everyone's lot decides the way, and the same lot decides the same way again; `shares` need not add up to 1.",
        "Das Los entscheidet den Weg, und dasselbe Los entscheidet immer gleich; `shares` müssen nicht 1 ergeben.",
    ),
    _read,
    {
        "shares": {"A": 1, "B": 1},
        "ways": {"A": [{"send": {"template": "short"}}], "B": [{"send": {"template": "long"}}]},
    },
    (Field("shares", "shares", Text("ways and shares", "Wege und Anteile")),),
    icon="arrows-shuffle",
    ways=_ways,
)
