"""The files of a Delta table at a version, read forward from a version that is already known."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import msgspec
import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError


class _Add(msgspec.Struct):
    path: str
    size: int
    partitionValues: dict[str, str | None]
    stats: str | None = None


class _Remove(msgspec.Struct):
    path: str


class _Txn(msgspec.Struct):
    appId: str
    version: int


class _Action(msgspec.Struct):
    add: _Add | None = None
    remove: _Remove | None = None
    txn: _Txn | None = None


class _Range(msgspec.Struct):
    bucket: int | None = None
    batch_no: int | None = None
    version: int | None = None


class _Stats(msgspec.Struct):
    numRecords: int = 0
    minValues: _Range = msgspec.field(default_factory=_Range)
    maxValues: _Range = msgspec.field(default_factory=_Range)


_DIGITS = 20
_decode_action = msgspec.json.Decoder(_Action).decode
_decode_stats = msgspec.json.Decoder(_Stats).decode


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file: path within the table, tier, bytes, rows, lowest and highest bucket where it has one.

    newest: the latest batch that it holds rows of; None: not known.
    """

    path: str
    tier: str
    size: int
    rows: int
    low: int | None
    high: int | None
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """All files of a table at one version."""

    version: int
    files: Mapping[str, File]

    def of(self, tier: str) -> list[File]:
        return [file for file in self.files.values() if file.tier == tier]


def commit_path(folder: Path, version: int) -> Path:
    return folder / "_delta_log" / f"{version:0{_DIGITS}d}.json"


def newest_version(folder: Path) -> int | None:
    """By the names of commits and checkpoints alone; None where there is no table."""
    try:
        names = [path.name for path in (folder / "_delta_log").iterdir()]
    except FileNotFoundError:
        return None
    numbered = (name.partition(".") for name in names if name.endswith((".json", ".parquet")))
    return max((int(stem) for stem, _, _ in numbered if len(stem) == _DIGITS and stem.isdecimal()), default=None)


def newest_transaction(folder: Path, application: str, version: int, after: int) -> int | None:
    """An application's last transaction in the commits after one version up to another; None: there is none.

    FileNotFoundError when one of them has been cleaned away.
    """
    for step in range(version, after, -1):
        for line in commit_path(folder, step).read_bytes().splitlines():
            done = _decode_action(line).txn
            if done is not None and done.appId == application:
                return done.version
    return None


def list_files(folder: Path, version: int, known: Listing | None) -> Listing:
    """Files at `version`, from `known` by the commits in between, or by opening the table where that is not possible.

    FileNotFoundError when the log of that version has been cleaned away.
    """
    if known is not None and known.version == version:
        return known
    if known is not None and known.version < version:
        try:
            files = dict(known.files)
            for step in range(known.version + 1, version + 1):
                _apply(files, commit_path(folder, step))
            return Listing(version, files)
        except FileNotFoundError:
            pass
    return _open(folder, version)


def _apply(files: dict[str, File], commit: Path) -> None:
    for line in commit.read_bytes().splitlines():
        action = _decode_action(line)
        if action.remove is not None:
            files.pop(unquote(action.remove.path), None)
        if action.add is not None:
            file = _file(unquote(action.add.path), action.add)
            files[file.path] = file


def _file(path: str, add: _Add) -> File:
    stats = _decode_stats(add.stats) if add.stats else _Stats()
    tier = add.partitionValues.get("tier") or "tail"
    high = stats.maxValues
    newest = high.version if high.batch_no is None else high.batch_no
    return File(path, tier, add.size, stats.numRecords, stats.minValues.bucket, high.bucket, newest)


def _open(folder: Path, version: int) -> Listing:
    try:
        told = DeltaTable(folder, version=version).get_add_actions(flatten=True)
        actions = pa.RecordBatchReader.from_stream(told).read_all().to_pylist()  # `pa.table` would load pandas
    except DeltaError as error:
        raise FileNotFoundError(f"version {version} of {folder.name}") from error
    files = [
        File(
            row["path"],
            row["partition.tier"],
            row["size_bytes"],
            row["num_records"],
            row.get("min.bucket"),
            row.get("max.bucket"),
            row.get("max.version") if row.get("max.batch_no") is None else row["max.batch_no"],
        )
        for row in actions
    ]
    return Listing(version, {file.path: file for file in files})
