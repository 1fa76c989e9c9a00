"""The operational store in PostgreSQL, for more than one machine."""

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import pq
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from schwung.core.errors import SetupError
from schwung.stores.errors import store_error
from schwung.stores.statements import statement

COPY_FROM = 50  # rows from which COPY is quicker than single inserts in a pipeline
ANALYZE_FROM = 20_000  # rows after which the planner is told at once: the server itself gets to it minutes later
CONNECT_SECONDS = 5
_IDLE_CONNECTIONS = 8
_MIGRATION_LOCK = 0x5C47_0001
_log = logging.getLogger(__name__)
_SESSION = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "random_page_cost": "1.1",
        "jit": "off",  # on tables without statistics, costs are guessed so high that each statement would be compiled first
        "timezone": "UTC",
        "lock_timeout": "30s",
        "idle_in_transaction_session_timeout": "10min",
        "client_min_messages": "warning",
        "synchronous_commit": "on",  # whatever the server's own setting: what is acknowledged must be on disk
    }.items()
)
_LINK: Mapping[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 40_000,
    "application_name": "schwung",
}
"""Unless the URL says otherwise. A machine that vanished without a word is noticed within a minute, not within hours."""


class _Number(Loader):
    """sum() of whole numbers is numeric in PostgreSQL: an int as in SQLite, else a float."""

    def load(self, data: Any) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


class _Truth(Loader):
    """Conditions are 0 and 1 as in SQLite."""

    def load(self, data: Any) -> int:
        return int(bytes(data) == b"t")


def _meaning(error: psycopg.Error) -> SetupError | None:
    """The error for the operator, or None where the statement itself is wrong."""
    state = error.sqlstate or ""
    if state.startswith("53100"):
        return store_error("disk_full", error)
    if state in ("25006", "42501"):
        return store_error("store_read_only", error)
    if state in ("55P03", "40P01", "40001"):
        return store_error("store_busy", error)
    if state.startswith("XX"):
        return store_error("store_damaged", error)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return store_error("store_unreachable", error)
    return None


