"""The courses of the days ahead, imagined many times: who comes, what the customers of today and those to come will order."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from schwung.predict.clv.predicted import z_of
from schwung.predict.clv.rows import Floats, Rows
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.forecast.known import Base, Ints, Known, cohort_of
from schwung.predict.forecast.latent import Latent, Prior, latent, of_counts

WEEK = 7
NAMES = ("new_customers", "orders", "revenue")
_POINTS = 20
_MOST_ROWS = 3_000
_MOST_WEEKS = 208
_BACK_WITHIN = 120
_LEAST_REPEATS = 0.5
"""Repeat purchases that a week must let expect to say how busy it was."""
_LEVEL, _MOST_UNLIKE = 0.8, 1.0
"""Where parameters lie at the boundary, what customers of today buy is known up to some factor, not up to any."""

NEWCOMERS = Prior((0.005, 0.02, 0.06), (0.05, 0.2, 0.4), (0.01, 0.05, 0.2), trend=0.35, opening=(0.0, 2.0))
"""Where the facts begin in the middle of a shop's life, customers of before look new when they come again: fewer each week."""
_BUSY = Prior(walk=(0.003, 0.01, 0.03), season=(0.05, 0.2, 0.4), unrest=(0.01, 0.05, 0.2))
_PAID = Prior(walk=(0.001, 0.005, 0.02), season=(0.02, 0.1), unrest=(0.01, 0.05, 0.2))
"""Strengths as shops have them: of who comes, of how busy those are who know the shop, of what an order is worth."""


@dataclass(frozen=True, eq=False)
class Course:
    """expected: by measure, of each period; drawn: imagined, draws × periods; revenue in minor units sold less those that come
    back. cohorts: by month of the first order (`new`: those to come) the orders and the revenue of all periods."""

    expected: Mapping[str, Floats]
    drawn: Mapping[str, Floats]
    cohorts: Mapping[str, Mapping[str, tuple[float, Floats]]]


@dataclass(frozen=True, eq=False)
class _Ahead:
    """How many weeks' worth of it is ahead: draws × weeks each."""

    new: Floats
    busy: Floats
    paid: Floats


