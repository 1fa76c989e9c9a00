"""Gamma-gamma model of spend (Fader & Hardie 2013): values of a customer's purchases are gamma(p, ν), ν gamma(q, γ) over customers.

Spend and frequency must be independent of each other; expected spend is finite only for q > 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.predict.clv.estimated import Estimated, estimated, given, read
from schwung.predict.clv.fit import FEW, fit_in_chart
from schwung.predict.clv.newton import Derivatives
from schwung.predict.clv.one_thread import one_thread
from schwung.predict.clv.predicted import LEVEL, Predicted
from schwung.predict.clv.process import Chart, Coordinate
from schwung.predict.clv.refuse import check_enough, refuse_rows
from schwung.predict.clv.rows import Floats, Ints
from schwung.predict.clv.summary import PurchaseSummary

PARAMETERS = ("p", "q", "gamma")
_BLOCK = 32_768
_MANY = 200_000
_HANGS = 0.3


class SpendLikelihood:
    """Of the logarithms of (p, q, γ). x: purchases, m: their mean value; with s = x m:

    ln L = −ln B(px, q) − q ln(1 + s/γ) + px (ln s − ln(γ+s)) − ln m.
    """

    def __init__(self, x: Ints, m: Floats) -> None:
        counted = np.bincount(x).astype(np.float64)
        self._x = np.flatnonzero(counted).astype(np.float64)
        self._count = counted[counted > 0]
        purchases, total = x.astype(np.float64), x * m
        logs, log_x = np.log(m), np.zeros(len(counted))
        log_x[counted > 0] = np.log(self._x)
        self._logs = float(logs.sum())
        self._bought_logs = float(purchases @ logs) + float((self._x * self._count) @ log_x[counted > 0])
        self.hangs = self._hanging(logs, log_x[x])
        self._blocks = [
            (purchases[start : start + _BLOCK], total[start : start + _BLOCK]) for start in range(0, len(x), _BLOCK)
        ]

    def _hanging(self, value: Floats, often: Floats) -> float:
        """Correlation of the logarithms of value and frequency; 0 where one of them is the same for all."""
        apart, more = value - value.mean(), often - often.mean()
        spread = float(np.sqrt(apart @ apart) * np.sqrt(more @ more))
        return float(apart @ more) / spread if len(self._x) > 1 and spread > 0 else 0.0

    def __call__(self, at: Floats) -> Derivatives:
        p, q, gamma = np.exp(at)
        value, gradient, hessian = self._counts(p, q)
        bought = float(self._x @ self._count)
        value += p * (self._bought_logs - bought * np.log(gamma)) - self._logs
        gradient[0] += self._bought_logs - bought * np.log(gamma)
        for x, total in self._blocks:
            inverse = 1 / (gamma + total)
            share = total * inverse
            passed = np.log1p(total / gamma)
            often, seldom = float(x @ passed), float(passed.sum())
            value -= q * seldom + p * often
            gradient[0] -= often
            gradient[1] -= seldom
            shares, bought_inverse = float(share.sum()), float(x @ inverse)
            gradient[2] += q * shares / gamma - p * bought_inverse
            hessian[0, 2] -= bought_inverse
            hessian[1, 2] += shares / gamma
            squares = share @ inverse
            hessian[2, 2] += p * float(x @ (inverse * inverse)) - q * (shares / gamma + float(squares)) / gamma
        hessian[2, :2] = hessian[:2, 2]
        scale = np.array([p, q, gamma])
        gradient *= scale
        return float(value), gradient, hessian * np.outer(scale, scale) + np.diag(gradient)

    def _counts(self, p: float, q: float) -> Derivatives:
        x, count = self._x, self._count
        both, own = p * x + q, p * x
        gradient, hessian = np.zeros(3), np.zeros((3, 3))
        whole, whole1 = scipy.special.digamma(both), scipy.special.polygamma(1, both)
        gradient[0] = (count * x) @ (whole - scipy.special.digamma(own))
        gradient[1] = count @ (whole - scipy.special.digamma(q))
        hessian[0, 0] = (count * x * x) @ (whole1 - scipy.special.polygamma(1, own))
        hessian[0, 1] = hessian[1, 0] = (count * x) @ whole1
        hessian[1, 1] = count @ (whole1 - scipy.special.polygamma(1, q))
        return -float(count @ scipy.special.betaln(own, q)), gradient, hessian


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class FittedSpend(Estimated):
    """parameters: p, q, gamma. customers: those with repeat purchases."""

    model: str = "gamma_gamma"

    def __repr__(self) -> str:
        told = f"mean value of a purchase {self.mean:,.4g}"
        return "\n".join([*self._lines(told), "  .expected_spend(summary)  .spend_interval(summary)"])

    @property
    def mean(self) -> float:
        """Expected value of a purchase over all customers."""
        p, q, gamma = self.values
        return float(p * gamma / (q - 1))

    def expected_spend(
        self, frequency: PurchaseSummary | npt.ArrayLike, spend: npt.ArrayLike | None = None
    ) -> Predicted:
        """Expected value of a future purchase of each customer, given their repeat purchases and mean value; 0: those of nobody."""
        x, m = _given(frequency, spend)
        total = x * m

        def compute(logs: Floats) -> Floats:
            p, q, gamma = np.exp(logs)
            found: Floats = p * (gamma + total) / np.maximum(p * x + q - 1, 1e-9)
            return found

        return Predicted(compute, np.log(self.values), *self.uncertainty, np.arange(len(x)), np.ones(len(x)))

    def spend_interval(
        self, frequency: PurchaseSummary | npt.ArrayLike, spend: npt.ArrayLike | None = None, *, level: float = LEVEL
    ) -> tuple[Floats, Floats]:
        """low, high of each customer's own mean value of a purchase: customers differ, and few purchases tell little."""
        x, m = _given(frequency, spend)
        p, q, gamma = self.values
        low, high = (
            p * (gamma + x * m) / scipy.special.gammaincinv(p * x + q, 0.5 + side * level / 2) for side in (1, -1)
        )
        return low, high

    def squares(self, frequency: Floats, spend: Floats) -> tuple[Floats, Floats]:
        """E[Z²] of one future purchase and E[Z₁Z₂] of two of one customer; infinite where they have no mean."""
        p, q, gamma = self.values
        k, scale = p * frequency + q, gamma + frequency * spend
        inverse = np.where(k > 2, scale**2 / np.where(k > 2, (k - 1) * (k - 2), 1), np.inf)
        return p * (p + 1) * inverse, p * p * inverse


