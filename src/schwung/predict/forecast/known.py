"""What is known of a shop by local day: who came, who ordered, for how much; and the customers as a purchase model sees them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ibis import _

from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.measure.local_time import first_day, key_of_day
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.clv.rows import Floats, Rows
from schwung.predict.sight import Sight
from schwung.predict.summary import kept_purchases, read, whole

Ints = npt.NDArray[np.int64]
LEAST_DAYS = 84
_NOTHING = Text("There are fewer than {n} days with orders of customers.", "Es gibt weniger als {n} Tage mit Bestellungen von Kunden.")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Known:
    """By day from `start` (days since 1970) to `today`: new customers, orders, minor units of all; of them those of the
    customers' first days (first_orders, first_minor); purchases: days with a purchase of a customer."""

    start: int
    today: int
    new: Floats
    orders: Floats
    minor: Floats
    first_orders: Floats
    first_minor: Floats
    purchases: Floats

    @property
    def days(self) -> int:
        return self.today - self.start + 1

    def until(self, day: int) -> "Known":
        """As it was known at the end of that day."""
        end = day - self.start + 1
        parts = (self.new, self.orders, self.minor, self.first_orders, self.first_minor, self.purchases)
        return Known(self.start, day, *(part[:end] for part in parts))


@dataclass(frozen=True, eq=False)
class Base:
    """The customers at a moment: a purchase model in days and their distinct rows."""

    fitted: FittedPurchases
    rows: Rows


def known(sight: Sight) -> Known:
    """InputError where too little is known."""
    scope, today = whole(sight.scope), key_of_day(day_of(sight.as_of, sight.question.zone), "day")
    came = kept_purchases(sight).select("customer_id", "first_day")
    orders = customer_orders(scope)
    rows = orders.select("customer_id", "amount_minor", day=scope.local(orders.ordered_at, ever=True) // DAY)
    rows = rows.join(came, "customer_id")
    rows = rows.group_by(["customer_id", "day", "first_day"]).agg(n=_.count(), minor=_.amount_minor.sum().fill_null(0))
    found = sight.run(
        rows.mutate(is_first=_.day == _.first_day)
        .group_by(["day", "is_first"])
        .agg(purchases=_.count(), orders=_.n.sum(), minor=_.minor.sum())
        .order_by(["day", "is_first"])
    )
    if not found.num_rows or today - found["day"][0].as_py() < LEAST_DAYS:
        raise InputError(
            "facts_too_short", _NOTHING.fill(n=LEAST_DAYS), Text("Wait for more orders, or import older ones.", "Weitere Bestellungen abwarten oder ältere importieren.")
        )  # fmt: skip
    day, first = found["day"].to_numpy(), found["is_first"].to_numpy(zero_copy_only=False).astype(bool)
    start = int(day.min())

    def by_day(name: str, chosen: npt.NDArray[np.bool_]) -> Floats:
        values = found[name].to_numpy().astype(np.float64)
        sums = np.bincount(day[chosen] - start, weights=values[chosen], minlength=today - start + 1)
        return sums.astype(np.float64)

    everything = np.ones(len(day), bool)
    return Known(
        start,
        today,
        by_day("purchases", first),
        by_day("orders", everything),
        by_day("minor", everything),
        by_day("orders", first),
        by_day("minor", first),
        by_day("purchases", everything),
    )


def base(sight: Sight) -> Base:
    """InputError where no model can be fitted."""
    summary = read(sight).summary
    return Base(ModifiedBetaGeoNBD().fit(summary), summary.distinct)


def cohort_of(age: float, today: int) -> str:
    """Month of the first purchase, ISO."""
    return first_day(today - int(age), "day").isoformat()[:7]
