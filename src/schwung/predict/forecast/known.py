"""What is known of a shop by local day: who came, who ordered, for how much; and the customers as a purchase model sees them.

Guests and people who objected (Art. 21 GDPR) are in none of it. Revenue is what the metric says: goods by the day of the order
less goods that came back by the day of the return.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis import _

from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.measure.local_time import first_day, key_of_day, label, period_key
from schwung.measure.said import money
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.clv.rows import Floats, Rows
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, read, whole

Ints = npt.NDArray[np.int64]
LEAST_DAYS = 84
_NOTHING = Text("No customer has ordered yet.", "Noch hat kein Kunde bestellt.")
_BELOW = Text(
    "The orders of customers add up to {money}; revenue below 0 cannot be forecast.",
    "Die Bestellungen der Kunden ergeben zusammen {money}; Umsatz unter 0 lässt sich nicht vorhersagen.",
)
_SIGNS = Text(
    "Correct the signs of the amounts; what came back is a return, not an order.",
    "Die Vorzeichen der Beträge berichtigen; was zurückkam, ist eine Rückgabe, keine Bestellung.",
)
_SHORT = Text(
    "Days since the first order of a customer: {n}; a forecast takes {least}.",
    "Tage seit der ersten Bestellung eines Kunden: {n}; eine Prognose braucht {least}.",
)


@dataclass(frozen=True, eq=False)
class Back:
    """Goods that came back: days since 1970 of order (−1: not known) and of return, minor units."""

    ordered: Ints
    returned: Ints
    minor: Floats

    def until(self, day: int) -> "Back":
        seen = self.returned <= day
        return Back(self.ordered[seen], self.returned[seen], self.minor[seen])


@dataclass(frozen=True, eq=False)
class Known:
    """By day from `start` (days since 1970) to `today`: new customers, orders, minor units sold; of them those of the
    customers' first days (first_orders, first_minor); purchases: days with a purchase of a customer; sold: minor units by
    month of the first order. back: what was returned of it."""

    start: int
    today: int
    new: Floats
    orders: Floats
    minor: Floats
    first_orders: Floats
    first_minor: Floats
    purchases: Floats
    sold: Mapping[str, Floats]
    back: Back

    @property
    def days(self) -> int:
        return self.today - self.start + 1

    @property
    def revenue(self) -> Floats:
        """By day: sold less returned."""
        back = self.back
        inside = back.returned >= self.start
        return self.minor - np.bincount(back.returned[inside] - self.start, back.minor[inside], self.days)

    def until(self, day: int) -> "Known":
        """As it was known at the end of that day."""
        end = day - self.start + 1
        parts = (self.new, self.orders, self.minor, self.first_orders, self.first_minor, self.purchases)
        sold = {name: daily[:end] for name, daily in self.sold.items()}
        new, orders, minor, first_orders, first_minor, purchases = (part[:end] for part in parts)
        return Known(
            self.start, day, new, orders, minor, first_orders, first_minor, purchases, sold, self.back.until(day)
        )

    def returned_after(self, days: int) -> Floats:
        """Share of what is sold that comes back after 0, 1, 2 … `days` days, of the orders of the last year; returns whose
        order is not known as late as the others."""
        last, back = slice(-min(self.days, 365), None), self.back
        first = self.today - len(self.minor[last]) + 1
        in_year = back.returned >= first
        known = in_year & (back.ordered >= first) & (back.returned >= back.ordered)
        if not known.any():
            # Nothing says when: on the day of the order.
            share = np.zeros(days + 1)
            share[0] = back.minor[in_year].sum() / max(float(self.minor[last].sum()), 1.0)
            return np.clip(share, 0.0, 1.0)
        lag = np.minimum(back.returned[known] - back.ordered[known], days)
        came = np.bincount(lag, back.minor[known], days + 1)
        so_far = np.cumsum(self.minor[last])[::-1]  # what was sold long enough ago to have come back
        at_risk = so_far[np.minimum(np.arange(days + 1), len(so_far) - 1)]
        linked = in_year & (back.ordered >= 0)
        more = back.minor[in_year].sum() / max(float(back.minor[linked].sum()), 1.0)
        return np.clip(more * came / np.maximum(at_risk, 1.0), 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Base:
    """The customers at a moment: a purchase model in days and their distinct rows."""

    fitted: FittedPurchases
    rows: Rows

    @classmethod
    def of(cls, summary: PurchaseSummary) -> "Base":
        """InputError where no model can be fitted."""
        return cls(ModifiedBetaGeoNBD().fit(summary, with_sides=False), summary.distinct)


def known(sight: Sight) -> Known:
    """InputError where too little is known."""
    scope, today = whole(sight.scope), key_of_day(day_of(sight.as_of, sight.question.zone), "day")
    came = kept_purchases(sight).select("customer_id", "first_day")
    orders = customer_orders(scope)
    rows = orders.select("customer_id", "amount_minor", day=scope.local(orders.ordered_at, ever=True) // DAY)
    rows = rows.join(came, "customer_id")
    rows = rows.group_by(["customer_id", "day", "first_day"]).agg(n=_.count(), minor=_.amount_minor.sum().fill_null(0))
    found = sight.run(
        rows.mutate(is_first=_.day == _.first_day, month=period_key(rows.first_day * DAY, "month"))
        .group_by(["day", "is_first", "month"])
        .agg(purchases=_.count(), orders=_.n.sum(), minor=_.minor.sum())
        .order_by(["day", "is_first", "month"])
    )
    known = today - found["day"][0].as_py() if found.num_rows else 0
    if known < LEAST_DAYS:
        why = _SHORT.fill(n=known, least=LEAST_DAYS) if found.num_rows else _NOTHING
        raise InputError(
            "facts_too_short", why, Text("Wait for more orders, or import older ones.", "Weitere Bestellungen abwarten oder ältere importieren.")
        )  # fmt: skip
    minor = found["minor"].to_numpy().sum()
    if minor < 0:
        major = money(minor / 10 ** exponent_of(sight.question.currency), sight.question.currency)
        raise InputError("revenue_below_zero", _BELOW.fill(money=major), _SIGNS)
    return told(found, _back(sight, came), today)


def told(rows: pa.Table, back: Back, today: int) -> Known:
    """rows: day, is_first (is it the first day of its customers?), month (its number, of the first order), purchases,
    orders, minor."""
    columns = {name: rows[name].to_numpy() for name in ("day", "month", "purchases", "orders", "minor")}
    first = rows["is_first"].to_numpy(zero_copy_only=False).astype(bool)
    start = int(columns["day"].min())

    def by_day(name: str, chosen: npt.NDArray[np.bool_]) -> Floats:
        values = columns[name][chosen].astype(np.float64)
        return np.bincount(columns["day"][chosen] - start, values, today - start + 1).astype(np.float64)

    everything = np.ones(len(first), bool)
    return Known(
        start,
        today,
        by_day("purchases", first),
        by_day("orders", everything),
        by_day("minor", everything),
        by_day("orders", first),
        by_day("minor", first),
        by_day("purchases", everything),
        {label(one, "month"): by_day("minor", columns["month"] == one) for one in np.unique(columns["month"]).tolist()},
        back,
    )


def _back(sight: Sight, came: ir.Table) -> Back:
    scope = whole(sight.scope)
    orders = scope.sales(customer=False, ever=True)
    orders = orders.select("order_key", ordered=scope.local(orders.ordered_at, ever=True) // DAY)
    rows = scope.returns()
    rows = rows.select(
        "customer_id", "order_key", "amount_minor", returned=scope.local(rows.returned_at, ever=True) // DAY
    )
    rows = rows.semi_join(came, "customer_id").left_join(orders, "order_key", rname="o_{name}")
    rows = rows.mutate(ordered=_.ordered.fill_null(-1))
    found = sight.run(rows.group_by(["ordered", "returned"]).agg(minor=_.amount_minor.sum().fill_null(0)))
    found = found.sort_by([("returned", "ascending"), ("ordered", "ascending")])
    ordered, returned, minor = (found[name].to_numpy() for name in ("ordered", "returned", "minor"))
    return Back(ordered.astype(np.int64), returned.astype(np.int64), minor.astype(np.float64))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Shares of the orders of the last year: of guests, of customers who objected, and of those whose amount is not known."""

    guests: float
    objected: float
    unvalued: float = 0.0


def left_out(sight: Sight) -> LeftOut:
    scope = whole(sight.scope)
    orders = scope.sales(ever=True).filter(_.ordered_at >= sight.as_of - 365 * DAY)
    objected = orders.semi_join(sight.objected, "customer_id").aggregate(objected=_.count())
    found = sight.run(
        orders.aggregate(
            n=_.count(),
            guests=_.customer_id.isnull().cast("int64").sum(),
            unvalued=_.amount_minor.isnull().cast("int64").sum(),
        ).cross_join(objected)
    )
    count, *parts = (float(found[name][0].as_py() or 0) for name in ("n", "guests", "objected", "unvalued"))
    return LeftOut(*(part / max(count, 1.0) for part in parts))


def base(sight: Sight) -> Base:
    """InputError where no model can be fitted."""
    return Base.of(read(sight).summary)


def cohort_of(age: float, today: int) -> str:
    """Month of the first purchase, ISO."""
    return first_day(today - int(age), "day").isoformat()[:7]
