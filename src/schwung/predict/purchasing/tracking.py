"""Repeat purchases by week, as they came and as a fitted model expects them of the customers who came by then."""

from typing import Any

import numpy as np
import pyarrow as pa
from ibis import _

from schwung.core.clock import DAY
from schwung.core.period import day_of
from schwung.measure.lifecycle import customer_orders
from schwung.measure.local_time import first_day, key_of_day
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import DAYS
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, whole

_MOST_WEEKS = 260
_POINTS = 200


def tracking(sight: Sight, fitted: FittedPurchases, cut_day: int) -> list[dict[str, Any]]:
    """Per week since the first purchase (the last five years): week (its first day), actual, expected, is_held_out: after what
    the model was fitted on."""
    starts, days = _newcomers(sight), _purchase_days(sight)
    if not starts.num_rows:
        return []
    first, came = starts["first_day"].to_numpy(), starts["customers"].to_numpy().astype(np.float64)
    today = key_of_day(day_of(sight.as_of, sight.question.zone), "day")
    grown = _expected_so_far(fitted, today - int(first.min()) + 1)
    weeks = np.arange((int(first.min()) + 3) // 7 * 7 - 3, today - 5, 7)  # whole weeks; day 4 of 1970 was a Monday
    if not len(weeks):
        return []
    ends = weeks + 6
    until = np.array([float(came @ grown[np.clip(end - first, 0, None)]) for end in ends.tolist()])
    expected = np.diff(until, prepend=0.0)
    actual = np.zeros(len(weeks))
    started = np.zeros(len(weeks))
    for into, day, number in (
        (actual, days["day"], days["purchases"]),
        (started, starts["first_day"], starts["customers"]),
    ):
        place = (day.to_numpy() - int(weeks[0])) // 7
        np.add.at(into, place[place < len(weeks)], number.to_numpy()[place < len(weeks)])
    found = [
        {
            "week": first_day(int(week), "day").isoformat(),
            "actual": float(bought - new),
            "expected": float(said),
            "is_held_out": bool(week > cut_day),
        }
        for week, bought, new, said in zip(weeks, actual, started, expected, strict=True)
    ]
    return found[-_MOST_WEEKS:]


def _expected_so_far(fitted: FittedPurchases, days: int) -> Floats:
    """Repeat purchases that a customer has made after 0, 1, 2 … days, on average: worked out at some points, drawn between them."""
    points = np.unique(np.linspace(0, days, min(days + 1, _POINTS)).round().astype(np.int64))
    said = [
        float(fitted.new_customers(point / DAYS[fitted.unit]).value[0]) if point else 0.0 for point in points.tolist()
    ]
    return np.interp(np.arange(days + 1), points, said)


def _newcomers(sight: Sight) -> pa.Table:
    rows = kept_purchases(sight)
    return sight.run(rows.group_by("first_day").agg(customers=_.count()))


def _purchase_days(sight: Sight) -> pa.Table:
    """Local day and how many customers bought on it."""
    scope = whole(sight.scope)
    orders = customer_orders(scope).semi_join(kept_purchases(sight), "customer_id")
    orders = orders.select("customer_id", day=scope.local(orders.ordered_at, ever=True) // DAY).distinct()
    return sight.run(orders.group_by("day").agg(purchases=_.count()))
