"""What customers will bring: expected purchases × their worth, discounted, with intervals for each and for all together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.gamma_gamma import FittedSpend
from schwung.predict.clv.predicted import LEVEL, z_of
from schwung.predict.clv.quadrature import legendre
from schwung.predict.clv.rows import Floats, Rows
from schwung.predict.clv.summary import DAYS, PurchaseSummary

YEAR_DAYS = 365.25
_SAMPLE = 20_000
_STEP = 1e-4
_SHORT_DAYS, _NODES = 400, 4
_WIDEST = 9.0
"""Where the model gives a sum no variance, this is taken for its square relative to the mean."""
_NO_SPEND = Text(
    "What customers will bring needs one row per customer, with spend.",
    "Was Kunden bringen werden, braucht eine Zeile je Kunde, mit Beträgen.",
)
_BUILD = Text("Build the purchase summary with amounts.", "Erzeugen Sie die Kaufübersicht mit Beträgen.")
_ENDLESS = Text(
    "Without an end and without a discount the value is not finite.",
    "Ohne Ende und ohne Zins ist der Wert nicht endlich.",
)
_NO_END = Text(
    "Within what a single customer brings can be said up to an end only.",
    "In welchem Bereich liegt, was ein einzelner Kunde bringt, lässt sich nur bis zu einem Ende sagen.",
)
_END = Text("Set a number of days.", "Setzen Sie eine Zahl von Tagen.")


@dataclass(frozen=True, eq=False)
class Worth:
    """Of each customer of `summary` (one row each, with spend), in the units of the spend model times `margin`.

    horizon_days: from now; infinite: without an end. discount_rate: a year. paid: repeat purchases whose worth is known,
    `summary.spend` their mean; None: all.
    """

    purchases: FittedPurchases
    spend: FittedSpend
    summary: PurchaseSummary
    horizon_days: float
    discount_rate: float | None = None
    margin: float = 1.0
    paid: Floats | None = None

    def __post_init__(self) -> None:
        if self.summary.spend is None or self.summary.count is not None:
            raise InputError("no_spend", _NO_SPEND, _BUILD)
        if not self.discount_rate and not np.isfinite(self.horizon_days):
            raise InputError("no_discount", _ENDLESS, _END)

    def __repr__(self) -> str:
        total = self.total(LEVEL)
        return (
            f"Worth of {len(self.value):,} customers within {self.horizon_days:,.0f} days: "
            f"{total.value:,.2f} ({total.low:,.2f} to {total.high:,.2f}); .value  .interval({LEVEL})  .total({LEVEL})"
        )

    @cached_property
    def clocked(self) -> PurchaseSummary:
        return self.purchases.on_its_clock(self.summary)

    @cached_property
    def _known(self) -> tuple[Floats, Floats]:
        """Of each customer: repeat purchases whose worth is known, their mean."""
        assert self.summary.spend is not None
        return self.summary.frequency.astype(np.float64) if self.paid is None else self.paid, self.summary.spend

    @property
    def _discount(self) -> float:
        """Per unit of the clock of purchases, continuous."""
        rate = self.discount_rate
        return 0.0 if rate is None else float(np.log1p(rate)) / YEAR_DAYS * DAYS[self.purchases.unit]

    @cached_property
    def each(self) -> Floats:
        """Expected worth of one purchase of each customer."""
        return self.spend.expected_spend(*self._known).value * self.margin

    @cached_property
    def value(self) -> Floats:
        rows = self.clocked.distinct
        return self._bought(rows, self.horizon_days)[self.clocked.place] * self.each

    def within(self, horizon_days: Floats) -> Floats:
        """The same over a horizon of each distinct row (in days), which may differ."""
        rows = self.clocked.distinct
        steps = np.ceil(np.maximum(horizon_days, 0.0) / 30.4375).astype(np.int64)
        bought = np.zeros(len(rows))
        for step in np.unique(steps).tolist():
            here = np.flatnonzero(steps == step)
            if step:
                bought[here] = self._bought(rows.where(here), float(np.mean(horizon_days[here])))
        return bought[self.clocked.place] * self.each

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Within what each customer will bring: nothing with the probability of no purchase, else a lognormal of the same mean
        and variance as a random number of purchases of random worth."""
        if not np.isfinite(self.horizon_days):
            raise InputError("no_end", _NO_END, _END)
        process, p, rows = self.purchases.process, self.purchases.values, self.clocked.distinct
        horizon, place = self.horizon_days / DAYS[self.purchases.unit], self.clocked.place
        silent = process.silent(p, rows, horizon)[place]
        some = np.maximum(1.0 - silent, 1e-9)
        mean = np.maximum(self.value, 1e-300)
        relative = np.clip((self._variance() / mean**2 + 1.0) * some - 1.0, 0.0, _WIDEST)
        spread = np.sqrt(np.log1p(relative))
        middle = np.log(mean / some) - 0.5 * spread**2
        low, high = (
            np.where(
                share > silent,
                np.exp(middle + spread * scipy.special.ndtri(np.clip((share - silent) / some, 1e-12, 1 - 1e-12))),
                0.0,
            )
            for share in (0.5 - level / 2, 0.5 + level / 2)
        )
        return low, high

    def total(self, level: float = LEVEL) -> Estimate:
        """Of all customers together: what the parameters leave open, and, where there is an end, what will happen by chance."""
        value = float(self.value.sum())
        if value <= 0:
            return Estimate(value, value, value, len(self.value))
        chance = float(self._variance().sum()) if np.isfinite(self.horizon_days) else 0.0
        half = z_of(level) * np.sqrt(self._slopes() + chance / value**2)
        return Estimate(value, value * float(np.exp(-half)), value * float(np.exp(half)), len(self.value))

    def _bought(self, rows: Rows, horizon_days: float, values: Floats | None = None) -> Floats:
        """Expected purchases, discounted: over some years by parts, e^−δh E(h) + δ ∫ e^−δt E(t) dt, right to 1e-5 for each
        customer, to 1e-6 in total, and a fraction of the work."""
        p = self.purchases.values if values is None else values
        horizon, rate, process = horizon_days / DAYS[self.purchases.unit], self._discount, self.purchases.process
        if rate and horizon_days > _SHORT_DAYS:
            return process.discounted(p, rows, horizon, rate)
        found = np.exp(-rate * horizon) * process.expected(p, rows, horizon)
        for node, weight in zip(*legendre(_NODES), strict=True) if rate else ():
            part = rate * horizon * weight * np.exp(-rate * horizon * node)
            found += part * process.expected(p, rows, horizon * node)
        return found

    def _variance(self) -> Floats:
        """Of what each customer brings, given the parameters; E[S²] = E[Y] E[Z²] + E[Y(Y−1)] E[Z₁Z₂]."""
        process, p, rows = self.purchases.process, self.purchases.values, self.clocked.distinct
        horizon, place = self.horizon_days / DAYS[self.purchases.unit], self.clocked.place
        mean, pairs = process.expected(p, rows, horizon)[place], process.pairs(p, rows, horizon)[place]
        square, product = (one * self.margin**2 for one in self.spend.squares(*self._known))
        later = np.divide(self.value, mean * self.each, out=np.ones(len(mean)), where=mean * self.each > 0)
        whole = np.maximum(mean * square + pairs * product - (mean * self.each) ** 2, 0.0) * later**2
        return np.where(np.isfinite(whole), whole, _WIDEST * self.value**2)

    def _slopes(self) -> float:
        """Variance of the logarithm of the total by the uncertainty of the parameters, on a sample of the customers."""
        step = -(-len(self.value) // _SAMPLE)
        at = np.arange(step // 2, len(self.value), step)
        rows, (paid, mean) = self.clocked.distinct.where(self.clocked.place[at]), self._known
        each = self.spend.expected_spend(paid[at], mean[at])

        def bought(logs: Floats) -> float:
            return float(self._bought(rows, self.horizon_days, np.exp(logs)) @ self.each[at])

        def worth(logs: Floats) -> float:
            return float(each.compute(logs) @ self._now[at])

        found = 0.0
        for function, (center, covariance) in ((bought, self.purchases.uncertainty), (worth, self.spend.uncertainty)):
            slope = np.array(
                [
                    np.log(max(function(center + one), 1e-300)) - np.log(max(function(center - one), 1e-300))
                    for one in np.eye(len(center)) * _STEP
                ]
            ) / (2 * _STEP)
            found += float(slope @ covariance @ slope)
        return found

    @cached_property
    def _now(self) -> Floats:
        return self._bought(self.clocked.distinct, self.horizon_days)[self.clocked.place]
