"""Days and their first instants in a zone, as tables to be joined, so that every engine has the same zone."""

from datetime import date, timedelta
from functools import lru_cache

import pyarrow as pa

from schwung.core.clock import Instant
from schwung.core.period import day_of, start_of

_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)


@lru_cache(maxsize=4)
def days(zone: str) -> pa.Table:
    """day (ISO), first_at: every day from 1900 to 2199."""
    every = [_FIRST + timedelta(days=nth) for nth in range((_LAST - _FIRST).days + 1)]
    first = pa.array([start_of(one, zone) for one in every], pa.int64())
    return pa.table({"day": [one.isoformat() for one in every], "first_at": first})


def anniversaries(zone: str, now: Instant) -> pa.Table:
    """day (MM-DD), last_at, next_at: first instants of the last anniversary, today's among them, and of the next one.

    29 February is 28 February in years that have none.
    """
    return _anniversaries(zone, day_of(now, zone))


@lru_cache(maxsize=4)
def _anniversaries(zone: str, today: date) -> pa.Table:
    every = [date(2000, 1, 1) + timedelta(days=nth) for nth in range(366)]
    around = [[_in_year(day, year) for year in range(today.year - 1, today.year + 2)] for day in every]
    last = [start_of(max(one for one in days if one <= today), zone) for days in around]
    following = [start_of(min(one for one in days if one > today), zone) for days in around]
    columns = {"last_at": pa.array(last, pa.int64()), "next_at": pa.array(following, pa.int64())}
    return pa.table({"day": [day.isoformat()[5:] for day in every], **columns})


def _in_year(day: date, year: int) -> date:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not leap else date(year, day.month, day.day)
