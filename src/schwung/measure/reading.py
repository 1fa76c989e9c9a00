"""How an analysis of several statements reads: each by a name, so that it need not be built anew for every moment."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import ibis.expr.types as ir
import pyarrow as pa

from schwung.measure.scope import Scope

Made = Callable[[Scope], ir.Table]
"""What is read of a scope. Under one name it is always the same."""


class Reading(Protocol):
    """The statements of one analysis over one scope."""

    @property
    def scope(self) -> Scope: ...

    def rows(self, name: str, made: Made) -> pa.Table: ...

    def keep(self, name: str, made: Made) -> None:
        """Hold the rows that several statements read: from then on the scope has them ready under the name."""


@dataclass
class Plainly:
    """Reads what it is asked, built on the scope itself. hold: keeps rows; None: an engine works them out again."""

    over: Scope
    run: Callable[[ir.Table], pa.Table]
    hold: Callable[[ir.Table, str], ir.Table] | None = None
    held: dict[str, ir.Table] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return with_held(self.over, self.held.get)

    def rows(self, name: str, made: Made) -> pa.Table:
        return self.run(made(self.scope))

    def keep(self, name: str, made: Made) -> None:
        rows = made(self.scope)
        self.held[name] = rows if self.hold is None else self.hold(rows, name)


def with_held(scope: Scope, held: Callable[[str], ir.Table | None]) -> Scope:
    """The same scope, with what is held ready under its names."""

    def ready(what: str) -> ir.Table | None:
        found = held(what)
        return scope.ready(what) if found is None else found

    return replace(scope, at_hand=ready)


def held(scope: Scope, name: str) -> ir.Table:
    """What was kept under the name."""
    found = scope.ready(name)
    assert found is not None
    return found
