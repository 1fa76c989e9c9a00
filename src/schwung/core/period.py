"""Calendar periods in a time zone: from local dates to instants and back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from schwung.core.clock import Instant, to_datetime, to_instant

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)


@cache
def zones() -> frozenset[str]:
    """All IANA names that this machine knows; looked up once, for it reads a folder tree."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since_on` to `until_on`, both within it, in `zone` (an IANA name)."""

    since_on: date
    until_on: date
    zone: str

    def __post_init__(self) -> None:
        if self.until_on < self.since_on:
            raise ValueError("a period ends before it starts")

    @property
    def since_at(self) -> Instant:
        """First instant within."""
        return start_of(self.since_on, self.zone)

    @property
    def until_at(self) -> Instant:
        """First instant after: a fact lies within when since_at <= instant < until_at."""
        return start_of(self.until_on + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        return (self.until_on - self.since_on).days + 1

    def before(self) -> "Period":
        """The period of the same length that ends the day before this one starts."""
        return Period(self.since_on - timedelta(days=self.days), self.since_on - timedelta(days=1), self.zone)

    def parts(self, unit: Unit) -> Iterator["Period"]:
        """Calendar units that touch this period, whole, oldest first."""
        day = first_day_of(self.since_on, unit)
        while day <= self.until_on:
            following = next_unit(day, unit)
            yield Period(day, following - timedelta(days=1), self.zone)
            day = following


def last_days(days: int, as_of: Instant, zone: str) -> Period:
    """The `days` local days that end with the day of `as_of`."""
    today = day_of(as_of, zone)
    return Period(today - timedelta(days=days - 1), today, zone)


def start_of(day: date, zone: str) -> Instant:
    return to_instant(datetime.combine(day, time(), tzinfo=ZoneInfo(zone)))


def day_of(instant: Instant, zone: str) -> date:
    return to_datetime(instant).astimezone(ZoneInfo(zone)).date()


def first_day_of(day: date, unit: Unit) -> date:
    """First day of the day, ISO week, month, quarter or year that holds `day`."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    return date(day.year, 1, 1) if unit == "year" else day


def next_unit(first_day: date, unit: Unit) -> date:
    longest = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[unit]
    return first_day_of(first_day + timedelta(days=longest), unit)
