"""Brings a store's schema up to date: yoyo over the templates in migrations/."""

import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from schwung.core.clock import Clock, to_datetime
from schwung.core.errors import SetupError
from schwung.core.text import Text
from schwung.stores.statements import Dialect, render

FOLDER = Path(__file__).parent / "migrations"


class _Store(Protocol):
    @property
    def dialect(self) -> Dialect: ...

    @property
    def migration_url(self) -> str: ...

    def read(self) -> AbstractContextManager[Any]: ...

    def alone(self) -> AbstractContextManager[None]: ...

    def backup(self, target: Path) -> None: ...


def known(folder: Path = FOLDER) -> list[str]:
    """Names of all migrations of this schwung, in order."""
    return sorted(path.stem for path in folder.glob("*.sql"))


def applied(store: _Store) -> list[str]:
    """Names of the migrations that the store has seen, in order."""
    with store.read() as tx:
        if not tx.value("store.has_migrations"):
            return []
        return [row["name"] for row in tx.rows("store.migrations")]


def upgrade(store: _Store, folder: Path, clock: Clock, migrations: Path = FOLDER) -> None:
    """Apply what is missing; an older SQLite store is copied to files/backups before. SetupError for a newer store."""
    if _missing(store, migrations):
        with store.alone():
            seen = applied(store)
            if _missing(store, migrations):
                if seen:
                    moment = to_datetime(clock()).strftime("%Y%m%dT%H%M%SZ")
                    store.backup(folder / "files" / "backups" / f"store-{seen[-1]}-{moment}.db")
                _apply(store, migrations)


def _missing(store: _Store, migrations: Path) -> list[str]:
    ours, seen = known(migrations), set(applied(store))
    newer = sorted(seen - set(ours))
    if newer:
        raise SetupError(
            "store_newer",
            Text(
                en="The operational store was written by a newer schwung (its schema has {name}).",
                de="Der operative Speicher stammt von einem neueren schwung (sein Schema kennt {name}).",
            ).fill(name=newer[-1]),
            Text(
                en="Install that version, or restore a backup from before the upgrade.",
                de="Diese Version installieren oder eine Sicherung von vor der Umstellung einspielen.",
            ),
        )
    return [name for name in ours if name not in seen]


def _apply(store: _Store, migrations: Path) -> None:
    from yoyo import get_backend, read_migrations

    with tempfile.TemporaryDirectory() as rendered:
        for name in known(migrations):
            text = (migrations / f"{name}.sql").read_text(encoding="utf-8")
            (Path(rendered) / f"{name}.sql").write_text(render(text, store.dialect), encoding="utf-8")
        with get_backend(store.migration_url) as backend:
            backend.break_lock()  # alone() holds the real lock; this row is what a crash left
            with backend.lock():
                for migration in backend.to_apply(read_migrations(rendered)):
                    with backend.transaction():
                        migration.process_steps(backend, "apply")
                        backend.mark_one(migration, log=False)
