"""What models see, with some tables changed: facts planted without a workspace of their own."""

from collections.abc import Callable
from dataclasses import replace

import ibis.expr.types as ir

from schwung.predict.sight import Sight


def but(sight: Sight, changes: dict[str, Callable[[ir.Table], ir.Table]]) -> Sight:
    """The same facts, some tables changed, at earlier moments too."""
    known = sight.scope.table

    def table(name: str, customer: bool) -> ir.Table:
        rows = known(name, customer)
        return changes[name](rows) if name in changes else rows

    return replace(
        sight,
        scope=replace(sight.scope, table=table),
        earlier=lambda at: but(sight.earlier(at), changes),
        keep=lambda name, build: build(),
    )
