"""Local periods against zoneinfo, over daylight saving and New Year, on DuckDB (Spark: the contract suite)."""

import random
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest

from schwung.core.clock import HOUR, MINUTE, to_datetime, to_instant
from schwung.core.period import UNITS, Unit, day_of, first_day_of
from schwung.measure.local_time import day_of_label, first_day, key_of_day, label, local_time, period_key, shifts

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "Africa/Casablanca")


def moments(zone: str) -> list[int]:
    """Random ones, and those around every shift of two years, midnight and New Year."""
    rng = random.Random(1)
    first, last = (to_instant(datetime(year, 1, 1, tzinfo=UTC)) for year in (2019, 2027))
    found = [rng.randrange(first, last) for _ in range(300)]
    edges = [at for at, _ in shifts(zone, first, last)]
    edges += [to_instant(datetime(year, 1, 1, tzinfo=ZoneInfo(zone))) for year in range(2020, 2027)]
    return found + [edge + step for edge in edges for step in (-HOUR, -1, 0, 1, 30 * MINUTE, HOUR)]


@pytest.mark.parametrize("zone", ZONES)
def test_periods_are_those_of_zoneinfo(zone: str) -> None:
    instants = moments(zone)
    table = ibis.memtable(pa.table({"moment": pa.array(instants, pa.int64())}))
    local = local_time(table.moment, zone, None, max(instants) + 1)
    keys = ibis.duckdb.connect().to_pyarrow(
        table.select("moment", local=local, **{f"{unit}_key": period_key(local, unit) for unit in UNITS})
    )
    for row in keys.to_pylist():
        wall = to_datetime(row["moment"]).astimezone(ZoneInfo(zone))
        assert row["local"] == to_instant(wall.replace(tzinfo=UTC)), (zone, wall)
        for unit in UNITS:
            first = first_day_of(day_of(row["moment"], zone), unit)
            assert row[f"{unit}_key"] == key_of_day(first, unit)
            assert first_day(row[f"{unit}_key"], unit) == first


@pytest.mark.parametrize("unit", UNITS)
def test_labels_read_back(unit: Unit) -> None:
    for day in (date(2024, 12, 30), date(2026, 1, 1), date(2026, 11, 21), date(1970, 1, 1)):
        name = label(key_of_day(day, unit), unit)
        assert day_of_label(name, unit) == first_day_of(day, unit)
    wanted = {"day": "2026-11-21", "week": "2026-W47", "month": "2026-11", "quarter": "2026-Q4", "year": "2026"}
    assert label(key_of_day(date(2026, 11, 21), unit), unit) == wanted[unit]
