"""What was known at a moment, beside what came after it: read from the facts, compressed on the engine."""

from datetime import timedelta

import ibis.expr.types as ir
import numpy as np
from ibis import _

from schwung.core.clock import Instant
from schwung.core.period import day_of, start_of
from schwung.measure.local_time import key_of_day
from schwung.predict.clv.held_out import HeldOut
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.model import TimeUnit
from schwung.predict.purchasing.traits import with_traits
from schwung.predict.sight import Sight
from schwung.predict.summary import in_order, kept_purchases

LEAST_DAYS = 28
"""A shorter stretch tells too little, before the cut and after it."""


def cuts(sight: Sight, horizon_days: int, folds: int) -> list[tuple[Instant, Instant]]:
    """(cut, until) of each fold, oldest first: whole days, each as long as the horizon, or as a quarter of what is known.

    Fewer, or none, where too little lies before.
    """
    question = sight.question
    zone, last = question.zone, day_of(question.as_of, question.zone)
    first_at = question.since_at if question.since_on is not None else question.first_at
    if first_at is None:
        return []
    known = (last - day_of(first_at, zone)).days
    days = min(horizon_days, known // 4)
    if days < LEAST_DAYS:
        return []

    def end(days_ago: int) -> Instant:
        return start_of(last - timedelta(days=days_ago - 1), zone) - 1

    count = min(folds, (known - LEAST_DAYS) // days - 1)
    return [(end(step * days), min(end((step - 1) * days), question.as_of)) for step in range(count, 0, -1)]


def held_out(
    sight: Sight, cut_at: Instant, until_at: Instant, unit: TimeUnit, by: tuple[str, ...] = ()
) -> HeldOut | None:
    """None where nobody had bought by then. by: traits in `columns`."""
    then, later = sight.earlier(cut_at), sight.earlier(until_at)
    rows = sight.run(_pairs(with_traits(then, kept_purchases(then), by), kept_purchases(later), by))
    if not rows.num_rows:
        return None
    rows = in_order(rows, "actual", *by)
    zone = sight.question.zone
    summary = PurchaseSummary.from_table(rows)
    cut_on = day_of(cut_at, zone)
    return HeldOut(
        summary.in_weeks() if unit == "week" else summary,
        rows["actual"].to_numpy().astype(np.float64),
        key_of_day(cut_on, "day"),
        (day_of(until_at, zone) - cut_on).days,
        {name: rows[name].to_numpy() for name in by},
    )


def _pairs(then: ir.Table, later: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """frequency, recency, age, actual, traits and how many customers have them."""
    after = later.select("customer_id", until="frequency")
    both = then.join(after, "customer_id", rname="a_{name}")
    both = both.mutate(actual=both.until - both.frequency)
    return both.group_by(["frequency", "recency", "age", "actual", *by]).agg(customers=_.count())
