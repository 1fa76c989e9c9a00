"""Customer lifetime value to come: discounted purchases × expected spend × margin, less cost of acquisition if wanted.

Each purchase is discounted to today from the moment at which it is expected, at (1 + rate a year)^−years. The value of the whole base
(residual customer equity) is the sum. Purchases and spend are estimated apart from each other, so their uncertainties add up.
"""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.gamma_gamma import FittedSpend
from schwung.predict.clv.predicted import LEVEL, Predicted, spread, z_of
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import DAYS, PurchaseSummary

DAYS_A_YEAR = 365.25


def simple_value(margin_per_order: float, orders_a_year: float, years: float) -> float:
    """The simple formula: margin per order × orders a year × years as a customer. Nobody leaves in it, and nothing is discounted."""
    return margin_per_order * orders_a_year * years


@dataclass(frozen=True, eq=False)
class LifetimeValue:
    """purchases: discounted, of distinct rows. spend: of customers. margin: share of revenue that is kept. cac: per customer."""

    fitted: FittedPurchases
    fitted_spend: FittedSpend
    summary: PurchaseSummary
    purchases: Predicted
    spend: Predicted
    horizon: float
    margin: float
    cac: Floats

    def __repr__(self) -> str:
        total = self.total()
        return f"LifetimeValue of {len(self.cac):,} customers: {total.value:,.2f} ({total.low or 0:,.2f} to {total.high or 0:,.2f})"

    @cached_property
    def value(self) -> Floats:
        """Of each customer."""
        found: Floats = self._gross - self.cac
        return found

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats]:
        """low, high of each customer's expected value: how far the parameters leave it open."""
        with np.errstate(invalid="ignore", divide="ignore"):
            often = np.nan_to_num(self.purchases.error / self.purchases.distinct)[self.purchases.place]
            much = self.spend.error / self.spend.distinct
        low, high = spread(self._gross, z_of(level) * self._gross * np.sqrt(often**2 + much**2), "log")
        return low - self.cac, high - self.cac

    def likely(self, level: float = LEVEL, *, draws: int = 400, seed: int = 1) -> tuple[Floats, Floats]:
        """low, high of what each customer will bring, by imagining purchases and their values; for some customers, not for millions."""
        if not np.isfinite(self.horizon):
            raise _endless()
        random = np.random.default_rng(seed)
        bought = self.fitted.imagine(self.horizon, self.summary, draws=draws, seed=seed)
        x, m = self.summary.frequency, self._known_spend
        brought = np.empty(bought.shape)
        for draw in range(draws):
            p, q, gamma = np.exp(self.fitted_spend.drawn(random))
            scale = (gamma + x * m) / random.gamma(p * x + q)
            some = bought[draw] > 0
            brought[draw] = np.where(some, random.gamma(np.where(some, p * bought[draw], 1.0)) * scale, 0.0)
        low, high = np.quantile(brought * self._discounting * self.margin, (0.5 - level / 2, 0.5 + level / 2), axis=0)
        return low - self.cac, high - self.cac

    def total(self, level: float = LEVEL, *, observed: bool | None = None) -> Estimate:
        """Value of the whole base. observed: with the scatter of what will happen (default: where the horizon ends)."""
        gross = float(self._gross.sum())
        often = np.bincount(self.purchases.place, weights=self.spend.value, minlength=len(self.purchases.count))
        slopes = (often @ self.purchases.slopes, self.purchases.value @ self.spend.slopes)
        parts = zip(slopes, (self.purchases.covariance, self.spend.covariance), strict=True)
        variance = self.margin**2 * sum(float(slope @ covariance @ slope) for slope, covariance in parts)
        if observed if observed is not None else np.isfinite(self.horizon):
            variance += float(self._scatter.sum())
        cost = float(self.cac.sum())
        if not np.isfinite(variance):
            return Estimate(gross - cost, None, None, len(self.cac))
        low, high = spread(np.array([gross]), np.array([z_of(level) * np.sqrt(variance)]), "log")
        return Estimate(gross - cost, float(low[0]) - cost, float(high[0]) - cost, len(self.cac))

    def simple(self) -> float:
        """The simple formula for the whole base, beside it: everybody goes on buying as before, at the mean value, to the horizon."""
        rows = self.summary.distinct
        rate = rows.purchases / float(rows.T @ rows.count)
        days = DAYS[self.summary.unit]
        a_year = rate * DAYS_A_YEAR / days
        return len(self.cac) * simple_value(
            self.fitted_spend.mean * self.margin, a_year, self.horizon * days / DAYS_A_YEAR
        )

    def to_json(self) -> str:
        low, high = self.interval()
        total = self.total()
        return json.dumps(
            {
                "value": self.value.tolist(),
                "low": low.tolist(),
                "high": high.tolist(),
                "total": {"value": total.value, "low": total.low, "high": total.high},
                "level": LEVEL,
            }
        )

    @cached_property
    def _gross(self) -> Floats:
        found: Floats = self.purchases.value * self.spend.value * self.margin
        return found

    @property
    def _known_spend(self) -> Floats:
        assert self.summary.spend is not None
        return self.summary.spend

    @cached_property
    def _discounting(self) -> Floats:
        """Discounted ÷ expected purchases of each customer."""
        expected = self.fitted.expected_purchases(self.horizon, self.summary).value
        return np.divide(self.purchases.value, expected, out=np.ones_like(expected), where=expected > 0)

    @cached_property
    def _scatter(self) -> Floats:
        """Variance of what each customer will bring around what is expected."""
        rows, p = self.summary.distinct, self.fitted.values
        mean = self.fitted.process.expected(p, rows, self.horizon)[self.summary.place]
        pairs = self.fitted.process.pairs(p, rows, self.horizon)[self.summary.place]
        square, product = self.fitted_spend.squares(self.summary.frequency.astype(np.float64), self._known_spend)
        variance = mean * square + pairs * product - (mean * self.spend.value) ** 2
        found: Floats = variance * (self.margin * self._discounting) ** 2
        return found


