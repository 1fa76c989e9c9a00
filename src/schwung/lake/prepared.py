"""Statements that are asked again and again: built and compiled once, then only their tables and moment change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, TypeAlias

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from schwung.core.clock import Instant
from schwung.core.context import during
from schwung.lake.shelf import Shelf, Statement

Build = Callable[[Mapping[str, ir.Table], Instant], ir.Table]
Rows: TypeAlias = ir.Table | pa.Table
STAND_IN: Instant = 7_777_777_777_777_777
"""Stands for the moment in a compiled statement; what Python computes from it must be it or the microsecond after it."""
_MOST = 1_024
_APART: Instant = 61_000_003
"""Between the two moments by which a statement is proven at once."""
_ahead: ContextVar[bool] = ContextVar("ahead", default=False)
_known: "OrderedDict[Hashable, Statement]" = OrderedDict()
_lock = threading.Lock()


class _Places(Mapping[str, ir.Table]):
    """Stand-ins for tables, which are opened only when they are asked for."""

    def __init__(self, tables: Mapping[str, Rows], backend: Any) -> None:
        self._tables, self._backend = tables, backend
        self.made: dict[str, ir.Table] = {}

    def __getitem__(self, name: str) -> ir.Table:
        if name not in self.made:
            place = ops.DatabaseTable(name=_place(name), schema=schema_of(self._tables[name]), source=self._backend)
            self.made[name] = place.to_expr()
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def ahead() -> AbstractContextManager[bool]:
    """Within it each statement is proven at once and put on the shelf anew, so that other processes need not compile it."""
    return during(_ahead, True)


def is_ahead() -> bool:
    return _ahead.get()


def statement(
    shape: Hashable,
    build: Build,
    tables: Mapping[str, Rows],
    backend: Any,
    like: Instant | None = None,
    shelf: Shelf | None = None,
) -> Statement:
    """Of `build(tables, moment)`. Equal shapes must build equal expressions, over tables of equal columns; those may hold
    no table of their own.

    like: a moment that may stand for all of this shape, where not every moment may. Such a statement is built again when it
    is asked for a second moment, and holds only if nothing but the moment and the microsecond after it differ; see `ahead`.
    shelf: where statements of other processes lie.
    """
    with _lock:
        found = _known.get(shape)
        if found is not None:
            _known.move_to_end(shape)
    if found is None and shelf is not None:
        found = shelf.find(shape)
    if found is None or not (found.holds or (found.built_for == like and not is_ahead())):
        made = _made(build, tables, backend, STAND_IN if like is None else like)
        if is_ahead() and like is not None:
            found = _made(build, tables, backend, like + _APART)
        holds = like is None or (found is not None and found.at(found.sql, made.built_for) == made.sql)
        found = replace(made, holds=holds)
        is_new = True
    else:
        is_new = False
    if shelf is not None and (is_new or is_ahead()):
        shelf.put(shape, found)
    with _lock:
        _known[shape] = found
        while len(_known) > _MOST:
            _known.popitem(last=False)
    return found


def over(made: Statement, relations: Mapping[str, str], moment: Instant) -> str:
    """The SQL that the engine runs. relations: name in `build` → name of a view."""
    sql = made.sql
    for name, relation in relations.items():
        sql = sql.replace(f'"{_place(name)}"', f'"{relation}"')
    return made.at(sql, moment)


def schema_of(rows: Rows) -> ibis.Schema:
    return ibis.Schema.from_pyarrow(rows.schema) if isinstance(rows, pa.Table) else rows.schema()


def _made(build: Build, tables: Mapping[str, Rows], backend: Any, moment: Instant) -> Statement:
    places = _Places(tables, backend)
    expression = build(places, moment)
    return Statement(
        str(backend.compile(expression)), expression.schema().to_pyarrow(), tuple(places.made), built_for=moment
    )


def _place(name: str) -> str:
    return f"given_{name}"
