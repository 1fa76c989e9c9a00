"""Arrow schemas of declared tables, so that projection, import, lake and engines agree on every type."""

from collections.abc import Mapping, Sequence
from functools import cache

import pyarrow as pa

from schwung.collect.table import ColumnType, Table

_TYPES: Mapping[ColumnType, pa.DataType] = {
    "int64": pa.int64(),
    "int32": pa.int32(),
    "string": pa.string(),
    "bool": pa.bool_(),
    "float64": pa.float64(),
    "quantity": pa.decimal128(18, 3),
}


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Columns in declared order; required ones are not nullable."""
    return pa.schema([pa.field(column.name, _TYPES[column.type], not column.required) for column in table.columns])


def rows_of(table: Table, columns: Mapping[str, Sequence[object] | pa.Array]) -> pa.Table:
    """Rows of `table` from its columns; a column that is missing is null throughout. ArrowInvalid for a wrong type."""
    length = len(next(iter(columns.values()))) if columns else 0
    schema = arrow_schema(table)
    arrays = [
        _array(columns[field.name], field.type) if field.name in columns else pa.nulls(length, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Sequence[object] | pa.Array, type_: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == type_ else values.cast(type_)
    return pa.array(values, type_)
