"""The purchase summary on the engine: what each customer bought and when, in days, and the distinct rows that are fitted.

Rules. A purchase is a local day on which a customer ordered: several orders of a day are one. Cancelled and test orders are none; guests,
erased people and people who objected (Art. 21 GDPR) are left out. What is worth counts goods after discounts in the reporting
currency; an order in a foreign currency without a rate is a purchase whose worth is not known. A return lowers the worth of the
order that it undoes; where that is not known, the worth of all the customer's days by the share that came back. The customer
came all the same: a purchase that was returned stays a purchase.
"""

from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _

from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.measure.local_time import key_of_day
from schwung.measure.scope import Scope
from schwung.predict.clv.rows import Floats
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.model import TimeUnit
from schwung.predict.sight import Sight
from schwung.predict.summary_pass import by_customer

_ROOM = 2**46
"""More than what one day can be worth, in minor units."""
NOBODY = Text("No customer has ordered in this window.", "In diesem Zeitraum hat kein Kunde bestellt.")


def purchases(sight: Sight) -> ir.Table:
    """Per customer: customer_id, frequency (days with a purchase after the first), recency (days from the first to the last),
    age (days from the first until now), first_day (local days since 1970), paid_days (repeat days whose worth is known),
    spend (their worth together, minor units, returns taken off).
    """
    days = bought(sight).group_by(["customer_id", "day"]).agg(worth=_.worth.sum())
    each = days.group_by("customer_id").agg(
        days=_.count(),
        first_day=_.day.min(),
        last_day=_.day.max(),
        worth=_.worth.sum().fill_null(0.0),
        paid=_.worth.count(),
        # What belongs to the first day, packed behind its number: a least integer costs a tenth of what argmin does.
        packed=(_.day * _ROOM + _.worth.fill_null(0.0).cast("int64")).min(),
        marked=(_.day * 2 + _.worth.notnull().cast("int64")).min(),
    )
    each = each.left_join(lost(sight), "customer_id", rname="l_{name}")
    kept = 1.0 - (each.lost / each.worth.nullif(0.0)).fill_null(0.0)
    each = each.mutate(kept=ibis.greatest(ibis.least(kept, 1.0), 0.0))
    rows = each.select(
        "customer_id",
        frequency=each.days - 1,
        recency=each.last_day - each.first_day,
        age=ibis.literal(_today(sight), "int64") - each.first_day,
        first_day=each.first_day,
        paid_days=each.paid - (each.marked - each.first_day * 2),
        spend=(each.worth - (each.packed - each.first_day * _ROOM)) * each.kept,
    )
    since = _since(sight)
    return rows if since is None else rows.filter(_.first_day >= since)


def bought(sight: Sight) -> ir.Table:
    """Orders of customers: customer_id, day, worth (minor units, whole as a float: summed as quickly as nothing else)."""
    return _paid(sight, sight.without_objected(customer_orders(whole(sight.scope))), "customer_id")


def _paid(sight: Sight, orders: ir.Table, whose: str) -> ir.Table:
    undone = _back(sight).filter(_.order_key.notnull()).group_by("order_key").agg(came_back=_minor(_).sum())
    orders = orders.left_join(undone, "order_key", rname="r_{name}")
    return orders.select(
        whose,
        day=whole(sight.scope).local(orders.ordered_at, ever=True) // DAY,
        worth=_minor(orders) - orders.came_back.fill_null(0.0),
    )


def lost(sight: Sight) -> ir.Table:
    """What came back of orders that are not known: customer_id, lost."""
    return _back(sight).filter(_.order_key.isnull()).group_by("customer_id").agg(lost=_minor(_).sum())


def purchase_rows(sight: Sight) -> pa.Table:
    """The rows of `purchases`. Where orders are near, this process takes one pass over them, which says the same."""
    if not sight.is_near():
        return sight.run(purchases(sight))
    orders = whole(sight.scope).sales(customer=False, ever=True)
    rows, owners = bought(sight), None
    if "identifier_id" in orders.columns and "customer_id" not in orders.columns:  # else their customers are at hand
        rows = _paid(sight, orders.filter(_.identifier_id.notnull()), "identifier_id")
        named = sight.without_objected(sight.scope.table("identities", False))
        owners = sight.run(named.select("identifier_id", "customer_id"))
    return by_customer(sight.run(rows), owners, sight.run(lost(sight)), _today(sight), _since(sight))


def _back(sight: Sight) -> ir.Table:
    return whole(sight.scope).returns().filter(_.customer_id.notnull())


def _minor(rows: Any) -> Any:
    return rows.amount_minor.cast("float64")


def _today(sight: Sight) -> int:
    return key_of_day(day_of(sight.as_of, sight.question.zone), "day")


def _since(sight: Sight) -> int | None:
    since = sight.question.since_on
    return None if since is None else key_of_day(since, "day")


def distinct(rows: ir.Table, by: tuple[str, ...] = ()) -> ir.Table:
    """frequency, recency, age, traits and how many customers have them."""
    return rows.group_by(["frequency", "recency", "age", *by]).agg(customers=_.count())


@dataclass(frozen=True, slots=True)
class Read:
    """rows: of the engine, to be asked further. summary: its distinct rows, on the clock asked for."""

    rows: ir.Table
    summary: PurchaseSummary


def read(sight: Sight, unit: TimeUnit = "day") -> Read:
    """InputError where nobody bought."""
    rows = kept_purchases(sight)
    found = sight.run(distinct(rows))
    if not found.num_rows:
        raise InputError(
            "no_purchases", NOBODY, Text("Import orders, or take a longer window.", "Bestellungen importieren oder einen längeren Zeitraum nehmen.")
        )  # fmt: skip
    summary = PurchaseSummary.from_table(in_order(found))
    return Read(rows, summary.in_weeks() if unit == "week" else summary)


def in_order(rows: pa.Table, *further: str) -> pa.Table:
    """Distinct rows in one order on every engine: sums of floats depend on it."""
    return rows.sort_by([(name, "ascending") for name in ("frequency", "recency", "age", *further)])


def kept_purchases(sight: Sight) -> ir.Table:
    """`purchases`, worked out once for all that this training asks of them."""
    return sight.keep("purchases", lambda: ibis.memtable(purchase_rows(sight)) if sight.is_near() else purchases(sight))


def of_customers(rows: pa.Table, unit: TimeUnit = "day") -> PurchaseSummary:
    """One row per customer of `purchases`, in the order given; spend: mean of a repeat purchase, 0 where it is not known."""
    columns: dict[str, Any] = {name: rows[name].to_numpy() for name in ("customer_id", "frequency", "recency", "age")}
    summary = PurchaseSummary(
        columns["frequency"].astype(np.int64, copy=False),
        columns["recency"].astype(np.float64),
        columns["age"].astype(np.float64),
        customers=columns["customer_id"],
        spend=mean_spend(rows),
    )
    return summary.in_weeks() if unit == "week" else summary


def mean_spend(rows: pa.Table) -> Floats:
    """Of a repeat purchase, minor units; 0 where it is not known, or nothing is left of it."""
    paid, spend = rows["paid_days"].to_numpy(), rows["spend"].to_numpy()
    return np.maximum(np.divide(spend, paid, out=np.zeros(len(paid)), where=paid > 0), 0.0)


def whole(scope: Scope) -> Scope:
    """All facts up to `as_of`, cut by nothing."""
    question = replace(scope.question, by=(), since_on=None, until_on=None)
    return replace(scope, question=question, moments=None)
