"""From a log of transactions to the purchase summary: purchases of one day are one purchase, the first one opens the clock."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.clv.refuse import refuse_rows
from schwung.predict.clv.rows import Floats, Ints
from schwung.predict.clv.summary import PurchaseSummary

Days = npt.NDArray[np.datetime64]


class Purchases:
    """A log of purchases: one row per customer and day, in the order of customers and days; amounts added up.

    who: number of the customer; names: what it stands for. day: days since 1970. amount: None if not told.
    """

    def __init__(self, who: Ints, day: Ints, amount: Floats | None, names: npt.NDArray) -> None:
        self.who, self.day, self.amount, self.names = who, day, amount, names

    @classmethod
    def of(cls, customer: npt.ArrayLike, time: npt.ArrayLike, amount: npt.ArrayLike | None = None) -> "Purchases":
        """time: dates or instants, whose day counts as written."""
        names, who = np.unique(np.asarray(customer), return_inverse=True)
        moments = _moments(time)
        refuse_rows(np.isnat(moments), Text("A time is missing", "Ein Zeitpunkt fehlt"))
        day = moments.astype("datetime64[D]").astype(np.int64)
        order = np.lexsort((day, who))
        who, day = who[order].astype(np.int64), day[order]
        first = np.ones(len(who), bool)
        first[1:] = (who[1:] != who[:-1]) | (day[1:] != day[:-1])
        starts = np.flatnonzero(first)
        spent = None
        if amount is not None:
            told = np.asarray(amount, np.float64)
            refuse_rows(
                ~np.isfinite(told), Text("An amount is missing or infinite", "Ein Betrag fehlt oder ist unendlich")
            )
            spent = np.add.reduceat(told[order], starts) if len(starts) else np.empty(0)
        return cls(who[starts], day[starts], spent, names)

    @classmethod
    def from_frame(
        cls, frame: Any, customer: str = "customer", time: str = "time", amount: str | None = None
    ) -> "Purchases":
        """The columns of a data frame or Arrow table."""
        return cls.of(frame[customer], frame[time], None if amount is None else frame[amount])

    @property
    def is_first(self) -> npt.NDArray[np.bool_]:
        """Whether a row is its customer's first."""
        found = np.ones(len(self.who), bool)
        found[1:] = self.who[1:] != self.who[:-1]
        return found

    def until(self, end: int) -> "Purchases":
        """Those up to and on that day."""
        kept = self.day <= end
        return Purchases(self.who[kept], self.day[kept], None if self.amount is None else self.amount[kept], self.names)

    def summary(self, end: int | None = None) -> PurchaseSummary:
        """As observed up to and on that day (default: the last day of the log), in days."""
        log = self if end is None else self.until(end)
        if not len(log.who):
            raise InputError(
                "no_purchases",
                Text("There is no purchase in this window.", "In diesem Zeitraum gibt es keinen Kauf."),
                Text("Take a later end of observation.", "Nehmen Sie ein späteres Ende der Beobachtung."),
            )
        last_day = int(log.day.max()) if end is None else end
        first = log.is_first
        starts = np.flatnonzero(first)
        size = np.diff(starts, append=len(log.who))
        opened, latest = log.day[starts], log.day[starts + size - 1]
        spend = None
        if log.amount is not None:
            repeated = np.where(first, 0.0, log.amount)
            spend = np.add.reduceat(repeated, starts) / np.maximum(size - 1, 1)
        return PurchaseSummary(
            (size - 1).astype(np.int64),
            (latest - opened).astype(np.float64),
            (last_day - opened).astype(np.float64),
            None,
            self.names[log.who[starts]],
            spend,
            "day",
            (str(np.datetime64(int(opened.min()), "D")), str(np.datetime64(last_day, "D"))),
        )


def day_number(day: date | str | np.datetime64) -> int:
    """Days since 1970."""
    return int(np.datetime64(str(day)[:10], "D").astype(np.int64))


def summarize(
    transactions: Any,
    *,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = None,
    until: date | str | np.datetime64 | None = None,
    unit: str = "day",
) -> PurchaseSummary:
    """transactions: a data frame or Arrow table with a row per purchase. until: end of observation, default the last day.

    unit: "day"; "week": days ÷ 7, as exact; "week_preview": whole weeks plus half a week, for a quick look.
    """
    log = Purchases.from_frame(transactions, customer, time, amount)
    summary = log.summary(None if until is None else day_number(until))
    if unit == "week":
        return summary.in_weeks()
    if unit == "week_preview":
        return summary.week_preview()
    if unit != "day":
        raise InputError(
            "unknown_time_unit",
            Text("“{unit}” is no unit of time here.", "„{unit}“ ist hier keine Zeiteinheit.").fill(unit=unit),
            Text("Known: day, week, week_preview.", "Bekannt: day, week, week_preview."),
        )
    return summary


def _moments(time: npt.ArrayLike) -> Days:
    if hasattr(time, "to_numpy"):
        time = time.to_numpy()
    values = np.asarray(time)
    if values.dtype == object:  # dates, or instants with a zone: the day as written
        values = np.array([str(value)[:10] for value in values])
    return values.astype("datetime64[us]") if values.dtype.kind == "M" else values.astype("datetime64[D]")
