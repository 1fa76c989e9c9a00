"""Log-likelihood of the models whose customers may leave with a purchase (BG/NBD, MBG/NBD), with gradient and Hessian.

BG/NBD: Fader, Hardie & Lee 2005; MBG/NBD: Batislam, Denizel & Filiztekin 2007. They differ in one number: with how many of
their purchases customers might have left. m = frequency + shift; shift 0: with each repeat purchase; 1: with the first one too.
Purchase rates are gamma(r, α) over customers, shares of leaving are beta(a, b). With c = r + frequency:

ln L = ln (r)ₓ + ln (b)ₘ − ln (a+b)ₘ − r ln(1 + T/α) − x ln(α+T) + ln(1 + eᴰ),  D = ln a − ln(b+m−1) + c ln((α+T)/(α+tₓ)).

A customer with m = 0 cannot have left; D counts where m > 0.
"""

from collections.abc import Iterator

import numpy as np

from schwung.predict.clv.newton import Derivatives
from schwung.predict.clv.rising import Rising
from schwung.predict.clv.rows import Floats, Ints, Rows

_BLOCK = 16_384


class BetaGeometricLikelihood:
    """Of the logarithms of (r, α, a, b), for the given rows."""

    def __init__(self, rows: Rows, shift: int) -> None:
        counted = rows.frequency + shift
        self._bought = Rising.of(rows.frequency, rows.count)
        self._chances = Rising.of(counted, rows.count)
        self._stayed = _by_age(rows.where(counted == 0))
        leaving = rows.where(slice(int(np.searchsorted(counted, 1)), None))
        self._blocks = [
            (
                leaving.where(slice(start, start + _BLOCK)),
                (leaving.frequency[start : start + _BLOCK] + shift - 1).astype(np.float64),
            )
            for start in range(0, len(leaving), _BLOCK)
        ]

    def __call__(self, at: Floats) -> Derivatives:
        r, alpha, a, b = np.exp(at)
        value, gradient, hessian = self._counts(r, a, b)
        for part in self._parts(r, alpha, a, b):
            value += part[0]
            gradient += part[1]
            hessian += part[2]
        scale = np.array([r, alpha, a, b])
        gradient *= scale
        return value, gradient, hessian * np.outer(scale, scale) + np.diag(gradient)

    def _counts(self, r: float, a: float, b: float) -> Derivatives:
        """What depends on the number of purchases alone."""
        bought, bought1, bought2 = self._bought(r)
        stay, stay1, stay2 = self._chances(b)
        all_, all1, all2 = self._chances(a + b)
        hessian = np.diag([bought2, 0.0, -all2, stay2 - all2])
        hessian[2, 3] = hessian[3, 2] = -all2
        return bought + stay - all_, np.array([bought1, 0.0, -all1, stay1 - all1]), hessian

    def _parts(self, r: float, alpha: float, a: float, b: float) -> Iterator[Derivatives]:
        for rows in self._stayed:
            yield waited(rows.T, rows.frequency, rows.count, r, alpha)
        for rows, earlier in self._blocks:
            value, gradient, hessian = waited(rows.T, rows.frequency, rows.count, r, alpha)
            mixed = _left(rows, earlier, r, alpha, a, b)
            yield value + mixed[0], gradient + mixed[1], hessian + mixed[2]


def _by_age(rows: Rows) -> list[Rows]:
    """Customers who cannot have left differ by age alone: (nothing bought, any recency)."""
    if not len(rows):
        return []
    ages, place = np.unique(rows.T, return_inverse=True)
    none = np.zeros(len(ages))
    return [Rows(none.astype(np.int64), none, ages, np.bincount(place, weights=rows.count).astype(np.float64))]


def waited(T: Floats, x: Ints, count: Floats, r: float, alpha: float) -> Derivatives:
    """−r ln(1 + T/α) − x ln(α+T)."""
    inverse = 1 / (alpha + T)
    passed = np.log1p(T / alpha)
    share = T * inverse / alpha
    slope = r * share - x * inverse
    bend = x * inverse * inverse - r * share * (1 / alpha + inverse)
    gradient, hessian = np.zeros(4), np.zeros((4, 4))
    gradient[0], gradient[1] = -float(count @ passed), float(count @ slope)
    hessian[0, 1] = hessian[1, 0] = float(count @ share)
    hessian[1, 1] = float(count @ bend)
    return r * gradient[0] - float((count * x) @ (np.log(alpha + T))), gradient, hessian


def _left(rows: Rows, earlier: Floats, r: float, alpha: float, a: float, b: float) -> Derivatives:
    """ln(1 + eᴰ); earlier: m − 1."""
    late, early = 1 / (alpha + rows.T), 1 / (alpha + rows.recency)
    silent = np.log1p((rows.T - rows.recency) * early)
    c = r + rows.frequency
    difference = late - early
    often = 1 / (b + earlier)
    odds = np.log(a * often) + c * silent
    less = np.exp(-np.abs(odds))
    gone = np.where(odds > 0, 1.0, less) / (1 + less)
    value = float(rows.count @ (np.maximum(odds, 0) + np.log1p(less)))
    slopes = np.stack([silent, c * difference, np.full(len(rows), 1 / a), -often])
    weight = rows.count * gone
    gradient = slopes @ weight
    hessian = (slopes * (weight * (1 - gone))) @ slopes.T
    hessian[0, 1] += (cross := float(weight @ difference))
    hessian[1, 0] += cross
    hessian[1, 1] += float((weight * c) @ (early * early - late * late))
    hessian[2, 2] -= float(weight.sum()) / (a * a)
    hessian[3, 3] += float(weight @ (often * often))
    return value, gradient, hessian
