"""The best split of money and hours over activities, proved: branch and bound over the parts of the curves that bend up.

For prices of money and of an hour, each activity's best effort stands alone (`Curve.best`). The prices at which all fit into
what there is give a bound that no split can beat, S-curves included, since a curve and its concave hull have the same best
efforts. Where the bound is not reached, one activity stands between two efforts; its range is cut there and both parts are
bounded again. What remains is polished by Newton's method on the conditions of an optimum.
"""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from schwung.predict.budget.curves import Curve

TOLERANCE = 1e-7
"""Of the value; closer than that a split is proved to be the best."""
MOST_NODES = 500
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Activity:
    """One way to spend. Its curve is over its effort, each unit of which takes so much money and so many hours."""

    curve: Curve
    money_each: float = 1.0
    hours_each: float = 0.0
    low: float = 0.0
    high: float = math.inf


@dataclass(frozen=True, slots=True)
class Split:
    """efforts: of each activity. money_price, hour_price: what one more of each would bring. gap: how much more the best split
    could bring at most; 0 within rounding where it is proved."""

    efforts: tuple[float, ...]
    value: float
    money_price: float
    hour_price: float
    gap: float


@dataclass(frozen=True, slots=True)
class _Bound:
    """upper: what no split within the ranges can beat. efforts: the best of each at these prices, the frugal ones; rich: the
    same where several are equally good."""

    upper: float
    prices: tuple[float, float]
    efforts: list[float]
    rich: list[float]


Ranges = tuple[tuple[float, float], ...]


def split(
    activities: Sequence[Activity], money: float, hours: float | None = None, tolerance: float = TOLERANCE
) -> Split:
    """The split that brings most. It takes the money and the hours that there are, where more brings more.

    The least efforts must fit; `fits` says whether they do.
    """
    have = (money, math.inf if hours is None else hours)
    ranges = tuple((one.low, _most(one, have)) for one in activities)
    best, worth = [low for low, _ in ranges], -math.inf
    order = count()
    first = _bound(activities, ranges, have)
    heap = [(-first.upper, next(order), ranges, first)]
    nodes, upper = 0, first.upper
    while heap and nodes < MOST_NODES:
        top, _, ranges_here, bound = heapq.heappop(heap)
        upper = -top
        if upper <= worth + tolerance * max(1.0, abs(worth)):
            break
        nodes += 1
        efforts, between = _filled(activities, bound, have)
        found = _polished(activities, ranges, efforts, have)
        for one in (efforts, found):
            if one is not None and (value := _value(activities, one)) > worth:
                best, worth = one, value
        if between is None:
            between = _widest(activities, ranges_here)
        for part in _parts(activities, ranges_here, between, efforts):
            inner = _bound(activities, part, have)
            if inner.upper > worth + tolerance * max(1.0, abs(worth)):
                heapq.heappush(heap, (-inner.upper, next(order), part, inner))
    else:
        upper = -heap[0][0] if heap else worth
    prices = _prices(activities, ranges, best, have)
    return Split(tuple(best), worth, *prices, max(0.0, upper - worth) if upper - worth > tolerance * max(1.0, abs(worth)) else 0.0)  # fmt: skip


def fits(activities: Sequence[Activity], money: float, hours: float | None = None) -> bool:
    """The least efforts take no more than there is."""
    lows = [one.low for one in activities]
    return _used(activities, lows, 0) <= money * (1 + 1e-12) + 1e-9 and (
        hours is None or _used(activities, lows, 1) <= hours * (1 + 1e-12) + 1e-9
    )


def at_price(activities: Sequence[Activity], price: float, most: float) -> list[float]:
    """The efforts at which the next unit of money brings the price; never more than `most` in one of them."""
    return [one.curve.best(price * one.money_each, one.low, min(one.high, _most(one, (most, math.inf)))) for one in activities]  # fmt: skip


def _each(one: Activity, resource: int) -> float:
    return one.hours_each if resource else one.money_each


def _most(one: Activity, have: tuple[float, float]) -> float:
    ends = [one.high] + [have[n] / _each(one, n) for n in (0, 1) if _each(one, n) > 0]
    return max(one.low, min(ends))


def _used(activities: Sequence[Activity], efforts: Sequence[float], resource: int) -> float:
    return math.fsum(_each(one, resource) * x for one, x in zip(activities, efforts, strict=True))


def _value(activities: Sequence[Activity], efforts: Sequence[float]) -> float:
    return math.fsum(one.curve.value(x) for one, x in zip(activities, efforts, strict=True))


