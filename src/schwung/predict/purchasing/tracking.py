"""The course of a workspace's purchases, read for the picture that tracks a model."""

import numpy as np
from ibis import _

from schwung.core.clock import DAY
from schwung.core.period import day_of
from schwung.measure.lifecycle import customer_orders
from schwung.measure.local_time import key_of_day
from schwung.predict.clv.tracking import Course
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, whole


def course_of(sight: Sight) -> Course:
    """By local days, until the day of `as_of`."""
    rows, scope = kept_purchases(sight), whole(sight.scope)
    starts = sight.run(rows.group_by("first_day").agg(customers=_.count()))
    orders = customer_orders(scope).semi_join(rows, "customer_id")
    orders = orders.select("customer_id", day=scope.local(orders.ordered_at, ever=True) // DAY).distinct()
    days = sight.run(orders.group_by("day").agg(purchases=_.count()))
    return Course(
        starts["first_day"].to_numpy(),
        starts["customers"].to_numpy().astype(np.float64),
        days["day"].to_numpy(),
        days["purchases"].to_numpy().astype(np.float64),
        key_of_day(day_of(sight.as_of, sight.question.zone), "day"),
    )
