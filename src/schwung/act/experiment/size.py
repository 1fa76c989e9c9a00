"""Before the start: how many customers, or how small an effect; after it: whether the arms came out as they were planned."""

from collections.abc import Sequence

import scipy


def sample_size(
    control: float, treated: float, *, power: float = 0.8, level: float = 0.95, pooled: bool = True
) -> float:
    """Customers an arm to tell two shares apart. pooled: the variance under no difference, as tests of shares have it.

    Fleiss, Levin and Paik (2003), without correction for continuity.
    """
    beta, alpha = scipy.stats.norm.ppf(power), scipy.stats.norm.ppf(0.5 + level / 2)
    spread = control * (1 - control) + treated * (1 - treated)
    middle = (control + treated) / 2
    under_null = 2 * middle * (1 - middle) if pooled else spread
    return float((alpha * under_null**0.5 + beta * spread**0.5) ** 2 / (treated - control) ** 2)


def minimum_detectable_effect(
    variance: float, n_control: int, n_treated: int, *, power: float = 0.8, level: float = 0.95
) -> float:
    """Smallest difference of means that is found with this power. variance: of one customer."""
    factor = scipy.stats.norm.ppf(power) + scipy.stats.norm.ppf(0.5 + level / 2)
    return float(factor * (variance * (1 / n_control + 1 / n_treated)) ** 0.5)


def sample_ratio(counts: Sequence[int], shares: Sequence[float] | None = None) -> float:
    """p-value that the arms are as large as planned (χ²). Below 0.001 the assignment is broken. shares: planned; None: equal."""
    total = sum(counts)
    planned = [total / len(counts)] * len(counts) if shares is None else [total * one / sum(shares) for one in shares]
    return float(scipy.stats.chisquare(counts, planned).pvalue)
