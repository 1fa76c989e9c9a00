"""Within what the number of a customer's purchases will lie: quantiles of a mixture of none and one or more."""

import numpy as np
import scipy

from schwung.predict.clv.rows import Floats

_SAME = 1e-9


def count_interval(mean: Floats, pairs: Floats, silent: Floats, level: float) -> tuple[Floats, Floats]:
    """mean: E[Y]; pairs: E[Y(Y−1)]; silent: P(Y = 0). low, high at the level.

    None with the probability that the model says; else one, and beyond it a negative binomial of the same mean and variance.
    """
    some = np.maximum(1.0 - silent, _SAME)
    more = np.maximum(mean / some - 1.0, 0.0)
    square = np.maximum((pairs + mean) / some - 2.0 * mean / some + 1.0, 0.0)
    variance = np.maximum(square - more * more, 0.0)
    low, high = (_quantile(share, silent, more, variance) for share in (0.5 - level / 2, 0.5 + level / 2))
    return low, high


def _quantile(share: float, silent: Floats, more: Floats, variance: Floats) -> Floats:
    found = np.zeros(len(silent))
    beyond = share > silent
    if not beyond.any():
        return found
    u = np.clip((share - silent[beyond]) / (1.0 - silent[beyond]), 0.0, 1.0)
    m, v = more[beyond], variance[beyond]
    wide = v > m * (1 + _SAME)
    counted = np.zeros(len(m))
    if wide.any():
        size = m[wide] ** 2 / (v[wide] - m[wide])
        counted[wide] = scipy.stats.nbinom.ppf(u[wide], np.maximum(size, _SAME), np.clip(m[wide] / v[wide], _SAME, 1.0))
    narrow = ~wide & (m > 0)
    counted[narrow] = scipy.stats.poisson.ppf(u[narrow], m[narrow])
    found[beyond] = 1.0 + np.maximum(counted, 0.0)
    return found
