"""Share of leads that became customers."""

import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import State
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import RUN_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits, things


def expression(scope: Scope) -> ir.Table:
    rows = things(scope, "leads", "lead_key", "captured", ("converted",))
    return hits(scope, rows, rows.converted_at.notnull())


METRIC = Metric(
    name="lead_conversion_rate",
    title=Text("Lead conversion", "Wandlung der Interessenten"),
    unit="share",
    subject="attract",
    better="higher",
    needs=("leads",),
    expression=expression,
    estimate="share",
    least=100,
    window_days=90,
    cuts=RUN_CUTS,
    basis=Text("leads", "Interessenten"),
    requires=always("leads"),
    definition=Text(
        "Leads captured in the window that have become customers by now ÷ leads captured in the window.",
        "Im Zeitraum gewonnene Interessenten, die inzwischen Kunden sind, ÷ im Zeitraum gewonnene Interessenten.",
    ),
    leaves_out=Text(
        "Leads whose capture is not known.",
        "Interessenten, deren Gewinnung nicht bekannt ist.",
    ),
    reading=Text(
        "Leads of the last weeks still convert, so the newest periods look worse than they are.",
        "Interessenten der letzten Wochen werden noch zu Kunden; die neuesten Zeiträume sehen daher schlechter "
        "aus, als sie sind.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
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
        answers={
            None: ({"value": 0.666666667, "low": 0.202442, "high": 0.943725, "n": 3},),
            "month": ({"month": "2026-01", "value": 0.5, "n": 2}, {"month": "2026-02", "value": 1.0, "n": 1}),
        },
    ),
)
