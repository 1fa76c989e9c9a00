"""Local moments in a time zone: the next one after an instant, right at both ends of summer time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schwung.core.clock import Instant, to_datetime, to_instant


def instant_of(day: date, moment: time, zone: str) -> Instant:
    """A local time as an instant. Of a time that comes twice the first; of one that never comes the first instant after it."""
    local = datetime.combine(day, moment, ZoneInfo(zone))
    found = local.astimezone(UTC)
    if found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None):
        return to_instant(found)
    # In the gap: fold=0 counts with the offset of before, so what lies after the gap is as far after it as was asked.
    before, after = local.replace(fold=1).utcoffset(), local.replace(fold=0).utcoffset()
    assert before is not None and after is not None
    low, high = sorted((to_instant(local.replace(fold=0)), to_instant(local.replace(fold=1))))
    offset = to_datetime(low).astimezone(ZoneInfo(zone)).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if to_datetime(middle).astimezone(ZoneInfo(zone)).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def next_moment(
    now: Instant, zone: str, moment: time, *, until: time | None = None, weekdays: Sequence[int] = ()
) -> Instant:
    """The next instant, now among them, at which it is `moment` there on one of the weekdays (0: Monday; empty: any).

    until: the moment opens a window that ends then; within the window it is now. A window may go over midnight and belongs to the
    day on which it opens.
    """
    today = to_datetime(now).astimezone(ZoneInfo(zone)).date()
    for nth in range(-1, 9):
        day = today + timedelta(days=nth)
        if weekdays and day.weekday() not in weekdays:
            continue
        opens = instant_of(day, moment, zone)
        if until is not None:
            closing = day if until > moment else day + timedelta(days=1)
            if opens <= now < instant_of(closing, until, zone):
                return now
        if opens >= now:
            return opens
    raise AssertionError("a week holds every weekday")


def next_monthly(now: Instant, zone: str, moment: time, day_of_month: int) -> Instant:
    """The next instant, now among them, at that time of that day of a month; of shorter months the last day."""
    today = to_datetime(now).astimezone(ZoneInfo(zone)).date()
    year, month = today.year, today.month
    for _ in range(3):
        following = date(year + month // 12, month % 12 + 1, 1)
        last = (following - timedelta(days=1)).day
        found = instant_of(date(year, month, min(day_of_month, last)), moment, zone)
        if found >= now:
            return found
        year, month = following.year, following.month
    raise AssertionError("two months hold every day")
