"""Repeat purchases by week, as they came and as a fitted model expects them of the customers who came by then."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.rows import Floats, Ints
from schwung.predict.clv.summary import DAYS
from schwung.predict.clv.transactions import Purchases

_MOST_WEEKS = 260
_POINTS = 200


@dataclass(frozen=True, eq=False)
class Course:
    """What happened until the end of a day. first_days, came: customers by the day of their first purchase; days, purchases: all
    purchases by day; days count from 1970."""

    first_days: Ints
    came: Floats
    days: Ints
    purchases: Floats
    until: int

    @classmethod
    def of(cls, log: Purchases) -> "Course":
        starts, came = np.unique(log.day[log.is_first], return_counts=True)
        days, purchases = np.unique(log.day, return_counts=True)
        return cls(starts, came.astype(np.float64), days, purchases.astype(np.float64), int(days[-1]))


def tracking(fitted: FittedPurchases, course: Course, cut: int) -> list[dict[str, Any]]:
    """Per whole week since the first purchase (the last five years): week (its Monday), actual, expected, is_held_out: after what
    the model was fitted on, which ends with the day `cut`."""
    if not len(course.first_days):
        return []
    began = int(course.first_days.min())
    weeks = np.arange((began + 3) // 7 * 7 - 3, course.until - 5, 7)  # day 4 of 1970 was a Monday
    if not len(weeks):
        return []
    grown = _expected_so_far(fitted, course.until - began + 1)
    ends = (weeks + 6).tolist()
    until = np.array([float(course.came @ grown[np.clip(end - course.first_days, 0, None)]) for end in ends])
    actual = _by_week(weeks, course.days, course.purchases) - _by_week(weeks, course.first_days, course.came)
    found = [
        {
            "week": str(np.datetime64(int(week), "D")),
            "actual": float(bought),
            "expected": float(said),
            "is_held_out": bool(week > cut),
        }
        for week, bought, said in zip(weeks, actual, np.diff(until, prepend=0.0), strict=True)
    ]
    return found[-_MOST_WEEKS:]


def _by_week(weeks: Ints, days: Ints, numbers: Floats) -> Floats:
    place = (days - int(weeks[0])) // 7
    here = place < len(weeks)
    return np.bincount(place[here], weights=numbers[here], minlength=len(weeks)).astype(np.float64)


def _expected_so_far(fitted: FittedPurchases, days: int) -> Floats:
    """Repeat purchases that a customer has made after 0, 1, 2 … days, on average: worked out at some points, drawn between them."""
    points = np.unique(np.linspace(0, days, min(days + 1, _POINTS)).round().astype(np.int64))
    said = [
        float(fitted.new_customers(point / DAYS[fitted.unit]).value[0]) if point else 0.0 for point in points.tolist()
    ]
    return np.interp(np.arange(days + 1), points, said)
