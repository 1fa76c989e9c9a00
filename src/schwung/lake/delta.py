"""Delta tables in a folder: append once per batch, list, fold, erase, leave no byte behind."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from schwung.collect.arrow import arrow_schema
from schwung.collect.files import Files
from schwung.collect.table import Table
from schwung.lake.fold import Fold, choose, write_fold
from schwung.lake.log import File, Listing, commit_path, list_files, newest_transaction, newest_version
from schwung.lake.rows import Written, copy_without, count_of, described, sync, write_rows

APPLICATION = "mirror"
ERASURE = "erasure"
CHECKPOINT_EVERY = 100
_LOG_STAYS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""For a commit that nobody publishes: a checkpoint at it would take the published version out of the log."""
READ_HOURS = 1
"""Files that no version needs any more stay this long: the longest time that a query may take."""
KNOWN = 4
_AT_ONCE = 4
"""Tables appended to side by side: most of the time goes by waiting for the disk."""


class DeltaLake:
    """ports.Lake on one folder. Readers may share it between threads; who writes holds the lane's lease."""

    def __init__(self, root: Path, tables: Mapping[str, Table]) -> None:
        self.root = root
        self.tables = tables
        self._open: dict[str, DeltaTable] = {}
        self._seen: dict[str, object] = {}
        self._known: dict[str, dict[int, Listing]] = {}
        self._batches: dict[str, tuple[int, int]] = {}
        self._locks: dict[str, threading.RLock] = defaultdict(threading.RLock)

    def append_all(self, tables: Mapping[str, pa.Table], batch_no: int) -> None:
        """`append` to many tables. Where one fails the others are complete; a repeat brings the rest."""
        filled = {name: rows for name, rows in tables.items() if rows.num_rows}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(lambda name: self.append(name, filled[name], batch_no), filled):
                pass

    def append(self, table: str, rows: pa.Table, batch_no: int) -> None:
        """Rows of one batch, in the tail. The same batch a second time, or an older one, changes nothing.

        Within one batch a key occurs once. Delta itself does not refuse a repeated transaction: checked here first.
        """
        if rows.num_rows == 0:
            return
        with self._locks[table]:
            delta = self._table(table)
            done = delta.transaction_version(APPLICATION)
            if done is not None and done >= batch_no:
                return
            added = self._write(table, rows)
            self._commit(table, added, transaction=Transaction(APPLICATION, batch_no))

    def last_batch(self) -> int:
        """The highest batch number that any table has seen; 0 for an empty lake."""
        return max((_last_batch(self, name, version) for name, version in self.versions().items()), default=0)

    def versions(self) -> dict[str, int]:
        found = {name: newest_version(self.root / name) for name in self.tables}
        return {name: version for name, version in found.items() if version is not None}

    def files(
        self, table: str, version: int, buckets: Sequence[int] | None = None, *, since: int | None = None
    ) -> Files:
        """Paths at `version`; with `buckets`, without the files that hold none of them and nothing newer of their rows; with
        `since`, without those that hold nothing of a later batch: who asks for later rows alone misses none of them.

        FileNotFoundError when the version has been cleaned away: take the newest snapshot.
        """
        listing = self.listing(table, version)
        # The largest first: DuckDB takes the rows of the first file for those of each, and joins by what it expects.
        wanted = sorted(listing.files.values(), key=lambda file: -file.rows)
        if buckets is not None:
            newer = "tail" if self.tables[table].key else ""  # a later version may lie in another bucket
            wanted = [file for file in wanted if file.tier == newer or _holds(file, buckets)]
        if since is not None:
            wanted = [file for file in wanted if file.newest is None or file.newest > since]
        folder = str(self.root / table)
        paths: dict[str, list[str]] = {"base": [], "tail": []}
        for file in wanted:
            paths[file.tier].append(f"{folder}/{file.path}")
        return Files(tuple(paths["base"]), tuple(paths["tail"]))

    def listing(self, table: str, version: int) -> Listing:
        """Files with sizes, rows and buckets."""
        known = self._known.get(table, {})
        start = max((step for step in known if step <= version), default=None)
        listing = list_files(self.root / table, version, None if start is None else known[start])
        kept = sorted({*known, version})[-KNOWN:]
        self._known[table] = {step: listing if step == version else known[step] for step in kept}
        return listing

    def compact(self, table: str, *, always: bool = False) -> bool:
        """Fold, commit and clean in one go; see `fold` and `finish` for the way that hardly holds up the lane."""
        fold = self.fold(table, always=always)
        return fold is not None and self.finish(fold)

    def fold(self, table: str, *, always: bool = False) -> Fold | None:
        """Write the folded files beside the table, without making them part of it; None where it does not pay.

        Needs no lease: what is appended meanwhile stays in the tail.
        """
        if not self.tables[table].is_folded or not self._exists(table):
            return None
        version = self._table(table).version()
        choice = choose(self.listing(table, version), always=always)
        return None if choice is None else write_fold(self.root, self.tables[table], choice)

    def finish(self, fold: Fold) -> bool:
        """Put folded files in the place of their sources, in one commit. False when a source is gone (erased)."""
        with self._locks[fold.table]:
            delta = self._table(fold.table)
            listing = self.listing(fold.table, delta.version())
            if any(file.path not in listing.files for file in fold.sources):
                for path in fold.written:
                    (self.root / fold.table / path).unlink(missing_ok=True)
                return False
            added = [
                described(self.root / fold.table, self.tables[fold.table], fold.tier, path) for path in fold.written
            ]
            self._commit(fold.table, added, removed=fold.sources, changes_data=False)
            return True

    def erase(
        self,
        table: str,
        column: str,
        ids: Sequence[int],
        replace: pa.Table | None = None,
        *,
        batch_no: int | None = None,
    ) -> int:
        """Delete the rows whose column is among ids; `replace` takes their place in the same commit. Rows deleted.

        The values of a deleted row appear nowhere in the commit. batch_no: a second time changes nothing.
        """
        if replace is None and not self._exists(table):
            return 0
        with self._locks[table]:
            delta = self._table(table)
            done = delta.transaction_version(ERASURE)
            if batch_no is not None and done is not None and done >= batch_no:
                return 0
            added, removed, deleted = self._without(table, column, pa.array(ids, pa.int64()))
            if replace is not None and replace.num_rows:
                added += self._write(table, replace)
            if added or removed:
                transaction = None if batch_no is None else Transaction(ERASURE, batch_no)
                self._commit(table, added, removed=removed, transaction=transaction)
            return deleted

    def purge(self) -> None:
        """Leave no byte of what was deleted: checkpoint, drop older commits, vacuum fully.

        Publish the newest versions before: older ones cannot be read any more, and a query that runs may fail.
        """
        for table in self.tables:
            self.clean(table, hours=0)
        for folder in self.root.glob("_*"):  # a killed process may have left some; a live one keeps its files open
            for path in folder.rglob("*.*"):
                path.unlink(missing_ok=True)

    def clean(self, table: str, hours: int = READ_HOURS) -> int:
        """Drop the log before the newest version, and files that no reader can need. Files deleted.

        The newest version must be published.
        """
        if not self._exists(table):
            return 0
        with self._locks[table]:
            delta = self._table(table)
            delta.create_checkpoint()
            delta.cleanup_metadata()
            # Only listed by Delta: its own vacuum commits, and such a commit may take the published version out of the log.
            gone = delta.vacuum(hours, dry_run=True, enforce_retention_duration=False, full=True)
            for path in gone:
                (self.root / table / path).unlink(missing_ok=True)
            self._open.pop(table)
            return len(gone)

    # How a table is opened, written and committed.

    def _exists(self, table: str) -> bool:
        return table in self._open or _is_made(self.root / table)

    def _table(self, name: str) -> DeltaTable:
        """The table at its newest version; created by its declaration when it is new."""
        folder = self.root / name
        with self._locks[name]:
            cleaned = _cleaned(folder)
            if name in self._open:
                if self._seen[name] == cleaned and not commit_path(folder, self._open[name].version() + 1).exists():
                    return self._open[name]
                try:
                    self._open[name].update_incremental()
                except DeltaError:  # another process cleaned the commits between that version and the newest
                    del self._open[name]
            if name not in self._open:
                made = _is_made(folder)
                self._open[name] = DeltaTable(folder) if made else self._create(folder, self.tables[name])
            self._seen[name] = cleaned
            return self._open[name]

    def _widen(self, name: str) -> None:
        """Columns that came after the table become part of its schema when it is next written to."""
        delta, declared = self._open[name], self.tables[name]
        late = {column.name for column in declared.columns if column.late}
        missing = late - {field.name for field in delta.schema().fields} if late else late
        if missing:
            shape = Schema.from_arrow(arrow_schema(declared))
            late_fields = [field for field in shape.fields if field.name in missing]
            delta.alter.add_columns(late_fields, post_commithook_properties=_LOG_STAYS)

    def _create(self, folder: Path, table: Table) -> DeltaTable:
        open_columns = [name for name in table.names if name not in table.personal]
        return DeltaTable.create(
            folder,
            arrow_schema(table).append(pa.field("tier", pa.string(), False)),
            mode="ignore",
            partition_by=["tier"],
            name=table.name,
            description=table.title.en,
            configuration={
                "delta.dataSkippingStatsColumns": ",".join(open_columns),
                "delta.logRetentionDuration": "interval 0 days",
                "delta.deletedFileRetentionDuration": f"interval {READ_HOURS} hours",
                "delta.checkpointInterval": str(CHECKPOINT_EVERY),
            },
        )

    def _write(self, table: str, rows: pa.Table) -> list[Written]:
        declared = self.tables[table]
        return write_rows(self.root / table, declared, "tail", rows.cast(arrow_schema(declared)))

    def _commit(
        self,
        table: str,
        added: Iterable[Written],
        *,
        removed: Iterable[File] = (),
        transaction: Transaction | None = None,
        changes_data: bool = True,
    ) -> None:
        self._widen(table)
        delta = self._open[table]
        now = time.time_ns() // 1_000_000
        actions: list[AddAction | RemoveAction] = [
            AddAction(file.path, file.size, {"tier": file.tier}, now, changes_data, file.stats) for file in added
        ]
        actions += [RemoveAction(file.path, changes_data, now, file.size, {"tier": file.tier}) for file in removed]
        delta.create_write_transaction(
            actions,
            "append",
            delta.schema(),
            partition_by=["tier"],
            commit_properties=CommitProperties(app_transactions=[transaction] if transaction else None),
            post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
        )
        delta.update_incremental()
        sync(commit_path(self.root / table, delta.version()))
        sync(self.root / table / "_delta_log")

    def _without(self, table: str, column: str, ids: pa.Array) -> tuple[list[Written], list[File], int]:
        """The files that hold any of the ids, written anew without those rows."""
        added, removed, deleted = [], [], 0
        for file in self.listing(table, self._open[table].version()).files.values():
            count = count_of(self.root / table / file.path, column, ids)
            if count:
                removed.append(file)
                deleted += count
                if count < file.rows:
                    added.append(copy_without(self.root / table, self.tables[table], file, column, ids))
        return added, removed, deleted


def _last_batch(lake: DeltaLake, table: str, version: int) -> int:
    """From the commits since it was last asked for: to open a table costs a hundred times as much."""
    known, batch_no = lake._batches.get(table, (-1, 0))
    if version < known:  # another lake lies there now
        known, batch_no = -1, 0
    try:
        found = newest_transaction(lake.root / table, APPLICATION, version, known)
    except FileNotFoundError:
        found = lake._table(table).transaction_version(APPLICATION)
    lake._batches[table] = version, batch_no if found is None else found
    return lake._batches[table][1]


def _is_made(folder: Path) -> bool:
    """Whether the first commit came: a kill before it leaves the log's folder, and that is no table."""
    return commit_path(folder, 0).exists() or (folder / "_delta_log" / "_last_checkpoint").exists()


def _cleaned(folder: Path) -> object:
    """What changes when a table's older commits are dropped: then a missing next commit does not mean that none came."""
    try:
        found = (folder / "_delta_log" / "_last_checkpoint").stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _holds(file: File, buckets: Sequence[int]) -> bool:
    low, high = file.low, file.high
    return low is None or high is None or any(low <= bucket <= high for bucket in buckets)
