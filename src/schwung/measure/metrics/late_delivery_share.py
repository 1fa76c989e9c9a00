"""Share of promised deliveries that came late."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.example_facts import State
from schwung.measure.lifecycle import NEVER
from schwung.measure.metric import Metric, always
from schwung.measure.promise import due_at
from schwung.measure.scope import Scope
from schwung.measure.shared import CUSTOMER_CUTS, TIME_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits


def expression(scope: Scope) -> ir.Table:
    cancelled = scope.table("orders", False).filter(_.is_cancelled)
    rows = scope.table("deliveries", True).anti_join(cancelled, "order_key")
    delivered = ibis.cases((rows.state == "delivered", rows.happened_at)).min()
    rows = rows.group_by("order_key").agg(
        promised_at=rows.promised_at.max(),
        delivered_at=delivered,
        customer_id=rows.customer_id.max(),
        source=rows.source.max(),
    )
    question = scope.question
    rows = rows.filter(rows.promised_at.notnull())
    rows = rows.mutate(due_at=due_at(scope, rows.promised_at))
    rows = rows.filter(rows.due_at < question.until_at)
    if question.since_at is not None:
        rows = rows.filter(rows.promised_at >= question.since_at)
    rows = scope.cut(rows, "promised_at")
    return hits(scope, rows, rows.delivered_at.fill_null(NEVER) > rows.due_at)


METRIC = Metric(
    name="late_delivery_share",
    title=Text("Late deliveries", "Verspätete Lieferungen"),
    unit="share",
    subject="service",
    better="lower",
    needs=("deliveries", "orders"),
    expression=expression,
    estimate="share",
    least=100,
    cuts=(*TIME_CUTS, *CUSTOMER_CUTS),
    basis=Text("promised deliveries", "zugesagte Lieferungen"),
    requires=always("promises"),
    definition=Text(
        "Orders that were delivered after the promised moment, or not at all by then ÷ orders whose delivery was "
        "promised for the window. A promise that names no hour lasts to the end of its day.",
        "Bestellungen, die nach dem zugesagten Zeitpunkt oder bis dahin gar nicht geliefert wurden, ÷ "
        "Bestellungen, deren Lieferung für den Zeitraum zugesagt war. Eine Zusage ohne Uhrzeit gilt bis zum Ende "
        "ihres Tages.",
    ),
    leaves_out=Text(
        "Orders without a promise, cancelled ones, and such as were neither shipped nor delivered.",
        "Bestellungen ohne Zusage, stornierte und solche, die weder versandt noch geliefert wurden.",
    ),
    reading=Text(
        "What is not delivered yet counts as late once its promise has passed; where a source never reports "
        "deliveries, everything looks late.",
        "Noch nicht Geliefertes zählt als verspätet, sobald die Zusage verstrichen ist; meldet eine Quelle "
        "Lieferungen nie, sieht alles verspätet aus.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        sales=(Sale("emil", "2026-02-01", cancelled=True),),
        states={
            "deliveries": (
                State("0", "shipped", "emil", "2026-02-02", {"promised_at": "2026-02-05"}),  # cancelled on its way
                State("5", "shipped", "anna", "2026-01-02", {"promised_at": "2026-01-05"}),
                State("5", "delivered", "anna", "2026-01-04"),
                State("1", "shipped", "ben", "2026-01-02", {"promised_at": "2026-01-05"}),
                State("1", "delivered", "ben", "2026-01-06"),
                State("2", "shipped", "cem", "2026-02-02", {"promised_at": "2026-02-05"}),  # has not arrived
                State("3", "shipped", "dana", "2026-02-02"),  # no promise
                State("4", "shipped", "emil", "2026-03-30", {"promised_at": "2026-04-05"}),  # not due yet
            )
        },
        answers={
            None: ({"value": 0.666666667, "low": 0.202442, "high": 0.943725, "n": 3},),
            "month": ({"month": "2026-01", "value": 0.5, "n": 2}, {"month": "2026-02", "value": 1.0, "n": 1}),
        },
    ),
)
