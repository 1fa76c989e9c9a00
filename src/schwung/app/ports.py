"""What the application asks of its edges. Stores, lakes and engines fit these shapes; nothing here imports one."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import ibis.expr.types as ir
import pyarrow as pa

from schwung.collect.table import Table

EngineName = Literal["duckdb", "spark"]
Row = Mapping[str, Any]


class Transaction(Protocol):
    """Named statements (`file.statement`, see stores/sql) within one transaction."""

    def rows(self, statement: str, /, **values: Any) -> list[dict[str, Any]]: ...

    def row(self, statement: str, /, **values: Any) -> dict[str, Any] | None: ...

    def value(self, statement: str, /, **values: Any) -> Any:
        """First column of the first row, or None."""

    def run(self, statement: str, /, **values: Any) -> int:
        """Rows that were changed."""

    def run_many(self, statement: str, many: Sequence[Mapping[str, Any]], /) -> int: ...

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Many rows into one table by the store's quickest way (COPY on PostgreSQL)."""


class Store(Protocol):
    """The operational store. Safe to share between threads; one writer at a time."""

    dialect: Literal["sqlite", "postgres"]

    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent view; never waits for the writer."""

    def write(self) -> AbstractContextManager[Transaction]:
        """Committed as a whole at the end, rolled back on any exception."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Files:
    """Parquet files of one table at one version.

    base: holds every key once. tail: came later and may hold newer versions of keys in base or in tail.
    Tables without a key have both; a reader takes their union.
    """

    base: tuple[str, ...]
    tail: tuple[str, ...]


class Lake(Protocol):
    """Open Delta tables in one folder or bucket."""

    tables: Mapping[str, Table]

    def append(self, table: str, rows: pa.Table, batch_no: int) -> None:
        """Rows of one batch. The same batch a second time changes nothing."""

    def versions(self) -> dict[str, int]:
        """Newest version of each table that has one."""

    def files(self, table: str, version: int) -> Files: ...

    def compact(self, table: str) -> bool:
        """Merge the tail into the base where that pays; False where it does not. Needs the lane's lease."""

    def erase(self, table: str, column: str, ids: Sequence[int], replace: pa.Table | None = None) -> int:
        """Delete the rows whose column is among ids; `replace` takes their place in the same commit. Rows deleted."""

    def purge(self) -> None:
        """Leave no byte of what was deleted: vacuum fully, checkpoint, clean the logs."""


class Engine(Protocol):
    """Reads Parquet files as Ibis tables and runs Ibis expressions; zone UTC; downloads nothing."""

    name: EngineName

    def table(self, files: Files, declared: Table) -> ir.Table:
        """Columns exactly as declared, the latest version of each key."""

    def memtable(self, rows: pa.Table, name: str) -> ir.Table: ...

    def run(self, expression: ir.Table) -> pa.Table: ...

    def close(self) -> None: ...
