"""Orders per buying customer."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT, SALE_CUTS
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    counted = scope.per_customer().mutate(
        own=ibis.cases((_.customer_id.notnull(), _.order_count), else_=0),
        guest_orders=ibis.cases((_.customer_id.isnull(), _.order_count), else_=0),
    )
    return scope.group(
        counted,
        n=_.customer_id.count(),
        total=_.own.sum(),
        squares=(_.own * _.own).sum(),
        guest_orders=_.guest_orders.sum(),
    )


METRIC = Metric(
    name="orders_per_customer",
    title=Text("Orders per customer", "Bestellungen je Kunde"),
    unit="per_customer",
    subject="interact",
    better="higher",
    needs=("orders", "order_lines"),
    expression=expression,
    estimate="mean",
    least=30,
    window_days=365,
    per_customer=True,
    cuts=SALE_CUTS,
    basis=Text("customers", "Kunden"),
    definition=Text(
        "Orders of customers in the window ÷ customers with at least one order in it.",
        "Bestellungen von Kunden im Zeitraum ÷ Kunden mit mindestens einer Bestellung darin.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "At least 1 by definition. It grows with the length of the window.",
        "Nach Definition mindestens 1. Der Wert wächst mit der Länge des Zeitraums.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-01"),
            Sale("anna", "2026-02-01"),
            Sale("anna", "2026-02-02"),
            Sale("ben", "2026-01-05"),
            Sale("cem", "2026-02-05"),
            Sale("cem", "2026-02-05"),
            Sale(None, "2026-01-09"),
        ),
        # 3, 1, 2: mean 2, variance 1; half 4.302653 · √(1 ÷ 3)
        answers={
            None: ({"value": 2.0, "low": -0.484138, "high": 4.484138, "n": 3},),
            "month": (
                {"month": "2026-01", "value": 1.0, "n": 2},
                {"month": "2026-02", "value": 2.0, "n": 2},
            ),
        },
    ),
)