def _adapted(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return list(value) if isinstance(value, tuple) else value


class PostgresTransaction:
    """ports.Transaction on one connection.

    Values are written into the statement by the client: a parameter then has the type of its place, as in SQLite.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._cursor = psycopg.ClientCursor(connection, row_factory=dict_row)

    def rows(self, name: str, /, **values: Any) -> list[dict[str, Any]]:
        return self._cursor.execute(statement(name, "postgres"), _adapted(values)).fetchall()

    def tuples(self, name: str, /, **values: Any) -> list[tuple[Any, ...]]:
        with psycopg.ClientCursor(self._connection) as cursor:
            return cursor.execute(statement(name, "postgres"), _adapted(values)).fetchall()

    def row(self, name: str, /, **values: Any) -> dict[str, Any] | None:
        return self._cursor.execute(statement(name, "postgres"), _adapted(values)).fetchone()

    def value(self, name: str, /, **values: Any) -> Any:
        row = self.row(name, **values)
        return None if row is None else next(iter(row.values()))

    def run(self, name: str, /, **values: Any) -> int:
        return max(self._cursor.execute(statement(name, "postgres"), _adapted(values)).rowcount, 0)

    def run_many(self, name: str, many: Sequence[Mapping[str, Any]], /) -> int:
        if not many:
            return 0
        with self._connection.cursor() as cursor:
            cursor.executemany(statement(name, "postgres"), [_adapted(values) for values in many])
            return max(cursor.rowcount, 0)

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        many = rows if isinstance(rows, list | tuple) else list(rows)
        if not many:
            return 0
        names = ", ".join(columns)
        with self._connection.cursor() as cursor:
            if len(many) < COPY_FROM:
                sql = statement("store.load", "postgres").replace("${table}", table).replace("${columns}", names)
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(sql.replace("${marks}", marks), [[_plain(value) for value in row] for row in many])
                return max(cursor.rowcount, 0)
            types = {row["name"]: row["type"] for row in self.rows("store.column_types", table=table)}
            sql = statement("store.copy", "postgres").replace("${table}", table).replace("${columns}", names)
            with cursor.copy(sql) as copy:
                copy.set_types([types[column] for column in columns])
                for row in many:
                    copy.write_row([_plain(value) for value in row])
            if len(many) >= ANALYZE_FROM:
                cursor.execute(statement("store.analyze", "postgres").replace("${table}", table))
        return len(many)


class PostgresStore:
    """ports.Store over a small pool of connections. A lost server is found again on the next call.

    Several processes may write at once: what must not interleave is guarded by a lease or by the rows it changes.
    """

    dialect: Literal["postgres"] = "postgres"

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle: list[psycopg.Connection[Any]] = []
        self._lock = threading.Lock()
        self._closed = False
        self._give_back(self._connect())

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            given = conninfo_to_dict(self.url)
            options = f"{given.pop('options', '')} {_SESSION}"
            connection = psycopg.connect(autocommit=True, options=options, **{**_LINK, **given})
        except psycopg.Error as error:
            raise store_error("store_unreachable", error) from error
        connection.adapters.register_loader("numeric", _Number)
        connection.adapters.register_loader("bool", _Truth)
        return connection

    def _begin(self, mode: str) -> psycopg.Connection[Any]:
        """A connection within a new transaction; idle ones that the server has dropped are let go."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            fresh = connection or self._connect()
            try:
                fresh.execute(f"BEGIN {mode}")
                return fresh
            except psycopg.OperationalError as error:
                fresh.close()
                if connection is None:
                    raise store_error("store_unreachable", error) from error

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        with self._lock:
            usable = not connection.closed and connection.info.transaction_status == pq.TransactionStatus.IDLE
            if usable and not self._closed and len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    @contextmanager
    def _transaction(self, mode: str) -> Iterator[PostgresTransaction]:
        connection = self._begin(mode)
        try:
            yield PostgresTransaction(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")
            if isinstance(error, psycopg.Error):
                raise _meaning(error) or error from error
            raise
        finally:
            self._give_back(connection)

    @contextmanager
    def read(self) -> Iterator[PostgresTransaction]:
        """A consistent view; never waits for the writer."""
        with self._transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY") as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        """Committed as a whole at the end, rolled back on any exception."""
        with self._transaction("ISOLATION LEVEL READ COMMITTED") as tx:
            yield tx

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other upgrades out. A crash frees it."""
        connection = self._connect()
        try:
            PostgresTransaction(connection).row("store.lock_schema", number=_MIGRATION_LOCK)
            yield
        finally:
            connection.close()

    def backup(self, target: Path) -> None:
        """Backups of PostgreSQL are the operator's: said before the schema changes."""
        _log.warning("PostgreSQL's schema is being upgraded; its backup is the operator's (pg_dump)")

    def purge(self) -> tuple[str, ...]:
        """Leave no byte of deleted rows in the tables; names of what is out of reach: log, backups, statistics.

        Each table is locked while it is rewritten.
        """
        out_of_reach = ["write_ahead_log", "backups"]
        connection = self._connect()
        try:
            for row in PostgresTransaction(connection).rows("store.tables_with_text"):
                connection.execute(statement("store.rewrite", "postgres").replace("${table}", f'"{row["name"]}"'))
            for row in PostgresTransaction(connection).rows("store.stale_statistics"):
                connection.execute(row["command"])
            # Without the right to it, PostgreSQL leaves it out with a warning.
            warnings: list[object] = []
            connection.add_notice_handler(warnings.append)
            connection.execute(statement("store.rewrite_statistics", "postgres"))
            if warnings:
                out_of_reach.append("statistics")
        except psycopg.Error as error:
            raise _meaning(error) or error from error
        finally:
            connection.close()
        return tuple(out_of_reach)

    def vacuum(self) -> None:
        """The server's autovacuum does it."""

    def integrity(self) -> str | None:
        return None

    @property
    def migration_url(self) -> str:
        return f"postgresql+psycopg://{self.url.partition('://')[2]}"

    def close(self) -> None:
        self._closed = True
        with self._lock:
            while self._idle:
                self._idle.pop().close()
