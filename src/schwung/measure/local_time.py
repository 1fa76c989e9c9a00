"""Wall-clock time on every engine: instants plus the zone's offsets, as plain integers.

No engine's own zone functions: a cast to a time zone is wrong on DuckDB and on Spark alike. The shifts come from
zoneinfo, the arithmetic is a CASE over them, newest first, so that recent facts meet their arm at once.
"""

from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from schwung.core.clock import DAY, SECOND, Instant, to_datetime
from schwung.core.period import Unit

_STEP = 5 * DAY
_YEAR = 366 * DAY
_FIRST = date(1970, 1, 1)
_FIRST_MONDAY = date(1969, 12, 29)


def _offset(instant: Instant, zone: ZoneInfo) -> int:
    shift = to_datetime(instant).astimezone(zone).utcoffset()
    return 0 if shift is None else shift // timedelta(microseconds=1)


@lru_cache(maxsize=64)
def shifts(zone: str, since_at: Instant, until_at: Instant) -> tuple[tuple[Instant, int], ...]:
    """(first instant, offset in µs) of every stretch of constant offset that touches the range, oldest first."""
    clock = ZoneInfo(zone)
    found = [(since_at, _offset(since_at, clock))]
    at = since_at
    while at < until_at:
        following = min(at + _STEP, until_at)
        if _offset(following, clock) != found[-1][1]:
            seconds = range(at // SECOND, following // SECOND + 1)
            before = found[-1][1]
            place = bisect_right(seconds, False, key=lambda second: _offset(second * SECOND, clock) != before)
            found.append((seconds[place] * SECOND, _offset(seconds[place] * SECOND, clock)))
        at = following
    return tuple(found)


def local_time(at: ir.IntegerValue, zone: str, since_at: Instant | None, until_at: Instant) -> ir.IntegerValue:
    """Microseconds of the wall clock in `zone`, counted like an instant. Right for instants within the range.

    since_at None: from 1970 on; the range is widened to whole years so that its shifts are worked out once.
    """
    first = 0 if since_at is None else since_at // _YEAR * _YEAR
    (_, oldest), *later = shifts(zone, first, (until_at // _YEAR + 1) * _YEAR)
    arms = [(at >= instant, ibis.literal(offset, "int64")) for instant, offset in reversed(later)]
    return at + (ibis.cases(*arms, else_=ibis.literal(oldest, "int64")) if arms else oldest)


def period_key(local: ir.IntegerValue, unit: Unit) -> ir.IntegerValue:
    """Number of the day, week, month, quarter or year in which a local time lies; `label` names it."""
    if unit == "day":
        return local // DAY
    if unit == "week":
        return (local + 3 * DAY) // (7 * DAY)
    day = ibis.date(_FIRST.isoformat()) + (local // DAY).as_interval("D")  # dates: timestamps take ten times as long
    year = day.year().cast("int64")
    if unit == "year":
        return year
    if unit == "quarter":
        return year * 4 + day.quarter().cast("int64") - 1
    return year * 12 + day.month().cast("int64") - 1


def key_of_day(day: date, unit: Unit) -> int:
    """The same number as `period_key`, for a date."""
    if unit == "day":
        return (day - _FIRST).days
    if unit == "week":
        return (day - _FIRST_MONDAY).days // 7
    if unit == "year":
        return day.year
    return day.year * 4 + (day.month - 1) // 3 if unit == "quarter" else day.year * 12 + day.month - 1


def first_day(key: int, unit: Unit) -> date:
    """First day of the period with that number."""
    if unit == "day":
        return _FIRST + timedelta(days=key)
    if unit == "week":
        return _FIRST_MONDAY + timedelta(days=7 * key)
    if unit == "year":
        return date(key, 1, 1)
    months = 3 if unit == "quarter" else 1
    per_year = 12 // months
    return date(key // per_year, key % per_year * months + 1, 1)


def label(key: int, unit: Unit) -> str:
    """ISO name of a period: 2026-11-21, 2026-W47, 2026-11, 2026-Q4, 2026."""
    day = first_day(key, unit)
    if unit == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if unit == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[unit]]


def day_of_label(text: str, unit: Unit) -> date:
    """First day of a period by its name."""
    if unit == "week":
        year, week = text.split("-W")
        return date.fromisocalendar(int(year), int(week), 1)
    if unit == "quarter":
        year, quarter = text.split("-Q")
        return date(int(year), int(quarter) * 3 - 2, 1)
    return date.fromisoformat((text + "-01-01")[:10])
