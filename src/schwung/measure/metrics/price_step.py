"""How much more or less an order is worth than the one before."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, WHOLE_ORDER_CUTS, ratio_statistics
from schwung.measure.sources import DELTA


def expression(scope: Scope) -> ir.Table:
    orders = scope.sales(ever=True).filter(_.customer_id.notnull(), _.amount_minor.notnull())
    before = orders.amount_minor.lag().over(
        group_by=["customer_id", *_overlapping(scope)], order_by=["ordered_at", "order_key"]
    )
    orders = orders.mutate(before_minor=before).filter(_.before_minor.notnull())
    if scope.question.since_at is not None:
        orders = orders.filter(_.ordered_at >= scope.question.since_at)
    one = ibis.literal(1, "int64")
    return ratio_statistics(scope, orders.mutate(unit=_.customer_id, x=one, y=_.amount_minor - _.before_minor, n=one))


def _overlapping(scope: Scope) -> list[str]:
    """A cut in which one order has several rows: each slice has its own order before."""
    return ["list"] if "list" in scope.by else []


METRIC = Metric(
    name="price_step",
    title=Text("Price step between purchases", "Preisschritt zwischen Käufen"),
    unit="money",
    subject="interact",
    better="higher",
    needs=("orders",),
    expression=expression,
    estimate="yields",
    least=30,
    cuts=WHOLE_ORDER_CUTS,
    definition=Text(
        "Mean of (goods of an order − goods of the same customer's order before it), over the repeat orders of "
        "the window.",
        "Mittel aus (Ware einer Bestellung − Ware der vorigen Bestellung desselben Kunden) über die "
        "Folgebestellungen des Zeitraums.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "Above 0: customers buy more each time, the upsell works. Together with the upsell ratio it says how "
        "often and how far.",
        "Über 0: Kunden kaufen jedes Mal mehr, das Upselling wirkt. Zusammen mit der Upsell-Quote sagt er, wie "
        "oft und wie weit.",
    ),
    source=DELTA,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05", 20),
            Sale("anna", "2026-01-15", 30),  # + 10
            Sale("anna", "2026-02-15", 25),  # − 5
            Sale("ben", "2026-01-01", 30),
            Sale("ben", "2026-02-01", 40),  # + 10
            Sale("cem", "2026-02-01", 40),
            Sale(None, "2026-02-10", 10),
        ),
        # Units (x, y): anna (2, 5), ben (1, 10); r = 5; residuals −5, 5; half = 12.706205 · √(50 · 2) ÷ 3 = 42.354016
        answers={
            None: ({"value": 5.0, "low": -37.354016, "high": 47.354016, "n": 3},),
            "month": ({"month": "2026-01", "value": 10.0, "n": 1}, {"month": "2026-02", "value": 2.5, "n": 2}),
        },
    ),
)
