"""Statements that are asked again and again: built and compiled once, then only their tables and moment change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from schwung.core.clock import Instant

Build = Callable[[Mapping[str, ir.Table], Instant], ir.Table]
STAND_IN: Instant = 7_777_777_777_777_777
"""Stands for the moment in a compiled statement; what Python computes from it must be it or the microsecond after it."""
_MOST = 256
_kept: "OrderedDict[Hashable, Statement]" = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with stand-ins for tables and moment; columns of its rows."""

    sql: str
    schema: pa.Schema

    def over(self, relations: Mapping[str, str], moment: Instant) -> str:
        """The SQL that the engine runs. relations: name in `build` → name of a view."""
        sql = self.sql
        for name, relation in relations.items():
            sql = sql.replace(f'"{_place(name)}"', f'"{relation}"')
        return sql.replace(str(STAND_IN + 1), str(moment + 1)).replace(str(STAND_IN), str(moment))


def statement(shape: Hashable, build: Build, schemas: Mapping[str, ibis.Schema], backend: Any) -> Statement:
    """Of `build(tables, moment)`. Equal shapes must build equal expressions; those may hold no table of their own."""
    key = (shape, tuple(sorted((name, schema) for name, schema in schemas.items())))
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    places = {
        name: ops.DatabaseTable(name=_place(name), schema=schema, source=backend).to_expr()
        for name, schema in schemas.items()
    }
    expression = build(places, STAND_IN)
    made = Statement(str(backend.compile(expression)), expression.schema().to_pyarrow())
    with _lock:
        _kept[key] = made
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return made


def _place(name: str) -> str:
    return f"given_{name}"
