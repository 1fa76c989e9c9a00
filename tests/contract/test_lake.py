"""The lake keeps its promises: once per batch, the same rows before and after folding, nothing left after erasure."""

import json
import os
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schwung.app.ports import Lake
from schwung.app.wiring import TABLES
from schwung.collect.arrow import rows_of
from schwung.core.stable_hash import bucket_of
from schwung.lake import delta
from schwung.lake import fold as folding
from schwung.lake.delta import DeltaLake
from schwung.lake.engines.duckdb import DuckDBEngine
from schwung.lake.fold import choose, ranges
from schwung.lake.log import File, Listing, list_files

SECRET = "anna.example@kaffeehaus.test"


@pytest.fixture
def lake(tmp_path: Path) -> DeltaLake:
    made: Lake = DeltaLake(tmp_path / "lake", TABLES)
    assert isinstance(made, DeltaLake)
    return made


def orders(of: dict[int, int], version: int, *, identifier_id: int = 7, note: str | None = None) -> pa.Table:
    """Orders with their amounts."""
    count = len(of)
    columns = {
        "order_key": list(of),
        "source": ["shop"] * count,
        "order_id": [f"o{key}" for key in of],
        "identifier_id": [identifier_id] * count,
        "bucket": [bucket_of(identifier_id)] * count,
        "ordered_at": [1_000_000 + key for key in of],
        "currency": ["EUR"] * count,
        "amount_minor": list(of.values()),
        "is_net": [True] * count,
        "is_cancelled": [False] * count,
        "note": [note] * count,
        "version": [version] * count,
    }
    return rows_of(TABLES["orders"], columns)


def events(numbers: Iterable[int], batch_no: int, *, properties: str = "{}") -> pa.Table:
    numbers = list(numbers)
    identifiers = [number * 31 % 257 for number in numbers]
    columns = {
        "event_no": numbers,
        "name": ["page_viewed"] * len(numbers),
        "happened_at": [number * 7919 % 10_007 for number in numbers],
        "received_at": numbers,
        "source": ["web"] * len(numbers),
        "identifier_id": [one or None for one in identifiers],
        "bucket": [bucket_of(one) if one else -1 for one in identifiers],
        "properties": [properties] * len(numbers),
        "batch_no": [batch_no] * len(numbers),
    }
    return rows_of(TABLES["events"], columns)


@cache
def _engine() -> DuckDBEngine:
    return DuckDBEngine(memory="300MB")


def read(lake: DeltaLake, table: str, version: int | None = None) -> list[dict[str, object]]:
    engine = _engine().session()
    try:
        files = lake.files(table, lake.versions()[table] if version is None else version)
        key = TABLES[table].key or ("event_no",)
        return engine.run(engine.table(files, TABLES[table]).order_by(list(key))).to_pylist()
    finally:
        engine.close()


def amounts(lake: DeltaLake, version: int | None = None) -> dict[object, object]:
    rows = read(lake, "orders", version)
    found = {row["order_key"]: row["amount_minor"] for row in rows}
    assert len(found) == len(rows), "a key occurs twice"
    return found


# Appending.


def test_a_batch_is_appended_once(lake: DeltaLake) -> None:
    lake.append("orders", orders({1: 10}, 1), 1)
    lake.append("orders", orders({1: 10}, 1), 1)
    assert lake.versions() == {"orders": 1}
    lake.append("orders", orders({2: 20}, 2), 2)
    lake.append("orders", orders({1: 99}, 1), 1)
    assert amounts(lake) == {1: 10, 2: 20}


def test_a_new_process_knows_what_was_appended(lake: DeltaLake) -> None:
    lake.append("orders", orders({1: 10}, 5), 5)
    lake.clean("orders")
    other = DeltaLake(lake.root, TABLES)
    other.append("orders", orders({1: 99}, 5), 5)
    other.append("orders", orders({2: 20}, 6), 6)
    lake.append("orders", orders({2: 99}, 6), 6)
    assert amounts(lake) == amounts(other) == {1: 10, 2: 20}


