"""Time as an argument. An instant is an int: microseconds since 1970-01-01 UTC."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Instant = int
Clock = Callable[[], Instant]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def system_clock() -> Instant:
    return time.time_ns() // 1_000


def to_instant(moment: datetime) -> Instant:
    """Microseconds of an aware datetime. ValueError for a naive one: its zone is unknown."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: Instant) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)
