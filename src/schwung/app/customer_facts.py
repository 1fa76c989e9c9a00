"""The facts of one customer, for pages: compiled once, read from the customer's buckets only."""

from collections.abc import Callable, Hashable, Mapping, Sequence

import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.facts import Facts
from schwung.core.clock import Instant

Build = Callable[[Mapping[str, ir.Table]], ir.Table]
NOBODY = 0
"""No identifier has this number."""


def customer_rows(
    facts: Facts,
    shape: Hashable,
    build: Build,
    names: Sequence[str],
    identifier_ids: Sequence[int],
    further: Mapping[str, pa.Table] | None = None,
    moment: Instant | None = None,
) -> pa.Table:
    """Rows of `build(tables)`: some fact tables, each with the rows of these identifiers up to the moment (`as_of`), and
    `further` ones. Equal shapes must build equal expressions."""
    # Whoever has no identifier has no facts.
    ids = sorted(set(identifier_ids)) or [NOBODY]
    given: dict[str, ir.Table | pa.Table] = {name: facts.in_buckets(name, ids, only=True) for name in names}

    def over(tables: Mapping[str, ir.Table], until: Instant) -> ir.Table:
        own = {name: facts.known(name, tables[name], until) for name in names}
        return build({**own, **{name: tables[name] for name in further or ()}})

    return facts.prepared(shape, over, {**given, **(further or {})}, moment=moment)
