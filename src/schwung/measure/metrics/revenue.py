"""Goods sold minus goods returned."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Return, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import MONEY_LEFT_OUT, SALE_CUTS
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    sales = scope.sales(customer=False)
    sold = scope.group(sales, value=_.amount_minor.sum(), n=scope.order_count(sales))
    returned = scope.group(scope.returns(customer=False), value=-_.amount_minor.sum(), n=_.count() - _.count())
    return scope.group(sold.union(returned), value=_.value.sum().fill_null(0), n=_.n.sum())


METRIC = Metric(
    name="revenue",
    title=Text("Revenue", "Umsatz"),
    unit="money",
    subject="money",
    better="higher",
    needs=("orders", "returns", "order_lines"),
    expression=expression,
    cuts=SALE_CUTS,
    definition=Text(
        "Goods ordered in the window, by order date, minus goods returned in the window, by return date.",
        "Im Zeitraum bestellte Ware nach Bestelldatum minus im Zeitraum zurückgegebene Ware nach Rückgabedatum.",
    ),
    leaves_out=MONEY_LEFT_OUT,
    reading=Text(
        "A total, so it is exact. Net where the tax rate is known, else gross as the source states it. A month can be "
        "negative if more came back than went out.",
        "Eine Summe, also exakt. Netto, wo der Steuersatz bekannt ist, sonst brutto wie in der Quelle. Ein Monat kann "
        "negativ sein, wenn mehr zurückkam als hinausging.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05", 20, lines={"coffee": 15, "mug": 5}, country="DE"),
            Sale("anna", "2026-01-31 23:30", 10, country="DE"),
            Sale("ben", "2026-02-01 00:30", 30, country="AT"),
            Sale(None, "2026-02-10", 7, country="DE"),
            Sale("cem", "2026-02-11", 99, country="DE", cancelled=True),
            Sale("cem", "2026-02-12", 50, country="DE", currency="USD"),
        ),
        returns=(
            Return("anna", "2026-02-03", 5, undoes=0, product="mug"),
            Return("cem", "2026-02-13", 99, undoes=4),  # of the cancelled order
        ),
        answers={
            None: ({"value": 62.0, "n": 5},),
            "month": ({"month": "2026-01", "value": 30.0, "n": 2}, {"month": "2026-02", "value": 32.0, "n": 3}),
            "country": ({"country": "DE", "value": 32.0}, {"country": "AT", "value": 30.0}),
            "product": ({"product": "coffee", "value": 62.0}, {"product": "mug", "value": 0.0}),
            "cohort": (
                {"cohort": "2026-01", "value": 25.0},
                {"cohort": "2026-02", "value": 30.0},
                {"cohort": "guest", "value": 7.0},
            ),
        },
    ),
)
