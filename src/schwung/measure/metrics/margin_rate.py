"""Margin as a share of net goods."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import Goods
from schwung.measure.margin import needs_margin, order_margins
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import WHOLE_ORDER_CUTS, ratio_statistics, unit_of
from schwung.measure.sources import DELTA
from schwung.measure.valuation import Valuation


def expression(scope: Scope) -> ir.Table:
    sales = scope.sales().join(order_margins(scope).filter(_.margin_minor.notnull()), "order_key", rname="m_{name}")
    one = ibis.literal(1, "int64")
    return ratio_statistics(
        scope, sales.mutate(unit=unit_of(sales, "order_key"), x=_.net_minor, y=_.margin_minor, n=one)
    )


METRIC = Metric(
    name="margin_rate",
    title=Text("Margin rate", "Margenquote"),
    unit="share",
    subject="money",
    better="higher",
    needs=(
        "orders",
        "order_lines",
        "products",
    ),
    expression=expression,
    estimate="yields",
    least=30,
    cuts=WHOLE_ORDER_CUTS,
    requires=needs_margin,
    definition=Text(
        "Margin of the goods ordered in the window ÷ their amount without tax.",
        "Marge der im Zeitraum bestellten Ware ÷ ihr Betrag ohne Steuer.",
    ),
    leaves_out=Text(
        "Shipping; goods whose cost no product states, where no flat rate is set: their whole order is left out; "
        "cancelled orders; returns are not deducted. Guests count.",
        "Versand; Ware ohne Einstandspreis, wenn kein Margensatz gesetzt ist: Dann fehlt die ganze Bestellung; "
        "stornierte Bestellungen; Rückgaben werden nicht abgezogen. Gäste zählen mit.",
    ),
    reading=Text(
        "Discounts lower it twice over: less money for the same cost.",
        "Rabatte senken sie doppelt: weniger Geld bei gleichem Einstand.",
    ),
    source=DELTA,
    example=Example(
        as_of="2026-03-31",
        goods=(Goods("coffee", "4.00"), Goods("mug", "2.50", 0.19)),
        sales=(
            Sale("anna", "2026-01-05", lines={"coffee": 10}, is_net=True),  # 10 − 4
            Sale("ben", "2026-01-06", lines={"mug": 12}),  # 12 ÷ 1.19 = 10.08 net, − 2.50
            Sale("cem", "2026-02-07", lines={"tea": 20}, is_net=True),  # cost not known: a flat 30 %
            Sale("dana", "2026-02-07", lines={"coffee": 10}, cancelled=True),
        ),
        value=Valuation(margin_rate=0.3, tax_rate=0.07),
        # Units (x, y): (10, 6), (10.08, 7.58), (20, 6); r = 19.58 ÷ 40.08 = 0.488523; residuals 1.114770, 2.655689, −3.770459;
        # squares 22.511763; half = 4.302653 · √(22.511763 · 3/2) ÷ 40.08 = 0.623820
        answers={
            None: ({"value": 0.488523, "low": -0.135297, "high": 1.112343, "n": 3},),
            "month": ({"month": "2026-01", "n": 2}, {"month": "2026-02", "value": 0.3, "n": 1}),
        },
    ),
)
