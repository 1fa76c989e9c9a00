"""How far forecasts were off: as of earlier days against what came then. Intervals are widened by that, and judged by it.

How much an interval is widened is chosen on what was known by a day and judged on what came after that day, for each earlier day
in turn: no forecast is judged by intervals that have seen its outcome.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np

from schwung.core.errors import InputError
from schwung.core.period import next_unit
from schwung.measure.local_time import first_day
from schwung.predict.clv.rows import Floats
from schwung.predict.forecast.course import NAMES, course
from schwung.predict.forecast.known import LEAST_DAYS, Base, Ints, Known

Unit = Literal["week", "month"]
LENGTH: Mapping[Unit, float] = {"week": 7.0, "month": 365.25 / 12}
_ORIGINS = 12
_DRAWS = 300
_BELIEVED = 4.0
"""So many forecasts that were just as far off as said count beside the shop's own."""
_FURTHEST = 6.0
_LEAST_TESTS = 3


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


def came(facts: Known, ends: Ints) -> dict[str, Floats]:
    """ends: as places among the days of `facts`."""
    so_far = [np.concatenate([[0.0], np.cumsum(daily)]) for daily in (facts.new, facts.orders, facts.revenue)]
    return {name: np.diff(one[ends]) for name, one in zip(NAMES, so_far, strict=True)}


def an_order(facts: Known, name: str) -> float:
    """What a sum is counted in."""
    if name != "revenue":
        return 1.0
    return max(float(facts.revenue.sum()), 1.0) / max(float(facts.orders.sum()), 1.0)


@dataclass(frozen=True, eq=False)
class Tried:
    """Of one measure as of an earlier day: when its periods ended (days after it), what came, what was imagined (draws ×
    periods). order: what is counted in."""

    on: int
    ends: Ints
    seen: Floats
    drawn: Floats
    order: float

    def known_by(self, day: int) -> "Tried":
        there = self.on + self.ends <= day
        return Tried(self.on, self.ends[there], self.seen[there], self.drawn[:, there], self.order)

    @property
    def off(self) -> float:
        """Squared distance from the middle in standard deviations: mean of that of the periods and that of their sum."""
        each = _distance(self.seen, self.drawn, self.order)
        total = _distance(self.seen.sum(keepdims=True), self.drawn.sum(axis=1, keepdims=True), self.order)
        return float(np.square(each).mean() + np.square(total).mean()) / 2

    def held(self, widened: float, level: float) -> float:
        """Share of the periods that lay within."""
        low, high = bounds(stretched(self.drawn, widened, self.order), level)
        return float(np.mean((low <= self.seen) & (self.seen <= high)))


def _distance(seen: Floats, drawn: Floats, order: float) -> Floats:
    low, middle, high = np.quantile(_log(drawn, order), (0.1587, 0.5, 0.8413), axis=0)
    found: Floats = np.clip((_log(seen, order) - middle) / np.maximum((high - low) / 2, 1e-6), -_FURTHEST, _FURTHEST)
    return found


def _log(values: Floats, order: float) -> Floats:
    found: Floats = np.log(np.maximum(values, 0.0) + 0.5 * order)
    return found


def stretched(drawn: Floats, widened: float, order: float) -> Floats:
    """Draws (the first axis) so many times as far from their middle, on the logarithm."""
    if widened == 1.0:
        return drawn
    logs = _log(drawn, order)
    middle = np.median(logs, axis=0)
    found: Floats = np.maximum(np.exp(middle + widened * (logs - middle)) - 0.5 * order, 0.0)
    return found


def bounds(drawn: Floats, level: float) -> tuple[Floats, Floats]:
    low, high = np.quantile(drawn, (0.5 - level / 2, 0.5 + level / 2), axis=0)
    return low, high


def tests(facts: Known, base_at: Callable[[int], Base], unit: Unit, periods: int, seed: int) -> list[dict[str, Tried]]:
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
        then = facts.until(day)
        try:
            said = course(then, base_at(day), ends, _DRAWS, np.random.default_rng([seed, day]))
        except InputError:
            continue
        seen = came(facts, ends + (day - facts.start + 1))
        found.append({name: Tried(day, ends[1:], seen[name], said.drawn[name], an_order(then, name)) for name in NAMES})
    return found


def judged(found: Sequence[Tried], level: float) -> tuple[float, list[float]]:
    """How much intervals are to be widened, as all tests say; and of each test the share of periods that lay within what the
    tests known by its day would have said."""
    shares = []
    for place, one in enumerate(found):
        before = [seen for other in found[:place] if len((seen := other.known_by(one.on)).ends)]
        if len(before) >= _LEAST_TESTS:
            shares.append(one.held(widened(before), level))
    return widened(found), shares


def widened(found: Sequence[Tried]) -> float:
    """By how far tests were off; those that overlap say together as much as one."""
    if not found:
        return 1.0
    length = float(np.mean([one.ends[-1] for one in found]))
    whole = max(one.on + int(one.ends[-1]) for one in found) - min(one.on for one in found)
    count = min(float(len(found)), max(whole / length, 1.0))
    mean = float(np.mean([one.off for one in found]))
    return float(np.sqrt((_BELIEVED + count * mean) / (_BELIEVED + count)))
