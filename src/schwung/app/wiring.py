"""Puts a workspace together. The only file that names concrete stores, lakes and engines."""

import copy
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from schwung.app.ports import Engine, EngineName, Lake, SqlEngine, Store
from schwung.app.settings import FILE_NAME, Settings, read_settings
from schwung.app.settings_file import SettingsFile
from schwung.collect.relationship_tables import TABLES as RELATIONSHIP_TABLES
from schwung.collect.table import Table
from schwung.collect.tables import TABLES as COLLECT_TABLES
from schwung.core.clock import Clock, Instant, system_clock
from schwung.core.errors import InputError, SetupError
from schwung.core.priority import yielding
from schwung.core.text import Text
from schwung.predict.tables import TABLES as PREDICT_TABLES
from schwung.unify.tables import TABLES as UNIFY_TABLES

FRUGAL_MEMORY, PATIENT_MEMORY = "150MB", "800MB"
"""The patient one holds what figures of a page share, some 500 MB of a million customers; what does not fit goes to disk and
back, which costs a fifth of the work."""
TABLES: Mapping[str, Table] = {
    table.name: table for table in (*COLLECT_TABLES, *RELATIONSHIP_TABLES, *UNIFY_TABLES, *PREDICT_TABLES)
}


@dataclass(frozen=True)
class Workspace:
    """One company's folder: settings, operational store, lake. Parts are opened on first use."""

    folder: Path
    opened_with: Settings
    clock: Clock = system_clock

    @property
    def settings(self) -> Settings:
        """As the file says now. What was opened stays as it is: store, lake and server change with a restart."""
        return self._settings_file.settings

    @cached_property
    def _settings_file(self) -> SettingsFile:
        return SettingsFile(self.folder, self.opened_with)

    def later(self, by: Instant) -> "Workspace":
        """The same, as its clock will show it; what is open is shared."""
        found = copy.copy(self)
        object.__setattr__(found, "clock", lambda: self.clock() + by)
        return found

    @cached_property
    def store(self) -> Store:
        from schwung.stores import open_store

        return open_store(self.settings.store.url, self.folder, self.clock)

    @cached_property
    def lake(self) -> Lake:
        from schwung.lake.delta import DeltaLake

        return DeltaLake(self.folder / self.settings.lake.path, TABLES)

    def beside_lake(self, name: str) -> Path:
        """A folder for what can be worked out again, its name beginning with `_`; a purge of the lake empties it."""
        return self.folder / self.settings.lake.path / name

    @cached_property
    def secret(self) -> bytes:
        """Key of this workspace for signatures and tombstones; lies in `secret.key`, readable by its owner only."""
        return (self.folder / "secret.key").read_bytes()

    def engine(self, name: EngineName | None = None) -> Engine:
        """A session for one reader, to be closed after use; all sessions of a process share memory and caches."""
        wanted = name or self.settings.lake.engine
        with _starting:
            if wanted not in self._engines:
                self._engines[wanted] = _ENGINES[wanted](self)
        return self._engines[wanted].session()

    @cached_property
    def _engines(self) -> dict[str, Engine]:
        return {}

    @property
    def files_folder(self) -> Path:
        """Uploads, rejects and exports; emptied by erasure and by retention periods."""
        return self.folder / "files"


def compiling_ahead() -> AbstractContextManager[bool]:
    """Within it statements are compiled so that other processes find them whatever the moment (`lake.prepared.ahead`)."""
    from schwung.lake.prepared import ahead

    return ahead()


def sql_engine(workspace: Workspace) -> SqlEngine:
    """An engine of its own, which a query from outside may be let loose on."""
    return _duckdb(workspace)


def frugal_engine(workspace: Workspace) -> Engine:
    """For long work beside all other: one thread, little memory; what does not fit goes to disk."""
    return workspace.engine() if workspace.settings.lake.engine == "spark" else _duckdb(workspace, FRUGAL_MEMORY, 1)


def lone_engine(workspace: Workspace) -> Engine:
    """For what sorts all that ever happened: one thread, which yields to others, with the memory of the settings."""
    return (
        workspace.engine()
        if workspace.settings.lake.engine == "spark"
        else yielding(lambda: _duckdb(workspace, None, 1))
    )


def patient_engine(workspace: Workspace) -> Engine:
    """A session for what nobody waits for, or not for long: its threads leave the cores to all others."""
    if workspace.settings.lake.engine == "spark":
        return workspace.engine()
    with _starting:
        if "patient" not in workspace._engines:
            workspace._engines["patient"] = yielding(lambda: _duckdb(workspace, PATIENT_MEMORY))
    return workspace._engines["patient"].session()


def _duckdb(workspace: Workspace, memory: str | None = None, threads: int | None = None) -> SqlEngine:
    from schwung.lake.engines.duckdb import DuckDBEngine
    from schwung.lake.shelf import FOLDER, Shelf

    memory = memory or workspace.settings.lake.memory
    return DuckDBEngine(memory, workspace.beside_lake("_spill"), threads, Shelf(workspace.beside_lake(FOLDER)))


def _spark(workspace: Workspace) -> Engine:
    from schwung.lake.engines.spark import SparkEngine

    return SparkEngine()


_starting = threading.Lock()
_ENGINES: Mapping[EngineName, Callable[[Workspace], Engine]] = {"duckdb": _duckdb, "spark": _spark}


def open_workspace(folder: Path, clock: Clock = system_clock) -> Workspace:
    """The workspace in `folder`. SetupError when there is none or its settings are wrong."""
    return Workspace(folder.resolve(), read_settings(folder), clock)


def create_workspace(folder: Path, content: str, clock: Clock = system_clock) -> Workspace:
    """A new workspace with `content` as its schwung.toml. InputError when the folder already holds one."""
    path = folder / FILE_NAME
    if path.exists():
        raise InputError(
            "workspace_exists",
            Text(en="{folder} already holds a workspace.", de="{folder} enthält schon einen Arbeitsbereich.").fill(
                folder=folder
            ),
            Text(en="Choose another folder.", de="Einen anderen Ordner wählen."),
        )
    key = folder / "secret.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(32))
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SetupError(
            "folder_not_writable",
            Text(en="{folder} cannot be written: {why}.", de="{folder} ist nicht beschreibbar: {why}.").fill(
                folder=folder, why=error.strerror or error
            ),
            Text(
                en="Choose a folder that this user may write to.",
                de="Einen Ordner wählen, in den geschrieben werden darf.",
            ),
        ) from error
    workspace = open_workspace(folder, clock)
    workspace.store  # noqa: B018  creates the schema
    return workspace
