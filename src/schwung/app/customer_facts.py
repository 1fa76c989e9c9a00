"""The facts of one customer, for pages: compiled once, read from the customer's buckets only."""

from collections.abc import Callable, Hashable, Mapping, Sequence

import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.facts import Facts
from schwung.core.clock import Instant
from schwung.core.stable_hash import bucket_of

Build = Callable[[Mapping[str, ir.Table]], ir.Table]


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
    ids = sorted(set(identifier_ids))
    buckets = pa.array([bucket_of(one) for one in ids], pa.int32())
    wanted = pa.table({"identifier_id": pa.array(ids, pa.int64()), "bucket": buckets})
    given: dict[str, ir.Table | pa.Table] = {name: facts.in_buckets(name, identifier_ids) for name in names}

    def over(tables: Mapping[str, ir.Table], until: Instant) -> ir.Table:
        own = {}
        for name in names:
            rows, wanted = facts.known(name, tables[name], until), tables["wanted"]
            # By bucket too: files are sorted by it, so that little of them is read.
            own[name] = rows.semi_join(wanted, [key for key in wanted.columns if key in rows.columns])
        return build({**own, **{name: tables[name] for name in further or ()}})

    return facts.prepared(shape, over, {**given, **(further or {}), "wanted": wanted}, moment=moment)
