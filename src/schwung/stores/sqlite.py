"""The operational store in one SQLite file: one writer, many readers."""

import hashlib
import json
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from schwung.core.errors import SetupError
from schwung.stores.errors import store_error
from schwung.stores.statements import statement

try:
    import fcntl
except ImportError:  # Windows: SQLite's own lock alone, less fair between processes
    fcntl = None  # type: ignore[assignment]

CHECKPOINT_PAGES = 16_384  # 64 MB: the writer moves the log into the file between commits
LOG_LIMIT = 192 * 1024 * 1024  # a log that readers kept from shrinking is cut above this size
WAIT_SECONDS = 30.0
_IDLE_READERS = 8
_PAGE_CACHE_KIB = -65_536

_CODES = {
    sqlite3.SQLITE_BUSY: "store_busy",
    sqlite3.SQLITE_LOCKED: "store_busy",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "store_read_only",
    sqlite3.SQLITE_PERM: "store_read_only",
    sqlite3.SQLITE_CANTOPEN: "store_unreachable",
    sqlite3.SQLITE_IOERR: "store_unreachable",
    sqlite3.SQLITE_CORRUPT: "store_damaged",
    sqlite3.SQLITE_NOTADB: "store_damaged",
}


def _meaning(error: Exception) -> SetupError | None:
    """The error for the operator, or None where the statement itself is wrong."""
    code = _CODES.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    return store_error(code, error) if code else None


def _adapted(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lists become JSON, as `integers(:name)` and `texts(:name)` read them."""
    if any(isinstance(value, list | tuple) for value in values.values()):
        return {name: json.dumps(value) if isinstance(value, list | tuple) else value for name, value in values.items()}
    return values


def _md5(text: Any) -> str:
    """As PostgreSQL has it."""
    return hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest()


class SQLiteTransaction:
    """ports.Transaction on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, name: str, /, **values: Any) -> list[dict[str, Any]]:
        cursor = self._connection.execute(statement(name, "sqlite"), _adapted(values))
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor]

    def tuples(self, name: str, /, **values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement(name, "sqlite"), _adapted(values)).fetchall()

    def row(self, name: str, /, **values: Any) -> dict[str, Any] | None:
        cursor = self._connection.execute(statement(name, "sqlite"), _adapted(values))
        row = cursor.fetchone()
        found = None if row is None else dict(zip((column[0] for column in cursor.description), row, strict=True))
        cursor.close()
        return found

    def value(self, name: str, /, **values: Any) -> Any:
        cursor = self._connection.execute(statement(name, "sqlite"), _adapted(values))
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else row[0]

    def run(self, name: str, /, **values: Any) -> int:
        return max(self._connection.execute(statement(name, "sqlite"), _adapted(values)).rowcount, 0)

    def run_many(self, name: str, many: Sequence[Mapping[str, Any]], /) -> int:
        return max(self._connection.executemany(statement(name, "sqlite"), many).rowcount, 0) if many else 0

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        sql = statement("store.load", "sqlite").replace("${table}", table).replace("${columns}", ", ".join(columns))
        marks = ", ".join("?" * len(columns))
        return max(self._connection.executemany(sql.replace("${marks}", marks), rows).rowcount, 0)


