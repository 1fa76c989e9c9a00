"""The process of customers who leave at any time, at rates that differ: what is expected of them. Pareto/NBD.

Of a customer still alive, the purchase rate is gamma(k = r+x, α+T) and the rate of leaving gamma(s, β+T), independent of each other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from schwung.core.text import Text
from schwung.predict.clv.newton import Objective
from schwung.predict.clv.pareto_likelihood import ParetoLikelihood, left_odds
from schwung.predict.clv.power_integral import log_integral
from schwung.predict.clv.process import Chart, Coordinate, rate_coordinates
from schwung.predict.clv.quadrature import legendre
from schwung.predict.clv.rows import Floats, Ints, Rows

_ENDLESS = 35.0
_STEPS = 100


@dataclass(frozen=True, slots=True)
class OverTime:
    name: str
    title: Text
    parameters: tuple[str, ...] = ("r", "alpha", "s", "beta")
    clocked: tuple[str, ...] = ("alpha", "beta")
    covaried: tuple[str, ...] = ("alpha", "beta")

    @property
    def chart(self) -> Chart:
        matrix = np.array([[1.0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]])
        return Chart(matrix, (*rate_coordinates(), _ALIKE, _LASTING))

    def likelihood(self, rows: Rows) -> Objective:
        return ParetoLikelihood(rows)

    def start(self, rows: Rows) -> Floats:
        time = float(rows.T @ rows.count)
        return np.array([0.0, np.log(time / (1 + rows.purchases)), 0.0, np.log(time / rows.customers)])

    def alive(self, p: Floats, rows: Rows) -> Floats:
        odds = left_odds(p, rows)
        less = np.exp(-np.abs(odds))
        found: Floats = np.where(odds > 0, less, 1.0) / (1 + less)
        return found

    def expected(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        k, clock, s, lasting = self._posterior(p, rows)
        found: Floats = self.alive(p, rows) * k / clock * lasting * _fading(s - 1, np.log1p(horizon / lasting))
        return found

    def pairs(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        """λ² times the mean square of the time as a customer within the horizon, ∫ 2u (1 + u/β)^−s du."""
        k, clock, s, lasting = self._posterior(p, rows)
        square = _timed(lambda u: 2 * u * np.exp(-s * np.log1p(u / lasting[:, None])), lasting, horizon)
        found: Floats = self.alive(p, rows) * k * (k + 1) / clock**2 * square
        return found

    def silent(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        return 1 - self.alive(p, rows) * self._returned(p, rows, np.full(len(rows), horizon))

    def waiting(self, p: Floats, rows: Rows, share: float) -> Floats:
        """By Newton on the logarithm of time, kept within bounds that close in."""
        wanted = share * self._returned(p, rows, np.full(len(rows), np.inf))
        k, clock, s, lasting = self._posterior(p, rows)
        low = np.log(np.minimum(clock / k, lasting)) - 40
        high = low + 120
        at = np.log(clock / k)
        for _ in range(_STEPS):
            time = np.exp(at)
            missing = wanted - self._returned(p, rows, time)
            low, high = np.where(missing > 0, at, low), np.where(missing > 0, high, at)
            slope = time * k / clock * np.exp(-(k + 1) * np.log1p(time / clock) - s * np.log1p(time / lasting))
            tried = at + np.divide(missing, slope, out=np.full(len(at), np.inf), where=slope > 0)
            moved = np.where((tried > low) & (tried < high), tried, 0.5 * (low + high))
            if np.abs(moved - at).max(initial=0) < 1e-10:
                break
            at = moved
        return np.exp(at)

    def discounted(self, p: Floats, rows: Rows, horizon: float, discount: float) -> Floats:
        k, clock, s, lasting = self._posterior(p, rows)
        end = min(horizon, _ENDLESS / discount) if discount > 0 else horizon
        worth = _timed(lambda u: np.exp(-discount * u - s * np.log1p(u / lasting[:, None])), lasting, end)
        found: Floats = self.alive(p, rows) * k / clock * worth
        return found

    def draw(self, p: Floats, rows: Rows, horizon: float, random: np.random.Generator) -> Ints:
        k, clock, s, lasting = self._posterior(p, rows)
        alive = random.random(len(rows)) < self.alive(p, rows)
        leaving = np.maximum(random.gamma(s, size=len(rows)) / lasting, 1e-300)
        time = np.minimum(horizon, random.exponential(size=len(rows)) / leaving)
        return np.where(alive, random.poisson(random.gamma(k) / clock * time), 0).astype(np.int64)

    def _posterior(self, p: Floats, rows: Rows) -> tuple[Floats, Floats, float, Floats]:
        """Of those alive: k, α of the purchase rate; s, β of the rate of leaving."""
        r, alpha, s, beta = p
        return r + rows.frequency.astype(np.float64), alpha + rows.T, float(s), beta + rows.T

    def _returned(self, p: Floats, rows: Rows, horizon: Floats) -> Floats:
        """Probability that one who is alive buys within the horizon."""
        k, clock, s, lasting = self._posterior(p, rows)
        whole = log_integral(k + 1, clock, np.full(len(rows), s), lasting, horizon)
        found: Floats = np.exp(np.log(k / clock) + whole)
        return np.minimum(found, 1.0)


def _fading(rate: float, way: Floats) -> Floats:
    """∫ exp(−rate v) dv, v from 0 to way."""
    if abs(rate) < 1e-300:
        return way
    found: Floats = -np.expm1(-rate * way) / rate
    return found


def _timed(function: Callable[[Floats], Floats], lasting: Floats, end: float) -> Floats:
    """∫ f(u) du, u = β (eᵛ − 1) from 0 to the end, for each row."""
    furthest = end / float(lasting.min(initial=np.inf))
    nodes, weights = legendre(16 if furthest <= 2 else 32 if furthest <= 50 else 64)
    way = np.log1p(end / lasting)[:, None]
    grown = np.expm1(way * nodes)
    values = function(lasting[:, None] * grown) * (1 + grown)
    found: Floats = np.einsum("ij,j->i", values, weights) * way[:, 0] * lasting
    return found


_ALIKE = Coordinate(
    "s",
    ("s", "beta"),
    -16.0,
    18.0,
    Text(
        "a few customers leave at once, the others never (s goes to 0)",
        "wenige Kunden gehen sofort, die anderen nie (s geht gegen 0)",
    ),
    Text(
        "all customers leave at the same rate (s and β grow without bound)",
        "alle Kunden gehen mit derselben Rate (s und β wachsen unbegrenzt)",
    ),
)
_LASTING = Coordinate(
    "β ÷ s",
    ("s", "beta"),
    -30.0,
    30.0,
    Text("every customer leaves at once (β ÷ s goes to 0)", "jeder Kunde geht sofort (β ÷ s geht gegen 0)"),
    Text("no customer leaves (β ÷ s grows without bound)", "kein Kunde geht (β ÷ s wächst unbegrenzt)"),
)
