"""One of the six phases of the relationship, by the rules that the workspace has."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.phase import PHASES
from schwung.measure.phases.stays import phase_of
from schwung.segment.field import Field
from schwung.segment.given import Needs, State
from schwung.segment.leaf import LeafKind, listed, texts
from schwung.segment.signed import FAR, signed
from schwung.segment.standing import Phase


@dataclass(frozen=True, slots=True)
class InPhase:
    phases: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"phase": list(self.phases)}

    @property
    def words(self) -> Text:
        return Text("phase: {phases}", "Phase: {phases}").fill(phases=listed([PHASES[one] for one in self.phases]))

    @property
    def needs(self) -> Needs:
        return (Phase(),)

    def value(self, state: State) -> ir.IntegerValue:
        rules, now = state.given.phases, state.now
        facts = {fact: state.of(Phase(), f"_{fact}") for fact in rules.facts}
        phase = phase_of(facts, rules, now)
        ends = [facts[rule.fact] + rule.lasts for rule in rules.rules if rule.lasts is not None]
        flips = [ibis.cases((end > now, end), else_=FAR) for end in ends]
        flip = reduce(lambda one, other: ibis.least(one, other), flips) if flips else FAR
        return signed(phase.isin(list(self.phases)), flip)


def _read(written: Any) -> InPhase:
    return InPhase(texts(written, PHASES))


LEAF = LeafKind(
    "phase",
    Text("phase of the relationship", "Phase der Beziehung"),
    Text("The customer is in one of these phases.", "Der Kunde ist in einer dieser Phasen."),
    _read,
    {"phase": ["ask", "engage"]},
    (Field("", "choices", Text("phase", "Phase"), PHASES),),
)
