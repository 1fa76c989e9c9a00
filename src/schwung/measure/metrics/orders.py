"""Number of orders."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example, Sale, Touch
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import SALE_CUTS
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    sales = scope.sales(customer=False)
    return scope.group(sales, value=scope.order_count(sales))


METRIC = Metric(
    name="orders",
    title=Text("Orders", "Bestellungen"),
    unit="count",
    subject="interact",
    better="higher",
    needs=("orders", "order_lines"),
    expression=expression,
    cuts=SALE_CUTS,
    definition=Text(
        "Orders placed in the window, by order date.", "Im Zeitraum aufgegebene Bestellungen nach Bestelldatum."
    ),
    leaves_out=Text("Cancelled orders. Guests count.", "Stornierte Bestellungen. Gäste zählen mit."),
    reading=Text("A count, so it is exact.", "Eine Anzahl, also exakt."),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05", channel="print"),
            Sale("anna", "2026-03-05", channel="print"),
            Sale("ben", "2026-03-29 03:30", lines={"coffee": 5, "mug": 5}),
            Sale(None, "2026-03-30", channel="shop", country=None),
            Sale("cem", "2026-03-30", cancelled=True),
        ),
        touches=(
            Touch("anna", "2025-12-01", "social"),
            Touch("anna", "2026-02-20", "email"),
            Touch("anna", "2026-03-01", "search"),
            Touch("anna", "2026-03-04", "direct"),
            Touch("anna", "2026-03-06", "social"),
        ),
        answers={
            None: ({"value": 4, "low": None, "high": None, "n": 4},),
            "month": (
                {"month": "2026-01", "value": 1},
                {"month": "2026-02", "value": 0},
                {"month": "2026-03", "value": 3},
            ),
            "week": ({"week": "2026-W02", "value": 1}, {"week": "2026-W03", "value": 0}),
            "quarter": ({"quarter": "2026-Q1", "value": 4},),
            "channel": (
                {"channel": "print", "value": 1},
                {"channel": "search", "value": 1},
                {"channel": "shop", "value": 1},
                {"channel": "unknown", "value": 1},
            ),
            "product": ({"product": "coffee", "value": 4}, {"product": "mug", "value": 1}),
            "country": ({"country": "DE", "value": 3}, {"country": "unknown", "value": 1}),
        },
    ),
)
