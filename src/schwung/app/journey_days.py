"""Days on profiles as instants: for steps that wait for one, and for triggers by one."""

import json
from datetime import date, time, timedelta

from schwung.act.local_time import instant_of
from schwung.act.trigger import OnDay
from schwung.core.clock import DAY, Instant
from schwung.core.period import day_of


def instant_of_day(value: str | None, moment: time, zone: str, before: int) -> Instant | None:
    """Of a trait as the store has it (JSON), at a local time, so long before. None: it is no day."""
    try:
        day = date.fromisoformat(str(json.loads(value or "null"))[:10])
    except ValueError:
        return None
    if before % DAY == 0:
        return instant_of(day - timedelta(days=before // DAY), moment, zone)
    return instant_of(day, moment, zone) - before


def days_asked(trigger: OnDay, moment: Instant, zone: str) -> tuple[tuple[str, ...], int]:
    """Which days on profiles a trigger means at a moment, as texts, and where in an ISO date they stand (from 1).

    Who is born on 29 February has the 28th in other years.
    """
    day = day_of(moment, zone) - timedelta(days=trigger.offset_days)
    if not trigger.is_yearly:
        return (day.isoformat(),), 1
    found = [day.isoformat()[5:]]
    is_leap = (date(day.year, 3, 1) - timedelta(days=1)).day == 29
    if (day.month, day.day) == (2, 28) and not is_leap:
        found.append("02-29")
    return tuple(found), 6
