"""What the application asks of its edges. Stores, lakes and engines fit these shapes; nothing here imports one."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

import ibis.expr.types as ir
import pyarrow as pa

from schwung.collect.files import Files as Files
from schwung.collect.table import Table
from schwung.core.clock import Instant

EngineName = Literal["duckdb", "spark"]
Row = Mapping[str, Any]
Build = Callable[[Mapping[str, ir.Table], Instant], ir.Table]
"""An expression over tables by name, at a moment."""


class Transaction(Protocol):
    """Named statements (`file.statement`, see stores/sql) within one transaction."""

    def rows(self, statement: str, /, **values: Any) -> list[dict[str, Any]]: ...

    def tuples(self, statement: str, /, **values: Any) -> list[tuple[Any, ...]]:
        """The same rows without names: for many."""

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

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]: ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A consistent view; never waits for the writer."""

    def write(self) -> AbstractContextManager[Transaction]:
        """Committed as a whole at the end, rolled back on any exception."""

    def purge(self) -> tuple[str, ...]:
        """Leave no byte of deleted rows where that is in our hands; names of what is not (`write_ahead_log`, `backups`)."""

    def vacuum(self) -> None:
        """Give free space back where the database does not do so by itself."""

    def integrity(self) -> str | None:
        """What the database finds wrong with itself, or None. Reads the whole file."""

    def close(self) -> None: ...


class Lake(Protocol):
    """Open Delta tables in one folder or bucket."""

    tables: Mapping[str, Table]

    def append(self, table: str, rows: pa.Table, batch_no: int) -> None:
        """Rows of one batch. The same batch a second time changes nothing."""

    def append_all(self, tables: Mapping[str, pa.Table], batch_no: int) -> None:
        """`append` to many tables."""

    def last_batch(self) -> int:
        """The highest batch number that any table has seen; 0 for an empty lake."""

    def versions(self) -> dict[str, int]:
        """Newest version of each table that has one."""

    def files(
        self, table: str, version: int, buckets: Sequence[int] | None = None, *, since: int | None = None
    ) -> Files:
        """With `buckets`, files may be left out that matter to no row of them; with `since`, files that hold nothing of a
        later batch."""

    def fold(self, table: str, *, always: bool = False) -> Any:
        """Merge tail and base into new files beside the table, where that pays; else None. Needs no lease."""

    def finish(self, fold: Any) -> bool:
        """Put folded files in the place of their sources. False when an erasure came between. Needs the lane's lease."""

    def clean(self, table: str) -> int:
        """Drop what no reader can need any more; the newest version must be published. Files deleted."""

    def erase(
        self,
        table: str,
        column: str,
        ids: Sequence[int],
        replace: pa.Table | None = None,
        *,
        batch_no: int | None = None,
    ) -> int:
        """Delete the rows whose column is among ids; `replace` takes their place in the same commit. Rows deleted.

        With a batch number a second time changes nothing.
        """

    def purge(self) -> None:
        """Leave no byte of what was deleted: vacuum fully, checkpoint, clean the logs, empty the folders `_…` beside the tables."""


class Engine(Protocol):
    """Reads Parquet files as Ibis tables and runs Ibis expressions; zone UTC; downloads nothing."""

    name: EngineName

    def table(self, files: Files, declared: Table, people: Sequence[int] = ()) -> ir.Table:
        """Columns exactly as declared, the latest version of each key. people: only what these identifiers carried."""

    def session(self) -> "Engine":
        """For one more reader; shares memory and caches with this one."""

    def memtable(self, rows: pa.Table, name: str) -> ir.Table: ...

    def run(self, expression: ir.Table) -> pa.Table: ...

    def stream(self, expression: ir.Table, size: int) -> Iterator[pa.RecordBatch]:
        """The rows in their order, some `size` at a time; nothing else may be asked of this session meanwhile."""

    def prepared(
        self,
        shape: Hashable,
        build: Build,
        tables: Mapping[str, ir.Table | pa.Table],
        moment: Instant,
        like: Instant | None = None,
    ) -> pa.Table:
        """Rows of `build(tables, moment)`. Equal shapes build equal expressions: an engine may compile them once.

        tables: only those that `build` asks for are opened. like: a moment that may stand for all moments of this shape;
        None: any moment may.
        """

    def view(self, expression: ir.Table, name: str) -> ir.Table:
        """The same under a name of its own, of this session only, where statements can be kept."""

    def keep(self, expression: ir.Table, name: str) -> AbstractContextManager[ir.Table]:
        """The rows as a table for all sessions while the context lasts; in memory where that makes reading quicker."""

    def keep_prepared(
        self,
        name: str,
        shape: Hashable,
        build: Build,
        tables: Mapping[str, ir.Table | pa.Table],
        moment: Instant,
        like: Instant | None = None,
    ) -> AbstractContextManager[ir.Table]:
        """`keep` of the rows that `prepared` would give."""

    def close(self) -> None: ...


class FileEngine(Engine, Protocol):
    """An engine that holds rows as files of its own."""

    def write(self, expression: ir.Table, path: Path) -> None:
        """The rows as one Parquet file."""

    def saved(self, path: Path) -> ir.Table:
        """The rows of a file that `write` wrote."""

    def amended(self, path: Path, gone: ir.Table, fresh: ir.Table) -> AbstractContextManager[ir.Table]:
        """The same without customers in `gone`, and the rows of `fresh`: for all sessions while the context lasts. Both are
        what `keep` gave. FileNotFoundError where the file is gone."""


class SqlEngine(Engine, Protocol):
    """An engine that answers SQL from outside: over named views, and nothing else."""

    def confine(self, views: Mapping[str, ir.Table], files: Iterable[Files]) -> None:
        """From now on only `query`, over these views."""

    def query(self, sql: str) -> pa.Table:
        """Rows of one SELECT. ValueError, with the engine's words, for anything else."""