def _bound(activities: Sequence[Activity], ranges: Ranges, have: tuple[float, float]) -> _Bound:
    """The least of the dual function: at any prices it is no less than the best split, so rounding does no harm."""

    def efforts(prices: tuple[float, float]) -> list[float]:
        return [
            one.curve.best(prices[0] * one.money_each + prices[1] * one.hours_each, *span)
            for one, span in zip(activities, ranges, strict=True)
        ]

    def money_price(hour_price: float) -> float:
        return _cleared(lambda price: _used(activities, efforts((price, hour_price)), 0) - have[0], steepest)

    steepest = _steepest(activities, ranges)
    price = money_price(0.0)
    prices = (price, 0.0)
    if _used(activities, efforts(prices), 1) > have[1] * (1 + 1e-12):
        alone = _cleared(lambda hour: _used(activities, efforts((0.0, hour)), 1) - have[1], steepest)
        prices = (0.0, alone)
        if _used(activities, efforts(prices), 0) > have[0] * (1 + 1e-12):
            hour = _cleared(
                lambda hour: _used(activities, efforts((money_price(hour), hour)), 1) - have[1], steepest
            )  # fmt: skip
            prices = (money_price(hour), hour)
    frugal = efforts(prices)
    rich = efforts((prices[0] * (1 - 1e-11), prices[1] * (1 - 1e-11)))
    stocks = math.fsum(price * amount for price, amount in zip(prices, have, strict=True) if price)
    costs = prices[0] * _used(activities, frugal, 0) + prices[1] * _used(activities, frugal, 1)
    return _Bound(stocks + _value(activities, frugal) - costs, prices, frugal, rich)


def _steepest(activities: Sequence[Activity], ranges: Ranges) -> float:
    """No price above this is worth paying by anybody."""
    found = 1e-9
    for one, (low, high) in zip(activities, ranges, strict=True):
        tip = max(low, min(high, one.curve.top), 1e-9 * (high or 1.0))
        slope = max(one.curve.slope(tip), (one.curve.value(high) - one.curve.value(low)) / max(high - low, 1e-12))
        least = min(each for each in (one.money_each, one.hours_each) if each > 0)
        found = max(found, slope / least)
    return found * 2


def _cleared(excess: Callable[[float], float], steepest: float) -> float:
    """The least price at which nobody wants more than there is; found by halving its logarithm, then in earnest."""
    if excess(0.0) <= 0:
        return 0.0
    low, high = steepest * 1e-15, steepest
    if excess(low) <= 0:
        return low
    over, under = excess(low), excess(high)
    for nth in range(_STEPS):
        middle = math.sqrt(low * high)
        if nth % 3 and under < 0 < over and high < 4 * low:  # secant steps where the demand is smooth
            middle = low + (high - low) * over / (over - under)
            middle = min(max(middle, low + (high - low) * 1e-3), high - (high - low) * 1e-3)
        if not low < middle < high or high - low <= 2e-16 * high:
            break
        here = excess(middle)
        if here > 0:
            low, over = middle, here
        else:
            high, under = middle, here
            if here == 0:
                break
    return high


def _filled(activities: Sequence[Activity], bound: _Bound, have: tuple[float, float]) -> tuple[list[float], int | None]:
    """The frugal efforts, raised towards the rich ones one after the other while anything is left; and who stands between."""
    efforts, between = list(bound.efforts), None
    left = [have[n] - _used(activities, efforts, n) for n in (0, 1)]
    for nth in sorted(range(len(efforts)), key=lambda n: -(bound.rich[n] - efforts[n])):
        one, more = activities[nth], bound.rich[nth] - efforts[nth]
        room = min([left[n] / _each(one, n) for n in (0, 1) if _each(one, n) > 0], default=math.inf)
        step = min(more, max(0.0, room))
        if step <= 0:
            continue
        if step < more * (1 - 1e-9):
            between = nth if between is None else between
        efforts[nth] += step
        left = [left[n] - step * _each(one, n) for n in (0, 1)]
    return efforts, between


def _widest(activities: Sequence[Activity], ranges: Ranges) -> int:
    """Whose curve departs most from its hull within its range."""
    spans = [
        max(0.0, min(one.curve.top, high) - low) * one.curve.slope(max(low, min(one.curve.top, high))) if one.curve.top > low else 0.0
        for one, (low, high) in zip(activities, ranges, strict=True)
    ]  # fmt: skip
    return max(range(len(spans)), key=lambda nth: spans[nth])


