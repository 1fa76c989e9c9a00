"""What answers to questions add up to: net promoter score, shares at the top of a scale, response rates."""

import math
from collections.abc import Mapping

from schwung.measure.inference.estimate import Estimate, Z
from schwung.measure.inference.shares import share


def net_promoter_score(promoters: int, detractors: int, n: int) -> Estimate:
    """Share of promoters minus share of detractors, −1 to 1; adjusted Wald: 3 answers more, ¾ of them on either end."""
    return _adjusted(promoters / n, detractors / n, n, n) if n else Estimate(None)


def weighted_net_promoter_score(
    promoters: float, detractors: float, weights: float, squared_weights: float, n: int
) -> Estimate:
    """The same from sums of weights; the interval rests on the effective number (Σw)² ÷ Σw². n: answers."""
    if not weights or not squared_weights:
        return Estimate(None)
    effective = effective_size(weights, squared_weights)
    return _adjusted(promoters / weights, detractors / weights, effective, n)


def wald_net_promoter_score(promoters: int, detractors: int, n: int) -> Estimate:
    """The same with the textbook interval ± z·√((p + d − (p − d)²) ÷ n), which can leave −1 to 1."""
    if not n:
        return Estimate(None)
    value = (promoters - detractors) / n
    half = Z * math.sqrt(((promoters + detractors) / n - value**2) / n)
    return Estimate(value, value - half, value + half, n)


def effective_size(weights: float, squared_weights: float) -> float:
    """Answers that would say as much without weights: (Σw)² ÷ Σw² (Kish 1965)."""
    return weights**2 / squared_weights


def top_share(counts: Mapping[int, int], top: int) -> Estimate:
    """Share of answers among the `top` highest steps of a scale. counts: answers by step, every step of the scale named."""
    steps = sorted(counts)[-top:]
    return share(sum(counts[step] for step in steps), sum(counts.values()))


def response_rates(
    complete: int, partial: int, refused: int, not_reached: int, other: int, unknown: int, unknown_other: int, e: float
) -> dict[str, float]:
    """RR1 to RR6 of AAPOR's Standard Definitions. unknown: households of unknown eligibility; unknown_other: other
    unknown; e: share of the unknown that counts as eligible."""
    interviews, known = complete + partial, complete + partial + refused + not_reached + other
    unsure = unknown + unknown_other
    return {
        "RR1": complete / (known + unsure),
        "RR2": interviews / (known + unsure),
        "RR3": complete / (known + e * unsure),
        "RR4": interviews / (known + e * unsure),
        "RR5": complete / known,
        "RR6": interviews / known,
    }


def _adjusted(promoters: float, detractors: float, size: float, n: int) -> Estimate:
    """Interval of p − d after Rocks (2016), from shares over `size` answers."""
    top, bottom = (promoters * size + 0.75) / (size + 3), (detractors * size + 0.75) / (size + 3)
    center = top - bottom
    half = Z * math.sqrt((top + bottom - center**2) / (size + 3))
    return Estimate(promoters - detractors, max(-1.0, center - half), min(1.0, center + half), n)