def lifetime_value(
    purchases: FittedPurchases,
    spend: FittedSpend,
    summary: PurchaseSummary,
    *,
    months: float | None = 12,
    discount_rate: float = 0.1,
    margin: float = 1.0,
    cac: npt.ArrayLike = 0.0,
) -> LifetimeValue:
    """summary: one row per customer, with spend. months: None for no end. discount_rate: a year. cac: cost of acquisition to take off."""
    if summary.spend is None or summary.count is not None:
        raise InputError(
            "no_spend",
            Text(
                "A lifetime value needs one row per customer, with spend.",
                "Ein Kundenwert braucht eine Zeile je Kunde, mit Beträgen.",
            ),
            Text("Build the purchase summary with amounts.", "Erzeugen Sie die Kaufübersicht mit Beträgen."),
        )
    if discount_rate < 0 or (months is None and discount_rate == 0):
        raise _endless()
    summary = purchases.on_its_clock(summary)
    year = DAYS_A_YEAR / DAYS[purchases.unit]
    horizon = np.inf if months is None else months / 12 * year
    discounted = purchases.discounted_purchases(horizon, float(np.log1p(discount_rate)) / year, summary)
    costs = np.broadcast_to(np.asarray(cac, np.float64), (len(summary),))
    return LifetimeValue(purchases, spend, summary, discounted, spend.expected_spend(summary), horizon, margin, costs)


def _endless() -> InputError:
    return InputError(
        "no_discount",
        Text(
            "Without an end and without a discount the value is not finite.",
            "Ohne Ende und ohne Zins ist der Wert nicht endlich.",
        ),
        Text(
            "Set a number of months or a discount rate above 0.",
            "Setzen Sie eine Zahl von Monaten oder einen Zins über 0.",
        ),
    )
