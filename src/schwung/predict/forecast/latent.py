"""What a weekly course says of the weeks ahead: level, trend, season, unrest; each as uncertain as what is known leaves it.

The logarithm of a course is a Gaussian process: a level that walks at random (so its variance grows with time), a trend that
fades ahead, a season of the year, unrest that lasts some weeks, and what the first weeks have more or less because the facts
begin there. How strong each is stays open: all strengths of a grid are fitted, and each counts by its likelihood. A season
that was not seen for a whole year so widens what is said by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import scipy

from schwung.predict.clv.rows import Floats

YEAR = 365.25 / 7
_LEVEL = 4.0
"""Variance of the level before anything is known: any."""
_FADES = 0.98
"""So much of a trend is left after a week ahead."""
_UNREST = 0.6
"""Correlation of the unrest of a week with that of the next."""
_OPENING = np.array([4.0, 16.0])
"""Weeks after which a third of what the beginning of the facts brought is left: who buys often, who buys rarely."""
_RARELY = 0.1
"""Chance, before anything is seen, that the facts begin in the middle of a shop's life."""
_LEAST, _JITTER = 1e-9, 1e-8
_COUNTED, _REACH = 10.0, (4, 26)
"""Weeks to each side that tell what is expected of one: so many that they count about twice as much, within limits."""


@dataclass(frozen=True, slots=True)
class Prior:
    """Standard deviations on the logarithm, each of the grid as likely as the others: walk in a week, season, unrest; of the
    trend in a year; opening: of the first week, 0 likelier than others."""

    walk: tuple[float, ...]
    season: tuple[float, ...]
    unrest: tuple[float, ...]
    trend: float = 0.0
    opening: tuple[float, ...] = (0.0,)


@dataclass(frozen=True, eq=False)
class Latent:
    """Of the weeks ahead, on the logarithm: of each strength of the grid its weight, mean, and a root of its covariance."""

    weights: Floats
    means: Floats
    roots: Floats

    @property
    def mean(self) -> Floats:
        found: Floats = self.weights @ self.means
        return found

    def drawn(self, draws: int, random: np.random.Generator) -> Floats:
        """Imagined courses: draws × weeks."""
        which = random.choice(len(self.weights), draws, p=self.weights)
        noise = random.standard_normal((draws, self.means.shape[1]))
        found = np.empty_like(noise)
        for one in np.unique(which):
            at = which == one
            found[at] = self.means[one] + noise[at] @ self.roots[one].T
        return found


def latent(seen: Floats, variance: Floats, ahead: int, prior: Prior, against: Floats | None = None) -> Latent:
    """seen: logarithm by week, with the variance that chance gives it. against: weights of the weeks seen; what is said ahead is
    then the difference to their mean."""
    count = len(seen)
    middle = float(np.average(seen, weights=1 / variance))
    asked = np.eye(ahead, count + ahead, count)
    if against is not None:
        asked[:, :count] -= against / against.sum()
    *kinds, trend = _kernels(count, ahead)
    grid = np.array(list(product(prior.walk, prior.season, prior.unrest, prior.opening))) ** 2
    whole = _LEVEL + prior.trend**2 * trend + np.einsum("gk,kij->gij", grid, np.stack(kinds))
    known = whole[:, :count, :count] + np.diag(variance)
    lower = np.linalg.cholesky(known)
    residual = np.broadcast_to((seen - middle)[:, None], (len(grid), count, 1))
    crossed = np.einsum("ai,gij->gaj", asked, whole[:, :, :count])
    solved = np.linalg.solve(lower, np.concatenate([residual, crossed.transpose(0, 2, 1)], axis=2))
    fit, reach = solved[:, :, 0], solved[:, :, 1:]
    likely = -0.5 * np.square(fit).sum(1) - np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(1)
    means = np.einsum("gta,gt->ga", reach, fit) + (middle if against is None else 0.0)
    spread = asked @ whole @ asked.T - reach.transpose(0, 2, 1) @ reach
    likely += np.log(np.where(grid[:, 3] > 0, _RARELY, 1 - _RARELY))
    weights = np.exp(likely - likely.max())
    kept = weights > 0.01 * weights.sum()
    weights = weights[kept] / weights[kept].sum()
    return Latent(weights, means[kept], np.linalg.cholesky(spread[kept] + _JITTER * np.eye(ahead)))


def _kernels(count: int, ahead: int) -> Sequence[Floats]:
    """Covariances of unit strength among the weeks seen and ahead: walk, season, unrest, opening, trend."""
    week = np.arange(1.0, count + ahead + 1)
    apart = week[:, None] - week[None, :]
    walk = np.minimum(week[:, None], week[None, :])
    constant = float(scipy.special.ive(0, 1.0))  # its mean over a year: the level is told apart
    season = (np.exp(-2 * np.square(np.sin(np.pi * apart / YEAR))) - constant) / (1 - constant)
    faded = _FADES * (1 - _FADES ** np.arange(1, ahead + 1)) / (1 - _FADES)
    way = np.concatenate([np.arange(1 - count, 1), faded]) / YEAR
    left = np.exp(-(week - 1) / _OPENING[:, None])
    return walk, season, _UNREST ** np.abs(apart), left.T @ left, np.outer(way, way)


def smoothed(counts: Floats, exposure: Floats) -> Floats:
    """What is expected of each week by its neighbours: counts ÷ exposure around it, times its own; never 0. The fewer are
    counted, the more neighbours."""
    reach = int(np.clip(_COUNTED / max(float(counts.mean()), 0.01), *_REACH))
    window = np.ones(2 * min(reach, (len(counts) - 1) // 2) + 1)
    around = np.convolve(counts, window, "same") + 0.5
    under = np.convolve(exposure, window, "same") + 0.5 * exposure.mean() / max(counts.mean(), 0.05)
    found: Floats = np.maximum(around / np.maximum(under, _LEAST) * exposure, _LEAST)
    return found


def of_counts(counts: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Logarithm of counts ÷ exposure by week, and its variance by chance: to the first order around what the neighbours say, so
    weeks without a count say something too."""
    expected = np.maximum(smoothed(counts, exposure), 0.2)
    return np.log(expected / exposure) + (counts - expected) / expected, 1 / expected
