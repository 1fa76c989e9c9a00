"""Hours and days at which nobody is written to: by the clock on the person's own wall."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from schwung.core.clock import MINUTE, Instant, to_datetime, to_instant

Reason = Literal["quiet_hours", "holiday"]
_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Quiet:
    """begins, ends: local times between which nothing is sent, over midnight too; equal: no quiet hours.

    is_free: local days on which nothing is sent at all (holidays, Sundays).
    """

    begins: time
    ends: time
    is_free: Callable[[date], bool] = lambda day: False

    def reason(self, at: Instant, zone: str) -> Reason | None:
        """Why nothing may be sent at this moment; None: it may."""
        local = to_datetime(at).astimezone(_zone(zone))
        if self.is_free(local.date()):
            return "holiday"
        return "quiet_hours" if self._is_quiet(local.time()) else None

    def next_allowed(self, at: Instant, zone: str) -> Instant:
        """The first moment from `at` on at which something may be sent; `at` itself where it may now."""
        here, moment = _zone(zone), at
        for _ in range(2 * _MOST_DAYS):
            reason = self.reason(moment, zone)
            if reason is None:
                return moment
            local = to_datetime(moment).astimezone(here)
            if reason == "holiday":
                moment = first_moment(local.date() + timedelta(days=1), time(0), here, moment)
            else:
                moment = first_moment(local.date(), self.ends, here, moment)
        return moment

    def _is_quiet(self, local: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= local < self.ends
        return local >= self.begins or local < self.ends


def first_moment(day: date, at: time, zone: ZoneInfo, after: Instant) -> Instant:
    """The first moment later than `after` at which a wall clock, from this day on, shows `at`.

    An hour that comes twice counts twice. A time that a day leaves out is the moment of the leap.
    """
    while True:
        for fold in (0, 1):
            moment = to_instant(datetime.combine(day, at, zone).replace(fold=fold))
            shown = to_datetime(moment).astimezone(zone)
            if shown.replace(tzinfo=None) != datetime.combine(day, at):
                moment = _leap(day, zone, moment)
            if moment > after:
                return moment
        day += timedelta(days=1)


def _leap(day: date, zone: ZoneInfo, near: Instant) -> Instant:
    """The moment of that day at which the clocks jump forward, to the minute."""
    low, high = near - 180 * MINUTE, near + 180 * MINUTE
    before = to_datetime(low).astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = (low + high) // 2 // MINUTE * MINUTE
        if to_datetime(middle).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high // MINUTE * MINUTE


def day_starts(at: Instant, zone: str, back: int) -> tuple[Instant, ...]:
    """The beginnings of the local day at that moment and of `back` days before it, newest first."""
    here = _zone(zone)
    today = to_datetime(at).astimezone(here).date()
    return tuple(to_instant(datetime.combine(today - timedelta(days=n), time(0), here)) for n in range(back + 1))


def day_after(at: Instant, zone: str, days: int = 1) -> Instant:
    """The beginning of the local day so many days later."""
    here = _zone(zone)
    day = to_datetime(at).astimezone(here).date() + timedelta(days=days)
    return to_instant(datetime.combine(day, time(0), here))


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
