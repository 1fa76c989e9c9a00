"""Of the customers who first ordered in a month, the share that orders again one, two, three … months later."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.lifecycle import customer_orders, has_course
from schwung.measure.local_time import period_key
from schwung.measure.metric import Metric
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT
from schwung.measure.sources import OWN_DEFINITION


def expression(scope: Scope) -> ir.Table:
    visits = _visits(scope)
    since_on = scope.question.since_on
    if since_on is not None:
        visits = visits.filter(_.cohort >= since_on.year * 12 + since_on.month - 1)
    cells = visits.group_by("cohort", age=_.month - _.cohort).agg(hits=_.count())
    sizes = cells.filter(_.age == 0).select("cohort", n="hits")
    return cells.join(sizes, "cohort", rname="own_{name}").select("cohort", "age", "hits", "n")


def _visits(scope: Scope) -> ir.Table:
    """Months in which a customer ordered: customer_id, month, cohort (the month of the first order)."""
    orders = customer_orders(scope)
    month = _month(scope, orders.ordered_at)
    if has_course(orders):
        is_first = (orders.nth == 1) | (_month(scope, orders.previous_at) != month)
        return orders.filter(is_first).select("customer_id", month=month, cohort=_month(scope, orders.first_at))
    months = orders.select("customer_id", month=month).distinct()
    first = months.group_by("customer_id").agg(cohort=_.month.min())
    return months.join(first, "customer_id", rname="first_{name}")


def _month(scope: Scope, at: ir.IntegerValue) -> ir.IntegerValue:
    return period_key(scope.local(at, ever=True), "month")


METRIC = Metric(
    name="cohort_retention",
    title=Text("Cohort retention", "Wiederkauf nach Kohorten"),
    unit="share",
    subject="customers",
    better="higher",
    needs=("orders",),
    expression=expression,
    estimate="share",
    shape="matrix",
    least=100,
    cuts=(),
    basis=Text("customers of the cohort", "Kunden der Kohorte"),
    definition=Text(
        "Cohort: customers whose first order lies in that month. Value at age k: the share of them that ordered in the "
        "k-th calendar month after it. Age 0 is 100% by definition.",
        "Kohorte: Kunden, deren erste Bestellung in diesem Monat liegt. Wert im Alter k: der Anteil von ihnen, der im "
        "k-ten Kalendermonat danach bestellt hat. Alter 0 ist nach Definition 100 %.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "Read along a row how a cohort keeps coming, down a column whether newer cohorts are better. The month that is not "
        "over yet shows what came so far.",
        "Entlang einer Zeile steht, wie eine Kohorte wiederkommt, eine Spalte hinab, ob neuere Kohorten besser sind. Der "
        "laufende Monat zeigt den bisherigen Stand.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-01 00:10"),  # 2025-12-31 in UTC
            Sale("anna", "2026-02-01"),
            Sale("ben", "2026-01-05"),
            Sale("ben", "2026-03-05"),
            Sale("ben", "2026-03-06"),
            Sale("cem", "2026-02-05"),
            Sale(None, "2026-01-09"),
        ),
        answers={
            None: (
                {"cohort": "2026-01", "age": 0, "value": 1.0, "n": 2},
                {"cohort": "2026-01", "age": 1, "value": 0.5, "n": 2},
                {"cohort": "2026-01", "age": 2, "value": 0.5, "n": 2},
                {"cohort": "2026-02", "age": 0, "value": 1.0, "n": 1},
                {"cohort": "2026-02", "age": 1, "value": 0.0, "n": 1},
            ),
        },
    ),
)
