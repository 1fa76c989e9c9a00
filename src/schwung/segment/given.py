"""What the parts of a rule are read from, and what its leaves read."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir

from schwung.measure.phase import Rules
from schwung.measure.question import Question
from schwung.measure.scope import Scope, TableOf


@dataclass(frozen=True)
class Given:
    """table: facts up to the question's `as_of`, and by the same door what no fact table holds: `consents` (customer_id,
    consent_no, purpose, channel, state, given_at, expires_at), and `days` and `anniversaries` as `segment.calendar` has them.
    scale: minor units per major one of the reporting currency. phases: the rules of the phases."""

    table: TableOf
    question: Question
    scale: int
    phases: Rules

    @property
    def now(self) -> ir.IntegerScalar:
        """As a literal of the statement: with another moment in its place the same statement serves later."""
        return ibis.literal(self.question.as_of, "int64")

    @property
    def scope(self) -> Scope:
        return Scope(self.question, self.table)


class Need(Protocol):
    """Something that a leaf must know of each customer. Equal needs of many rules are read once."""

    @property
    def part(self) -> "Part": ...


class Part(Hashable, Protocol):
    """Needs that are read together, by one pass over one kind of facts."""

    def build(self, needs: Mapping[Any, str], given: Given) -> ir.Table:
        """customer_id and, for each need, columns that begin with its name. Customers without facts may be missing."""


@dataclass(frozen=True)
class State:
    """One row per customer with the columns of all needs; profile columns: first_seen_at, country, language, properties."""

    rows: ir.Table
    names: Mapping[Any, str]
    given: Given
    segments: Mapping[str, str]

    @property
    def now(self) -> ir.IntegerScalar:
        return self.given.now

    def of(self, need: Any, suffix: str = "") -> Any:
        """The column of a need; null for customers of whom there is no fact."""
        return self.rows[self.names[need] + suffix]


Needs = Sequence[Any]
