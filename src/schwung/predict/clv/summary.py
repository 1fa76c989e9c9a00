"""The purchase summary: frequency, recency, T of each customer, with spend; and the distinct rows that models are fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.clv.refuse import check_purchases, refuse_rows
from schwung.predict.clv.rows import Floats, Ints, Keyed, Rows, compress

DAYS = {"day": 1.0, "week": 7.0}


@dataclass(frozen=True, eq=False)
class PurchaseSummary:
    """One row per customer, or per group of equal customers.

    frequency: repeat purchases (days with a purchase after the first). recency: age at the last purchase. T: age at the end of
    observation; both in `unit`. count: customers of the row, if rows are groups. customers: whose row it is. spend: mean value
    of the repeat purchases, 0 where there is none. window: first and last day, in words. group: of customers who are told apart by
    what is known of them (grouped.py).
    """

    frequency: Ints
    recency: Floats
    T: Floats
    count: Floats | None = None
    customers: npt.NDArray | None = None
    spend: Floats | None = None
    unit: str = "day"
    window: tuple[str, str] | None = None
    group: Ints | None = None

    def __len__(self) -> int:
        return len(self.frequency)

    def __repr__(self) -> str:
        rows = self.distinct
        again = float(rows.count[rows.frequency > 0].sum())
        return (
            f"PurchaseSummary: {rows.customers:,.0f} customers ({len(rows):,} distinct), {again:,.0f} bought again, "
            f"{rows.purchases:,.0f} repeat purchases, ages up to {rows.T.max(initial=0):,.1f} {self.unit}s"
        )

    @classmethod
    def from_arrays(
        cls,
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        T: npt.ArrayLike,
        *,
        count: npt.ArrayLike | None = None,
        customers: npt.ArrayLike | None = None,
        spend: npt.ArrayLike | None = None,
        unit: str = "day",
        window: tuple[str, str] | None = None,
    ) -> "PurchaseSummary":
        """InputError that names the rows which cannot be."""
        x, t, age = (np.atleast_1d(np.asarray(values, np.float64)) for values in (frequency, recency, T))
        whose = None if customers is None else np.asarray(customers)
        check_purchases(x, t, age, None if whose is None else list(whose))
        counted = None if count is None else np.asarray(count, np.float64)
        spent = None if spend is None else np.asarray(spend, np.float64)
        for values in (counted, spent, whose):
            if values is not None and len(values) != len(x):
                raise InputError(
                    "purchase_lengths",
                    Text("All columns must be of one length.", "Alle Spalten müssen gleich lang sein."),
                    Text("Pass one value of each per customer.", "Übergeben Sie je Kunde einen Wert von jedem."),
                )
        if counted is not None:
            refuse_rows(
                ~(counted > 0), Text("A number of customers is not positive", "Eine Kundenzahl ist nicht positiv")
            )
        return cls(x.astype(np.int64), t, age, counted, whose, spent, unit, window)

    @classmethod
    def from_table(cls, table: Any, *, unit: str = "day", window: tuple[str, str] | None = None) -> "PurchaseSummary":
        """A table (Arrow or pandas) with frequency, recency, age and customers (how many), as the engine counts them."""
        x, t, age, counted = (np.asarray(table[name]) for name in ("frequency", "recency", "age", "customers"))
        return cls.from_arrays(x, t, age, count=counted, unit=unit, window=window)

    @classmethod
    def from_transactions(cls, *log: Any, **asked: Any) -> "PurchaseSummary":
        """See `summarize` in transactions.py."""
        from schwung.predict.clv.transactions import summarize

        return summarize(*log, **asked)

    @cached_property
    def _compressed(self) -> tuple[Rows, Keyed | None]:
        return compress(self.frequency, self.recency, self.T, self.count, self.group)

    @property
    def distinct(self) -> Rows:
        return self._compressed[0]

    @cached_property
    def place(self) -> Ints:
        """Distinct row of each row of the summary."""
        keyed = self._compressed[1]
        return np.arange(len(self)) if keyed is None else keyed.place

    def chosen(self, which: npt.NDArray | Sequence[int]) -> "PurchaseSummary":
        """These rows of it."""
        at = np.asarray(which)
        count, customers, spend, group = (
            None if values is None else values[at] for values in (self.count, self.customers, self.spend, self.group)
        )
        return PurchaseSummary(
            self.frequency[at], self.recency[at], self.T[at], count, customers, spend, self.unit, self.window, group
        )

    def in_weeks(self) -> "PurchaseSummary":
        """The same on a clock of weeks, exactly: days ÷ 7."""
        if self.unit == "week":
            return self
        return replace(self, recency=self.recency / 7, T=self.T / 7, unit="week")

    def week_preview(self) -> "PurchaseSummary":
        """Ages cut to whole weeks plus half a week: far fewer distinct rows, for a quick look; parameters shift by some per cent."""
        days = self.recency * DAYS[self.unit], self.T * DAYS[self.unit]
        recency, T = (np.floor(part / 7) + 0.5 for part in days)
        return replace(self, recency=np.where(self.frequency > 0, recency, 0.0), T=T, unit="week")
