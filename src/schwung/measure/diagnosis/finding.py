"""A finding: a claim in a sentence, the numbers that it rests on, what it costs, and what to do."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from schwung.core.text import Text
from schwung.measure.inference import Estimate

Sort = Literal["standing", "change"]
Phase = Literal["attract", "interact", "delight"]
PHASES: dict[Phase, Text] = {
    "attract": Text("Attract", "Anziehen"),
    "interact": Text("Interact", "Interagieren"),
    "delight": Text("Delight", "Begeistern"),
}
SORTS: dict[Sort, Text] = {"standing": Text("state", "Zustand"), "change": Text("change", "Veränderung")}


@dataclass(frozen=True, slots=True)
class Link:
    """What to do or to look at. path: in the console; where it starts with POST, a button sends it. part: which part of
    schwung brings it where there is nothing yet to press."""

    text: Text
    path: str = ""
    part: Text | None = None

    def to_json(self) -> dict[str, Any]:
        return {"text": _both(self.text), "path": self.path, "part": self.part and _both(self.part)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number, with its interval and what it is compared with. unit: as of metrics."""

    title: Text
    unit: str
    now: Estimate
    beside: Estimate | None = None
    beside_title: Text | None = None

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"title": _both(self.title), "unit": self.unit, "now": _estimate(self.now)}
        if self.beside is not None and self.beside_title is not None:
            found |= {"compared_with": _both(self.beside_title), "beside": _estimate(self.beside)}
        return found


@dataclass(frozen=True, slots=True)
class Money:
    """What the period lost, in major units; low, high: 95 %, None where it is counted. basis: its factors in one line."""

    amount: float
    low: float | None
    high: float | None
    basis: Text

    def to_json(self) -> dict[str, Any]:
        return {"amount": self.amount, "low": self.low, "high": self.high, "basis": _both(self.basis)}


@dataclass(frozen=True, slots=True)
class Finding:
    """rank: 1 is the dearest. money None: what it costs cannot be told, and `unpriced` says why. p: of a change, corrected
    for all that was looked at."""

    rule: str
    sort: Sort
    phase: Phase
    claim: Text
    evidence: tuple[Evidence, ...]
    action: Link
    look: Link
    money: Money | None = None
    unpriced: Text | None = None
    slice: str = ""
    p: float | None = None
    rank: int = 0

    def ranked(self, rank: int) -> "Finding":
        return replace(self, rank=rank)

    def to_json(self) -> dict[str, Any]:
        return {
            "rank": self.rank,
            "rule": self.rule,
            "sort": self.sort,
            "phase": self.phase,
            "slice": self.slice,
            "claim": _both(self.claim),
            "evidence": [one.to_json() for one in self.evidence],
            "money": self.money and self.money.to_json(),
            "unpriced": self.unpriced and _both(self.unpriced),
            "action": self.action.to_json(),
            "look": self.look.to_json(),
            "p": self.p,
        }


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "de": text.de}


def _estimate(one: Estimate) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
