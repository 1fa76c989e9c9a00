"""What was known at a day, beside what came after it: purchases up to a day are known, those after it are held out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from schwung.predict.clv.grouped import Grouped
from schwung.predict.clv.process import Process
from schwung.predict.clv.rows import Floats, Ints
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.clv.transactions import Purchases, day_number


@dataclass(frozen=True, eq=False)
class HeldOut:
    """summary: customers as known at the end of day `cut` (since 1970), or groups of equal ones. actual: purchases of a customer of
    each row in the `days` after it. columns: what was known of them from the start, by name."""

    summary: PurchaseSummary
    actual: Floats
    cut: int
    days: int
    columns: Mapping[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> Floats:
        """Customers of each row."""
        return np.ones(len(self.summary)) if self.summary.count is None else self.summary.count

    @property
    def customers(self) -> int:
        return round(float(self.count.sum()))

    def chosen(self, at: Ints) -> "HeldOut":
        """These rows of it."""
        columns = {name: np.asarray(values)[at] for name, values in self.columns.items()}
        return HeldOut(self.summary.chosen(at), self.actual[at], self.cut, self.days, columns)

    def grouped(self, process: Process) -> "HeldOut":
        """The same for a process that tells customers apart, or does not."""
        group = process.place(self.columns) if isinstance(process, Grouped) else None
        return replace(self, summary=replace(self.summary, group=group))

    def some(self, most: int) -> Ints:
        """Every so many-th row where there are more than `most`: enough to tell models apart."""
        step = -(-len(self.summary) // most)
        return np.arange(step // 2, len(self.summary), max(step, 1))


def hold_out(log: Purchases, cut: int | str | date, until: int | str | date | None = None) -> HeldOut:
    """Of a log. cut, until: days since 1970, or dates. until: default the last day of the log."""
    known = cut if isinstance(cut, int) else day_number(cut)
    end = int(log.day.max()) if until is None else until if isinstance(until, int) else day_number(until)
    summary = log.summary(known)
    place = np.full(len(log.names), -1)
    place[np.unique(log.who[log.day <= known])] = np.arange(len(summary))
    rows = ~log.is_first & (place[log.who] >= 0) & (log.day > known) & (log.day <= end)
    actual = np.bincount(place[log.who[rows]], minlength=len(summary)).astype(np.float64)
    return HeldOut(summary, actual, known, end - known)
