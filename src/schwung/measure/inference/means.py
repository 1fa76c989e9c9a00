"""Means, ratios of sums, and what is worked out from them."""

import math
from collections.abc import Mapping, Sequence

from schwung.measure.inference.estimate import Estimate, Z, t_quantile

DRAWS = 2_000
_SEED = 20_010_505
Bins = Sequence[Mapping[str, float]]


def mean(n: int, total: float, squares: float) -> Estimate:
    """total ÷ n."""
    if not n:
        return Estimate(None)
    value = total / n
    if n < 2:
        return Estimate(value, n=n)
    half = t_quantile(n - 1) * math.sqrt(_variance(n, total, squares) / n)
    return Estimate(value, value - half, value + half, n)


def money_mean(bins: Bins) -> Estimate:
    """Mean of amounts from their size classes, each {"n", "total", "squares"}.

    Bayesian bootstrap (Rubin 1981): a class weighs Gamma(n), its mean varies by its own spread. Seeded, so the same
    aggregates give the same interval; it is skewed as the amounts are, and may be negative where they are.
    """
    import numpy as np

    sizes = np.array([one["n"] for one in bins if one["n"]], dtype=np.float64)
    n = int(sizes.sum())
    if not n:
        return Estimate(None)
    totals = np.array([one["total"] for one in bins if one["n"]], dtype=np.float64)
    squares = np.array([one["squares"] for one in bins if one["n"]], dtype=np.float64)
    value = float(totals.sum()) / n
    if n < 2:
        return Estimate(value, n=n)
    means = totals / sizes
    spread = np.sqrt(np.maximum(0.0, squares / sizes - means**2) / (sizes + 1))
    chance = np.random.Generator(np.random.PCG64(_SEED))
    weights = chance.standard_gamma(sizes, (DRAWS, len(sizes)))
    drawn = (weights * (means + spread * chance.standard_normal((DRAWS, len(sizes))))).sum(1) / weights.sum(1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Estimate(value, float(low), float(high), n)


def ratio(units: int, n: int, sum_x: float, sum_y: float, sum_xx: float, sum_yy: float, sum_xy: float) -> Estimate:
    """sum_y ÷ sum_x over `units` independent pairs (x ≥ 0, y ≥ 0); n is only passed on. Delta method, cut at 0."""
    found = yields(units, n, sum_x, sum_y, sum_xx, sum_yy, sum_xy)
    return found if found.low is None else Estimate(found.value, max(0.0, found.low), found.high, n)


def yields(units: int, n: int, sum_x: float, sum_y: float, sum_xx: float, sum_yy: float, sum_xy: float) -> Estimate:
    """`ratio` where y may be negative: not cut."""
    if not sum_x:
        return Estimate(None, n=n)
    value = sum_y / sum_x
    if units < 2:
        return Estimate(value, n=n)
    half = t_quantile(units - 1) * _spread(value, units, sum_xx, sum_yy, sum_xy) / sum_x
    return Estimate(value, value - half, value + half, n)


def log_ratio(units: int, n: int, sum_x: float, sum_y: float, sum_xx: float, sum_yy: float, sum_xy: float) -> Estimate:
    """`ratio` for money, which is skewed: the delta method for ln(y ÷ x), so the interval stays above 0."""
    found = yields(units, n, sum_x, sum_y, sum_xx, sum_yy, sum_xy)
    if found.value is None or found.high is None or found.value <= 0:
        return found
    factor = math.exp((found.high - found.value) / found.value)
    return Estimate(found.value, found.value / factor, found.value * factor, n)


def cost_each(total: float | None, n: int) -> Estimate:
    """total ÷ n, where the total is known and the n that came of it varies like a count (Poisson, log scale)."""
    if total is None or not n:
        return Estimate(None, n=n)
    factor = math.exp(Z / math.sqrt(n))
    return Estimate(total / n, total / n / factor, total / n * factor, n)


def formula(
    n: int,
    sum_m: float,
    sum_l: float,
    sum_t: float,
    sum_mm: float,
    sum_ll: float,
    sum_tt: float,
    sum_ml: float,
    sum_mt: float,
    sum_lt: float,
) -> Estimate:
    """mean(m) × mean(l) ÷ mean(t) over n independent customers; delta method on the log scale."""
    if not n or not sum_t:
        return Estimate(None, n=n)
    value = sum_m / n * sum_l / sum_t
    if n < 2 or value <= 0:
        return Estimate(value, n=n)
    m, l, t = sum_m / n, sum_l / n, sum_t / n  # noqa: E741

    def relative(total: float, a: float, b: float) -> float:
        return (total / n / (a * b)) - 1

    variance = relative(sum_mm, m, m) + relative(sum_ll, l, l) + relative(sum_tt, t, t)
    variance += 2 * (relative(sum_ml, m, l) - relative(sum_mt, m, t) - relative(sum_lt, l, t))
    factor = math.exp(t_quantile(n - 1) * math.sqrt(max(0.0, variance) / (n - 1)))
    return Estimate(value, value / factor, value * factor, n)


def compound(total: float, squares: float, n: int, cost: float | None) -> Estimate:
    """total ÷ cost, the total over cases whose number varies like a count and whose worth varies too (log scale)."""
    if not cost:
        return Estimate(None, n=n)
    value = total / cost
    if total <= 0:
        return Estimate(value, n=n)
    factor = math.exp(Z * math.sqrt(squares) / total)
    return Estimate(value, value / factor, value * factor, n)


def roi(bins: Bins) -> Estimate:
    """(what the customers of measures brought beyond their control groups − cost) ÷ cost; n: customers held back.

    bins: one a measure: {"sent", "sent_total", "sent_squares", "held", "held_total", "held_squares", "cost"}; those without
    a control group or a cost are left out. The interval is that of the differences of two means, added up.
    """
    gain = variance = cost = 0.0
    n = 0
    for one in bins:
        sent, held = int(one["sent"]), int(one["held"])
        if sent < 2 or held < 2 or not one["cost"]:
            continue
        gain += sent * (one["sent_total"] / sent - one["held_total"] / held)
        spread = _variance(sent, one["sent_total"], one["sent_squares"]) / sent
        spread += _variance(held, one["held_total"], one["held_squares"]) / held
        variance += sent**2 * spread
        cost += one["cost"]
        n += held
    if not cost:
        return Estimate(None, n=n)
    half = t_quantile(n - 1) * math.sqrt(variance) / cost
    value = (gain - cost) / cost
    return Estimate(value, value - half, value + half, n)


def payback(bins: Bins, spend: float | None, customers: int) -> Estimate:
    """Months until the mean margin cumulated by age reaches spend ÷ customers. bins: {"age", "known", "total", "squares"}:
    month of age from 0, customers who are known for that many whole months, what all brought in that month.

    Customers who are not that old yet do not count at an age. None where it was not reached so far. The interval takes
    the months of one customer as moving together (the wide side), and the cost as varying like a count.
    """
    goal = cost_each(spend, customers)
    if goal.value is None or goal.low is None or goal.high is None:
        return goal
    course: list[tuple[float, float]] = []
    reached = spread = 0.0
    by_age = {int(one["age"]): one for one in bins}
    size = sum(int(one["known"] or 0) for one in bins)
    for age in range(max(by_age, default=0)):
        one = by_age.get(age, {"known": 0, "total": 0.0, "squares": 0.0})
        size -= int(one["known"] or 0)
        if not size:
            break
        reached += one["total"] / size
        spread += Z * math.sqrt(_variance(size, one["total"], one["squares"]) / size)
        course.append((reached, spread))

    def months(target: float, sign: float) -> float | None:
        before = 0.0
        for age, (total, half) in enumerate(course):
            now = total + sign * half
            if now >= target:
                return age + (target - before) / (now - before) if now > before else float(age)
            before = now
        return None

    return Estimate(months(goal.value, 0), months(goal.low, 1), months(goal.high, -1), customers)


def _variance(n: int, total: float, squares: float) -> float:
    return max(0.0, squares - total**2 / n) / (n - 1) if n > 1 else 0.0


def _spread(value: float, units: int, sum_xx: float, sum_yy: float, sum_xy: float) -> float:
    residual = max(0.0, sum_yy - 2 * value * sum_xy + value**2 * sum_xx)
    return math.sqrt(residual * units / (units - 1))
