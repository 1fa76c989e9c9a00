"""What a reader sees of a table: the latest version of each key, from folded and later rows."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from schwung.collect.arrow import arrow_schema
from schwung.collect.files import Files
from schwung.collect.table import Table

_BASE, _TAIL = "folded_rows", "later_rows"


def latest_of(
    files: Files, declared: Table, dialect: Literal["duckdb", "pyspark"], read: Callable[[tuple[str, ...]], str]
) -> str:
    """SQL of what a reader sees. read: makes a view of some files and tells its name."""
    sql = _sql(declared, dialect, bool(files.base), bool(files.tail))
    for name, paths in ((_BASE, files.base), (_TAIL, files.tail)):
        if paths:
            sql = sql.replace(name, read(paths))
    return sql


@cache
def _sql(declared: Table, dialect: str, has_base: bool, has_tail: bool) -> str:
    """Compiled once: it is the same text for every snapshot."""
    base = ibis.table(shape_of(declared), name=_BASE) if has_base else None
    tail = ibis.table(shape_of(declared), name=_TAIL) if has_tail else None
    return str(ibis.to_sql(current(base, tail, declared.key), dialect=dialect))


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


@cache
def shape_of(declared: Table) -> ibis.Schema:
    return ibis.Schema.from_pyarrow(pa.schema([field.with_nullable(True) for field in arrow_schema(declared)]))


def leaf(backend: Any, name: str, declared: Table) -> ir.Table:
    """A view by its name. Its columns are those declared: the engine need not be asked, and expressions stay small."""
    table: ir.Table = ops.DatabaseTable(name=name, schema=shape_of(declared), source=backend).to_expr()
    return table


def no_rows(declared: Table) -> pa.Table:
    """An empty table of the same columns, nullable as all that is read."""
    return shape_of(declared).to_pyarrow().empty_table()
