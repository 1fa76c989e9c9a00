"""A fitted purchase model: its parameters with their errors, and what it says of customers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from schwung.predict.clv import grouped
from schwung.predict.clv.estimated import Estimated
from schwung.predict.clv.grouped import Grouped
from schwung.predict.clv.predicted import LEVEL, Compute, Predicted, Scale
from schwung.predict.clv.process import Process
from schwung.predict.clv.rows import Floats, Ints
from schwung.predict.clv.summary import DAYS, PurchaseSummary

Given = PurchaseSummary | npt.ArrayLike
"""A summary, or frequencies followed by recency and T."""


@dataclass(frozen=True, slots=True)
class NextPurchase:
    """never: probability that no purchase follows, however long one waits. median, low, high: time until it, if one follows."""

    never: Floats
    median: Floats
    low: Floats
    high: Floats
    level: float


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FittedPurchases(Estimated):
    """parameters, log_likelihood: on the clock of `unit`. window: first and last day of what it was fitted on."""

    process: Process
    purchases: int = 0
    unit: str = "day"
    window: tuple[str, str] | None = None

    def __repr__(self) -> str:
        told = self._lines(f"{self.purchases:,} repeat purchases", f"clock: {self.unit}s")
        asked = ".p_alive(summary)  .expected_purchases(horizon, summary)  .next_purchase(summary)"
        return "\n".join([*told, f"  {asked}  .new_customers(horizon)"])

    @property
    def tells_of_one_time_buyers(self) -> bool:
        """Whether it can say of customers without a repeat purchase that they are gone."""
        none = np.zeros(1)
        return bool(self.p_alive(none, none, np.ones(1)).value[0] < 1)

    # What is predicted. `given`: a PurchaseSummary, or frequency with recency and T.

    def p_alive(self, given: Given, recency: npt.ArrayLike | None = None, T: npt.ArrayLike | None = None) -> Predicted:
        """Probability that each is a customer still."""
        summary = self._summary(given, recency, T)
        return self._predicted(summary, lambda logs: self.process.alive(np.exp(logs), summary.distinct), "logit")

    def expected_purchases(
        self, horizon: float, given: Given, recency: npt.ArrayLike | None = None, T: npt.ArrayLike | None = None
    ) -> Predicted:
        """Expected purchases of each within the horizon; intervals of totals hold the scatter of what will happen."""
        summary = self._summary(given, recency, T)
        rows, process, p = summary.distinct, self.process, self.values

        def scatter() -> Floats:
            mean = process.expected(p, rows, horizon)
            return process.pairs(p, rows, horizon) + mean - mean**2

        return self._predicted(summary, lambda logs: process.expected(np.exp(logs), rows, horizon), "log", scatter)

    def probability_of_purchase(
        self, horizon: float, given: Given, recency: npt.ArrayLike | None = None, T: npt.ArrayLike | None = None
    ) -> Predicted:
        """At least one purchase within the horizon; of none: 1 − this."""
        summary = self._summary(given, recency, T)
        return self._predicted(
            summary, lambda logs: 1 - self.process.silent(np.exp(logs), summary.distinct, horizon), "logit"
        )

    def discounted_purchases(
        self,
        horizon: float,
        discount: float,
        given: Given,
        recency: npt.ArrayLike | None = None,
        T: npt.ArrayLike | None = None,
    ) -> Predicted:
        """Expected purchases, each times exp(−discount · time until it); discount per unit. The horizon may be infinite."""
        summary = self._summary(given, recency, T)
        return self._predicted(
            summary,
            lambda logs: self.process.discounted(np.exp(logs), summary.distinct, horizon, discount),
            "log",
        )

    def next_purchase(
        self,
        given: Given,
        recency: npt.ArrayLike | None = None,
        T: npt.ArrayLike | None = None,
        *,
        level: float = LEVEL,
    ) -> NextPurchase:
        """When each buys next, counted from the end of observation, and how likely never."""
        summary = self._summary(given, recency, T)
        rows, p, place = summary.distinct, self.values, summary.place
        never = self.process.silent(p, rows, np.inf)
        low, median, high = (
            self.process.waiting(p, rows, share)[place] for share in (0.5 - level / 2, 0.5, 0.5 + level / 2)
        )
        return NextPurchase(never[place], median, low, high, level)

    def new_customers(self, horizon: float, customers: int = 1) -> Predicted:
        """Expected repeat purchases of a customer within the horizon after the first purchase; `.total()` is of that many."""
        none = np.zeros(1)
        return self.expected_purchases(
            horizon, PurchaseSummary.from_arrays(none, none, none, count=[customers], unit=self.unit)
        )

    def purchase_interval(
        self,
        horizon: float,
        given: Given,
        recency: npt.ArrayLike | None = None,
        T: npt.ArrayLike | None = None,
        *,
        level: float = LEVEL,
        draws: int = 400,
        seed: int = 1,
    ) -> tuple[Ints, Ints]:
        """low, high number of purchases of each customer within the horizon, by imagining it; parameters are drawn too."""
        summary = self._summary(given, recency, T)
        made = self.imagine(horizon, summary, draws=draws, seed=seed)
        low, high = np.quantile(made, (0.5 - level / 2, 0.5 + level / 2), axis=0, method="inverted_cdf")
        return low.astype(np.int64), high.astype(np.int64)

    def imagine(self, horizon: float, summary: PurchaseSummary, *, draws: int, seed: int) -> Ints:
        """Purchases of each customer in imagined futures: draws × customers."""
        random = np.random.default_rng(seed)
        rows = summary.distinct.where(summary.place)
        made = np.empty((draws, len(rows)), np.int64)
        for draw in range(draws):
            made[draw] = self.process.draw(np.exp(self.drawn(random)), rows, horizon, random)
        return made

    def on_its_clock(self, summary: PurchaseSummary) -> PurchaseSummary:
        """The same customers in the unit of this fit."""
        if summary.unit == self.unit:
            return summary
        factor = DAYS[summary.unit] / DAYS[self.unit]
        return replace(summary, recency=summary.recency * factor, T=summary.T * factor, unit=self.unit)

    # The fit itself.

    def on_clock(self, unit: str) -> "FittedPurchases":
        """The same fit on another clock."""
        factor = DAYS[self.unit] / DAYS[unit]
        if factor == 1:
            return self
        scale = {name: factor if name in self.process.clocked else 1.0 for name in self.process.parameters}
        shift = np.log([scale[name] for name in self.process.parameters])
        return replace(
            self,
            parameters={name: value * scale[name] for name, value in self.parameters.items()},
            standard_errors={
                name: None if error is None else error * scale[name] for name, error in self.standard_errors.items()
            },
            center=None if self.center is None else tuple(float(each) for each in np.array(self.center) + shift),
            log_likelihood=None
            if self.log_likelihood is None
            else self.log_likelihood - self.purchases * float(np.log(factor)),
            unit=unit,
        )

    def told(self) -> dict[str, Any]:
        told = super().told() | {"purchases": self.purchases, "unit": self.unit, "window": self.window}
        return told | ({"groups": grouped.told(self.process)} if isinstance(self.process, Grouped) else {})

    def _summary(self, given: Given, recency: npt.ArrayLike | None, T: npt.ArrayLike | None) -> PurchaseSummary:
        if not isinstance(given, PurchaseSummary):
            if recency is None or T is None:
                raise TypeError("pass a PurchaseSummary, or frequency, recency and T")
            return PurchaseSummary.from_arrays(given, recency, T, unit=self.unit)
        return self.on_its_clock(given)

    def _predicted(self, summary: PurchaseSummary, compute: Compute, scale: Scale, scatter: Any = None) -> Predicted:
        logs, count = np.log(self.values), summary.distinct.count
        return Predicted(compute, logs, *self.uncertainty, summary.place, count, scale, scatter)
