"""The process of customers who leave, if at all, with a purchase: what is expected of them. BG/NBD (shift 0) and MBG/NBD (shift 1).

Of a customer still alive, the purchase rate is gamma(k = r+x, α+T) and the share of leaving q is beta(a, b+m). Given both, within t
they buy (1 − e^−λqt) / q times on average; the mean over λ is closed, the one over q a quadrature, which holds for all a, b > 0.
"""

from dataclasses import dataclass

import numpy as np

from schwung.core.text import Text
from schwung.predict.clv.beta_geometric import BetaGeometricLikelihood
from schwung.predict.clv.newton import Objective
from schwung.predict.clv.process import Chart, Coordinate, rate_coordinates
from schwung.predict.clv.quadrature import Mixed, beta_mean, legendre
from schwung.predict.clv.rows import Floats, Ints, Rows

_FAR = 23.0
_ENDLESS = 35.0
"""exp(−35) is nothing."""
_MOMENTS = ((8, 2.0), (16, 50.0), (32, np.inf))
"""Nodes in time; enough while the horizon is no longer, in units of α + T."""
_ENOUGH = 64
"""Nodes over q at any one moment: what is far ahead counts little."""


@dataclass(frozen=True, slots=True)
class AtPurchase:
    """shift: 1 where customers may leave with their first purchase too."""

    name: str
    title: Text
    shift: int
    parameters: tuple[str, ...] = ("r", "alpha", "a", "b")
    clocked: tuple[str, ...] = ("alpha",)
    covaried: tuple[str, ...] = ("alpha", "a", "b")

    @property
    def chart(self) -> Chart:
        matrix = np.array([[1.0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 0]])
        return Chart(matrix, (*rate_coordinates(), _ALIKE, _LEAVING))

    def likelihood(self, rows: Rows) -> Objective:
        return BetaGeometricLikelihood(rows, self.shift)

    def start(self, rows: Rows) -> Floats:
        return np.array([0.0, np.log(float(rows.T @ rows.count) / (1 + rows.purchases)), 0.0, 0.0])

    def alive(self, p: Floats, rows: Rows) -> Floats:
        r, alpha, a, b = p
        chances = rows.frequency + self.shift
        silent = np.log1p((rows.T - rows.recency) / (alpha + rows.recency))
        odds = np.log(a / np.maximum(b + chances - 1, 1e-300)) + (r + rows.frequency) * silent
        less = np.exp(-np.abs(odds))
        return np.where(chances > 0, np.where(odds > 0, less, 1.0) / (1 + less), 1.0)

    def expected(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        some, place = rows.by_age
        a, b, k, clock = self._posterior(p, some)
        return self.alive(p, rows) * _mean(_bought, a, b, k, horizon / clock)[place]

    def pairs(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        some, place = rows.by_age
        a, b, k, clock = self._posterior(p, some)
        return self.alive(p, rows) * _mean(_bought_pairs, a, b, k, horizon / clock)[place]

    def silent(self, p: Floats, rows: Rows, horizon: float) -> Floats:
        _, _, k, clock = self._posterior(p, rows)
        alive = self.alive(p, rows)
        waits = np.zeros(len(rows)) if np.isinf(horizon) else np.exp(-k * np.log1p(horizon / clock))
        return 1 - alive + alive * waits

    def waiting(self, p: Floats, rows: Rows, share: float) -> Floats:
        _, _, k, clock = self._posterior(p, rows)
        found: Floats = clock * np.expm1(-np.log1p(-share) / k)
        return found

    def discounted(self, p: Floats, rows: Rows, horizon: float, discount: float) -> Floats:
        some, place = rows.by_age
        a, b, k, clock = self._posterior(p, some)
        end = min(horizon, _ENDLESS / discount) if discount > 0 else horizon
        furthest, worth, left = end / clock, np.zeros(len(some)), np.ones(len(some), bool)
        for size, most in _MOMENTS:
            chosen = np.flatnonzero(left & (furthest <= most))
            left[chosen] = False
            worth[chosen] = _worth(a, b[chosen], k[chosen], clock[chosen], end, discount, size)
        return self.alive(p, rows) * worth[place]

    def draw(self, p: Floats, rows: Rows, horizon: float, random: np.random.Generator) -> Ints:
        a, b, k, clock = self._posterior(p, rows)
        alive = random.random(len(rows)) < self.alive(p, rows)
        wanted = random.poisson(random.gamma(k) / clock * horizon)
        leaves = np.maximum(random.beta(a, b), 1e-12)
        most = np.ceil(np.log1p(-random.random(len(rows))) / np.log1p(-np.minimum(leaves, 1 - 1e-15)))
        return np.where(alive, np.minimum(wanted, np.maximum(most, 1)), 0).astype(np.int64)

    def _posterior(self, p: Floats, rows: Rows) -> tuple[float, Floats, Floats, Floats]:
        """Of those alive: a, b of the share of leaving; k, α of the purchase rate."""
        r, alpha, a, b = p
        bought = rows.frequency.astype(np.float64)
        return float(a), b + self.shift + bought, r + bought, alpha + rows.T


def _mean(function: Mixed, a: float, b: Floats, k: Floats, y: Floats, most: int = 128) -> Floats:
    """Over q of what falls with q no faster than (1 + qy)^−(k+1)."""
    return beta_mean(function, a, b, (k, y), (k + 1) * y / (a + b), y, most)


def _worth(a: float, b: Floats, k: Floats, clock: Floats, end: float, discount: float, size: int) -> Floats:
    """∫ e^−δu k/α E(1 + qu/α)^−(k+1) du from 0 to the end, u = α (eᵛ − 1)."""
    stretch = np.log1p(end / clock)
    found = np.zeros(len(b))
    for node, weight in zip(*legendre(size), strict=True):
        grown = np.expm1(node * stretch)
        fades = weight * (1 + grown) * np.exp(-discount * clock * grown)
        found += fades * _mean(_pace, a, b, k, grown, _ENOUGH)
    return k * stretch * found


def _pace(q: Floats, k: Floats, y: Floats) -> Floats:
    found: Floats = np.exp(-(k + 1) * np.log1p(q * y))
    return found


def _bought(q: Floats, k: Floats, y: Floats) -> Floats:
    found: Floats = -np.expm1(-k * np.log1p(q * y)) / q
    return found


def _bought_pairs(q: Floats, k: Floats, y: Floats) -> Floats:
    """E[Y(Y−1)] given q: 2 (1−q)/q² · (1 − (1+qy)^−k − k qy (1+qy)^−(k+1))."""
    waited = q * y
    often = k * waited
    missing = 1 - np.exp(-k * np.log1p(waited)) * (1 + often / (1 + waited))
    first = 0.5 * often * (often + waited)
    series = first * (1 - (often + 2 * waited) * (2 / 3 - (often + 3 * waited) / 4))
    found: Floats = 2 * (1 - q) / (q * q) * np.where(often < 1e-3, series, missing)
    return found


_ALIKE = Coordinate(
    "b",
    ("a", "b"),
    -_FAR,
    18.0,
    Text(
        "customers either leave at once or never (a and b go to 0)",
        "Kunden gehen entweder sofort oder nie (a und b gehen gegen 0)",
    ),
    Text(
        "all customers leave with the same probability (a and b grow without bound)",
        "alle Kunden gehen mit derselben Wahrscheinlichkeit (a und b wachsen unbegrenzt)",
    ),
)
_LEAVING = Coordinate(
    "a ÷ b",
    ("a", "b"),
    -_FAR,
    _FAR,
    Text("no customer leaves (a ÷ b goes to 0)", "kein Kunde geht (a ÷ b geht gegen 0)"),
    Text(
        "every customer leaves with the first chance (a ÷ b grows without bound)",
        "jeder Kunde geht bei erster Gelegenheit (a ÷ b wächst unbegrenzt)",
    ),
)
