"""DuckDB as an engine: in this process, zone UTC, memory bounded, nothing downloaded."""

import contextlib
import uuid
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from schwung.collect.files import Files
from schwung.collect.table import ColumnType, Table
from schwung.core.clock import Instant
from schwung.lake.latest import latest_of, leaf, no_rows
from schwung.lake.prepared import Build, over, statement
from schwung.lake.shelf import Shelf

_BATCH = 131_072
_TYPES: Mapping[ColumnType, str] = {
    "int64": "BIGINT",
    "int32": "INTEGER",
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "float64": "DOUBLE",
    "quantity": "DECIMAL(18, 3)",
}


class DuckDBEngine:
    """One reader's connection. Sessions share memory limit, threads and caches; each belongs to one thread at a time.

    memory: DuckDB's limit, for example "1GB"; beyond it sorts and joins spill to `spill_folder`. shelf: where compiled
    statements outlive the process.
    """

    name: Literal["duckdb", "spark"] = "duckdb"

    def __init__(
        self,
        memory: str = "1GB",
        spill_folder: Path | None = None,
        threads: int | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._shelf = shelf
        connection = duckdb.connect(":memory:", config=_config(memory, spill_folder, threads))
        # Spark's name, so that one expression reads JSON on both.
        connection.execute("CREATE MACRO get_json_object(text, path) AS json_extract_string(text, path)")
        connection.execute("SET GLOBAL parquet_metadata_cache = true")
        self._start(connection)
        zone = connection.execute("SELECT current_setting('TimeZone')").fetchall()
        assert zone == [("UTC",)], f"the engine's zone is {zone}"

    def _start(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.backend = ibis.duckdb.from_connection(connection)
        self.backend.settings["enable_progress_bar"] = False  # it would be drawn where Python has no main file

    def session(self) -> "DuckDBEngine":
        """Another reader on the same database."""
        engine = object.__new__(DuckDBEngine)
        engine._shelf = self._shelf
        engine._start(self._connection.cursor())
        return engine

    def table(self, files: Files, declared: Table, people: Sequence[int] = ()) -> ir.Table:
        """Columns as declared, the latest version of each key. people: only what these identifiers carried."""
        if not files.base and not files.tail:
            return ibis.memtable(no_rows(declared))
        sql = latest_of(files, declared, "duckdb", lambda paths: _read(paths, declared), people, self._shelf)
        return leaf(self.backend, _view(self, declared.name, sql), declared)

    def view(self, expression: ir.Table, name: str) -> ir.Table:
        if expression.op().find(ops.InMemoryTable):
            return expression  # its rows may go before the view does
        view = _view(self, name, self.backend.compile(expression))
        return ops.DatabaseTable(name=view, schema=expression.schema(), source=self.backend).to_expr()

    def memtable(self, rows: pa.Table, name: str) -> ir.Table:
        return ibis.memtable(rows)

    def run(self, expression: ir.Table) -> pa.Table:
        self.backend._run_pre_execute_hooks(expression)
        return _rows(self, self.backend.compile(expression), expression.schema().to_pyarrow())

    def stream(self, expression: ir.Table, size: int) -> Iterator[pa.RecordBatch]:
        """The rows in their order, at most `size` at a time."""
        self.backend._run_pre_execute_hooks(expression)
        schema = expression.schema().to_pyarrow()
        for batch in self._connection.sql(self.backend.compile(expression)).to_arrow_reader(size):
            if batch.num_rows:
                yield batch.cast(schema)

    def prepared(
        self,
        shape: Hashable,
        build: Build,
        tables: Mapping[str, ir.Table | pa.Table],
        moment: Instant,
        like: Instant | None = None,
    ) -> pa.Table:
        """Rows of `build(tables, moment)`, compiled once for all questions of one shape."""
        sql, schema = self._statement(shape, build, tables, moment, like)
        return _rows(self, sql, schema)

    def _statement(
        self,
        shape: Hashable,
        build: Build,
        tables: Mapping[str, ir.Table | pa.Table],
        moment: Instant,
        like: Instant | None,
    ) -> tuple[str, pa.Schema]:
        made = statement(shape, build, tables, self.backend, like, self._shelf)
        relations = {name: _relation(self, name, tables[name]) for name in made.uses}
        return over(made, relations, moment), made.schema

    @contextlib.contextmanager
    def keep(self, expression: ir.Table, name: str) -> Iterator[ir.Table]:
        """The rows in memory, for all sessions, while the context lasts."""
        self.backend._run_pre_execute_hooks(expression)
        with _kept(self, f"kept_{name}", self.backend.compile(expression), expression.schema()) as rows:
            yield rows

    @contextlib.contextmanager
    def keep_prepared(
        self,
        name: str,
        shape: Hashable,
        build: Build,
        tables: Mapping[str, ir.Table | pa.Table],
        moment: Instant,
        like: Instant | None = None,
    ) -> Iterator[ir.Table]:
        """`keep` of what `prepared` would give."""
        sql, schema = self._statement(shape, build, tables, moment, like)
        with _kept(self, f"kept_{name}", sql, ibis.Schema.from_pyarrow(schema)) as rows:
            yield rows

    def saved(self, path: Path) -> ir.Table:
        view = _view(self, "saved", f"FROM {_file(path)}")
        return ops.DatabaseTable(name=view, schema=_schema(path), source=self.backend).to_expr()

    @contextlib.contextmanager
    def amended(self, path: Path, gone: ir.Table, fresh: ir.Table) -> Iterator[ir.Table]:
        old = f'FROM {_file(path)} ANTI JOIN "{_relation(self, "gone", gone)}" USING (customer_id)'
        sql = f'{old} UNION ALL BY NAME FROM "{_relation(self, "fresh", fresh)}"'
        with _kept(self, f"amended_{path.stem}", sql, _schema(path), "VIEW") as rows:
            yield rows

    def write(self, expression: ir.Table, path: Path) -> None:
        """The rows of an ordered expression as one Parquet file, zstd, row groups of 20,000."""
        self.backend.to_parquet(expression, path, ROW_GROUP_SIZE=20_000, COMPRESSION="zstd")

    def confine(self, views: Mapping[str, ir.Table], files: Iterable[Files]) -> None:
        """From now on only `query`, over these views: no other file is read, none is written, no setting changes.

        For an engine of its own: it holds for all sessions of the database.
        """
        for name, rows in views.items():
            self.backend.create_view(name, rows, overwrite=True)
        self.backend.settings["allowed_paths"] = [path for listed in files for path in (*listed.base, *listed.tail)]
        for name, value in {
            "enable_external_access": False,
            "allow_community_extensions": False,
            "lock_configuration": True,
        }.items():
            self.backend.settings[name] = value

    def query(self, sql: str) -> pa.Table:
        """Rows of one SELECT. ValueError with the engine's words for anything else and for what it does not understand."""
        try:
            statements = duckdb.extract_statements(sql)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise ValueError("one SELECT, and nothing but reading")
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise ValueError(str(error)) from error

    @property
    def threads(self) -> int:
        return int(self.backend.settings["threads"])

    @threads.setter
    def threads(self, count: int) -> None:
        """Fewer need less memory. Of all sessions of the database."""
        self.backend.settings["threads"] = count

    def close(self) -> None:
        with contextlib.suppress(duckdb.Error):
            self._connection.close()


def _rows(engine: DuckDBEngine, sql: str, schema: pa.Schema) -> pa.Table:
    """What `sql` does in the end; that parses and binds the statement once more before, half of what a question about a
    few customers costs. `execute` copies the rows."""
    connection: Any = engine._connection
    try:
        rows = connection._submit(sql, None, "arrow", _BATCH).arrow_table()
    except (AttributeError, TypeError):  # it is not public: another release may have another
        rows = connection.sql(sql).to_arrow_table()
    return rows.cast(schema)


def _file(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"read_parquet('{quoted}', hive_partitioning = false)"


def _schema(path: Path) -> ibis.Schema:
    """Each column may be null, as in what is worked out anew."""
    schema = ibis.Schema.from_pyarrow(pq.read_schema(path))
    return ibis.Schema({name: kind.copy(nullable=True) for name, kind in schema.items()})


def _read(paths: tuple[str, ...], declared: Table) -> str:
    """Not a view: that would be bound once more."""
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    late = [f"NULL::{_TYPES[column.type]} AS {column.name}" for column in declared.columns if column.late]
    if not late:
        return f"(FROM read_parquet([{listed}], hive_partitioning = false))"
    # By name: files from before a column came do not have it. The empty side falls away when the plan is made.
    read = f"FROM read_parquet([{listed}], hive_partitioning = false, union_by_name = true)"
    return f"({read} UNION ALL BY NAME SELECT {', '.join(late)} WHERE false)"


def _view(engine: DuckDBEngine, name: str, sql: str) -> str:
    """Of this session only."""
    view = f"{name}_{uuid.uuid4().hex}"
    engine._connection.execute(f'CREATE TEMPORARY VIEW "{view}" AS {sql}')
    return view


def _relation(engine: DuckDBEngine, name: str, rows: ir.Table | pa.Table) -> str:
    if isinstance(rows, pa.Table):
        relation = f"{name}_{uuid.uuid4().hex}"
        engine._connection.register(relation, rows)
        return relation
    node = rows.op()
    if isinstance(node, ops.InMemoryTable):
        return _relation(engine, name, node.data.to_pyarrow(node.schema))
    return node.name if isinstance(node, ops.DatabaseTable) else _relation(engine, name, engine.run(rows))


@contextlib.contextmanager
def _kept(
    engine: DuckDBEngine, name: str, sql: str, schema: ibis.Schema, kind: Literal["TABLE", "VIEW"] = "TABLE"
) -> Iterator[ir.Table]:
    """For all sessions."""
    kept = f"{name}_{uuid.uuid4().hex}"
    engine._connection.execute(f'CREATE {kind} "{kept}" AS {sql}')
    try:
        yield ops.DatabaseTable(name=kept, schema=schema, source=engine.backend).to_expr()
    finally:
        with contextlib.suppress(duckdb.Error):
            engine._connection.execute(f'DROP {kind} "{kept}"')


def _config(memory: str, spill_folder: Path | None, threads: int | None) -> dict[str, Any]:
    config: dict[str, Any] = {
        "memory_limit": memory,
        "allocator_background_threads": True,  # else freed memory stays with the process
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if spill_folder is not None:
        config["temp_directory"] = str(spill_folder)
    if threads is not None:
        config["threads"] = threads
    return config
