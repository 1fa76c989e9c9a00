"""Acquisition spend per lead that became a customer."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import Spent, State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.sources import POISSON
from schwung.measure.spending import SPEND_CUTS, each


def expression(scope: Scope) -> ir.Table:
    won = scope.facts("leads", where=lambda row: row.state == "converted")
    return each(scope, won.select(*scope.by, "lead_key").distinct())


METRIC = Metric(
    name="cost_per_converted_lead",
    title=Text("Cost per converted lead", "Kosten je gewandeltem Interessenten"),
    unit="money",
    subject="attract",
    better="lower",
    needs=(
        "spend",
        "leads",
    ),
    expression=expression,
    estimate="cost_each",
    least=30,
    window_days=365,
    cuts=SPEND_CUTS,
    basis=Text("converted leads", "gewandelte Interessenten"),
    requires=always("spend", "leads"),
    definition=Text(
        "Spend in the window to attract customers ÷ leads that became customers in the window.",
        "Ausgaben im Zeitraum, um Kunden anzuziehen, ÷ Interessenten, die im Zeitraum Kunden wurden.",
    ),
    leaves_out=Text(
        "Spend for interaction and delight; customers who never were a lead.",
        "Ausgaben für Interaktion und Begeisterung; Kunden, die nie Interessenten waren.",
    ),
    reading=Text(
        "Leads convert weeks after the spend that brought them: read it over a quarter or more.",
        "Interessenten werden Wochen nach den Ausgaben zu Kunden, die sie brachten: über ein Quartal oder länger "
        "lesen.",
    ),
    source=POISSON,
    example=Example(
        as_of="2026-03-31",
        spent=(Spent("2026-01-02", "paid_search", 60), Spent("2026-02-02", "fair", 40)),
        states={
            "leads": (
                State("l1", "captured", "anna", "2026-01-05", {"channel": "paid_search"}),
                State("l1", "qualified", "anna", "2026-01-07", {"channel": "paid_search"}),
                State("l1", "converted", "anna", "2026-02-05", {"channel": "paid_search"}),
                State("l2", "captured", "ben", "2026-01-05", {"channel": "fair"}),
                State("l2", "lost", "ben", "2026-03-05", {"channel": "fair"}),
                State("l3", "captured", "cem", "2026-02-05", {"channel": "paid_search"}),
                State("l3", "converted", "cem", "2026-02-25", {"channel": "paid_search"}),
            )
        },
        # 100 ÷ 2; × and ÷ exp(1.959964 ÷ √2) = 3.998438
        answers={
            None: ({"value": 50.0, "low": 12.504883, "high": 199.921908, "n": 2},),
            "channel": ({"channel": "paid_search", "value": 30.0, "n": 2}, {"channel": "fair", "value": None, "n": 0}),
        },
    ),
)
