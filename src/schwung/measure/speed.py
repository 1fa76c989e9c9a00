"""Speed: who of the base at the period's start ordered, came back, or brought a new customer, as a share of that base."""

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from schwung.core.text import Text
from schwung.measure.inference import Difference, Estimate, difference, share
from schwung.measure.lifecycle import customer_orders, stays
from schwung.measure.moved import Measure, Moved
from schwung.measure.referrals import conversions
from schwung.measure.rolling import ByDay, Window, Windows, local_day
from schwung.measure.scope import Scope

LEAST = 100
PARTS = {
    "repeat": Text("Repeat purchase", "Wiederkauf"),
    "reactivated": Text("Reactivation", "Rückkehr"),
    "referral": Text("Referral", "Empfehlung"),
}
_FIRST = -1


def orders_by_day(scope: Scope, windows: Windows) -> ir.Table:
    """Orders by local day, gap (days since the customer's order before, at most the window's length; −1: the first) and
    is_back (the order before is longer ago than `lost_after`): n. Enough for every window, whatever its start.

    First orders before the first window are on the day before it; other orders before it are left out.
    """
    orders = stays(customer_orders(scope), scope.question)
    is_first = orders.previous_at.isnull()
    gap = local_day(scope, orders.ordered_at) - local_day(scope, orders.previous_at)
    rows = orders.mutate(
        day=ibis.greatest(local_day(scope, orders.ordered_at), windows.first - 1),
        gap=ibis.cases((is_first, _FIRST), else_=ibis.least(gap, windows.days)).cast("int64"),
        is_back=(orders.ordered_at - orders.previous_at > scope.question.lost_after).fill_null(False),
    )
    rows = rows.filter((rows.day >= windows.first) | (rows.gap == _FIRST))
    return rows.group_by(["day", "gap", "is_back"]).agg(n=_.count())


def referrals_by_day(scope: Scope, windows: Windows) -> ir.Table:
    """What referring customers did, twice over: `acts` with their referrals among the orders, `orders` without.

    which, day, gap (to the act before of that kind, or to the day before the first order, whichever is shorter): n.
    The difference of the two counts those who did nothing but refer.
    """
    referred = conversions(scope)
    orders = customer_orders(scope).semi_join(referred, "customer_id").select("customer_id", done_at=_.ordered_at)
    began = orders.group_by("customer_id").agg(began_at=_.done_at.min())
    acts = orders.union(referred.select("customer_id", done_at=_.converted_at))
    parts = [
        _acts(scope, windows, rows.join(began, "customer_id"), which)
        for which, rows in (("acts", acts), ("orders", orders))
    ]
    return parts[0].union(parts[1])


def _acts(scope: Scope, windows: Windows, rows: ir.Table, which: str) -> ir.Table:
    here = ibis.window(group_by="customer_id", order_by=["done_at"])
    rows = rows.mutate(previous_at=_.done_at.lag().over(here))
    day = local_day(scope, rows.done_at)
    since_first = day - local_day(scope, rows.began_at)
    gap = ibis.least(day - local_day(scope, rows.previous_at), since_first, ibis.literal(windows.days).cast("int64"))
    rows = rows.mutate(day=day, gap=ibis.coalesce(gap, ibis.least(since_first, windows.days)))
    rows = rows.filter(rows.day >= windows.first, rows.done_at >= rows.began_at)
    counted = rows.group_by(["day", "gap"]).agg(n=_.count())
    return counted.select(ibis.literal(which).name("which"), "day", "gap", "n")


def speed(orders: ByDay, referrals: ByDay, windows: Windows) -> Measure:
    """Value, change, parts and trend. Each customer of the base counts once: by the first order of the window (a repeat
    purchase, or a return after being lost), else as one who only referred."""
    counts = _Counts(orders, referrals)
    now, before = counts.of(windows.now), counts.of(windows.before)
    known = counts.is_known(windows.before)
    estimate, earlier = counts.estimate(windows.now), counts.estimate(windows.before)
    change: Difference | None = difference(estimate, earlier, LEAST) if known else None
    moves = []
    for name, title in PARTS.items():
        if name == "referral" and not len(referrals):
            continue  # nothing is known of referrals
        value, was = _rate(now[name], now["base"]), _rate(before[name], before["base"])
        part = difference(share(now[name], now["base"]), share(before[name], before["base"]), LEAST)
        clear = part.word in ("clearly_higher", "clearly_lower")
        moves.append(Moved(name, title, value, value - was if known else None, clear))
    trend = tuple(counts.rate(window) if counts.is_known(window) else None for window in windows.trend)
    return Measure(
        "speed", estimate, earlier if known else None, change, tuple(moves), trend, is_too_few=now["base"] < LEAST
    )


def _rate(part: int, base: int) -> float:
    return part / base if base else 0.0


class _Counts:
    """Counts of any window from sums by day."""

    def __init__(self, orders: ByDay, referrals: ByDay) -> None:
        self._firsts = orders.where(orders["gap"] == _FIRST)
        self._again = orders.where(orders["gap"] != _FIRST)
        self._acts = referrals
        self._began = int(orders["day"].min()) if len(orders) else 0

    def is_known(self, window: Window) -> bool:
        """Whether the facts reach back to before the window's start."""
        return bool(len(self._firsts)) and self._began < window[0]

    def of(self, window: Window) -> dict[str, int]:
        since, _until = window
        base = int(self._firsts["n"][self._firsts["day"] < since].sum())
        hits = _first_within(self._again, window)
        back = int(hits.where(hits["is_back"].astype(bool))["n"].sum())
        acts = _first_within(self._acts, window)
        only = {which: int(acts["n"][acts["which"] == which].sum()) for which in ("acts", "orders")}
        return {
            "base": base,
            "repeat": int(hits["n"].sum()) - back,
            "reactivated": back,
            "referral": only["acts"] - only["orders"],
        }

    def estimate(self, window: Window) -> Estimate:
        found = self.of(window)
        return share(sum(found[name] for name in PARTS), found["base"])

    def rate(self, window: Window) -> float | None:
        return self.estimate(window).value


def _first_within(rows: ByDay, window: Window) -> ByDay:
    """Acts that are their customer's first in the window, of those who were in the base before it."""
    inside = rows.within(window)
    return inside.where(inside["day"] - np.asarray(inside["gap"]) < window[0])