def _parts(activities: Sequence[Activity], ranges: Ranges, nth: int, efforts: Sequence[float]) -> list[Ranges]:
    """The ranges with that of one activity cut: where its curve stops bending up, then at its effort, else in the middle."""
    low, high = ranges[nth]
    width = high - low
    if width <= 1e-12 * max(1.0, high):
        return []
    cut = activities[nth].curve.top
    if not low * (1 + 1e-9) < cut < high * (1 - 1e-9):
        cut = efforts[nth]
        if not low + 0.01 * width < cut < high - 0.01 * width:
            cut = (low + high) / 2
    below, above = list(ranges), list(ranges)
    below[nth], above[nth] = (low, cut), (cut, high)
    for other, (least, most) in enumerate(ranges):  # of twins the earlier one gets no less
        if activities[other] == activities[nth]:
            if other > nth:
                below[other] = (min(least, cut), min(most, cut))
            elif other < nth:
                above[other] = (max(least, cut), max(most, cut))
    return [tuple(below), tuple(above)]


def _polished(
    activities: Sequence[Activity], ranges: Ranges, efforts: Sequence[float], have: tuple[float, float]
) -> list[float] | None:
    """The same after Newton's steps on: slope = price of what a unit takes, for all that stand between their ends, and what is
    used up = what there is. None where that leads nowhere."""
    inner = [n for n, (x, (low, high)) in enumerate(zip(efforts, ranges, strict=True)) if low + 1e-9 * (high - low) < x < high - 1e-9 * (high - low)]  # fmt: skip
    bound = [n for n in (0, 1) if have[n] < math.inf and _used(activities, efforts, n) >= have[n] * (1 - 1e-6)]
    if not inner or not bound or len(inner) < len(bound):
        return None
    takes = np.array([[_each(activities[nth], n) for n in bound] for nth in inner])
    x = np.array([efforts[nth] for nth in inner])
    slopes = np.array([activities[nth].curve.slope(efforts[nth]) for nth in inner])
    prices = np.linalg.lstsq(takes, slopes, rcond=None)[0]
    whole = list(efforts)
    for _ in range(50):
        bends = np.array([activities[nth].curve.bend(at) for nth, at in zip(inner, x, strict=True)])
        slopes = np.array([activities[nth].curve.slope(at) for nth, at in zip(inner, x, strict=True)])
        for nth, at in zip(inner, x, strict=True):
            whole[nth] = float(at)
        left = np.array([have[n] - _used(activities, whole, n) for n in bound])
        off = np.concatenate((takes @ prices - slopes, left))
        system = np.block([[np.diag(bends), -takes], [takes.T, np.zeros((len(bound), len(bound)))]])
        try:
            step = np.linalg.solve(system, off)
        except np.linalg.LinAlgError:
            return None
        x, prices = x + step[: len(inner)], prices + step[len(inner) :]
        if not np.isfinite(step).all() or (x <= 0).any():
            return None
        if np.abs(step[: len(inner)]).max() <= 1e-13 * max(1.0, np.abs(x).max()):
            break
    for nth, at in zip(inner, x, strict=True):
        low, high = ranges[nth]
        if not low <= at <= high:
            return None
        whole[nth] = float(at)
    return whole if all(_used(activities, whole, n) <= have[n] * (1 + 1e-9) for n in (0, 1)) else None


def _prices(
    activities: Sequence[Activity], ranges: Ranges, efforts: Sequence[float], have: tuple[float, float]
) -> tuple[float, float]:
    """What one more unit of money and of hours would bring at this split; 0 for what is not used up."""
    inner = [n for n, (x, (low, high)) in enumerate(zip(efforts, ranges, strict=True)) if low + 1e-9 * (high - low) < x < high - 1e-9 * (high - low)]  # fmt: skip
    bound = [n for n in (0, 1) if have[n] < math.inf and _used(activities, efforts, n) >= have[n] * (1 - 1e-9)]
    found = [0.0, 0.0]
    if not bound:
        return 0.0, 0.0
    if len(inner) >= len(bound):
        takes = np.array([[_each(activities[nth], n) for n in bound] for nth in inner])
        slopes = np.array([activities[nth].curve.slope(efforts[nth]) for nth in inner])
        for n, price in zip(bound, np.linalg.lstsq(takes, slopes, rcond=None)[0], strict=True):
            found[n] = max(0.0, float(price))
    else:  # a corner: what the next little bit would bring where it may go
        for n in bound:
            found[n] = max((_next(one, x) / _each(one, n) for x, one in zip(efforts, activities, strict=True) if x < one.high and _each(one, n) > 0), default=0.0)  # fmt: skip
    return found[0], found[1]


def _next(one: Activity, effort: float) -> float:
    """What the next hundredth brings, for one."""
    return (one.curve.value(effort + 0.01) - one.curve.value(effort)) / 0.01