class GammaGamma:
    """`fit` a summary with spend, or the repeat purchases of each customer and their mean value."""

    def __repr__(self) -> str:
        return "GammaGamma(): value of purchases. .fit(frequency, spend) or .fit(PurchaseSummary with spend)"

    def fit(self, frequency: PurchaseSummary | npt.ArrayLike, spend: npt.ArrayLike | None = None) -> FittedSpend:
        """Maximum likelihood over customers with repeat purchases. InputError for spend that is not positive, and for q ≤ 1."""
        given, mean = _given(frequency, spend)
        again = given > 0
        refuse_rows(
            again & ~(mean > 0),
            Text("The mean value of the purchases is 0 or negative", "Der mittlere Wert der Käufe ist 0 oder negativ"),
        )
        x, m = given[again].astype(np.int64), mean[again]
        check_enough(max(len(x), len(given)), len(x), 1.0)
        with one_thread():
            objective = SpendLikelihood(x, m)
            start = np.array([1.0, 1.0, np.log(float(x @ m) / float(x.sum()))])
            if len(x) > _MANY:
                step = len(x) // 20_000
                few = SpendLikelihood(x[::step], m[::step])
                start = fit_in_chart(few, _CHART, start, PARAMETERS, is_small=False).coordinates
            found = fit_in_chart(objective, _CHART, start, PARAMETERS, is_small=len(x) <= FEW)
        _check_mean(float(np.exp(found.logs[1])))
        return FittedSpend(**estimated(found, PARAMETERS, len(x), *_hanging(objective.hangs)))

    @classmethod
    def from_parameters(cls, **parameters: float) -> FittedSpend:
        """p, q, gamma that are known."""
        _check_mean(parameters.get("q", 2.0))
        return FittedSpend(parameters=given(Text("Gamma-gamma", "Gamma-Gamma"), PARAMETERS, parameters))

    @classmethod
    def from_json(cls, told: str | Mapping[str, Any]) -> FittedSpend:
        """What `to_json` (or `told`) gave."""
        return FittedSpend(**read(told, PARAMETERS))