def test_rows_are_appended_whole_or_not_at_all(lake: DeltaLake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.append("orders", orders({1: 10}, 1), 1)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(DeltaLake, "_commit", die)
        with pytest.raises(KeyboardInterrupt):
            lake.append("orders", orders({2: 20}, 2), 2)
    assert amounts(lake) == {1: 10}
    lake.append("orders", orders({2: 20}, 2), 2)
    assert amounts(lake) == {1: 10, 2: 20}


def test_no_rows_make_no_version(lake: DeltaLake) -> None:
    lake.append("orders", orders({}, 1), 1)
    assert lake.versions() == {}
    assert not lake.compact("orders")
    assert lake.erase("orders", "identifier_id", [7]) == 0
    lake.purge()


def test_wrong_types_are_refused(lake: DeltaLake) -> None:
    with pytest.raises((pa.ArrowInvalid, ValueError)):
        lake.append("identities", pa.table({"identifier_id": [1], "customer_id": ["x"], "version": [1]}), 1)
    with pytest.raises((pa.ArrowInvalid, ValueError)):
        lake.append("identities", pa.table({"identifier_id": [1]}), 1)
    assert lake.versions().get("identities", 0) == 0


def test_a_table_whose_making_was_broken_off_is_made_anew(lake: DeltaLake) -> None:
    (lake.root / "orders" / "_delta_log").mkdir(parents=True)
    assert "orders" not in lake.versions() and lake.last_batch() == 0
    lake.append("orders", orders({1: 1}, 1), 1)
    assert amounts(lake) == {1: 1}


# Versions and folding.


def test_an_older_snapshot_stays_readable_while_files_are_folded(lake: DeltaLake) -> None:
    for batch_no in range(1, 6):
        lake.append("orders", orders({batch_no: batch_no, 99: batch_no}, batch_no), batch_no)
    before = lake.files("orders", 3)
    assert lake.compact("orders", always=True)
    assert amounts(lake, 3) == {1: 1, 2: 2, 3: 3, 99: 3}
    lake.clean("orders")
    assert all(Path(path).exists() for path in before.tail), "a reader may still be at it"
    assert amounts(lake) == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 99: 5}
    with pytest.raises(FileNotFoundError):
        DeltaLake(lake.root, TABLES).files("orders", 3)


def test_files_go_when_no_reader_can_need_them(lake: DeltaLake) -> None:
    lake.append("orders", orders({1: 1}, 1), 1)
    gone = lake.files("orders", 1).tail
    lake.append("orders", orders({2: 2}, 2), 2)
    lost = lake.root / "orders" / "tier=tail" / "never-committed.parquet"
    pq.write_table(orders({3: 3}, 3), lost)
    lake.compact("orders", always=True)
    long_ago = time.time() - 2 * 3600
    for path in (*gone, lost):
        os.utime(path, (long_ago, long_ago))
    lake.clean("orders", hours=0)
    assert not any(Path(path).exists() for path in gone) and not lost.exists()
    assert amounts(lake) == {1: 1, 2: 2}


