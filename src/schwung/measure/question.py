"""What is asked of a metric: a window in local days, cuts, the moment for which it holds, the kinds' settings."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from schwung.core.clock import DAY, Instant
from schwung.core.period import UNITS, Unit, day_of, start_of
from schwung.measure.valuation import Valuation

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one metric.

    since_on: first local day within; None: from the first fact on. until_on: last local day within.
    as_of: nothing that happened later is known.
    currency: amounts in another currency are left out of sums.
    first_at: no order or return is older, where that is known; it keeps the statements short.
    value: what the company says about margins, rates and customer value.
    """

    as_of: Instant
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
    by: tuple[str, ...] = ()
    since_on: date | None = None
    until_on: date | None = None
    dormant_after_days: int = 90
    lost_after_days: int = 180
    first_at: Instant | None = None
    value: Valuation = field(default=Valuation())

    @property
    def since_at(self) -> Instant | None:
        """First instant within the window; None: no lower end."""
        return None if self.since_on is None else start_of(self.since_on, self.zone)

    @property
    def until_at(self) -> Instant:
        """First instant after the window, never later than the one after `as_of`."""
        known = self.as_of + 1
        return known if self.until_on is None else min(known, start_of(self.until_on + timedelta(days=1), self.zone))

    @property
    def is_until_now(self) -> bool:
        """Whether all that is known is within: what is at hand reaches as far."""
        return self.until_at > self.as_of

    @property
    def last_day(self) -> date:
        today = day_of(self.as_of, self.zone)
        return today if self.until_on is None else min(today, self.until_on)

    @property
    def unit(self) -> Unit | None:
        """The calendar unit among the cuts."""
        return next((unit for unit in UNITS if unit in self.by), None)

    @property
    def dormant_after(self) -> int:
        """Microseconds."""
        return self.dormant_after_days * DAY

    @property
    def lost_after(self) -> int:
        """Microseconds."""
        return self.lost_after_days * DAY
