"""k-means over standardised features; the number of groups by how well halves of the data agree about them.

Stability: pairs of random halves are clustered, both assign all customers of the sample, and the adjusted Rand index tells how
far they agree (Hubert & Arabie 1985; number of clusters by stability: Ben-Hur, Elisseeff & Guyon 2002). Seeded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schwung.measure.persona.features import Feature

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SAMPLE = 10_000
LEAST_CUSTOMERS = 300
LEAST_SHARE = 0.02
FAR = 2.0
HARDLY = 0.7
"""Below this agreement of the halves there are no groups to speak of."""
_ABOUT = 0.04
_NUMBERS = range(3, 9)
"""Two groups come out alike even where there are none: along the longest axis."""
_PAIRS = 8
_SEED = 20_091
_TAILS = 0.01


@dataclass(frozen=True, slots=True)
class Scale:
    """Brings raw features onto one scale: logarithm where said, cut at 1 % and 99 %, mean 0, deviation √weight."""

    low: Floats
    high: Floats
    mean: Floats
    deviation: Floats
    weight: Floats
    is_log: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, raw: Floats, features: Sequence[Feature]) -> "Scale":
        """raw: rows × features, NaN for unknown."""
        is_log = np.array([feature.log for feature in features])
        values = _logged(raw, is_log)
        low, high = np.nanquantile(values, _TAILS, axis=0), np.nanquantile(values, 1 - _TAILS, axis=0)
        cut = np.clip(values, low, high)
        deviation = np.nanstd(cut, axis=0)
        weight = np.array([feature.weight for feature in features])
        return cls(low, high, np.nanmean(cut, axis=0), np.where(deviation > 0, deviation, 1.0), weight, is_log)

    def __call__(self, raw: Floats) -> Floats:
        """Unknown values lie in the middle; what few have at all (a discount, a return) counts no more than FAR deviations."""
        cut = np.clip(_logged(raw, self.is_log), self.low, self.high)
        found: Floats = np.clip(np.nan_to_num((cut - self.mean) / self.deviation), -FAR, FAR) * np.sqrt(self.weight)
        return found


@dataclass(frozen=True, slots=True)
class Clusters:
    """centers: group × feature on the scale. stability: number of groups → mean agreement; the chosen one is len(centers)."""

    scale: Scale
    centers: Floats
    stability: dict[int, float]

    def assign(self, raw: Floats) -> Ints:
        """Group of every row."""
        return nearest(self.scale(raw), self.centers)


def clusters(raw: Floats, features: Sequence[Feature], ids: Ints, before: Sequence[Floats] = ()) -> Clusters | None:
    """None where no number of groups is stable. ids: of the customers; they draw the same sample in every run.

    before: raw centers of the groups there are, same features; they are a start, so that groups stay what they were.
    """
    sample = raw[np.argsort(_mixed(ids), kind="stable")[:SAMPLE]]
    scale = Scale.of(sample, features)
    points = scale(sample)
    stability = {number: _stability(points, number) for number in _NUMBERS if len(points) >= number * 50}
    number = _chosen(stability, len(before))
    while number:
        centers = _fitted(points, number, [scale(one[None])[0] for one in before])
        sizes = np.bincount(nearest(points, centers), minlength=number) / len(points)
        if sizes.min() >= LEAST_SHARE:
            return Clusters(scale, centers, stability)
        number = _chosen({one: value for one, value in stability.items() if one < number}, 0)
    return None


def matched(centers: Floats, before: Floats) -> dict[int, int]:
    """New group → group before, one to one with the least distance in all; those farther than typical groups lie are new."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    if not len(before):
        return {}
    distances = cdist(centers, before)
    apart = np.median(cdist(centers, centers)[np.triu_indices(len(centers), 1)]) if len(centers) > 1 else np.inf
    rows, columns = linear_sum_assignment(distances)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if distances[row, column] < apart}


def nearest(points: Floats, centers: Floats) -> Ints:
    squares = (centers**2).sum(axis=1)[None, :] - 2 * points @ centers.T
    return squares.argmin(axis=1).astype(np.int64)


def _mixed(ids: Ints) -> npt.NDArray[np.uint64]:
    """Numbers in an order that has nothing to do with theirs, the same everywhere (splitmix64)."""
    mixed = ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(31))


def _stability(points: Floats, number: int) -> float:
    from sklearn.metrics import adjusted_rand_score

    found = []
    for pair in range(_PAIRS):
        order = np.random.default_rng((_SEED, number, pair)).permutation(len(points))
        half = len(points) // 2
        labels = [nearest(points, _kmeans(points[side], number, pair)) for side in (order[:half], order[half:])]
        found.append(float(adjusted_rand_score(*labels)))
    return float(np.mean(found))


def _chosen(stability: dict[int, float], before: int) -> int:
    """The largest number that is about as stable as the stablest, the one before where it still holds; 0 where none does."""
    best = max(stability.values(), default=0.0)
    if stability.get(before, 0.0) >= max(HARDLY, best - 2 * _ABOUT):
        return before
    return max((number for number, value in stability.items() if value >= max(HARDLY, best - _ABOUT)), default=0)


def _fitted(points: Floats, number: int, starts: Sequence[Floats]) -> Floats:
    """The better of a fresh fit and one from the groups before; those before win where they are as good."""
    fresh = _kmeans(points, number, 0, tries=10)
    if len(starts) != number:
        return fresh
    again = _kmeans(points, number, 0, start=np.array(starts))
    return again if _spread(points, again) <= 1.02 * _spread(points, fresh) else fresh


def _kmeans(points: Floats, number: int, seed: int, *, tries: int = 5, start: Floats | None = None) -> Floats:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    init = "k-means++" if start is None else start
    with threadpool_limits(1):  # threads that wait for one another cost more than such small fits
        found = KMeans(number, init=init, n_init=tries if start is None else 1, random_state=seed).fit(points)
    centers: Floats = found.cluster_centers_
    return centers


def _spread(points: Floats, centers: Floats) -> float:
    return float(((points - centers[nearest(points, centers)]) ** 2).sum())


def _logged(raw: Floats, is_log: npt.NDArray[np.bool_]) -> Floats:
    return np.where(is_log, np.log1p(np.clip(raw, 0, None)), raw)