def test_what_is_published_can_be_read_after_every_cleaning(lake: DeltaLake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a commit of the cleaning itself is one at which Delta makes a checkpoint and drops what lies before."""
    monkeypatch.setattr(delta, "CHECKPOINT_EVERY", 3)
    for batch_no in range(1, 7):
        lake.append("orders", orders({batch_no: batch_no}, batch_no), batch_no)
        assert lake.compact("orders", always=True)
        published = lake.versions()["orders"]
        lake.clean("orders", hours=0)
        assert DeltaLake(lake.root, TABLES).files("orders", published)


@pytest.mark.parametrize("seed", range(2))
def test_folding_changes_nothing_that_a_reader_sees(
    seed: int, lake: DeltaLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random versions, folds into tail and base in between, erasures; against a plain dictionary."""
    chance = random.Random(seed)
    monkeypatch.setattr(folding, "SMALL_FILES", 3)
    monkeypatch.setattr(folding, "PRESSING_ROWS", 40)
    monkeypatch.setattr(folding, "RANGE_ROWS", 25)
    expected: dict[object, object] = {}
    owner: dict[int, int] = {}
    folds = 0
    for batch_no in range(1, 25):
        identifier_id = chance.randrange(1, 6)
        fresh = {chance.randrange(80): chance.randrange(1000) for _ in range(chance.randrange(1, 20))}
        lake.append("orders", orders(fresh, batch_no, identifier_id=identifier_id), batch_no)
        expected |= fresh
        owner |= dict.fromkeys(fresh, identifier_id)
        if chance.random() < 0.6:
            folds += lake.compact("orders", always=chance.random() < 0.2)
        if chance.random() < 0.1:
            keys = [key for key, one in owner.items() if one == identifier_id]
            lake.erase("orders", "order_key", keys)
            expected = {key: amount for key, amount in expected.items() if key not in keys}
            owner = {key: one for key, one in owner.items() if key not in keys}
        assert amounts(lake) == expected
    assert folds >= 3
    assert amounts(DeltaLake(lake.root, TABLES)) == expected


def test_events_are_sorted_by_bucket_and_person(lake: DeltaLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "RANGE_ROWS", 20_000)
    for batch_no in range(1, 4):
        lake.append("events", events(range(batch_no * 20_000, (batch_no + 1) * 20_000), batch_no), batch_no)
    before = read(lake, "events")
    assert lake.compact("events", always=True)
    files = lake.files("events", lake.versions()["events"])
    assert read(lake, "events") == before and not files.tail and len(files.base) == 3
    sizes = [pq.read_metadata(path).num_rows for path in files.base]
    assert sizes == sorted(sizes, reverse=True), "an engine takes the first one's size for that of all"
    highest = -2
    for path in sorted(files.base, key=lambda path: pq.read_metadata(path).row_group(0).column(8).statistics.min):
        rows = pq.read_table(path, partitioning=None).to_pylist()
        order = [(row["bucket"], row["identifier_id"] or 0, row["happened_at"], row["event_no"]) for row in rows]
        assert order == sorted(order) and order[0][0] > highest
        highest = order[-1][0]
        metadata = pq.read_metadata(path)
        assert all(metadata.row_group(group).num_rows <= 20_480 for group in range(metadata.num_row_groups))
        assert metadata.row_group(0).column(0).compression == "ZSTD"
    one = lake.files("events", lake.versions()["events"], [bucket_of(31)])
    assert len(one.base) == 1


def test_who_asks_for_later_rows_opens_only_files_that_hold_some(lake: DeltaLake) -> None:
    for batch_no in (1, 2, 3):
        lake.append("events", events(range(batch_no * 10, batch_no * 10 + 10), batch_no), batch_no)
    for known in (lake, DeltaLake(lake.root, TABLES)):  # by the commits, and by a table that is opened anew
        version = known.versions()["events"]
        found = [path for since in (0, 1, 2, 3) for path in [known.files("events", version, since=since).tail]]
        assert [len(paths) for paths in found] == [3, 2, 1, 0]
        (last,) = found[2]
        assert set(pq.read_table(last, partitioning=None)["batch_no"].to_pylist()) == {3}
    assert lake.compact("events", always=True)
    version = lake.versions()["events"]
    assert len(lake.files("events", version, since=2).base) == 1, "folded: earlier rows are among them"
    assert not lake.files("events", version, since=3).base


def test_a_reader_of_touches_finds_them_in_row_groups_of_their_own(lake: DeltaLake) -> None:
    for batch_no in (1, 2):
        rows = events(range(batch_no * 30_000, (batch_no + 1) * 30_000), batch_no)
        said = ["email" if number % 10 == 0 else None for number in rows["event_no"].to_pylist()]
        names = ["referral_accepted" if number % 10 == 5 else "page_viewed" for number in rows["event_no"].to_pylist()]
        for column, values in (("channel", said), ("name", names)):
            rows = rows.set_column(rows.schema.get_field_index(column), rows.field(column), pa.array(values))
        lake.append("events", rows, batch_no)
    before = read(lake, "events")
    assert lake.compact("events", always=True) and read(lake, "events") == before
    (path,) = lake.files("events", lake.versions()["events"]).base
    file = pq.ParquetFile(path)
    sought = []
    for group in range(file.num_row_groups):
        found = file.read_row_group(group, columns=["channel", "name"]).to_pylist()
        sought.append(sum(row["channel"] is not None or row["name"] == "referral_accepted" for row in found))
    assert sum(sought) == 12_000 and sought[0] == 12_000, sought


def test_wide_rows_are_folded_in_smaller_steps(lake: DeltaLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "MEMORY", "24MB")
    place = TABLES["events"].names.index("properties")
    for batch_no in range(1, 9):
        numbers = range(batch_no * 2_000, (batch_no + 1) * 2_000)
        wide = pa.array([random.Random(number).randbytes(1_000).hex() for number in numbers])
        lake.append("events", events(numbers, batch_no).set_column(place, "properties", wide), batch_no)
    assert lake.compact("events", always=True)
    files = lake.files("events", lake.versions()["events"])
    assert len(files.base) > 1 and not files.tail
    assert sorted(pa.concat_tables(map(_numbers, files.base))["event_no"].to_pylist()) == list(range(2_000, 18_000))


def _numbers(path: str) -> pa.Table:
    return pq.read_table(path, columns=["event_no"], partitioning=None)


def test_what_comes_while_files_are_folded_stays(lake: DeltaLake) -> None:
    lake.append("orders", orders({1: 1, 2: 2}, 1), 1)
    fold = lake.fold("orders", always=True)
    lake.append("orders", orders({2: 20, 3: 30}, 2), 2)
    assert fold is not None and lake.finish(fold)
    assert amounts(lake) == {1: 1, 2: 20, 3: 30}


def test_folding_gives_way_to_an_erasure(lake: DeltaLake) -> None:
    lake.append("orders", orders({1: 1}, 1, identifier_id=7), 1)
    lake.append("orders", orders({2: 2}, 2, identifier_id=8), 2)
    fold = lake.fold("orders", always=True)
    lake.erase("orders", "identifier_id", [7])
    assert fold is not None and not lake.finish(fold)
    assert amounts(lake) == {2: 2}
    assert not any((lake.root / "orders" / path).exists() for path in fold.written)


def listing(base: Sequence[int], tail: Sequence[int]) -> Listing:
    files = [File(f"b{nth}", "base", 1, rows, None, None) for nth, rows in enumerate(base)]
    files += [File(f"t{nth}", "tail", 1, rows, None, None) for nth, rows in enumerate(tail)]
    return Listing(1, {file.path: file for file in files})


@pytest.mark.parametrize(
    ("base", "tail", "tier", "count"),
    [
        ([], [], None, 0),
        ([1_000_000], [], None, 0),
        ([], [10], None, 0),
        ([], [3_200] * 32, "base", 32),
        ([1_000_000], [10] * 31, None, 0),
        ([1_000_000], [10] * 32, "tail", 32),
        ([1_000_000], [10] * 100 + [249_000], "base", 102),
        ([4_000_000], [300_000, *[10] * 32], "tail", 32),
        ([4_000_000], [1_000_000], "base", 2),
        ([], [525_461], "base", 1),
    ],
)
def test_when_folding_pays(base: list[int], tail: list[int], tier: str | None, count: int) -> None:
    choice = choose(listing(base, tail))
    assert (choice and choice.tier, len(choice.sources) if choice else 0) == (tier, count)


@pytest.mark.parametrize("rows", [0, 1, 1_500_000, 4_000_000, 20_000_000, 10**9])
def test_ranges_cover_every_bucket_once(rows: int) -> None:
    found = list(ranges(TABLES["events"], rows))
    assert list(ranges(TABLES["identities"], rows)) == [(None, None)]
    if len(found) > 1:
        covered = [bucket for low, high in found for bucket in range(low or 0 if low != -1 else -1, (high or 0) + 1)]
        assert covered == list(range(-1, 64))


def test_files_are_listed_forward_as_by_opening(lake: DeltaLake) -> None:
    known = None
    for batch_no in range(1, 8):
        lake.append("events", events(range(batch_no * 10, batch_no * 10 + 10), batch_no), batch_no)
        if batch_no == 4:
            lake.compact("events", always=True)
        known = list_files(lake.root / "events", lake.versions()["events"], known)
        assert known == list_files(lake.root / "events", lake.versions()["events"], None)


# Erasure.


def decoded(root: Path) -> Iterator[tuple[Path, str]]:
    """Every file of the lake as raw bytes, and Parquet files (data and checkpoints) also as values."""
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        yield path, path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            yield path, str(pq.read_metadata(path)) + str(pq.ParquetFile(path).metadata.metadata)
            yield (
                path,
                json.dumps(
                    duckdb.sql(f"select * from read_parquet('{path}', hive_partitioning = false)").fetchall(),
                    default=str,
                ),
            )


def holding(root: Path, text: str) -> set[str]:
    return {path.name for path, content in decoded(root) if text in content}


def test_erasure_leaves_no_byte(lake: DeltaLake) -> None:
    secret = json.dumps({"email": SECRET})
    for batch_no in (1, 3, 5):
        mine = orders({batch_no: 5}, batch_no, identifier_id=7, note=SECRET)
        lake.append("orders", mine, batch_no)
        lake.append("orders", orders({batch_no + 1: 5}, batch_no + 1, identifier_id=8, note="other"), batch_no + 1)
        lake.append("events", events([31 * batch_no, 8], batch_no, properties=secret), batch_no)
    lake.compact("orders", always=True)
    lake.append("orders", orders({7: 5}, 20, identifier_id=7, note=SECRET), 20)
    assert holding(lake.root, SECRET), "the test would see it"
    stayed = orders({1: 5, 3: 5, 5: 5, 7: 5}, 21, identifier_id=1_000)
    assert lake.erase("orders", "identifier_id", [7], stayed, batch_no=21) == 4
    people = {row["identifier_id"] for row in read(lake, "events")}
    assert lake.erase("events", "identifier_id", sorted(people), batch_no=21) == 6  # type: ignore[type-var]
    lake.purge()
    assert holding(lake.root, SECRET) == set()
    assert sorted(amounts(lake)) == [1, 2, 3, 4, 5, 6, 7]  # type: ignore[type-var]
    assert {row["identifier_id"] for row in read(lake, "orders")} == {8, 1_000}


def test_personal_columns_have_no_statistics(lake: DeltaLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "CHECKPOINT_EVERY", 5)
    for batch_no in range(1, 8):  # past a checkpoint
        lake.append("orders", orders({batch_no: 5}, batch_no, note=SECRET), batch_no)
    log = lake.root / "orders" / "_delta_log"
    assert list(log.glob("*.checkpoint.parquet"))
    assert holding(log, SECRET) == set()
    assert holding(log, "amount_minor"), "others have"


def test_an_erasure_is_done_once_per_batch(lake: DeltaLake) -> None:
    lake.append("orders", orders({1: 5, 2: 5}, 1, identifier_id=7), 1)
    fresh = orders({1: 5}, 2, identifier_id=9)
    assert lake.erase("orders", "identifier_id", [7], fresh, batch_no=2) == 2
    assert lake.erase("orders", "identifier_id", [7], fresh, batch_no=2) == 0
    assert amounts(lake) == {1: 5}
    assert sum(file.rows for file in lake.listing("orders", lake.versions()["orders"]).files.values()) == 1


def test_erasure_copies_other_rows_exactly(lake: DeltaLake) -> None:
    lake.append("events", events(range(50_000), 1), 1)
    before = [row for row in read(lake, "events") if row["identifier_id"] != 31]
    assert lake.erase("events", "identifier_id", [31]) == 50_000 - len(before)
    assert read(lake, "events") == before
    footer = pq.read_metadata(lake.files("events", lake.versions()["events"]).tail[0])
    assert footer.num_row_groups == 3
