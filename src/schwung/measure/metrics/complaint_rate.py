"""Complaints per order."""

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import TIME_CUTS, ratio_statistics, unit_of
from schwung.measure.sources import DELTA


def expression(scope: Scope) -> ir.Table:
    columns = [*scope.by, "unit", "x", "y", "n"]
    nothing, one = ibis.literal(0, "int64"), ibis.literal(1, "int64")
    sales = scope.sales()
    sold = sales.mutate(unit=unit_of(sales, "order_key"), x=one, y=nothing, n=one).select(columns)
    told = scope.facts("cases", where=lambda row: (row.state == "opened") & (row.kind == "complaint"))
    told = told.mutate(unit=unit_of(told, "case_key"), x=nothing, y=one, n=nothing).select(columns)
    return ratio_statistics(scope, sold.union(told))


METRIC = Metric(
    name="complaint_rate",
    title=Text("Complaint rate", "Beschwerdequote"),
    unit="share",
    subject="service",
    better="lower",
    needs=(
        "orders",
        "cases",
    ),
    expression=expression,
    estimate="ratio",
    least=100,
    window_days=90,
    cuts=(*TIME_CUTS, "country", "cohort", "kind", "list"),
    requires=always("cases"),
    definition=Text(
        "Complaints opened in the window ÷ orders placed in the window.",
        "Im Zeitraum eröffnete Beschwerden ÷ im Zeitraum aufgegebene Bestellungen.",
    ),
    leaves_out=Text(
        "Cases that are questions or requests, or do not say what they are; cancelled orders.",
        "Vorgänge, die Fragen oder Anliegen sind oder nicht sagen, was sie sind; stornierte Bestellungen.",
    ),
    reading=Text(
        "Complaints often concern orders of an earlier month. Few complaints can also mean that complaining is hard.",
        "Beschwerden betreffen oft Bestellungen eines früheren Monats. Wenige Beschwerden können auch heißen, "
        "dass Beschweren schwerfällt.",
    ),
    source=DELTA,
    example=Example(
        as_of="2026-03-31",
        sales=(
            Sale("anna", "2026-01-02"),
            Sale("anna", "2026-01-04"),
            Sale("ben", "2026-01-02"),
            Sale(None, "2026-02-02"),
        ),
        states={
            "cases": (
                State("c1", "opened", "anna", "2026-01-05", {"kind": "complaint"}),
                State("c1", "resolved", "anna", "2026-01-06", {"kind": "complaint"}),
                State("c2", "opened", "ben", "2026-01-05", {"kind": "question"}),
            )
        },
        # Units (x, y): anna (2, 1), ben (1, 0), guest (1, 0); r = ¼; residuals ½, −¼, −¼, squares 0.375;
        # half = 4.302653 · √(0.375 · 3/2) ÷ 4 = 0.806747
        answers={
            None: ({"value": 0.25, "low": 0.0, "high": 1.056747, "n": 4},),
            "month": ({"month": "2026-01", "value": 0.333333, "n": 3}, {"month": "2026-02", "value": 0.0, "n": 1}),
        },
    ),
)
