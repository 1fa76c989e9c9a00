"""Net goods sold less what they cost."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import Goods
from schwung.measure.margin import needs_margin, order_margins
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import WHOLE_ORDER_CUTS
from schwung.measure.sources import OWN_DEFINITION
from schwung.measure.valuation import Valuation


def expression(scope: Scope) -> ir.Table:
    sales = scope.sales().join(order_margins(scope), "order_key", rname="m_{name}")
    return scope.group(sales, value=_.margin_minor.sum(), n=_.margin_minor.count())


METRIC = Metric(
    name="gross_margin",
    title=Text("Margin", "Marge"),
    unit="money",
    subject="money",
    better="higher",
    needs=(
        "orders",
        "order_lines",
        "products",
    ),
    expression=expression,
    cuts=WHOLE_ORDER_CUTS,
    requires=needs_margin,
    definition=Text(
        "Goods ordered in the window without tax, less their cost: that of the product, else by the flat margin "
        "rate (`value.margin_rate`).",
        "Im Zeitraum bestellte Ware ohne Steuer, abzüglich ihres Einstands: laut Artikel, sonst nach dem "
        "Margensatz (`value.margin_rate`).",
    ),
    leaves_out=Text(
        "Shipping; goods whose cost no product states, where no flat rate is set: their whole order is left out; "
        "cancelled orders; returns are not deducted. Guests count.",
        "Versand; Ware ohne Einstandspreis, wenn kein Margensatz gesetzt ist: Dann fehlt die ganze Bestellung; "
        "stornierte Bestellungen; Rückgaben werden nicht abgezogen. Gäste zählen mit.",
    ),
    reading=Text(
        "A total, exact as far as the costs are. A later change of a product's cost changes past margins too.",
        "Eine Summe, so exakt wie die Einstandspreise. Ändert sich der Einstandspreis eines Artikels, ändern sich "
        "auch frühere Margen.",
    ),
    source=OWN_DEFINITION,
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
        answers={
            None: ({"value": 19.58, "n": 3},),
            "month": ({"month": "2026-01", "value": 13.58, "n": 2}, {"month": "2026-02", "value": 6.0, "n": 1}),
        },
    ),
)
