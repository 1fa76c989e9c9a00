"""What models see, with some tables changed: facts planted without a workspace of their own."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import ibis.expr.types as ir

from schwung.predict.sight import Sight

_TOLD = count(1)


def but(sight: Sight, changes: dict[str, Callable[[ir.Table], ir.Table]], told: int | None = None) -> Sight:
    """The same facts, some tables changed, at earlier moments too. told: what is kept of these changes is called by it."""
    known, number = sight.scope.table, next(_TOLD) if told is None else told

    def table(name: str, customer: bool) -> ir.Table:
        rows = known(name, customer)
        return changes[name](rows) if name in changes else rows

    return replace(
        sight,
        scope=replace(sight.scope, table=table),
        earlier=lambda at: but(sight.earlier(at), changes, number),
        keep=lambda name, build: sight.keep(f"{name}_{number}", build),
    )