def course(known: Known, base: Base, ends: Ints, draws: int, random: np.random.Generator) -> Course:
    """ends: days ahead at which periods end, 0 first."""
    days = int(ends[-1])
    weeks = -(-days // WEEK)
    grown = _so_far(base, max(known.days, weeks * WEEK))
    said = (_newcomers(known, weeks), _busy(known, grown, weeks), _paid(known, weeks))
    middle = _Ahead(*(np.exp(one.mean)[None, :] for one in said))
    new, busy, paid = (one.drawn(draws, random) for one in said)
    busy = busy + _of_the_base(base, days) * random.standard_normal((draws, 1))
    drawn = _Ahead(random.poisson(np.exp(np.minimum(new, 20.0))).astype(np.float64), np.exp(busy), np.exp(paid))
    told = _Shop(known, base, grown, weeks)
    parts, periods = told.cohorts(middle), _periods(ends, weeks)
    expected = {
        "new_customers": middle.new[0] @ periods,
        "orders": np.sum([orders[0] for orders, _ in parts.values()], axis=0) @ periods,
        "revenue": np.sum([money[0] for _, money in parts.values()], axis=0) @ periods,
    }
    orders, revenue = told.in_all(drawn, random)
    return Course(
        expected,
        {"new_customers": drawn.new @ periods, "orders": orders @ periods, "revenue": revenue @ periods},
        told.by_cohort(parts, drawn, periods.sum(axis=1), random),
    )


class _Shop:
    """What weeks bring, given who comes, how busy they are, and what an order is worth."""

    def __init__(self, known: Known, base: Base, grown: Floats, weeks: int) -> None:
        self.base = {name: _by_week(daily) for name, daily in _by_cohort(base, known.today, weeks * WEEK).items()}
        later = _by_week(np.diff(grown[: weeks * WEEK + 1]))
        place = np.arange(weeks)[None, :] - np.arange(weeks)[:, None]
        # who comes in the middle of a week has half of his first week in it
        halves = (later + np.concatenate([[0.0], later[:-1]])) / 2
        self.after = np.where(place >= 0, halves[np.maximum(place, 0)], 0.0)
        self.each, self.first, self.minor_each, self.minor_first = _rates(known)
        share = known.returned_after(_BACK_WITHIN)
        self.back = _back(share, weeks)
        self.still_back = {name: _still_back(daily, share, weeks) for name, daily in known.sold.items()}
        self.unlike = _unlike(known)

    def cohorts(self, ahead: _Ahead) -> dict[str, tuple[Floats, Floats]]:
        """Orders and revenue: draws × weeks."""
        found = {}
        for name, weekly in self.base.items():
            bought = weekly * ahead.busy
            found[name] = (bought * self.each, self._net(bought * ahead.paid * self.minor_each, name))
        later = ahead.new @ self.after * ahead.busy
        minor = (ahead.new * self.minor_first + later * self.minor_each) * ahead.paid
        found["new"] = (ahead.new * self.first + later * self.each, self._net(minor, "new"))
        return found

    def in_all(self, ahead: _Ahead, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Orders and revenue with the chance of counting: draws × weeks."""
        expected = (np.sum(list(self.base.values()), axis=0) + ahead.new @ self.after) * ahead.busy
        again = random.poisson(np.minimum(expected, 1e9)).astype(np.float64)
        orders = ahead.new * self.first + again * self.each
        unlike = np.exp(np.sqrt(self.unlike / np.maximum(orders, 1.0)) * random.standard_normal(orders.shape))
        minor = (ahead.new * self.minor_first + again * self.minor_each) * ahead.paid * unlike
        still = np.sum(list(self.still_back.values()), axis=0) if self.still_back else 0.0
        return orders, minor - minor @ self.back - still

    def by_cohort(
        self, expected: Mapping[str, tuple[Floats, Floats]], ahead: _Ahead, kept: Floats, random: np.random.Generator
    ) -> dict[str, dict[str, tuple[float, Floats]]]:
        """Of all weeks, as far as periods keep them; beside what moves all, each has its own chance."""
        found = {}
        for name, (orders, money) in self.cohorts(ahead).items():
            count, minor = orders @ kept, money @ kept
            own = random.poisson(np.minimum(count, 1e9)) / np.maximum(count, 1e-9) if name != "new" else 1.0
            middle = expected[name]
            found[name] = {
                "orders": (float(middle[0][0] @ kept), count * own),
                "revenue": (float(middle[1][0] @ kept), minor * own),
            }
        return found

    def _net(self, minor: Floats, name: str) -> Floats:
        found: Floats = minor - minor @ self.back - self.still_back.get(name, 0.0)
        return found


def _by_week(daily: Floats) -> Floats:
    found: Floats = daily.reshape(-1, WEEK).sum(axis=1)
    return found


def _periods(ends: Ints, weeks: int) -> Floats:
    """Share of each week that lies in each period: weeks × periods."""
    starts = np.arange(weeks)[:, None] * WEEK
    found: Floats = np.clip(np.minimum(ends[1:], starts + WEEK) - np.maximum(ends[:-1], starts), 0, None) / WEEK
    return found


def _back(share: Floats, weeks: int) -> Floats:
    """Share of what is sold in a week that comes back in each: weeks × weeks."""
    later = np.arange(weeks * WEEK)[None, :] - np.arange(weeks * WEEK)[:, None]
    daily = np.where((later >= 0) & (later < len(share)), share[np.clip(later, 0, len(share) - 1)], 0.0)
    found: Floats = daily.reshape(weeks, WEEK, weeks, WEEK).mean(axis=1).sum(axis=2)
    return found


def _still_back(sold: Floats, share: Floats, weeks: int) -> Floats:
    """What comes back in the weeks ahead of what was sold before."""
    before = sold[-(len(share) - 1) :]
    back = np.convolve(before, share)[len(before) : len(before) + weeks * WEEK]
    return _by_week(np.pad(back, (0, weeks * WEEK - len(back))))


def _weekly(daily: Floats) -> Floats:
    """Sums of the last whole weeks, which end with the last day."""
    count = min(len(daily) // WEEK, _MOST_WEEKS)
    return _by_week(daily[len(daily) - count * WEEK :])


def _newcomers(known: Known, weeks: int) -> Latent:
    counts = _weekly(known.new)
    return latent(*of_counts(counts, np.ones(len(counts))), weeks, NEWCOMERS)


def _busy(known: Known, grown: Floats, weeks: int) -> Latent:
    """How much more than the model of customers expects is bought again, against the time that it learned from."""
    expected = _weekly(np.convolve(known.new, np.diff(grown[: known.days], prepend=0.0))[: known.days])
    counts = _weekly(known.purchases - known.new)
    kept = expected >= _LEAST_REPEATS
    if not kept.any():
        kept[-1] = True
        expected = np.maximum(expected, _LEAST_REPEATS)
    first = int(kept.argmax())
    expected, counts = np.maximum(expected[first:], _LEAST_REPEATS), counts[first:]
    return latent(*of_counts(counts, expected), weeks, _BUSY, against=expected)


def _paid(known: Known, weeks: int) -> Latent:
    """What an order is worth, against the mean of the last year."""
    orders, minor = _weekly(known.orders), _weekly(known.minor)
    there = (orders > 0) & (minor > 0)
    mean = max(float(minor.sum()), 1.0) / max(float(orders.sum()), 1.0)
    seen = np.log(np.where(there, minor, mean) / np.where(there, orders, 1.0))
    variance = np.where(there, _unlike(known) / np.maximum(orders, 1.0), 1e6)
    last = np.zeros(len(orders))
    last[-52:] = np.maximum(orders[-52:], 1e-3)
    return latent(seen, variance, weeks, _PAID, against=last)


def _unlike(known: Known) -> float:
    """Squared coefficient of variation of what single orders are worth, by how weeks differ from the next."""
    orders, minor = _weekly(known.orders), _weekly(known.minor)
    there = (orders > 0) & (minor > 0)
    worth, chance = np.log(minor[there] / orders[there]), 1 / orders[there]
    if len(worth) < 8:
        return 1.0
    return max(float(np.square(np.diff(worth)).sum() / (chance[1:] + chance[:-1]).sum()), 0.01)


def _of_the_base(base: Base, days: int) -> float:
    """Standard deviation of the logarithm of what customers of today buy, beyond counting: parameters, unlike customers."""
    rows, scale = _sampled(base.rows)
    customers = PurchaseSummary.from_arrays(rows.frequency, rows.recency, rows.T, count=rows.count * scale)
    said = base.fitted.expected_purchases(float(days), customers).total(_LEVEL)
    value, low, high = said.value or 0.0, said.low or 0.0, said.high or 0.0
    if not (value > 0 and low > 0 and np.isfinite(high)):
        return _MOST_UNLIKE
    spread = np.log(high / low) / (2 * z_of(_LEVEL))
    return min(float(np.sqrt(max(spread**2 - 1 / value, 0.0))), _MOST_UNLIKE)


def _rates(known: Known) -> tuple[float, float, float, float]:
    """Of the last year, per purchase after the first and per first purchase: orders, minor units."""
    last = slice(-min(known.days, 365), None)
    new, purchases = float(known.new[last].sum()), float(known.purchases[last].sum())
    again = max(purchases - new, 1.0)
    orders_first, minor_first = float(known.first_orders[last].sum()), float(known.first_minor[last].sum())
    orders, minor = float(known.orders[last].sum()), float(known.minor[last].sum())
    return (
        (orders - orders_first) / again, orders_first / max(new, 1.0),
        (minor - minor_first) / again, minor_first / max(new, 1.0),
    )  # fmt: skip


def _so_far(base: Base, days: int) -> Floats:
    """Repeat purchases of a newcomer after 0, 1, 2 … days."""
    points = np.unique((np.linspace(0, 1, _POINTS) ** 2 * days).round().astype(np.int64))
    said = [float(base.fitted.new_customers(int(point)).value[0]) if point else 0.0 for point in points]
    return np.interp(np.arange(days + 1), points, said)


def _by_cohort(base: Base, today: int, days: int) -> dict[str, Floats]:
    """Purchases of the customers of today by day ahead, by month of their first one."""
    rows, scale = _sampled(base.rows)
    points = np.unique(np.linspace(0, days, _POINTS).round().astype(np.int64))
    process, p = base.fitted.process, base.fitted.values
    said = np.array(
        [process.expected(p, rows, float(point)) * rows.count if point else np.zeros(len(rows)) for point in points]
    )
    names = np.array([cohort_of(age, today) for age in rows.T.tolist()])
    return {
        name: np.diff(np.interp(np.arange(days + 1), points, said[:, names == name].sum(axis=1) * scale))
        for name in np.unique(names).tolist()
    }


def _sampled(rows: Rows) -> tuple[Rows, float]:
    """Every so many-th distinct row, and what their sums are to be multiplied by."""
    step = -(-len(rows) // _MOST_ROWS)
    if step <= 1:
        return rows, 1.0
    part = rows.every(step)
    return part, rows.customers / part.customers
