"""Compiled statements beyond the process: a file each, by shape and code, so that a server that starts need not compile."""

import base64
import json
import os
import time
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from schwung.core.clock import Instant
from schwung.core.code import code_mark

FOLDER = "_statements"
"""Folder in the lake; emptied by purge."""
_MOST_AGE = 3 * 86_400
"""Seconds after which nobody asks any more: most statements are of one day."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with stand-ins for tables and moment; columns of its rows. uses: the tables that it reads. holds: for every moment."""

    sql: str
    schema: pa.Schema
    uses: tuple[str, ...]
    built_for: Instant
    holds: bool = True

    def at(self, sql: str, moment: Instant) -> str:
        return sql.replace(str(self.built_for + 1), str(moment + 1)).replace(str(self.built_for), str(moment))


class Shelf:
    """Never fails: what cannot be read is compiled, what cannot be written is compiled again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tidied = 0.0

    def find(self, shape: Hashable) -> Statement | None:
        path = self._path(shape)
        if path is not None:
            with suppress(OSError, ValueError, KeyError, TypeError, pa.ArrowException):
                told = json.loads(path.read_bytes())
                schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(told["schema"])))
                return Statement(told["sql"], schema, tuple(told["uses"]), told["built_for"], told["holds"])
        return None

    def put(self, shape: Hashable, made: Statement) -> None:
        path = self._path(shape)
        if path is None:
            return
        told = {
            "sql": made.sql, "schema": base64.b64encode(made.schema.serialize().to_pybytes()).decode(),
            "uses": made.uses, "built_for": made.built_for, "holds": made.holds,
        }  # fmt: skip
        beside = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._tidy()
            beside.write_text(json.dumps(told))
            beside.replace(path)

    def _path(self, shape: Hashable) -> Path | None:
        """None for a shape that another process does not write alike."""
        told = repr(shape)
        return None if " at 0x" in told else self._folder / f"{sha256((_mark() + told).encode()).hexdigest()}.json"

    def _tidy(self) -> None:
        now = time.time()
        if now - self._tidied > _MOST_AGE / 3:
            self._folder.mkdir(parents=True, exist_ok=True)
            for path in self._folder.iterdir():
                if path.stat().st_mtime < now - _MOST_AGE:
                    path.unlink(missing_ok=True)
            self._tidied = now


@cache
def _mark() -> str:
    return " ".join((code_mark(), *(version(name) for name in ("ibis-framework", "sqlglot", "duckdb", "pyarrow"))))
