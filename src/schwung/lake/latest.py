"""What a reader sees of a table: the latest version of each key, from folded and later rows."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def current(base: ir.Table | None, tail: ir.Table | None, key: Sequence[str]) -> ir.Table:
    """Base rows whose key is not in the tail, and the latest row of each key of the tail. Without a key: all rows.

    base holds every key once; so only the tail, which is small, needs a rank.
    """
    if tail is None:
        assert base is not None
        return base
    if not key:
        return tail if base is None else base.union(tail)
    newest = _latest(tail, key)
    if base is None:
        return newest
    return base.anti_join(tail.select(*key).distinct(), list(key)).union(newest)


def _latest(rows: ir.Table, key: Sequence[str]) -> ir.Table:
    names = rows.columns
    window = ibis.window(group_by=list(key), order_by=rows["version"].desc())
    ranked = rows.mutate(version_rank=ibis.row_number().over(window))
    return ranked.filter(ranked["version_rank"] == 0).select(*names)
