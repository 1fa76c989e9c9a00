"""The same expression gives the same, right number on every engine; each known difference has its rule and its test."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from schwung.app.facts import as_timestamp
from schwung.app.ports import Engine
from schwung.app.wiring import TABLES
from schwung.collect.arrow import arrow_schema
from schwung.collect.files import Files
from schwung.collect.table import Column, Table
from schwung.core.clock import DAY, HOUR, SECOND, to_instant
from schwung.core.stable_hash import bucket_of
from schwung.lake.delta import DeltaLake
from schwung.measure.local_time import label, local_time, period_key
from tests.engines import lacks, start

BERLIN = "Europe/Berlin"


def rows(engine: Engine, table: ir.Table) -> list[dict[str, Any]]:
    return engine.run(table).to_pylist()


def value(engine: Engine, scalar: ir.Scalar) -> Any:
    return rows(engine, scalar.name("found").as_table())[0]["found"]


def numbers(engine: Engine, **columns: list[Any]) -> ir.Table:
    types = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string(), Decimal: pa.decimal128(18, 3)}
    arrays = {}
    for name, values in columns.items():
        first = next((value for value in values if value is not None), 0)
        arrays[name] = pa.array(values, types[type(first)])
    return engine.memtable(pa.table(arrays), "numbers")


_SAMPLES: dict[str, Callable[[int], Any]] = {
    "int64": lambda nth: (nth - 2) * 4_611_686_018_427_387_000 // 2,
    "int32": lambda nth: nth - 1,
    "string": lambda nth: ["", 'Ärger; "quoted"\nnext', "🐎", "a" * 300][nth % 4],
    "bool": lambda nth: nth % 2 == 0,
    "float64": lambda nth: nth / 7,
    "quantity": lambda nth: Decimal("123456789012345.678") * (nth - 2),
}


def sample(column: Column, count: int) -> list[Any]:
    """Different values, also extreme ones; nulls where the column allows them. Keys and versions are small."""
    values = [_SAMPLES[column.type](nth) for nth in range(count)]
    return values if column.required else [None, *values[1:]]


def sample_rows(table: Table, count: int = 5) -> pa.Table:
    columns = {column.name: sample(column, count) for column in table.columns}
    for column in table.columns:
        if column.name in table.key:
            numbers = [nth * 1_000_003 for nth in range(count)]
            columns[column.name] = [str(one) for one in numbers] if column.type == "string" else numbers
    if table.key:
        columns["version"] = [1] * count
    return pa.table(columns, schema=arrow_schema(table))


@pytest.fixture
def lake(tmp_path: Path) -> DeltaLake:
    return DeltaLake(tmp_path / "lake", TABLES)


def files(lake: DeltaLake, name: str) -> Files:
    return lake.files(name, lake.versions()[name])


@pytest.mark.parametrize("name", TABLES)
def test_every_fact_table_comes_back_as_it_was_written(name: str, lake: DeltaLake, engine: Engine) -> None:
    """Half from the base, half from the tail, where the table is folded: another writer wrote each."""
    table = TABLES[name]
    written = sample_rows(table)
    lake.append(name, written.slice(0, 3), 1)
    assert lake.compact(name, always=True) == table.is_folded
    lake.append(name, written.slice(3), 2)
    lie = files(lake, name)
    assert lie.tail and bool(lie.base) == table.is_folded
    read = engine.run(engine.table(lie, table))
    assert read.column_names == list(table.names)
    assert [field.type for field in read.schema] == [field.type for field in arrow_schema(table)]
    order = [(column, "ascending") for column in table.key or table.sort]
    assert read.sort_by(order).to_pylist() == written.sort_by(order).to_pylist()


def test_tables_without_files_are_empty_and_have_their_columns(engine: Engine) -> None:
    empty = {name: engine.table(Files(), table) for name, table in TABLES.items()}
    assert {name: table.columns for name, table in empty.items()} == {name: one.names for name, one in TABLES.items()}
    read = engine.run(ibis.union(*(table.aggregate(count=table.count()) for table in empty.values())))
    assert read["count"].to_pylist() == [0] * len(TABLES)


def test_a_table_without_files_has_the_types_of_one_with_files(lake: DeltaLake, engine: Engine) -> None:
    lake.append("returns", sample_rows(TABLES["returns"]), 1)
    full, empty = engine.table(files(lake, "returns"), TABLES["returns"]), engine.table(Files(), TABLES["returns"])
    assert full.schema() == empty.schema()
    assert engine.run(full.union(empty)).num_rows == 5


def test_the_latest_version_of_each_key_is_read(lake: DeltaLake, engine: Engine) -> None:
    table = TABLES["identities"]

    def identities(version: int, of: dict[int, int]) -> pa.Table:
        columns = {"identifier_id": list(of), "customer_id": list(of.values()), "version": [version] * len(of)}
        return pa.table(columns, schema=arrow_schema(table))

    lake.append("identities", identities(1, {1: 1, 2: 2, 3: 3}), 1)
    lake.compact("identities", always=True)
    lake.append("identities", identities(2, {2: 1, 4: 4}), 2)
    lake.append("identities", identities(3, {2: 2, 4: 1, 5: 5}), 3)
    found = rows(engine, engine.table(files(lake, "identities"), table))
    assert {row["identifier_id"]: row["customer_id"] for row in found} == {1: 1, 2: 2, 3: 3, 4: 1, 5: 5}
    assert len(found) == 5


def test_rows_of_a_few_people_are_found_among_all(lake: DeltaLake, engine: Engine) -> None:
    """Order 2 went from person 7 to person 8 with its second version, order 4 came back to 7 with its third."""
    table = TABLES["orders"]

    def append(version: int, of: dict[int, int]) -> None:
        rows = sample_rows(table).slice(0, len(of))
        buckets = [bucket_of(one) for one in of.values()]
        told = {
            "order_key": list(of),
            "identifier_id": list(of.values()),
            "bucket": buckets,
            "version": [version] * len(of),
        }
        for name, values in told.items():
            rows = rows.set_column(rows.column_names.index(name), name, pa.array(values, rows.schema.field(name).type))
        lake.append("orders", rows.cast(arrow_schema(table)), version)

    def of(*people: int) -> dict[int, int]:
        lie = lake.files("orders", lake.versions()["orders"], [bucket_of(one) for one in people])
        found = rows(engine, engine.table(lie, table, people).select("order_key", "version"))
        assert len(found) == len({row["order_key"] for row in found})
        return {row["order_key"]: row["version"] for row in found}

    append(1, {1: 7, 2: 7, 3: 8, 4: 7})
    lake.compact("orders", always=True)
    append(2, {2: 8, 4: 9, 5: 7})
    append(3, {4: 7, 6: 10})
    assert of(7) == {1: 1, 4: 3, 5: 2}
    assert of(8, 9) == {2: 2, 3: 1}


def test_a_session_has_its_own_tables(engine: Engine) -> None:
    other = engine.session()
    table = engine.memtable(pa.table({"n": [1, 2]}), "things")
    twin = other.memtable(pa.table({"n": [3]}), "things")
    assert value(engine, table.n.sum()) == 3
    assert value(other, twin.n.sum()) == 3
    other.close()
    assert value(engine, table.n.sum()) == 3


# What engines do differently, each with the rule that makes them equal.

MOMENTS = {
    "2026-03-29T00:59:59": "2026-03",  # 01:59:59 in winter, a second before the clock springs
    "2026-03-31T21:59:59": "2026-03",
    "2026-03-31T22:00:00": "2026-04",  # midnight in summer
    "2026-10-31T22:59:59": "2026-10",
    "2026-10-31T23:00:00": "2026-11",  # midnight in winter
    "2025-12-31T22:59:59": "2025-12",
    "2025-12-31T23:00:00": "2026-01",
    "1980-04-05T23:30:00": "1980-04",
    "1999-12-31T23:00:00": "2000-01",
}


def test_months_are_those_of_the_wall_clock(engine: Engine) -> None:
    moments = [to_instant(datetime.fromisoformat(text).replace(tzinfo=UTC)) for text in MOMENTS]
    table = numbers(engine, happened_at=moments)
    local = local_time(table.happened_at, BERLIN, None, max(moments))
    found = rows(engine, table.select("happened_at", month=period_key(local, "month"), local=local))
    assert {row["happened_at"]: label(row["month"], "month") for row in found} == dict(
        zip(moments, MOMENTS.values(), strict=True)
    )
    for row in found:
        clock = datetime.fromtimestamp(row["happened_at"] / SECOND, ZoneInfo(BERLIN)).replace(tzinfo=UTC)
        assert row["local"] == to_instant(clock)


def test_weeks_and_days_are_those_of_the_wall_clock(engine: Engine) -> None:
    monday = to_instant(datetime(2026, 11, 15, 23, tzinfo=UTC))  # midnight in Berlin
    table = numbers(engine, happened_at=[monday - 1, monday])
    local = local_time(table.happened_at, BERLIN, None, monday)
    found = rows(engine, table.select(week=period_key(local, "week"), day=period_key(local, "day")).order_by("day"))
    assert [label(row["week"], "week") for row in found] == ["2026-W46", "2026-W47"]
    assert [label(row["day"], "day") for row in found] == ["2026-11-15", "2026-11-16"]


def test_another_release_of_duckdb_may_lack_what_is_not_public(tmp_path: Path) -> None:
    class Other:
        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> Any:
            if name == "_submit":
                raise AttributeError(name)
            return getattr(self._connection, name)

    engine: Any = start("duckdb", tmp_path)
    engine._connection = Other(engine._connection)
    assert rows(engine, numbers(engine, a=[1, 2]).agg(a=ibis._.a.sum())) == [{"a": 3}]
    engine.close()


def test_the_zone_is_utc(engine: Engine) -> None:
    table = numbers(engine, seconds=[1_767_225_599, 1_767_225_600])  # 2025-12-31 23:59:59 UTC and the second after
    found = rows(engine, table.select(year=table.seconds.as_timestamp("s").year()).order_by("year"))
    assert [row["year"] for row in found] == [2025, 2026]


def test_instants_shown_as_timestamps_keep_their_microseconds(engine: Engine) -> None:
    moment = datetime(2040, 2, 29, 23, 59, 59, 123_457, tzinfo=UTC)
    table = numbers(engine, happened_at=[to_instant(moment)])
    shown = rows(engine, table.select(moment=as_timestamp(table.happened_at)))[0]["moment"]
    assert shown.replace(tzinfo=UTC) == moment


def test_windows_are_whole_numbers(engine: Engine) -> None:
    """Timestamp minus timestamp is an interval that does not come back; instants subtract like numbers."""
    table = numbers(engine, first=[0, DAY - 1], later=[30 * DAY, 30 * DAY])
    found = rows(
        engine, table.select(days=(table.later - table.first) // DAY, is_within=table.later - table.first <= 30 * DAY)
    )
    assert sorted((row["days"], row["is_within"]) for row in found) == [(29, True), (30, True)]


def test_seconds_past_2038(engine: Engine) -> None:
    table = numbers(engine, happened_at=[5_000_000_000 * SECOND + 700_000])
    assert value(engine, (table.happened_at // SECOND).max()) == 5_000_000_000


def test_division_goes_through_nullif(engine: Engine) -> None:
    table = numbers(engine, part=[1, -7, 5], whole=[0, 2, 2])
    safe = table.whole.nullif(0)
    found = rows(
        engine, table.select("part", share=table.part / safe, times=table.part // safe, rest=table.part % safe)
    )
    by_part = {row["part"]: row for row in found}
    assert by_part[1] == {"part": 1, "share": None, "times": None, "rest": None}
    assert by_part[5]["share"] == 2.5 and by_part[5]["times"] == 2 and by_part[5]["rest"] == 1
    assert by_part[-7]["share"] == -3.5 and by_part[-7]["times"] == -4


@lacks("spark", "ANSI mode raises where DuckDB answers infinity or NaN: the reason for nullif")
def test_a_bare_division_by_zero_answers(engine: Engine) -> None:
    table = numbers(engine, part=[1.0], whole=[0.0])
    engine.run(table.select(share=table.part / table.whole))


def test_floats_become_whole_numbers_by_floor(engine: Engine) -> None:
    floors = {3.5: 3, -3.5: -4, 2.999999: 2, -0.5: -1}
    table = numbers(engine, number=[*floors])
    found = rows(engine, table.select("number", floor=table.number.floor().cast("int64")))
    assert {row["number"]: row["floor"] for row in found} == floors


def test_money_is_summed_in_minor_units_and_divided_once(engine: Engine) -> None:
    table = numbers(engine, amount_minor=[10, 20, 30, 9_007_199_254_740_993])
    assert value(engine, table.amount_minor.sum()) == 9_007_199_254_741_053
    thirds = numbers(engine, amount_minor=[10, 10, 11])
    assert value(engine, thirds.amount_minor.sum().cast("float64") / 3) == pytest.approx(31 / 3, rel=1e-15)


def test_a_sum_beyond_64_bits_is_loud(engine: Engine) -> None:
    table = numbers(engine, amount_minor=[2**62, 2**62, 2**62])
    with pytest.raises(Exception, match=r"(?i)overflow|out of range|out of bounds|ARITHMETIC|convert"):
        engine.run(table.aggregate(total=table.amount_minor.sum()))


def test_quantities_sum_exactly(engine: Engine) -> None:
    table = numbers(engine, quantity=[Decimal("0.1"), Decimal("0.2"), Decimal("999999999999.999")])
    assert Decimal(value(engine, table.quantity.sum())) == Decimal("1000000000000.299")


def test_ties_break_by_a_total_order(engine: Engine) -> None:
    table = numbers(engine, customer_id=[1, 1, 1, 2], happened_at=[5, 5, 4, 7], event_no=[1, 2, 3, 4])
    window = ibis.window(group_by="customer_id", order_by=[table.happened_at.desc(), table.event_no.desc()])
    ranked = table.mutate(nth=ibis.row_number().over(window))
    newest = rows(engine, ranked.filter(ranked.nth == 0).select("customer_id", "event_no"))
    assert {row["customer_id"]: row["event_no"] for row in newest} == {1: 2, 2: 4}


def test_running_sums_with_ties(engine: Engine) -> None:
    table = numbers(engine, happened_at=[1, 2, 2, 3], event_no=[1, 2, 3, 4], amount=[10, 20, 30, 40])
    window = ibis.window(order_by=[table.happened_at, table.event_no], preceding=(None, 0))
    found = rows(engine, table.select("event_no", so_far=table.amount.sum().over(window)))
    assert {row["event_no"]: row["so_far"] for row in found} == {1: 10, 2: 30, 3: 60, 4: 100}


def test_order_of_nulls_is_stated(engine: Engine) -> None:
    table = numbers(engine, name=["b", None, "a", "Z", "ä"])
    last = rows(engine, table.order_by(ibis.asc("name")))
    first = rows(engine, table.order_by(ibis.asc("name", nulls_first=True)))
    assert [row["name"] for row in last] == ["Z", "a", "b", "ä", None]
    assert [row["name"] for row in first] == [None, "Z", "a", "b", "ä"]


def test_nulls_in_groups_joins_and_counts(engine: Engine) -> None:
    table = numbers(engine, channel=["email", None, None], amount=[1, 2, 4])
    grouped = rows(engine, table.group_by("channel").agg(total=table.amount.sum(), count=table.count()))
    assert {row["channel"]: (row["total"], row["count"]) for row in grouped} == {"email": (1, 1), None: (6, 2)}
    twin = numbers(engine, channel=["email", None], word=["E-Mail", "?"])
    assert value(engine, table.join(twin, "channel").count()) == 1
    assert value(engine, table.channel.nunique()) == 1
    assert value(engine, table.filter(table.channel != "email").count()) == 0
    empty = table.filter(table.amount > 99)
    assert value(engine, empty.amount.sum()) is None
    assert value(engine, empty.count()) == 0


def test_nulls_arrive_as_nulls_not_as_nan(engine: Engine) -> None:
    table = numbers(engine, key=[1, 2], share=[0.5, None], amount=[None, 3])
    found = engine.run(table.order_by("key"))
    assert found["share"].to_pylist() == [0.5, None]
    assert found["amount"].type == pa.int64() and found["amount"].to_pylist() == [None, 3]


def test_conditional_sums_and_counts(engine: Engine) -> None:
    table = numbers(engine, is_net=[True, False, None], amount=[1, 2, 4])
    found = rows(
        engine,
        table.aggregate(net=table.amount.sum(where=table.is_net), count=table.is_net.sum(), mean=table.amount.mean()),
    )
    assert found == [{"net": 1, "count": 1, "mean": pytest.approx(7 / 3)}]


def test_median_quantile_and_spread(engine: Engine) -> None:
    table = numbers(engine, amount=[1.0, 2.0, 4.0, 8.0])
    found = rows(
        engine,
        table.aggregate(median=table.amount.median(), upper=table.amount.quantile(0.75), spread=table.amount.std()),
    )
    assert found[0]["median"] == 3.0 and found[0]["upper"] == 5.0
    assert found[0]["spread"] == pytest.approx(3.0956959368344519)
    one = table.filter(table.amount == 1.0)
    assert value(engine, one.amount.std()) is None


def test_text_is_compared_by_code_point(engine: Engine) -> None:
    table = numbers(engine, name=["Übung", "übung", "straße"])
    found = rows(engine, table.select("name", upper=table.name.upper(), lower=table.name.lower()))
    assert {row["name"]: (row["upper"], row["lower"]) for row in found}["übung"] == ("ÜBUNG", "übung")
    assert value(engine, table.name.nunique()) == 3


def test_periods_agree_with_the_calendar(engine: Engine) -> None:
    """Every sixth hour of two years, on the engine and by zoneinfo."""
    zone = ZoneInfo(BERLIN)
    start = to_instant(datetime(2025, 1, 1, tzinfo=UTC))
    moments = [start + step * 6 * HOUR for step in range(2 * 366 * 4)]
    table = numbers(engine, happened_at=moments)
    local = local_time(table.happened_at, BERLIN, None, moments[-1])
    by_calendar: dict[Any, Callable[[date], str]] = {
        "day": lambda day: day.isoformat(),
        "week": lambda day: f"{day.isocalendar()[0]}-W{day.isocalendar()[1]:02d}",
        "month": lambda day: f"{day:%Y-%m}",
        "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
        "year": lambda day: f"{day.year}",
    }
    found = rows(engine, table.select("happened_at", **{unit: period_key(local, unit) for unit in by_calendar}))
    wrong = [
        (row, unit)
        for row in found
        for unit, name_of in by_calendar.items()
        if label(row[unit], unit) != name_of(datetime.fromtimestamp(row["happened_at"] / SECOND, zone).date())
    ]
    assert len(found) == len(moments) and not wrong
