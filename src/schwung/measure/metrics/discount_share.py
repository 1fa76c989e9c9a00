"""Discounts as a share of the undiscounted price."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import WHOLE_ORDER_CUTS, ratio_statistics, unit_of
from schwung.measure.sources import DELTA


def expression(scope: Scope) -> ir.Table:
    sales = scope.sales().filter(_.discount_minor.notnull(), _.amount_minor.notnull())
    one = ibis.literal(1, "int64")
    unit = unit_of(sales, "order_key")
    pairs = sales.mutate(unit=unit, x=_.amount_minor + _.discount_minor, y=_.discount_minor, n=one)
    return ratio_statistics(scope, pairs)


METRIC = Metric(
    name="discount_share",
    title=Text("Discount share", "Rabattanteil"),
    unit="share",
    subject="money",
    better="lower",
    needs=("orders",),
    expression=expression,
    estimate="ratio",
    least=30,
    cuts=WHOLE_ORDER_CUTS,
    requires=always("discounts"),
    definition=Text(
        "Discounts on the orders of the window ÷ what their goods would have cost without them.",
        "Rabatte auf Bestellungen des Zeitraums ÷ was ihre Ware ohne Rabatt gekostet hätte.",
    ),
    leaves_out=Text(
        "Orders whose source says nothing of discounts, not even 0; cancelled orders; other currencies.",
        "Bestellungen, deren Quelle nichts über Rabatte sagt, auch nicht 0; stornierte Bestellungen; andere Währungen.",
    ),
    reading=Text(
        "Cut by customer kind it shows whether good terms go to newcomers or to the loyal.",
        "Nach Kundenart zeigt er, ob gute Bedingungen Neuen oder Treuen zugutekommen.",
    ),
    source=DELTA,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05", 80, discount=20),
            Sale("ben", "2026-01-06", 50, discount=0),
            Sale("ben", "2026-02-06", 50, discount=0),
            Sale("cem", "2026-02-07", 50),  # says nothing
        ),
        # Units (x, y): anna (100, 20), ben (100, 0); r = 0.1; residuals 10, −10; half = 12.706205 · √(200 · 2) ÷ 200
        answers={
            None: ({"value": 0.1, "low": 0.0, "high": 1.370620, "n": 3},),
            "month": ({"month": "2026-01", "value": 0.133333, "n": 2}, {"month": "2026-02", "value": 0.0, "n": 1}),
            "kind": ({"kind": "lead", "value": 0.133333, "n": 2}, {"kind": "new", "value": 0.0, "n": 1}),
        },
    ),
)
