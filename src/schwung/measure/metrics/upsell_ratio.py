"""Customers with two or more purchases to customers with exactly one."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, SALE_CUTS, buyers
from schwung.measure.sources import AGRESTI_COULL_ODDS


def expression(scope: Scope) -> ir.Table:
    return buyers(scope, _.order_count > 1)


METRIC = Metric(
    name="upsell_ratio",
    title=Text("Upsell ratio", "Upsell-Quote"),
    unit="ratio",
    subject="interact",
    better="higher",
    needs=("orders", "order_lines"),
    expression=expression,
    estimate="odds",
    least=100,
    window_days=365,
    per_customer=True,
    cuts=SALE_CUTS,
    basis=Text("customers", "Kunden"),
    definition=Text(
        "Customers with two or more orders in the window ÷ customers with exactly one.",
        "Kunden mit mindestens zwei Bestellungen im Zeitraum ÷ Kunden mit genau einer.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "1 means: as many came back as did not. It is the repeat purchase rate r in another form, r ÷ (1 − r), and has no "
        "value where every customer came back.",
        "1 heißt: Ebenso viele kamen wieder wie nicht. Es ist die Wiederkaufrate r in anderer Form, r ÷ (1 − r), und hat "
        "keinen Wert, wo alle wiederkamen.",
    ),
    source=AGRESTI_COULL_ODDS,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-01"),
            Sale("anna", "2026-02-01"),
            Sale("ben", "2026-01-05"),
            Sale("cem", "2026-02-05"),
            Sale(None, "2026-01-09"),
        ),
        # r = 1 ÷ 3, n = 3: center (1 + 1.920729) ÷ 6.841459 = 0.426916, half 1.959964 · √0.0357613 = 0.370642
        # low 0.056274 ÷ 0.943726, high 0.797558 ÷ 0.202442
        answers={
            None: ({"value": 0.5, "low": 0.059630, "high": 3.939680, "n": 3},),
            "month": (
                {"month": "2026-01", "value": 0.0, "n": 2},
                {"month": "2026-02", "value": 0.0, "n": 2},
            ),
        },
    ),
)
