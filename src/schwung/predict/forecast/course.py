"""The expected course of the days ahead: who comes, what the customers of today and those to come will order."""

from dataclasses import dataclass

import numpy as np

from schwung.predict.clv.rows import Floats, Rows
from schwung.predict.forecast.known import Base, Known, cohort_of

WEEK, YEAR = 7, 364
_POINTS = 40
_MOST_ROWS = 4_000
_DAMPED = 0.97
_SMOOTH = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
_BACK_WITHIN = 120
_SHRUNK = 0.6
"""So much of a season is believed: it was seen once or twice."""


@dataclass(frozen=True, eq=False)
class Course:
    """By day ahead: new customers, orders, revenue (minor units sold less those that come back). cohorts: by month of the
    first order (`new`: those to come) the last two of each."""

    new: Floats
    orders: Floats
    revenue: Floats
    cohorts: dict[str, tuple[Floats, Floats]]
    has_season: bool


def course(known: Known, base: Base, days: int) -> Course:
    """What is expected of the next `days` days."""
    season_new = _season(_weekly(known.new), days)
    new = _newcomers(known, days, season_new)
    again = known.purchases - known.new
    season = _season(_weekly(again), days)
    factor = np.ones(days) if season is None else season
    each, first, minor_each, minor_first = _rates(known)
    grown = _so_far(base, days)
    cohorts = {
        name: (daily * factor * each, daily * factor * minor_each)
        for name, daily in _by_cohort(base, known.today, days).items()
    }
    later = np.diff(np.convolve(new, grown)[: days + 1], prepend=0.0)[:days]
    cohorts["new"] = (
        new * first + later * factor * each,
        new * minor_first + later * factor * minor_each,
    )
    after = known.returned_after(_BACK_WITHIN)
    cohorts = {
        name: (orders, _net(known.sold.get(name, np.zeros(0)), minor, after))
        for name, (orders, minor) in cohorts.items()
    }
    orders, revenue = (np.sum([part[place] for part in cohorts.values()], axis=0) for place in (0, 1))
    return Course(new, orders, revenue, cohorts, season is not None or season_new is not None)


def _net(before: Floats, ahead: Floats, after: Floats) -> Floats:
    """What is sold ahead, less what comes back of it and of what was sold before."""
    before = before[-(len(after) - 1) :]
    back = np.convolve(np.concatenate([before, ahead]), after)[len(before) : len(before) + len(ahead)]
    found: Floats = ahead - back
    return found


def _weekly(daily: Floats) -> Floats:
    """Sums of whole weeks that end with the last day."""
    count = len(daily) // WEEK
    found: Floats = daily[len(daily) - count * WEEK :].reshape(count, WEEK).sum(axis=1)
    return found


def _season(weekly: Floats, days: int) -> Floats | None:
    """Factor of each day ahead by its place in the year; None where two years are not known."""
    weeks = YEAR // WEEK
    if len(weekly) < 2 * weeks:
        return None
    half = weeks // 2
    level = np.convolve(
        weekly, np.ones(weeks + 1) / (weeks + 1), mode="valid"
    )  # of weeks with a whole year around them
    ratio = np.log(np.clip((weekly[half:-half] + 0.5) / (level + 0.5), 0.2, 5.0))
    place = (np.arange(half, len(weekly) - half) - len(weekly)) % weeks
    mean = np.bincount(place, weights=ratio, minlength=weeks) / np.maximum(np.bincount(place, minlength=weeks), 1)
    smooth = np.array([np.roll(mean, 2 - step) for step in range(5)]).T @ _SMOOTH
    factor = np.exp(_SHRUNK * (smooth - smooth.mean()))
    found: Floats = factor[(np.arange(days) // WEEK) % weeks]
    return found


def _newcomers(known: Known, days: int, season: Floats | None) -> Floats:
    """New customers by day: the level of late with a damped trend, smoothed as it would have erred least four weeks ahead."""
    weekly = _weekly(known.new)
    if season is not None:
        past = np.resize(season[:YEAR:WEEK], len(weekly))
        weekly = weekly / np.roll(past, len(weekly) % len(past))[-len(weekly) :]
    tried = [(_error(weekly, level, trend), level, trend) for level in (0.1, 0.2, 0.4) for trend in (0.0, 0.05, 0.15)]
    _, level, trend = min(tried)
    at, slope = _smoothed(weekly, level, trend)[-1]
    ahead = np.arange(1, -(-days // WEEK) + 1)
    path = np.maximum(at + slope * _DAMPED * (1 - _DAMPED**ahead) / (1 - _DAMPED), 0.0)
    daily = np.repeat(path / WEEK, WEEK)[:days]
    found: Floats = daily if season is None else daily * season
    return found


def _smoothed(weekly: Floats, level: float, trend: float) -> list[tuple[float, float]]:
    """Level and slope after each week."""
    at, slope = float(weekly[: min(8, len(weekly))].mean()), 0.0
    found = []
    for value in weekly.tolist():
        before = at
        at = level * value + (1 - level) * (at + _DAMPED * slope)
        slope = trend * (at - before) + (1 - trend) * _DAMPED * slope
        found.append((at, slope))
    return found


def _error(weekly: Floats, level: float, trend: float) -> float:
    states = _smoothed(weekly, level, trend)
    reach = _DAMPED * (1 - _DAMPED**4) / (1 - _DAMPED)
    said = np.array([at + slope * reach for at, slope in states[:-4]])
    return float(np.square(said[8:] - weekly[4:][8:]).sum()) if len(weekly) > 16 else level


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
    points = np.unique(np.linspace(0, days, _POINTS).round().astype(np.int64))
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
