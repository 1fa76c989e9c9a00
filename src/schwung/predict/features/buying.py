"""What customers bought: how much, how regularly, how long ago, with discounts and returns."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.measure.scope import Scope
from schwung.predict.features.feature import Feature, Group, before, in_days

_LEAST_GAP = 1.0

FEATURES = (
    Feature("days_since_order", Text("Days since the last order", "Tage seit der letzten Bestellung"), "days",
            Text("last order {value} ago", "letzte Bestellung vor {value}"), "pause", absent=None),
    Feature("pause", Text("Pause, in usual gaps", "Pause, gemessen am üblichen Abstand"), "times",
            Text("no order for {days_since_order}, {value} times the usual gap of {usual_gap}",
                 "seit {days_since_order} keine Bestellung, das {value}-Fache des üblichen Abstands von {usual_gap}"),
            "pause", beside=("days_since_order", "usual_gap"), absent=None),
    Feature("usual_gap", Text("Usual days between orders", "Üblicher Abstand der Bestellungen in Tagen"), "days",
            Text("usually {value} between orders", "üblicherweise im Abstand von {value}"), "rhythm", absent=None),
    Feature("gap_spread", Text("Irregularity of orders", "Unregelmäßigkeit der Bestellungen"), "times",
            Text("gaps between orders vary by {value} times their mean", "Abstände schwanken um das {value}-Fache ihres Mittels"),
            "rhythm", absent=None),
    Feature("customer_days", Text("Days since the first order", "Tage seit der ersten Bestellung"), "days",
            Text("customer for {value}", "Kunde seit {value}"), "age", absent=None),
    Feature("orders", Text("Orders so far", "Bisherige Bestellungen"), "count",
            Text("{value} orders so far", "bisher {value} Bestellungen"), "orders",
            one=Text("one order so far", "bisher eine Bestellung")),
    Feature("orders_90", Text("Orders in 90 days", "Bestellungen in 90 Tagen"), "count",
            Text("{value} orders in 90 days", "{value} Bestellungen in 90 Tagen"), "orders",
            one=Text("one order in 90 days", "eine Bestellung in 90 Tagen"),
            zero=Text("no order in 90 days", "keine Bestellung in 90 Tagen")),
    Feature("orders_90_before", Text("Orders in the 90 days before", "Bestellungen in den 90 Tagen davor"), "count",
            Text("{value} orders in the 90 days before that", "{value} Bestellungen in den 90 Tagen davor"), "orders_before",
            one=Text("one order in the 90 days before that", "eine Bestellung in den 90 Tagen davor"),
            zero=Text("no order in the 90 days before that", "keine Bestellung in den 90 Tagen davor")),
    Feature("orders_365", Text("Orders in a year", "Bestellungen in einem Jahr"), "count",
            Text("{value} orders in a year", "{value} Bestellungen in einem Jahr"), "orders",
            one=Text("one order in a year", "eine Bestellung in einem Jahr")),
    Feature("spend_365", Text("Spend in a year", "Umsatz in einem Jahr"), "money",
            Text("bought for {value} in a year", "Umsatz von {value} in einem Jahr"), "spend"),
    Feature("mean_order", Text("Value of an order", "Wert einer Bestellung"), "money",
            Text("orders of {value} on average", "im Schnitt {value} je Bestellung"), "spend", absent=None),
    Feature("discount_share", Text("Share of discounts", "Anteil der Rabatte"), "share",
            Text("{value} of the price were discounts", "{value} des Preises waren Rabatt"), "discount",
            zero=Text("never a discount", "nie ein Rabatt")),
)  # fmt: skip

RETURNS = (
    Feature("return_share", Text("Share sent back", "Anteil zurückgeschickt"), "share",
            Text("{value} of the goods sent back", "{value} der Ware zurückgeschickt"), "returns",
            zero=Text("nothing sent back", "nichts zurückgeschickt")),
    Feature("returns_180", Text("Returns in 180 days", "Rückgaben in 180 Tagen"), "count",
            Text("{value} returns in 180 days", "{value} Rückgaben in 180 Tagen"), "returns",
            one=Text("one return in 180 days", "eine Rückgabe in 180 Tagen"),
            zero=Text("no return in 180 days", "keine Rückgabe in 180 Tagen")),
)  # fmt: skip


def _orders(scope: Scope, moments: ir.Table) -> ir.Table:
    """Orders of one day are one purchase for gaps; sums count all."""
    orders = customer_orders(scope)
    here = ibis.window(group_by="customer_id", order_by=["ordered_at", "order_key"])
    rows = orders.select(
        "customer_id", "ordered_at", "order_key",
        worth=_.amount_minor.fill_null(0).cast("float64"),
        rebate=_.discount_minor.fill_null(0).cast("float64"),
    )  # fmt: skip
    rows = rows.mutate(gap=in_days(rows.ordered_at - rows.ordered_at.lag().over(here)))
    met = before(moments, rows, "ordered_at")
    sums = met.group_by(["customer_id", "moment_at"]).agg(
        days_since_order=_.age.min(),
        customer_days=_.age.max(),
        orders=_.count().cast("float64"),
        orders_90=_orders_within(met, -1.0, 90.0),
        orders_90_before=_orders_within(met, 90.0, 180.0),
        orders_365=_orders_within(met, -1.0, 365.0),
        spend_365=ibis.cases((_.age <= 365, _.worth), else_=0.0).sum(),
        bought=_.worth.sum(),
        rebate=_.rebate.sum(),
        gap_mean=_.gap.mean(),
        gap_square=(_.gap * _.gap).mean(),
    )
    gap = ibis.greatest(sums.gap_mean, _LEAST_GAP)
    spread = ibis.greatest(sums.gap_square - sums.gap_mean * sums.gap_mean, 0.0).sqrt()
    return sums.select(
        "customer_id", "moment_at", "days_since_order", "customer_days", "orders", "orders_90", "orders_90_before",
        "orders_365", "spend_365",
        usual_gap=ibis.cases((sums.orders > 1, gap)),
        pause=ibis.cases((sums.orders > 1, sums.days_since_order / gap)),
        gap_spread=ibis.cases((sums.orders > 2, spread / gap)),
        mean_order=sums.bought / sums.orders,
        discount_share=sums.rebate / (sums.bought + sums.rebate).nullif(0.0),
    )  # fmt: skip


def _returns(scope: Scope, moments: ir.Table) -> ir.Table:
    back = scope.returns().filter(_.customer_id.notnull())
    back = back.select("customer_id", "returned_at", "return_key", amount=_.amount_minor.fill_null(0).cast("float64"))
    per = before(moments, back, "returned_at").group_by(["customer_id", "moment_at"])
    sums = per.agg(back=_.amount.sum(), returns_180=ibis.cases((_.age <= 180, _.return_key)).nunique().cast("float64"))
    orders = customer_orders(scope).select("customer_id", "ordered_at", "amount_minor")
    bought = before(moments, orders, "ordered_at").group_by(["customer_id", "moment_at"])
    bought = bought.agg(bought=_.amount_minor.fill_null(0).cast("float64").sum())
    both = sums.join(bought, ["customer_id", "moment_at"])
    share = ibis.least(both.back / both.bought.nullif(0.0), 1.0)
    return both.select("customer_id", "moment_at", "returns_180", return_share=share)


def _orders_within(met: ir.Table, since: float, until: float) -> ir.FloatingScalar:
    """How many are older than `since` and at most `until` days old."""
    return ibis.cases(((met.age > since) & (met.age <= until), 1.0), else_=0.0).sum()


GROUPS = (
    Group("orders", ("orders",), FEATURES, _orders),
    Group("returns", ("orders", "returns"), RETURNS, _returns),
)
