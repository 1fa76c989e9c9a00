"""Share of buying customers who bought more than once."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, SALE_CUTS, buyers
from schwung.measure.sources import AGRESTI_COULL


def expression(scope: Scope) -> ir.Table:
    return buyers(scope, _.order_count > 1)


METRIC = Metric(
    name="repeat_purchase_rate",
    title=Text("Repeat purchase rate", "Wiederkaufrate"),
    unit="share",
    subject="interact",
    better="higher",
    needs=("orders", "order_lines"),
    expression=expression,
    estimate="share",
    least=100,
    window_days=365,
    per_customer=True,
    cuts=SALE_CUTS,
    basis=Text("customers", "Kunden"),
    definition=Text(
        "Customers with two or more orders in the window ÷ customers with at least one.",
        "Kunden mit mindestens zwei Bestellungen im Zeitraum ÷ Kunden mit mindestens einer.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "The shorter the window, the lower the rate: compare windows of the same length only. By month it counts who "
        "bought twice within the month.",
        "Je kürzer der Zeitraum, desto niedriger die Rate: nur gleich lange Zeiträume vergleichen. Nach Monat zählt, "
        "wer innerhalb des Monats zweimal gekauft hat.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-01"),
            Sale("anna", "2026-02-01"),
            Sale("ben", "2026-01-05"),
            Sale("cem", "2026-01-05", lines={"coffee": 5, "mug": 5}),
            Sale("cem", "2026-01-06"),
            Sale("dana", "2026-01-07"),
            Sale("dana", "2026-01-08", cancelled=True),
            Sale("emil", "2025-03-31"),  # the day before the window of 365 days
            Sale("emil", "2026-01-08"),
            Sale(None, "2026-01-09"),
            Sale(None, "2026-01-09"),
        ),
        # n = 5, z² = 3.841459: center (2 + 1.920729) ÷ 8.841459 = 0.443448, half 1.959964 · √0.0279141 = 0.327461
        answers={
            None: ({"value": 0.4, "low": 0.115987, "high": 0.770909, "n": 5},),
            "month": (
                {"month": "2025-03", "value": 0.0, "n": 1},
                {"month": "2025-04", "value": None, "n": 0},
            ),
            "product": ({"product": "coffee", "value": 0.4, "n": 5}, {"product": "mug", "value": 0.0, "n": 1}),
        },
    ),
)
