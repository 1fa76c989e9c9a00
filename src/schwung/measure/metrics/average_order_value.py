"""Goods per order."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import MONEY_LEFT_OUT, WHOLE_ORDER_CUTS, ratio_statistics, unit_of
from schwung.measure.sources import DELTA_LOG


def expression(scope: Scope) -> ir.Table:
    sales = scope.sales().filter(_.amount_minor.notnull())
    one = (sales.order_key == sales.order_key).cast("int64")
    return ratio_statistics(scope, sales.mutate(unit=unit_of(sales, "order_key"), x=one, y=_.amount_minor, n=one))


METRIC = Metric(
    name="average_order_value",
    title=Text("Average order value", "Durchschnittlicher Bestellwert"),
    unit="money",
    subject="money",
    better="higher",
    needs=("orders",),
    expression=expression,
    estimate="log_ratio",
    least=30,
    cuts=WHOLE_ORDER_CUTS,
    definition=Text(
        "Amount of the goods ordered in the window ÷ orders in the window. Returns are not deducted.",
        "Betrag der im Zeitraum bestellten Ware ÷ Bestellungen im Zeitraum. Rückgaben werden nicht abgezogen.",
    ),
    leaves_out=MONEY_LEFT_OUT,
    reading=Text(
        "Orders of one customer resemble each other; the interval allows for that by taking the customer as the unit. A "
        "few very large orders move it: look at the number of orders beside it.",
        "Bestellungen eines Kunden ähneln einander; das Intervall trägt dem Rechnung, indem der Kunde die Einheit ist. "
        "Wenige sehr große Bestellungen verschieben den Wert: die Zahl der Bestellungen daneben beachten.",
    ),
    source=DELTA_LOG,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05", 20),
            Sale("anna", "2026-01-15", 40),
            Sale("ben", "2026-02-01", 30),
            Sale(None, "2026-02-10", 10),
            Sale("cem", "2026-02-11", 99, cancelled=True),
        ),
        # Units (x, y): anna (2, 60), ben (1, 30), guest (1, 10). r = 25; residuals 10, 5, −15, squares 350.
        # half = 4.302653 · √(350 · 3/2) ÷ 4 = 24.646540; 25 ÷ and × exp(24.646540 ÷ 25) = 2.680120
        answers={
            None: ({"value": 25.0, "low": 9.327940, "high": 67.003002, "n": 4},),
            "month": ({"month": "2026-01", "value": 30.0, "n": 2}, {"month": "2026-02", "value": 20.0, "n": 2}),
        },
    ),
)
