"""How far forecasts were off: as of earlier days against what came then, and intervals chosen and judged by that.

The widening of an interval is chosen on what was known by a day and judged on what came after that day, for each earlier day
in turn: no forecast is judged by intervals that have seen its outcome.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist
from typing import Literal

import numpy as np

from schwung.core.errors import InputError
from schwung.core.period import next_unit
from schwung.measure.local_time import first_day
from schwung.predict.clv.rows import Floats
from schwung.predict.forecast.course import Course, course
from schwung.predict.forecast.known import LEAST_DAYS, Base, Ints, Known

Unit = Literal["week", "month"]
LENGTH: Mapping[Unit, float] = {"week": 7.0, "month": 365.25 / 12}
NAMES = ("new_customers", "orders", "revenue")
_ORIGINS = 12
_LEAST_ORIGINS = 3
_WIDENED = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


def edges(today: int, unit: Unit, periods: int) -> Ints:
    """Days ahead at which periods end, 0 first: weeks from tomorrow on; what is left of the month, then whole months."""
    if unit == "week":
        return np.arange(periods + 1, dtype=np.int64) * 7
    tomorrow = first_day(today + 1, "day")
    ends, start = [0], tomorrow.replace(day=1)
    if start != tomorrow:
        start = next_unit(start, "month")
        ends.append((start - tomorrow).days)
    for _ in range(periods):
        start = next_unit(start, "month")
        ends.append((start - tomorrow).days)
    return np.array(ends, np.int64)


def on_day(today: int, ahead: int) -> str:
    """ISO of the day that comes after so many days ahead."""
    return (first_day(today + 1, "day") + timedelta(days=ahead)).isoformat()


def by_period(ahead: Course, ends: Ints) -> dict[str, Floats]:
    return _sums((ahead.new, ahead.orders, ahead.revenue), ends)


def came(facts: Known, ends: Ints) -> dict[str, Floats]:
    """ends: as places among the days of `facts`."""
    return _sums((facts.new, facts.orders, facts.revenue), ends)


def _sums(parts: Sequence[Floats], ends: Ints) -> dict[str, Floats]:
    so_far = [np.concatenate([[0.0], np.cumsum(daily)]) for daily in parts]
    return {name: np.diff(one[ends]) for name, one in zip(NAMES, so_far, strict=True)}


def an_order(facts: Known, name: str) -> float:
    """By which a sum becomes a number of orders, whose chance is that of counting."""
    if name != "revenue":
        return 1.0
    return max(float(facts.revenue.sum()), 1.0) / max(float(facts.orders.sum()), 1.0)


@dataclass(frozen=True, eq=False)
class Errors:
    """Of one forecast: day on which it was made, when its periods ended (days after it); logarithm of came ÷ expected by
    period, how many orders were expected."""

    on: int
    ends: Ints
    lead: Floats
    off: Floats
    expected: Floats

    def known_by(self, day: int) -> "Errors":
        seen = self.on + self.ends <= day
        return Errors(self.on, self.ends[seen], self.lead[seen], self.off[seen], self.expected[seen])


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance of the logarithm: of each period by itself, of all periods of a forecast together, and added with time; widened
    until tests were covered."""

    own: float = 0.0
    shared: float = 0.0
    step: float = 0.0
    widened: float = 1.0

    def variance(self, lead: Floats, expected: Floats) -> Floats:
        found: Floats = self.widened * (self.own + self.shared + self.step * lead) + 1.0 / np.maximum(expected, 1.0)
        return found


def tests(facts: Known, base_at: Callable[[int], Base], unit: Unit, periods: int) -> list[dict[str, Errors]]:
    """Forecasts as of earlier days, oldest first. base_at: the customers at the end of a day, InputError where none fit."""
    most = min(periods, int((facts.days - LEAST_DAYS) // (2 * LENGTH[unit])))
    if most < 1:
        return []
    cut = facts.today - int(most * LENGTH[unit])
    while cut + edges(cut, unit, most)[-1] > facts.today:
        cut -= 1
    spare = cut - facts.start + 1 - LEAST_DAYS
    step = max(7, min(28, spare // _ORIGINS))
    found = []
    for place in reversed(range(min(_ORIGINS, spare // step + 1))):
        day = cut - place * step
        ends = edges(day, unit, most)
        try:
            said = by_period(course(facts.until(day), base_at(day), int(ends[-1])), ends)
        except InputError:
            continue
        seen = came(facts, ends + (day - facts.start + 1))
        found.append({name: _errors(facts, name, said[name], seen[name], day, ends, unit) for name in NAMES})
    return found


def _errors(facts: Known, name: str, said: Floats, seen: Floats, day: int, ends: Ints, unit: Unit) -> Errors:
    order = an_order(facts, name)
    off = np.log((np.maximum(seen, 0.0) + 0.5 * order) / (np.maximum(said, 0.0) + 0.5 * order))
    return Errors(day, ends[1:], ends[1:] / LENGTH[unit], off, said / order)


def judged(errors: Sequence[Errors], level: float) -> tuple[Spread, list[float]]:
    """As all tests say; and of each test the share that lay within what the tests known by its day would have said."""
    shares = []
    for place, one in enumerate(errors):
        before = [seen for other in errors[:place] if len((seen := other.known_by(one.on)).off)]
        if len(before) < _LEAST_ORIGINS:
            continue
        variance = _chosen(before, level).variance(one.lead, one.expected)
        shares.append(float(np.mean(np.abs(one.off) <= _half(level) * np.sqrt(variance))))
    return (_chosen(errors, level) if len(errors) >= _LEAST_ORIGINS else Spread()), shares


def _half(level: float) -> float:
    return NormalDist().inv_cdf(0.5 + level / 2)


def _chosen(errors: Sequence[Errors], level: float) -> Spread:
    """Widened until tests that are left out one by one are covered."""
    for widened in _WIDENED:
        hits = []
        for place, one in enumerate(errors):
            others = _fitted([each for other, each in enumerate(errors) if other != place], widened)
            hits.append(np.abs(one.off) <= _half(level) * np.sqrt(others.variance(one.lead, one.expected)))
        if np.mean(np.concatenate(hits)) >= level:
            break
    return _fitted(errors, widened)


def _fitted(errors: Sequence[Errors], widened: float) -> Spread:
    """Least squares of squared errors, less what chance explains, on 1 and the lead, neither below 0; what errors of
    neighbouring periods have in common beyond that stays for all of a forecast."""
    squares = np.concatenate([one.off**2 - 1.0 / np.maximum(one.expected, 1.0) for one in errors])
    lead = np.concatenate([one.lead for one in errors])
    start, step = max(0.0, float(squares.mean())), 0.0
    if len(np.unique(lead)) > 1:
        slope, at_once = np.polyfit(lead, squares, 1)
        if slope > 0:
            start, step = max(0.0, float(at_once)), float(slope)
        if slope > 0 > at_once:
            step = max(0.0, float(squares @ lead / (lead @ lead)))
    pairs = [one.off[1:] * one.off[:-1] - step * one.lead[:-1] for one in errors if len(one.off) > 1]
    both = float(np.mean(np.concatenate(pairs))) if pairs else 0.0
    shared = min(max(both, 0.0), start)
    return Spread(start - shared, shared, step, widened)
