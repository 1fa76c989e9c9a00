"""Waiting times where some still wait: Kaplan & Meier (1958), variance after Greenwood, interval of a quantile after
Brookmeyer & Crowley (1982) on the log scale, as R's survfit has it."""

import math
from collections.abc import Mapping, Sequence

from schwung.measure.inference.estimate import Estimate, Z


def survival(bins: Sequence[Mapping[str, float]]) -> list[tuple[float, float, float]]:
    """(time, share that waits longer, its variance ÷ share²) at each time with an end.

    bins: {"after", "ended", "waiting"}: how long, how many ended then, how many were last seen waiting then; who waits
    until a time counts as waiting at that time.
    """
    at_risk = sum(one["ended"] + one["waiting"] for one in bins)
    left, variance, found = 1.0, 0.0, []
    for one in sorted(bins, key=lambda one: one["after"]):
        ended = one["ended"]
        if ended:
            left *= 1 - ended / at_risk
            variance += ended / (at_risk * (at_risk - ended)) if at_risk > ended else math.inf
            found.append((one["after"], left, variance))
        at_risk -= ended + one["waiting"]
    return found


def waiting(bins: Sequence[Mapping[str, float]], ended_share: float = 0.5) -> Estimate:
    """Time by which `ended_share` have ended: 0.5 the median. None where so many have not ended yet. n: all cases."""
    n = int(sum(one["ended"] + one["waiting"] for one in bins))
    course = survival(bins)
    left = 1 - ended_share + 1e-12

    def first(sign: float) -> float | None:
        for after, share, variance in course:
            if variance == math.inf:  # nobody is left: the share is 0, nothing bounds it from above
                return after if sign <= 0 else None
            if share * math.exp(sign * Z * math.sqrt(variance)) <= left:
                return after
        return None

    value = first(0)
    return Estimate(value, first(-1), first(1), n) if n > 1 else Estimate(value, n=n)
