"""Statements of one analysis, each compiled once a day, and what it holds between them."""

from collections.abc import Hashable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.facts import Facts, erased, without_erased
from schwung.app.ports import Build
from schwung.core.clock import Instant
from schwung.core.period import day_of
from schwung.measure.question import Question
from schwung.measure.reading import Made, with_held
from schwung.measure.scope import Scope


def asked_of(facts: Facts, question: Question) -> tuple[Hashable, ...]:
    """What makes a statement over these facts another, beside what it is for. It is of one day, for it knows the changes
    of the clock to the end of its year only."""
    day = day_of(question.as_of, question.zone)
    return day, repr(replace(question, as_of=0)), erased(facts), tuple(facts.kept), facts.worked_out is None


@dataclass
class Prepared:
    """measure.reading.Reading of a workspace's facts. shape: what beside the question makes its statements others. stack:
    as long as it is open, what is kept is there."""

    facts: Facts
    question: Question
    shape: tuple[Hashable, ...]
    stack: ExitStack = field(default_factory=ExitStack)
    held: dict[str, ir.Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shape = (*self.shape, *asked_of(self.facts, self.question))

    @property
    def scope(self) -> Scope:
        return self._scope(self.facts, self.held, self.question.as_of)

    def rows(self, name: str, made: Made) -> pa.Table:
        return self.facts.prepared((name, *self.shape), self._build(made), self.held, like=self.question.as_of)

    def keep(self, name: str, made: Made) -> None:
        kept = self.facts.keep(name, (name, *self.shape), self._build(made), self.held)
        self.held = {**self.held, name: self.stack.enter_context(kept)}

    def _build(self, made: Made) -> Build:
        facts, held = self.facts, tuple(self.held)

        def build(tables: Mapping[str, ir.Table], moment: Instant) -> ir.Table:
            return made(self._scope(facts.over(tables, moment), {name: tables[name] for name in held}, moment))

        return build

    def _scope(self, facts: Facts, held: Mapping[str, ir.Table], moment: Instant) -> Scope:
        scope = Scope(replace(self.question, as_of=moment), without_erased(facts), at_hand=facts.at_hand)
        return with_held(scope, held.get)
