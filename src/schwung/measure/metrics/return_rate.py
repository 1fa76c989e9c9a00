"""Share of the goods' value that came back."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Return, Sale
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import MONEY_LEFT_OUT, SALE_CUTS, ratio_statistics, unit_of
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    sold, back = scope.sales(), scope.returns()
    columns = [*scope.by, "unit", "x", "y", "n"]
    nothing, one = ibis.literal(0, "int64"), ibis.literal(1, "int64")
    sold = sold.mutate(unit=unit_of(sold, "order_key"), x=_.amount_minor, y=nothing, n=one).select(columns)
    back = back.mutate(unit=unit_of(back, "return_key"), x=nothing, y=_.amount_minor, n=nothing).select(columns)
    return ratio_statistics(scope, sold.union(back))


METRIC = Metric(
    name="return_rate",
    title=Text("Return rate", "Rückgabequote"),
    unit="share",
    subject="interact",
    better="lower",
    needs=("orders", "returns", "order_lines"),
    expression=expression,
    estimate="ratio",
    least=30,
    cuts=SALE_CUTS,
    definition=Text(
        "Value of the goods returned in the window ÷ value of the goods ordered in the window.",
        "Wert der im Zeitraum zurückgegebenen Ware ÷ Wert der im Zeitraum bestellten Ware.",
    ),
    leaves_out=MONEY_LEFT_OUT,
    reading=Text(
        "Returns often belong to orders of an earlier month, and not every source says to which. So it compares values of "
        "one window and can exceed 100% in a short one.",
        "Rückgaben gehören oft zu Bestellungen eines früheren Monats, und nicht jede Quelle sagt, zu welcher. Verglichen "
        "werden daher Werte desselben Zeitraums; in einem kurzen kann die Quote über 100 % liegen.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-05", 60),
            Sale("ben", "2026-01-06", 30),
            Sale(None, "2026-02-10", 10),
            Sale("cem", "2026-02-11", 99, cancelled=True),
        ),
        returns=(Return("anna", "2026-02-01", 15, undoes=0), Return("ben", "2026-02-02", 5)),
        # Units (x, y): (60, 15), (30, 5), (10, 0); r = 0.2; residuals 3, −1, −2, squares 14;
        # half = 4.302653 · √(14 · 3/2) ÷ 100 = 0.197172
        answers={
            None: ({"value": 0.2, "low": 0.002828, "high": 0.397172, "n": 3},),
            "month": (
                {"month": "2026-01", "value": 0.0, "n": 2},
                {"month": "2026-02", "value": 2.0, "n": 1},
            ),
        },
    ),
)
