"""Imports from the console: an upload becomes a draft, a draft is mapped and started, the worker runs it."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from schwung.app import audit
from schwung.app.import_looks import DryRun, Inspection, dry_run, inspect
from schwung.app.import_mapping import SOURCE
from schwung.app.import_runs import Progress, progress, row_of
from schwung.app.imports import Stopped, check_mapping, fail, open_run, run_import
from schwung.app.lane import is_gone, suppress_held
from schwung.app.wiring import Workspace
from schwung.collect.import_kind import KINDS
from schwung.collect.mapping import FileMapping, to_yaml
from schwung.collect.mapping_file import read_mapping
from schwung.connectors import connector_for
from schwung.core.errors import InputError, SchwungError, SetupError
from schwung.core.text import Text

RUNNING = ("waiting", "reading", "writing")
"""States of a run that is not at its end."""


def save_upload(workspace: Workspace, name: str, content: BinaryIO) -> Path:
    """Keep an uploaded file under files/uploads; its name made harmless. InputError for an unknown format."""
    folder = workspace.files_folder / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    with workspace.store.write() as tx:
        number = tx.value("store.draw", name="import", count=1)
    plain = re.sub(r"[^\w.\- ]", "_", Path(name.replace("\\", "/")).name).lstrip(".")[-100:] or "file"
    target = folder / f"{number}-{plain}"
    draft = target.with_name(target.name + ".part")
    with draft.open("wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    draft.replace(target)
    try:
        connector_for(target)
    except InputError:
        target.unlink()
        raise
    return target


def create_draft(workspace: Workspace, path: Path, kind: str, source: str = SOURCE) -> int:
    """A draft with the guessed mapping. Its number."""
    looked = inspect(workspace, path, kind, source=source)
    return open_run(workspace, path, looked.proposal.mapping, state="draft", is_upload=True)


def mapping_of(workspace: Workspace, import_no: int) -> FileMapping:
    row = row_of(workspace, import_no)
    settings = workspace.settings.workspace
    return read_mapping(row["mapping"], FileMapping(row["kind"], row["source"], settings.zone, settings.currency))


def earlier_mapping(workspace: Workspace, kind: str, source: str) -> FileMapping | None:
    """The mapping of the source's last finished import of that kind."""
    with workspace.store.read() as tx:
        text = tx.value("imports.last_mapping", kind=kind, source=source)
    settings = workspace.settings.workspace
    return None if text is None else read_mapping(text, FileMapping(kind, source, settings.zone, settings.currency))


def inspect_draft(workspace: Workspace, import_no: int, kind: str | None = None) -> Inspection:
    """The draft's file as it was found, with the guess for its kind or another one."""
    row = row_of(workspace, import_no)
    return inspect(workspace, Path(row["path"]), kind or row["kind"], source=row["source"])


def map_draft(workspace: Workspace, import_no: int, mapping: FileMapping) -> None:
    """Keep a corrected mapping. InputError when the draft was started already."""
    KINDS.find(mapping.kind)
    with workspace.store.write() as tx:
        changed = tx.run(
            "imports.set_mapping", import_no=import_no, mapping=to_yaml(mapping), kind=mapping.kind, source=mapping.source,
            now=workspace.clock(),
        )  # fmt: skip
    if not changed:
        raise _not_a_draft(import_no)


def dry_run_draft(workspace: Workspace, import_no: int) -> DryRun:
    """What the draft would do; nothing is stored."""
    return dry_run(workspace, Path(row_of(workspace, import_no)["path"]), mapping_of(workspace, import_no))


def start(workspace: Workspace, import_no: int, *, actor: str = "system") -> None:
    """Queue a draft, or one that failed or was stopped, for the worker. InputError while required fields are missing."""
    check_mapping(mapping_of(workspace, import_no))
    with workspace.store.write() as tx:
        if not tx.run("imports.queue", import_no=import_no, now=workspace.clock()):
            raise _not_a_draft(import_no)
        audit.add(tx, workspace.clock(), actor, "import_started", import_no=import_no)


def stop(workspace: Workspace, import_no: int, *, actor: str = "system") -> bool:
    """Stop a run after the step that it is in; what is written stays. False when it does not run."""
    with workspace.store.write() as tx:
        stopped = bool(tx.run("imports.stop", import_no=import_no, now=workspace.clock()))
        if stopped:
            audit.add(tx, workspace.clock(), actor, "import_stopped", import_no=import_no)
    return stopped


def drop_draft(workspace: Workspace, import_no: int) -> None:
    """Forget a draft and its file."""
    row = row_of(workspace, import_no)
    with workspace.store.write() as tx:
        dropped = tx.run("imports.drop_run", import_no=import_no)
    if dropped and row["is_upload"]:
        Path(row["path"]).unlink(missing_ok=True)


def runs(workspace: Workspace, most: int = 50) -> Sequence[Progress]:
    """The newest runs, drafts left out."""
    with workspace.store.read() as tx:
        numbers = [row["import_no"] for row in tx.rows("imports.newest", most=most)]
    return [progress(workspace, number) for number in numbers]


def running(workspace: Workspace, besides: int, most: int = 20) -> Sequence[Progress]:
    """Other imports that a process is at, or that wait for the worker; not those that a killed process left."""
    with workspace.store.read() as tx:
        leases = tx.rows("work.leases")
    held = {row["name"] for row in leases if row["holder"] and not is_gone(row["place"], row["pid"])}
    found = (run for run in runs(workspace, most) if run.import_no != besides and run.state in RUNNING)
    return [run for run in found if run.state == "waiting" or f"import {run.import_no}" in held]


def drafts(workspace: Workspace, most: int = 20) -> Sequence[Progress]:
    """Uploads that are not started yet, the newest first."""
    with workspace.store.read() as tx:
        numbers = [row["import_no"] for row in tx.rows("imports.drafts", most=most)]
    return [progress(workspace, number) for number in numbers]


def run_next(workspace: Workspace) -> bool:
    """Bring the next queued import to its end; for the worker. False when there is none, or another process has it."""
    with workspace.store.read() as tx:
        import_no = tx.value("imports.next_waiting")
    if import_no is None:
        return False
    with suppress_held():
        try:
            run_import(workspace, import_no)
        except SetupError:
            raise
        except Stopped:
            return True
        except (SchwungError, OSError) as error:
            if not isinstance(error, InputError):
                fail(workspace, import_no, _file_gone(error))
        return True
    return False


def _not_a_draft(import_no: int) -> InputError:
    return InputError(
        "import_started",
        Text("Import {number} was started already.", "Import {number} ist schon gestartet.").fill(number=import_no),
        Text("Upload the file again for another import.", "Die Datei für einen weiteren Import erneut hochladen."),
    )


def _file_gone(error: Exception) -> InputError:
    return InputError(
        "file_missing",
        Text("The file cannot be read any more ({why}).", "Die Datei ist nicht mehr lesbar ({why}).").fill(why=type(error).__name__),
        Text("Upload it again.", "Die Datei erneut hochladen."),
    )  # fmt: skip
