"""Imports files: once only, whole orders, whatever stops it. A run is a row in the store; a second start goes on with it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from schwung.app.bulk import bulk
from schwung.app.import_read import read_file
from schwung.app.import_runs import (
    Counts,
    Run,
    clear,
    counts_of,
    folder_of,
    parts_of,
    rejects_file,
    row_of,
)
from schwung.app.import_waiting import waiting_files
from schwung.app.import_write import write_parts, write_waited
from schwung.app.lane import lease
from schwung.app.wiring import Workspace
from schwung.collect.import_kind import KINDS
from schwung.collect.mapping import FileMapping, to_yaml
from schwung.collect.mapping_file import read_mapping
from schwung.connectors.import_stage import Stage, slices_of
from schwung.core.errors import InputError, SchwungError
from schwung.core.text import Text

Told = Callable[[str, int, int, int], object]
"""Called with state, rows done, rows in all (0: not known yet), rejects."""


class Stopped(InputError):
    """A person stopped the run; it goes on where it stood when it is started again."""

    def __init__(self) -> None:
        super().__init__(
            "import_stopped",
            Text("The import was stopped in the console.", "Der Import wurde in der Konsole angehalten."),
            Text("Start it again; it goes on where it stood.", "Erneut starten; er geht an derselben Stelle weiter."),
        )


def import_file(workspace: Workspace, path: Path, mapping: FileMapping, told: Told = lambda *_: None) -> dict[str, Any]:
    """Import one file and wait for its end. What the command line prints, and `waiting`, `import_no`.

    A run of the same file with the same mapping that was stopped goes on where it stood.
    """
    check_mapping(mapping)
    import_no = open_run(workspace, path, mapping)
    return run_import(workspace, import_no, told)


def open_run(
    workspace: Workspace, path: Path, mapping: FileMapping, *, state: str = "waiting", is_upload: bool = False
) -> int:
    """The unfinished run of this file with this mapping, or a new one."""
    now, text, digest = workspace.clock(), to_yaml(mapping), _hash(path, mapping)
    with workspace.store.write() as tx:
        if state != "draft":
            row = tx.row("imports.unfinished", file_hash=digest, kind=mapping.kind, source=mapping.source, mapping=text)
            if row is not None and Path(row["path"]) == path.resolve():
                if row["state"] == "stopped":
                    tx.run("imports.queue", import_no=row["import_no"], now=now)
                return int(row["import_no"])
        import_no = int(tx.value("store.draw", name="import", count=1))
        tx.run(
            "imports.create", import_no=import_no, kind=mapping.kind, source=mapping.source, file_name=path.name.partition("-")[2] if is_upload else path.name, path=str(path.resolve()),
            is_upload=int(is_upload), size_bytes=path.stat().st_size, file_hash=digest, mapping=text, state=state, now=now,
        )  # fmt: skip
    return import_no


def run_import(workspace: Workspace, import_no: int, told: Told = lambda *_: None) -> dict[str, Any]:
    """Bring a run to its end, in this process. SetupError `lease_held` while another process is at it; Stopped by a person."""
    with lease(workspace, f"import {import_no}", "import", wait=1.0):
        try:
            with bulk() as tidy:
                return _run(workspace, import_no, lambda *said: (tidy(), told(*said)))
        except SchwungError as error:
            if isinstance(error, InputError) and not isinstance(error, Stopped):
                fail(workspace, import_no, error)
            raise


def _go_on(workspace: Workspace, import_no: int) -> None:
    with workspace.store.read() as tx:
        if tx.value("imports.state", import_no=import_no) == "stopped":
            raise Stopped


def fail(workspace: Workspace, import_no: int, error: SchwungError) -> None:
    text = json.dumps(
        {"code": error.code, "en": f"{error.message.en} {error.step.en}", "de": f"{error.message.de} {error.step.de}"}
    )
    with workspace.store.write() as tx:
        tx.run("imports.fail", import_no=import_no, error=text, now=workspace.clock())


def _run(workspace: Workspace, import_no: int, told: Told) -> dict[str, Any]:
    row = row_of(workspace, import_no)
    if row["state"] == "done":
        return result_of(workspace, import_no)
    with workspace.store.write() as tx:
        tx.run(
            "imports.begin", import_no=import_no, state="writing" if row["slices"] else "reading", now=workspace.clock()
        )
    _go_on(workspace, import_no)
    run = _as_run(workspace, row_of(workspace, import_no))
    stage = Stage(folder_of(workspace, import_no) / "work", run.mapping)
    try:
        plan = json.loads(row["slices"]) if row["slices"] else None
        files = sorted(folder_of(workspace, import_no).glob("*.parquet"))
        if plan is None or len(files) != plan["files"]:
            plan = _read(workspace, run, stage, told)
            files = sorted(folder_of(workspace, import_no).glob("*.parquet"))
        slices = {int(number): rows for number, rows in plan["slices"].items()}
        _write(workspace, run, stage, files, slices, (plan["first"], plan["last"]), told)
        if run.mapping.kind in ("orders", "order_lines"):
            take_in(workspace, run)
    finally:
        stage.close()
    with workspace.store.write() as tx:
        tx.run("imports.finish", import_no=import_no, now=workspace.clock())
    clear(workspace, import_no)
    return result_of(workspace, import_no)


def _read(workspace: Workspace, run: Run, stage: Stage, told: Told) -> dict[str, Any]:
    """Read the file from its start; nothing of an earlier reading is used."""
    folder = folder_of(workspace, run.import_no)
    for path in folder.glob("*.parquet"):
        path.unlink()
    size = run.path.stat().st_size
    rejects = rejects_file(workspace, run.import_no, run.path.name)

    def on_rows(rows: int, rejected: int, line: int) -> None:
        told("reading", rows, 0, rejected)
        with workspace.store.write() as tx:
            tx.run("imports.progress", import_no=run.import_no, rows_read=rows, rows_rejected=rejected, bytes_read=min(size, rows * 90), now=workspace.clock())  # fmt: skip
        _go_on(workspace, run.import_no)

    found = read_file(run.path, run.mapping, stage, folder, rejects, on_rows=on_rows)
    plan = {"slices": found.slices, "first": found.first, "last": found.last, "files": len(found.files)}
    with workspace.store.write() as tx:
        tx.run(
            "imports.all_read", import_no=run.import_no, slices=json.dumps(plan), rows_read=found.rows, rows_rejected=found.rejected,
            rejects_path=str(rejects) if found.rejected else None, now=workspace.clock(),
        )  # fmt: skip
    return json.loads(json.dumps(plan))


def _write(
    workspace: Workspace, run: Run, stage: Stage, files: list[Path], slices: Mapping[int, int], bounds: tuple[int, int], told: Told
) -> None:  # fmt: skip
    total = sum(slices.values())

    def between(counts: Counts) -> None:
        told("writing", counts.imported + counts.known + counts.updated, total, 0)
        _go_on(workspace, run.import_no)

    if total:
        write_parts(workspace, run, stage, files, slices, bounds, between)


def take_in(workspace: Workspace, run: Run) -> None:
    """What waited for orders of this source goes in, as far as its orders are there now."""
    for kind in ("order_lines", "events", "answers"):
        for path in waiting_files(workspace, run.mapping.source, kind):
            other = _as_run(workspace, row_of(workspace, int(path.stem.split("-")[1])))
            stage = Stage(folder_of(workspace, run.import_no) / "work", other.mapping)
            try:
                for low, high in parts_of(slices_of(stage, path)):
                    write_waited(workspace, other, stage, path, low, high)
            finally:
                stage.close()
            path.unlink()


def result_of(workspace: Workspace, import_no: int) -> dict[str, Any]:
    """read = imported + known_already + updated + rejected. waiting: of the imported, those without their order yet."""
    row = row_of(workspace, import_no)
    counts, _ = counts_of(workspace, import_no)
    return {
        "read": row["rows_read"],
        "imported": counts.imported,
        "known_already": counts.known,
        "updated": counts.updated,
        "rejected": row["rows_rejected"],
        "rejects_file": row["rejects_path"],
        "waiting": counts.waiting,
        "import_no": import_no,
    }


def check_mapping(mapping: FileMapping) -> None:
    """InputError where required fields are missing."""
    kind = KINDS.find(mapping.kind)
    missing = mapping.missing(kind)
    if missing:
        titles = [field.title for name in missing if (field := kind.find(name))]
        raise InputError(
            "mapping_incomplete",
            Text("The mapping names no column for: {names}.", "Die Zuordnung nennt keine Spalte für: {names}.").fill(
                names=Text(", ".join(title.en for title in titles), ", ".join(title.de for title in titles))
            ),
            Text("Name it under `columns` or `constants`.", "Unter `columns` oder `constants` nennen."),
        )


def _as_run(workspace: Workspace, row: Mapping[str, Any]) -> Run:
    settings = workspace.settings.workspace
    default = FileMapping(row["kind"], row["source"], settings.zone, settings.currency)
    return Run(
        row["import_no"], Path(row["path"]), read_mapping(row["mapping"], default), row["state"],
        row["started_at"] or workspace.clock(), rejects_path=Path(row["rejects_path"]) if row["rejects_path"] else None,
    )  # fmt: skip


def _hash(path: Path, mapping: FileMapping) -> str:
    """Of the file and of those that are joined to it: a run goes on only with the same content."""
    found = hashlib.sha256()
    for one in (path, *(path.parent / join.file for join in mapping.join)):
        if one.exists():
            with one.open("rb") as file:
                found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()