def _given(frequency: PurchaseSummary | npt.ArrayLike, spend: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    if isinstance(frequency, PurchaseSummary):
        if frequency.spend is None:
            raise InputError(
                "no_spend",
                Text("This purchase summary holds no spend.", "Diese Kaufübersicht enthält keine Beträge."),
                Text("Build it with amounts.", "Erzeugen Sie sie mit Beträgen."),
            )
        return frequency.frequency.astype(np.float64), frequency.spend
    x = np.atleast_1d(np.asarray(frequency, np.float64))
    m = np.atleast_1d(np.asarray(0.0 if spend is None else spend, np.float64))
    refuse_rows(
        ~(np.isfinite(x) & np.isfinite(m) & (x >= 0)),
        Text("A value is missing, infinite or negative", "Ein Wert fehlt, ist unendlich oder negativ"),
    )
    return x, np.where(x > 0, m, 0.0)


def _check_mean(q: float) -> None:
    if q > 1:
        return
    raise InputError(
        "spend_without_mean",
        Text(
            f"Spend differs so much between customers that it has no finite mean (q = {q:.3g}, it must exceed 1).",
            f"Die Beträge unterscheiden sich zwischen Kunden so stark, dass es keinen endlichen Mittelwert gibt (q = {q:.3g}, es muss größer als 1 sein).",
        ),
        Text(
            "Cut off single huge amounts, or take dealers and consumers apart.",
            "Kappen Sie einzelne sehr hohe Beträge oder trennen Sie Händler und Verbraucher.",
        ),
    )


def _hanging(correlation: float) -> tuple[Text, ...]:
    """A warning where spend hangs together with frequency."""
    if abs(correlation) < _HANGS:
        return ()
    shown = f"{correlation:.2f}"
    return (
        Text(
            f"Frequency and spend hang together (correlation {shown}); the model takes them for independent.",
            f"Häufigkeit und Wert der Käufe hängen zusammen (Korrelation {shown.replace('.', ',')}); das Modell hält sie für unabhängig.",
        ),
    )


_CHART = Chart(
    np.array([[1.0, 0, 0], [0, 1, 0], [-1, 1, 1]]),
    (
        Coordinate(
            "p",
            ("p", "gamma"),
            -16.0,
            20.0,
            Text(
                "purchases of a customer differ without bound (p goes to 0)",
                "Käufe eines Kunden unterscheiden sich unbegrenzt (p geht gegen 0)",
            ),
            Text(
                "all purchases of a customer are of one value (p grows without bound)",
                "alle Käufe eines Kunden haben denselben Wert (p wächst unbegrenzt)",
            ),
        ),
        Coordinate(
            "q",
            ("q", "gamma"),
            -16.0,
            20.0,
            Text(
                "customers differ without bound (q goes to 0)", "Kunden unterscheiden sich unbegrenzt (q geht gegen 0)"
            ),
            Text(
                "all customers spend alike (q grows without bound)",
                "alle Kunden geben gleich viel aus (q wächst unbegrenzt)",
            ),
        ),
        Coordinate(
            "p γ ÷ q",
            PARAMETERS,
            -60.0,
            60.0,
            Text("spend goes to 0", "die Beträge gehen gegen 0"),
            Text("spend grows without bound", "die Beträge wachsen unbegrenzt"),
        ),
    ),
)