class SQLiteStore:
    """ports.Store. Safe to share between threads and between processes of one machine.

    Writers of all processes queue on a lock file beside the database: SQLite's own lock polls in ever longer
    sleeps, so that a busy process would starve the others.
    """

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path, wait_seconds: float = WAIT_SECONDS) -> None:
        self.path = path = path.absolute()
        self._wait = wait_seconds
        self._lock = threading.Lock()
        self._turn_of: int | None = None
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._closed = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._gate = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._writer = self._connect()
            # Two that switch a new store at once would fail without waiting.
            if self._writer.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                with self._turn():
                    self._writer.execute("PRAGMA journal_mode = WAL")
            path.chmod(0o600)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            # These statements are right on every store; SQLite quotes a damaged schema's bytes in its message.
            raise _meaning(error) or store_error("store_damaged", error) from error
        except OSError as error:
            raise store_error("disk_full" if error.errno == 28 else "store_read_only", error.strerror) from error

    def _connect(self, *, reader: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._wait, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for name, value in {
            "synchronous": "FULL",
            "secure_delete": "ON",
            "foreign_keys": "ON",
            "temp_store": "MEMORY",
            "cache_size": _PAGE_CACHE_KIB,
            "mmap_size": 0,
            "journal_size_limit": 64 * 1024 * 1024,
            "wal_autocheckpoint": 0 if reader else CHECKPOINT_PAGES,
            "query_only": "ON" if reader else "OFF",
        }.items():
            connection.execute(f"PRAGMA {name} = {value}")
        connection.create_function("md5", 1, _md5, deterministic=True)
        return connection

    @contextmanager
    def read(self) -> Iterator[SQLiteTransaction]:
        """A consistent view; never waits for the writer."""
        connection = self._reader()
        try:
            connection.execute("BEGIN")
            yield SQLiteTransaction(connection)
        except sqlite3.Error as error:
            raise _meaning(error) or error from error
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            if self._idle.qsize() < _IDLE_READERS and not self._closed:
                self._idle.put(connection)
            else:
                connection.close()

    def _reader(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            try:
                return self._connect(reader=True)
            except sqlite3.Error as error:
                raise _meaning(error) or error from error

    @contextmanager
    def write(self) -> Iterator[SQLiteTransaction]:
        """Committed as a whole at the end, rolled back on any exception."""
        with self._turn():
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield SQLiteTransaction(self._writer)
                self._writer.execute("COMMIT")
            except BaseException as error:
                if self._writer.in_transaction:
                    with suppress(sqlite3.Error):
                        self._writer.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise _meaning(error) or error from error
                raise
            self._cut_log()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer among threads (lock) and processes (lock file)."""
        if self._turn_of == threading.get_ident():
            raise RuntimeError("a write within a write of the same thread would wait for itself")
        if not self._lock.acquire(timeout=self._wait):
            raise store_error("store_busy", f"no turn within {self._wait:.0f} s")
        try:
            self._pass_gate()
            self._turn_of = threading.get_ident()
            try:
                yield
            finally:
                self._turn_of = None
                if fcntl:
                    fcntl.flock(self._gate, fcntl.LOCK_UN)
        finally:
            self._lock.release()

    def _pass_gate(self) -> None:
        if not fcntl:
            return None
        until, pause = time.monotonic() + self._wait, 0.0002
        while True:
            try:
                return fcntl.flock(self._gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise store_error("store_busy", f"no turn within {self._wait:.0f} s") from None
                time.sleep(pause)
                pause = min(pause * 2, 0.002)

    def _cut_log(self) -> None:
        log = self.path.with_name(self.path.name + "-wal")
        with suppress(OSError, sqlite3.Error):
            if log.stat().st_size > LOG_LIMIT:
                self._checkpoint(wait_ms=200)

    def _checkpoint(self, wait_ms: int) -> bool:
        self._writer.execute(f"PRAGMA busy_timeout = {wait_ms}")
        try:
            return not self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {int(self._wait * 1000)}")

    def purge(self) -> tuple[str, ...]:
        """Leave no byte of deleted rows in the files; `checkpoint` where a reader kept the log from being emptied."""
        with self._turn():
            done = self._checkpoint(wait_ms=int(self._wait * 1000))
        return () if done else ("checkpoint",)

    def vacuum(self) -> None:
        """Give free pages back to the disk."""
        with self._turn():
            self._writer.execute("VACUUM")
            self._checkpoint(wait_ms=1000)

    def integrity(self) -> str | None:
        """What SQLite finds wrong with its file, or None."""
        with self.read() as tx:
            found = tx._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        return None if found == "ok" else str(found)

    def backup(self, target: Path) -> None:
        """A consistent copy of the file, taken while others read and write."""
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = sqlite3.connect(target)
        source = self._connect(reader=True)
        try:
            source.backup(copy)
            target.chmod(0o600)
        finally:
            source.close()
            copy.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps every other writer out while the schema changes by another connection."""
        with self._turn():
            yield

    @property
    def migration_url(self) -> str:
        return f"sqlite:///{quote(str(self.path))}"

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with self._lock:
            while not self._idle.empty():
                self._idle.get_nowait().close()
            self._writer.close()
            with suppress(OSError):
                os.close(self._gate)

    def __del__(self) -> None:
        """Who forgets to close it still leaves one file behind: its connections alone would wait for the collector."""
        with suppress(Exception):  # it may never have been opened
            self.close()
