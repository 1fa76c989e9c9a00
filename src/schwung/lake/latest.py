"""What a reader sees of a table: the latest version of each key, from folded and later rows."""

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, Literal

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from schwung.collect.arrow import arrow_schema
from schwung.collect.files import Files
from schwung.collect.table import Table
from schwung.core.stable_hash import bucket_of
from schwung.lake.prepared import is_ahead
from schwung.lake.shelf import Shelf, Statement

_known: dict[Hashable, Statement] = {}
_BASE, _TAIL = "folded_rows", "later_rows"
_PERSON, _BUCKET = 7_777_777_777_777_777, 777_777_777
"""Stand for people and their buckets in a compiled text."""


def latest_of(
    files: Files,
    declared: Table,
    dialect: Literal["duckdb", "pyspark"],
    read: Callable[[tuple[str, ...]], str],
    people: Sequence[int] = (),
    shelf: Shelf | None = None,
) -> str:
    """SQL of what a reader sees. read: what stands for the rows of some files, as SQL. people: of these identifiers only.
    shelf: where its text lies for other processes."""
    sql = _sql(declared, dialect, bool(files.base), bool(files.tail), bool(people), shelf)
    for standing, numbers in ((_BUCKET, {bucket_of(one) for one in people}), (_PERSON, people)):
        sql = sql.replace(f"({standing})", f"({', '.join(map(str, sorted(numbers)))})")
    quote = "`" if dialect == "pyspark" else '"'
    for name, paths in ((_BASE, files.base), (_TAIL, files.tail)):
        if paths:
            sql = sql.replace(f"{quote}{name}{quote}", read(paths))
    return sql


def _sql(
    declared: Table, dialect: str, has_base: bool, has_tail: bool, of_people: bool, shelf: Shelf | None = None
) -> str:
    """Compiled once: it is the same text for every snapshot."""
    columns = tuple((column.name, column.type) for column in declared.columns)
    shape = ("latest", declared.name, declared.key, columns, dialect, has_base, has_tail, of_people)
    found = _known.get(shape) or (None if shelf is None else shelf.find(shape))
    if found is None or (shelf is not None and is_ahead()):
        found = found or Statement(_made(declared, dialect, has_base, has_tail, of_people), pa.schema([]), (), 0)
        if shelf is not None:
            shelf.put(shape, found)
    _known[shape] = found
    return found.sql


def _made(declared: Table, dialect: str, has_base: bool, has_tail: bool, of_people: bool) -> str:
    base = ibis.table(shape_of(declared), name=_BASE) if has_base else None
    tail = ibis.table(shape_of(declared), name=_TAIL) if has_tail else None
    rows = _current_of_people(base, tail, declared.key) if of_people else current(base, tail, declared.key)
    return str(ibis.to_sql(rows, dialect=dialect))


def _current_of_people(base: ir.Table | None, tail: ir.Table | None, key: Sequence[str]) -> ir.Table:
    """As `current`, of few people: their rows are looked up first, of all others only keys and versions are read."""
    own = {name: _own(rows) for name, rows in ((_BASE, base), (_TAIL, tail)) if rows is not None}
    if tail is None or not key:
        return ibis.union(*own.values(), distinct=False) if len(own) > 1 else next(iter(own.values()))
    # Any row of the tail takes the place of one of the base.
    ages = {_BASE: ibis.literal(-1, "int64"), _TAIL: own[_TAIL]["version"]}
    aged = [rows.mutate(own_version=ages[name]) for name, rows in own.items()]
    found = ibis.union(*aged, distinct=False) if len(aged) > 1 else aged[0]
    later = tail.select(*key, later_version="version")
    newer = found.anti_join(later, [*key, found["own_version"] < later["later_version"]])
    return newer.drop("own_version")


def _own(rows: ir.Table) -> ir.Table:
    wanted = {"identifier_id": _PERSON, "bucket": _BUCKET}
    return rows.filter([rows[name].isin([one]) for name, one in wanted.items() if name in rows.columns])


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
