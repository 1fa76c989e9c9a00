"""Batches into the lake, exactly once: fixed in the store, appended to every table, published in one commit."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakSet

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc as ipc

from schwung.app.lane import Held
from schwung.app.ports import Store, Transaction
from schwung.app.profiles import NewTraits, changed_tables
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.errors import SetupError
from schwung.core.text import Text

KEPT_SNAPSHOTS = 1_000
KEPT_BATCH_DAYS = 30

FactTables = Mapping[str, pa.Table]
_agreeing: WeakSet[Store] = WeakSet()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The versions at which all tables agree. last_fact_at: the newest moment that a fact speaks of."""

    batch_no: int
    published_at: Instant
    tables: Mapping[str, int]
    last_fact_at: Instant | None


def open_batch(
    tx: Transaction, held: Held, kind: str, now: Instant, *, event_count: int = 0, staging: str | None = None
) -> int:
    """Fix a batch in the store, within the commit that decides what it holds. Its number.

    kind: events, import, manual, models, erasure. Finish an unfinished batch before.
    """
    held.fence(tx)
    batch_no = int(tx.value("store.draw", name="batch", count=1))
    tx.run(
        "mirror.open_batch", batch_no=batch_no, kind=kind, now=now, event_count=event_count, staging=staging
    )  # fmt: skip
    return batch_no


def stage(workspace: Workspace, name: str, tables: FactTables) -> None:
    """Lay rows down safely under `files/staging/<name>` before the batch is fixed; `publish` takes them away again."""
    folder = _staging(workspace, name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for table, rows in tables.items():
        if rows.num_rows:
            with (folder / f"{table}.arrow").open("wb") as file:
                with ipc.new_file(file, rows.schema) as writer:
                    writer.write_table(rows)
                file.flush()
                os.fsync(file.fileno())
    _sync_folder(folder)


def staged(workspace: Workspace, name: str) -> dict[str, pa.Table]:
    """What `stage` laid down."""
    found = {}
    for path in sorted(_staging(workspace, name).glob("*.arrow")):
        with pa.memory_map(str(path)) as file:
            found[path.stem] = ipc.open_file(file).read_all()
    return found


def publish(
    workspace: Workspace,
    held: Held,
    batch_no: int,
    tables: FactTables,
    also: Callable[[Transaction], object] | None = None,
) -> Snapshot:
    """Append the batch's rows and let readers see them, all tables at once. A repeat after a crash adds nothing.

    also: what must change in the store in the same commit.
    """
    workspace.lake.append_all(tables, batch_no)
    versions = workspace.lake.versions()
    now = workspace.clock()
    newest = _last_fact_at(workspace, tables, now)
    with workspace.store.write() as tx:
        held.fence(tx)
        before = newest_snapshot(tx)
        known = [moment for moment in (newest, before.last_fact_at if before else None) if moment is not None]
        snapshot = Snapshot(batch_no, now, versions, max(known, default=None))
        row = tx.row("mirror.batch", batch_no=batch_no)
        if tx.run("mirror.close_batch", batch_no=batch_no, now=now):
            tx.run(
                "mirror.publish", batch_no=batch_no, now=now, tables=json.dumps(versions), last_fact_at=snapshot.last_fact_at
            )  # fmt: skip
            if also is not None:
                also(tx)
    if row is not None and row["staging"]:
        shutil.rmtree(_staging(workspace, row["staging"]), ignore_errors=True)
    return snapshot


def publish_beside(
    workspace: Workspace, held: Held, batch_no: int, tables: FactTables, new: NewTraits | None = None
) -> Snapshot:
    """`publish` with what the batch changed in identities and profiles: that is read while the facts are written.

    new: what its new customers have told, where that is at hand.
    """
    with ThreadPoolExecutor(1) as pool:
        changed = pool.submit(_changed, workspace, batch_no, new)
        workspace.lake.append_all(tables, batch_no)
        everything = {**changed.result(), **tables}
    return publish(workspace, held, batch_no, everything)


def _changed(workspace: Workspace, batch_no: int, new: NewTraits | None) -> dict[str, pa.Table]:
    with workspace.store.read() as tx:
        return changed_tables(tx, batch_no, new)


def republish(workspace: Workspace, held: Held) -> None:
    """Point the newest snapshot at the newest versions, after folding or cleaning: other files, the same rows.

    No batch may be open.
    """
    versions = workspace.lake.versions()
    with workspace.store.write() as tx:
        held.fence(tx)
        snapshot = newest_snapshot(tx)
        if snapshot is not None:
            tx.run("mirror.republish", batch_no=snapshot.batch_no, tables=json.dumps(versions))
            tx.run("mirror.prune_snapshots", before=snapshot.batch_no - KEPT_SNAPSHOTS)
            tx.run(
                "mirror.prune_batches", before=workspace.clock() - KEPT_BATCH_DAYS * DAY, newest=snapshot.batch_no
            )  # fmt: skip


def newest_snapshot(tx: Transaction) -> Snapshot | None:
    row = tx.row("mirror.snapshot")
    if row is None:
        return None
    return Snapshot(row["batch_no"], row["published_at"], json.loads(row["tables"]), row["last_fact_at"])


def finish_open_batch(workspace: Workspace, held: Held) -> bool:
    """Bring a batch to its end that a crash left open: from its chunks, or from staging. False when there is none."""
    from schwung.app.mirror import mirror_batch

    refuse_newer_lake(workspace)
    with workspace.store.read() as tx:
        batch = tx.row("mirror.unfinished")
    if batch is None:
        return False
    if batch["kind"] == "events":
        mirror_batch(workspace, held, batch["batch_no"])
    elif batch["kind"] == "erasure":
        from schwung.app.forget import finish_erasures

        finish_erasures(workspace, held)
    elif batch["kind"] == "models":
        from schwung.app.model_write import finish_training

        finish_training(workspace, held, batch["batch_no"])
    else:
        rows = staged(workspace, batch["staging"]) if batch["staging"] else {}
        publish_beside(workspace, held, batch["batch_no"], rows)
    return True


def refuse_newer_lake(workspace: Workspace) -> None:
    """SetupError when the lake holds batches that the store has not begun: their numbers would be taken for done."""
    if workspace.store in _agreeing:
        return
    seen = workspace.lake.last_batch()
    with workspace.store.read() as tx:
        begun = tx.value("store.counter", name="batch") or 0
    if seen > begun:
        raise SetupError(
            "lake_newer_than_store",
            Text(
                en="The lake holds batch {seen}, but the store only knows {begun}: they come from different moments.",
                de="Der Datensee enthält Stapel {seen}, der Speicher kennt nur {begun}: sie stammen von verschiedenen Zeitpunkten.",
            ).fill(seen=seen, begun=begun),
            Text(
                en="Restore store and lake from the same backup.",
                de="Speicher und Datensee aus derselben Sicherung einspielen.",
            ),
        )
    _agreeing.add(workspace.store)


def _last_fact_at(workspace: Workspace, tables: FactTables, now: Instant) -> Instant | None:
    """The newest moment in the batch that has come already."""
    found = []
    for name, rows in tables.items():
        time = workspace.lake.tables[name].time
        if time is not None and rows.num_rows:
            moments = rows[time]
            newest = pc.max(moments.filter(pc.less_equal(moments, now))).as_py()
            found += [] if newest is None else [newest]
    return max(found, default=None)


def _staging(workspace: Workspace, name: str) -> Path:
    return workspace.files_folder / "staging" / name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
