"""Retention periods: what is older than its period goes, nightly; a dry run says what would."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from schwung.app.facts import open_facts
from schwung.app.forget import finish_erasures
from schwung.app.lane import Held, lane, lease, suppress_held
from schwung.app.publish import finish_open_batch, republish
from schwung.app.wiring import TABLES, Workspace
from schwung.collect.table import Table
from schwung.core.clock import DAY, Instant
from schwung.core.errors import SetupError
from schwung.core.text import Text

_STORE: Mapping[str, tuple[str, Text]] = {
    "chunks": ("chunks_days", Text("Received events in the store", "Eingegangene Ereignisse im Speicher")),
    "quarantine": ("quarantine_days", Text("Refused events", "Zurückgewiesene Ereignisse")),
    "audit": ("audit_days", Text("Audit log", "Zugriffsprotokoll")),
    "messages": ("messages_days", Text("Messages that were sent or not", "Versandte und nicht versandte Nachrichten")),
    "message_fates": ("messages_days", Text("What became of messages", "Was aus Nachrichten wurde")),
    "journeys": ("messages_days", Text("Ways through journeys that ended", "Beendete Wege durch Strecken")),
    "refusals": (
        "messages_days",
        Text("Who did not enter a journey, and why", "Wer in eine Strecke nicht eintrat, und warum"),
    ),
    "tasks": ("messages_days", Text("Tasks that are done", "Erledigte Aufgaben")),
    "calls": ("messages_days", Text("Webhooks that journeys called", "Von Strecken aufgerufene Webhooks")),
    "drafts": ("uploads_days", Text("Imports that were never started", "Nie gestartete Importe")),
}
_FOLDERS: Mapping[str, tuple[str, Text]] = {
    "uploads": ("uploads_days", Text("Uploaded files", "Hochgeladene Dateien")),
    "rejects": ("uploads_days", Text("Rejected rows", "Abgewiesene Zeilen")),
    "exports": ("exports_days", Text("Exports about persons", "Ausgaben über Personen")),
    "backups": (
        "backups_days",
        Text("Copies of the store from before an upgrade", "Kopien des Speichers vor Umstellungen"),
    ),
}
_LEFT = Text("Rows of imports that did not end", "Zeilen nicht beendeter Importe")
_FEW_KEYS = 500_000


@dataclass(frozen=True, slots=True)
class Expired:
    """what: table, folder or kind. days: its period. count: rows or files that are older."""

    what: str
    title: Text
    days: int
    count: int


def retain(workspace: Workspace, *, dry_run: bool = True) -> list[Expired]:
    """What is older than its period goes, or is only counted. SetupError for a table that has no time or does not exist."""
    periods = fact_periods(workspace)
    with lane(workspace, "retention") as held:
        finish_open_batch(workspace, held)
        if not dry_run:
            finish_erasures(workspace, held)
        found = _facts(workspace, held, periods, dry_run)
        found += _store(workspace, dry_run)
        found += _files(workspace, dry_run)
    return found


def fact_periods(workspace: Workspace) -> dict[str, int]:
    """Days per fact table: its own period, unless the settings say another; 0 keeps for ever."""
    asked = workspace.settings.retention.facts_days
    wrong = [name for name in asked if name not in TABLES or TABLES[name].time is None or name == "profiles"]
    if wrong:
        raise SetupError(
            "retention_unknown",
            Text(
                en="The retention period of “{name}” cannot be applied: no such table, or one without a time.",
                de="Die Aufbewahrungsfrist von „{name}“ ist nicht anwendbar: keine solche Tabelle oder eine ohne Zeit.",
            ).fill(name=wrong[0]),
            Text(en="Correct [retention] facts_days.", de="[retention] facts_days berichtigen."),
        )
    periods = {name: table.retention_days or 0 for name, table in TABLES.items()} | asked
    return {name: days for name, days in periods.items() if days > 0}


def _facts(workspace: Workspace, held: Held, periods: Mapping[str, int], dry_run: bool) -> list[Expired]:
    found = []
    now = workspace.clock()
    with open_facts(workspace) as facts:
        for name, days in periods.items():
            table = TABLES[name]
            rows = facts.everything(name)
            # A child without a key of its own in the log: the first key column, or the number of an event.
            column = table.key[0] if table.key else table.names[0]
            old = rows.filter(rows[table.time] < now - days * DAY)
            count = int(facts.run(old.agg(n=old.count()))["n"][0].as_py())
            found.append(Expired(name, table.title, days, count))
            if count and not dry_run:
                keys = facts.run(old.select(column).distinct())[column]
                _delete(workspace, table, column, keys)
    if not dry_run and any(one.count for one in found):
        republish(workspace, held)
        workspace.lake.purge()
    return found


def _delete(workspace: Workspace, table: Table, column: str, keys: pa.ChunkedArray) -> None:
    for at in range(0, len(keys), _FEW_KEYS):
        workspace.lake.erase(table.name, column, keys.slice(at, _FEW_KEYS).to_pylist())


def _store(workspace: Workspace, dry_run: bool) -> list[Expired]:
    found = []
    for name, (setting, title) in _STORE.items():
        days = getattr(workspace.settings.retention, setting)
        before = workspace.clock() - days * DAY
        if dry_run:
            with workspace.store.read() as tx:
                count = tx.value(f"retention.{name}", before=before)
        else:
            with workspace.store.write() as tx:
                count = tx.run(f"retention.delete_{name}", before=before)
        found.append(Expired(name, title, days, count))
    # On SQLite this only empties the log; PostgreSQL rewrites whole tables.
    if not dry_run and (workspace.store.dialect == "sqlite" or any(one.count for one in found)):
        workspace.store.purge()
    return found


def _files(workspace: Workspace, dry_run: bool) -> list[Expired]:
    found = []
    for folder, (setting, title) in _FOLDERS.items():
        days = getattr(workspace.settings.retention, setting)
        old = _older(workspace.files_folder / folder, workspace.clock() - days * DAY)
        if not dry_run:
            for path in old:
                path.unlink(missing_ok=True)
        found.append(Expired(folder, title, days, len(old)))
    return [*found, _left_imports(workspace, dry_run)]


def _left_imports(workspace: Workspace, dry_run: bool) -> Expired:
    """Rows that an import laid down and nobody went on with. One that runs keeps them; one that is started again reads
    its file anew."""
    days = workspace.settings.retention.uploads_days
    before = workspace.clock() - days * DAY
    folders = sorted((workspace.files_folder / "imports").glob("[0-9]*"))
    left = [folder for folder in folders if all(_is_older(path, before) for path in folder.rglob("*"))]
    for folder in left if not dry_run else ():
        with suppress_held(), lease(workspace, f"import {folder.name}", "retention", wait=0.0):
            shutil.rmtree(folder)
    return Expired("imports", _LEFT, days, len(left))


def _older(folder: Path, before: Instant) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_older(path, before)]


def _is_older(path: Path, before: Instant) -> bool:
    return path.stat().st_mtime_ns // 1_000 < before
