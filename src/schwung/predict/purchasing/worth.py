"""What customers will bring: expected purchases × their worth, discounted, with intervals for each and for all together."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from schwung.measure.inference import Estimate
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.gamma_gamma import FittedSpend
from schwung.predict.clv.predicted import z_of
from schwung.predict.clv.quadrature import legendre
from schwung.predict.clv.rows import Floats, Rows
from schwung.predict.clv.summary import DAYS, PurchaseSummary

YEAR_DAYS = 365.25
_SAMPLE = 20_000
_STEP = 1e-4
_SHORT_DAYS, _NODES = 400, 4
_WIDEST = 9.0
"""Where the model gives a sum no variance, this is taken for its square relative to the mean."""


@dataclass(frozen=True, eq=False)
class Worth:
    """Of each customer of `summary` (in days), in the units of the spend model times `margin`.

    paid: repeat purchases whose worth is known, `summary.spend` their mean. horizon_days: from now, or one number per customer.
    discount_rate: a year.
    """

    purchases: FittedPurchases
    spend: FittedSpend
    summary: PurchaseSummary
    paid: Floats
    horizon_days: float
    discount_rate: float | None = None
    margin: float = 1.0

    @cached_property
    def clocked(self) -> PurchaseSummary:
        return self.summary.in_weeks() if self.purchases.unit == "week" else self.summary

    @property
    def _discount(self) -> float:
        """Per unit of the clock of purchases, continuous."""
        rate = self.discount_rate
        return 0.0 if rate is None else float(np.log1p(rate)) / YEAR_DAYS * DAYS[self.purchases.unit]

    @cached_property
    def each(self) -> Floats:
        """Expected worth of one purchase of each customer."""
        assert self.summary.spend is not None
        found: Floats = np.asarray(self.spend.expected_spend(self.paid, self.summary.spend).value) * self.margin
        return found

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

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """Within what each customer will bring: nothing with the probability of no purchase, else a lognormal of the same mean
        and variance as a random number of purchases of random worth."""
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
                share > silent, np.exp(middle + spread * ndtri(np.clip((share - silent) / some, 1e-12, 1 - 1e-12))), 0.0
            )
            for share in (0.5 - level / 2, 0.5 + level / 2)
        )
        return low, high

    def total(self, level: float) -> Estimate:
        """Of all customers together: what the parameters leave open, and what will happen by chance."""
        value = float(self.value.sum())
        if value <= 0:
            return Estimate(value, value, value, len(self.value))
        relative = self._slopes() + float(self._variance().sum()) / value**2
        half = z_of(level) * np.sqrt(relative)
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
        assert self.summary.spend is not None
        mean, pairs = process.expected(p, rows, horizon)[place], process.pairs(p, rows, horizon)[place]
        square, product = (one * self.margin**2 for one in self.spend.squares(self.paid, self.summary.spend))
        later = np.divide(self.value, mean * self.each, out=np.ones(len(mean)), where=mean * self.each > 0)
        whole = np.maximum(mean * square + pairs * product - (mean * self.each) ** 2, 0.0) * later**2
        return np.where(np.isfinite(whole), whole, _WIDEST * self.value**2)

    def _slopes(self) -> float:
        """Variance of the logarithm of the total by the uncertainty of the parameters, on a sample of the customers."""
        step = -(-len(self.value) // _SAMPLE)
        at = np.arange(step // 2, len(self.value), step)
        rows, paid = self.clocked.distinct.where(self.clocked.place[at]), self.paid[at]
        assert self.summary.spend is not None
        each = self.spend.expected_spend(paid, self.summary.spend[at])

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
