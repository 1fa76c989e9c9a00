"""Whether a customer is one still, by the model of purchases (MBG/NBD) as it would have been fitted at the moment itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis import _

from schwung.core.clock import DAY, Instant
from schwung.core.errors import InputError
from schwung.core.period import day_of
from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.measure.local_time import key_of_day
from schwung.predict.classify.coding import Floats
from schwung.predict.clv.fitted import FittedPurchases
from schwung.predict.clv.mbg_nbd import ModifiedBetaGeoNBD
from schwung.predict.clv.summary import PurchaseSummary
from schwung.predict.features.feature import Feature, each_at
from schwung.predict.sight import Sight
from schwung.predict.summary import whole

FEATURES = (
    Feature("p_alive", Text("Probability to be a customer still", "Wahrscheinlichkeit, noch Kunde zu sein"), "share",
            Text("by the rhythm of purchases still a customer with {value}",
                 "nach dem Rhythmus der Käufe mit {value} noch Kunde"), "alive", absent=None),
    Feature("p_order", Text("Probability to order, by the rhythm", "Wahrscheinlichkeit zu bestellen, nach dem Rhythmus"), "share",
            Text("last order {days_since_order} ago, {orders} so far: by this rhythm another one in time with {value}",
                 "letzte Bestellung vor {days_since_order}, bisher {orders}: nach diesem Rhythmus rechtzeitig eine weitere mit {value}"),
            "pause", beside=("days_since_order", "orders"), absent=None),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Alive:
    """customer_ids in ascending order, with their purchases up to `at` and the fit of all of them."""

    at: Instant
    customer_ids: npt.NDArray[np.int64]
    first_day: npt.NDArray[np.int64]
    summary: PurchaseSummary
    fitted: FittedPurchases

    def p_alive(self) -> Floats:
        return np.asarray(self.fitted.p_alive(self.summary).value, dtype=np.float64)

    def p_order(self, days: float) -> Floats:
        """At least one purchase within the days."""
        return np.asarray(self.fitted.probability_of_purchase(days, self.summary).value, dtype=np.float64)

    def silence(self, share: float) -> Floats:
        """Age (days since the first purchase) at which, nothing being bought, P(alive) has fallen to `share`; never before
        the last purchase. MBG/NBD: P = 1 ÷ (1 + a/(b+x) · ((α+T)/(α+t))^(r+x))."""
        r, alpha, a, b = (self.fitted.parameters[name] for name in ("r", "alpha", "a", "b"))
        x, t = self.summary.frequency, self.summary.recency
        ratio = np.exp(np.log((1 - share) / share * (b + x) / a) / (r + x))
        found: Floats = np.maximum((alpha + t) * ratio - alpha, t)
        return found


def alive_at(sight: Sight, cuts: Sequence[Instant]) -> list[Alive]:
    """For each moment, fitted on what all customers had bought by then; without those moments where that cannot be fitted.

    Purchases are counted as everywhere in predictions: local days with an order.
    """
    scope = whole(sight.scope)
    orders = sight.without_objected(customer_orders(scope))
    orders = orders.select("customer_id", "ordered_at", day=scope.local(orders.ordered_at, ever=True) // DAY)
    each = each_at(orders, list(cuts)).filter(_.ordered_at <= _.moment_at)
    per = each.group_by(["customer_id", "moment_at"]).agg(
        days=_.day.nunique(), first_day=_.day.min(), last_day=_.day.max()
    )
    rows = sight.run(per.order_by(["moment_at", "customer_id"]))
    columns = {name: rows[name].to_numpy().astype(np.int64) for name in rows.column_names}
    found = [_fitted(columns, at, sight.question.zone) for at in cuts]
    return [one for one in found if one is not None]


def _fitted(columns: dict[str, npt.NDArray[np.int64]], at: Instant, zone: str) -> Alive | None:
    mine = columns["moment_at"] == at
    ids, days, first, last = (columns[name][mine] for name in ("customer_id", "days", "first_day", "last_day"))
    today = key_of_day(day_of(at, zone), "day")
    known = PurchaseSummary(days - 1, (last - first).astype(np.float64), (today - first).astype(np.float64))
    try:
        return Alive(at, ids, first, known, ModifiedBetaGeoNBD().fit(known))
    except InputError:
        return None


def add_alive(sight: Sight, rows: pa.Table, days: float) -> pa.Table:
    """`p_alive` and `p_order` (an order within the days) beside rows with customer_id and moment_at; null: not known."""
    moments, ids = (rows[name].to_numpy() for name in ("moment_at", "customer_id"))
    found = np.full((2, rows.num_rows), np.nan)
    for known in alive_at(sight, np.unique(moments).tolist()):
        mine = np.flatnonzero(moments == known.at)
        place = np.clip(np.searchsorted(known.customer_ids, ids[mine]), 0, len(known.customer_ids) - 1)
        is_known = known.customer_ids[place] == ids[mine]
        found[:, mine] = np.where(is_known, np.stack([known.p_alive(), known.p_order(days)])[:, place], np.nan)
    for name, values in zip(("p_alive", "p_order"), found, strict=True):
        rows = rows.append_column(name, pa.array(values, from_pandas=True))
    return rows


def instants(first_day: npt.NDArray[np.int64], age: Floats, at: Instant) -> Floats:
    """UTC instants (µs) of ages in days since the first day (local days since 1970); at most a hundred years ahead."""
    found: Floats = np.minimum((first_day + age) * DAY, at + 36_525 * DAY)
    return found
