"""Shares and odds of cases."""

import math

from schwung.measure.inference.estimate import Estimate, Z


def share(hits: int, n: int) -> Estimate:
    """hits ÷ n. The interval is centered at (hits + z²/2) ÷ (n + z²) and cut at 0 and 1."""
    if not n:
        return Estimate(None)
    padded = n + Z**2
    center = (hits + Z**2 / 2) / padded
    half = Z * math.sqrt(center * (1 - center) / padded)
    return Estimate(hits / n, max(0.0, center - half), min(1.0, center + half), n)


def wald_share(hits: int, n: int) -> Estimate:
    """hits ÷ n with the textbook interval p ± z·√(p(1−p)÷n): too narrow near 0 and 1, here for comparison with others."""
    if not n:
        return Estimate(None)
    p = hits / n
    half = Z * math.sqrt(p * (1 - p) / n)
    return Estimate(p, p - half, p + half, n)


def odds(hits: int, n: int) -> Estimate:
    """hits ÷ (n − hits)."""
    whole = share(hits, n)
    if whole.low is None or whole.high is None:
        return whole
    value = hits / (n - hits) if n > hits else None
    high = whole.high / (1 - whole.high) if whole.high < 1 else None
    return Estimate(value, whole.low / (1 - whole.low), high, n)
