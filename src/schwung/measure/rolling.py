"""Windows of equal length over counts by local day: the period, the one before, and every week of two years."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from schwung.core.clock import DAY
from schwung.core.period import Period
from schwung.measure.scope import Scope

_EPOCH = date(1970, 1, 1)
WEEKS = 104
"""Of the trend: a year, and the year before it."""
REACH = 8 * 366 * DAY
"""No local day further back than this before a period enters its figures: two years of trend and what each week of them
is compared with. It keeps statements short, since every change of the zone's clocks is an arm in them."""
Window = tuple[int, int]
"""First day within, first day after, as numbers of days since 1970."""


@dataclass(frozen=True, slots=True)
class Windows:
    """last: the last local day within, as a number of days since 1970. days: length of each window.

    apart: how many days the period that is compared with lies before; 0: it ends where this one starts.
    """

    last: int
    days: int
    apart: int = 0

    @classmethod
    def of(cls, period: Period, apart: int = 0) -> "Windows":
        return cls((period.until_on - _EPOCH).days, period.days, apart)

    def back(self, days: int) -> Window:
        """The window that ends so many days earlier."""
        return self.last - days - self.days + 1, self.last - days + 1

    @property
    def now(self) -> Window:
        return self.back(0)

    @property
    def before(self) -> Window:
        return self.back(self.apart or self.days)

    @property
    def trend(self) -> tuple[Window, ...]:
        """One a week, oldest first; the last one is `now`."""
        return tuple(self.back(7 * week) for week in reversed(range(WEEKS)))

    @property
    def first(self) -> int:
        """First day that any of them needs."""
        return min(self.trend[0][0], self.before[0])


def day_on(day: int) -> date:
    return _EPOCH + timedelta(days=day)


def local_day(scope: Scope, at: ir.IntegerValue) -> ir.IntegerValue:
    """Local day of an instant, as a number of days since 1970."""
    return scope.local(at, ever=True) // DAY


@dataclass(frozen=True, slots=True)
class ByDay:
    """Sums by local day (and by what else they are cut), as columns."""

    columns: Mapping[str, np.ndarray]
    _so_far: dict[str, tuple[int, np.ndarray]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pa.Table) -> "ByDay":
        return cls({name: rows[name].to_numpy(zero_copy_only=False) for name in rows.column_names})

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def within(self, window: Window) -> "ByDay":
        day = self["day"]
        return self.where((day >= window[0]) & (day < window[1]))

    def where(self, kept: Any) -> "ByDay":
        return ByDay({name: column[kept] for name, column in self.columns.items()})

    def total(self, name: str) -> float:
        return float(self[name].sum())

    def total_in(self, name: str, window: Window) -> float:
        """Sum of a column within a window; quick for many windows."""
        return self.before(name, window[1]) - self.before(name, window[0])

    def before(self, name: str, day: int) -> float:
        """Sum of a column over all days before one."""
        if not len(self):
            return 0.0
        if name not in self._so_far:
            first = int(self["day"].min())
            sums = np.bincount((self["day"] - first).astype(np.int64), self[name].astype(float))
            self._so_far[name] = first, np.concatenate([[0.0], np.cumsum(sums)])
        first, sums = self._so_far[name]
        return float(sums[min(max(day - first, 0), len(sums) - 1)])
