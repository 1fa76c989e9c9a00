"""Share of carts that were not ordered within a day."""

import ibis.expr.types as ir

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.example import Example
from schwung.measure.example_facts import State
from schwung.measure.lifecycle import NEVER
from schwung.measure.metric import Metric, always
from schwung.measure.scope import Scope
from schwung.measure.shared import RUN_CUTS
from schwung.measure.sources import AGRESTI_COULL
from schwung.measure.things import hits, things


def expression(scope: Scope) -> ir.Table:
    rows = things(scope, "carts", "cart_key", None, ("ordered",))
    rows = rows.filter(rows.begun_at + DAY <= scope.question.as_of)
    return hits(scope, rows, rows.ordered_at.fill_null(NEVER) > rows.begun_at + DAY)


METRIC = Metric(
    name="cart_abandonment_rate",
    title=Text("Cart abandonment", "Warenkorbabbruch"),
    unit="share",
    subject="interact",
    better="lower",
    needs=("carts",),
    expression=expression,
    estimate="share",
    least=100,
    cuts=RUN_CUTS,
    basis=Text("carts", "Warenkörbe"),
    requires=always("carts"),
    definition=Text(
        "Carts begun in the window that were not ordered within a day ÷ carts begun in the window.",
        "Im Zeitraum begonnene Warenkörbe, die nicht binnen eines Tages bestellt wurden, ÷ im Zeitraum begonnene "
        "Warenkörbe.",
    ),
    leaves_out=Text(
        "Carts of the last day, which may still be ordered.",
        "Warenkörbe des letzten Tages, die noch bestellt werden können.",
    ),
    reading=Text(
        "Many carts are shopping lists. What was ordered later is abandoned here and counts as recovered in cart "
        "recovery.",
        "Viele Warenkörbe sind Merkzettel. Später Bestelltes gilt hier als abgebrochen und bei der Rückgewinnung "
        "als zurückgewonnen.",
    ),
    source=AGRESTI_COULL,
    example=Example(
        as_of="2026-03-31",
        states={
            "carts": (
                State("k1", "started", "anna", "2026-01-05 12:00"),
                State("k1", "ordered", "anna", "2026-01-05 13:00"),
                State("k2", "started", "ben", "2026-01-05 12:00"),
                State("k2", "ordered", "ben", "2026-01-08 12:00"),  # recovered after three days
                State("k3", "started", "cem", "2026-02-05 12:00"),
                State("k3", "checkout", "cem", "2026-02-05 12:05"),
                State("k4", "started", "dana", "2026-03-31 11:00"),  # may still order today
            )
        },
        answers={
            None: ({"value": 0.666666667, "low": 0.202442, "high": 0.943725, "n": 3},),
            "month": (
                {"month": "2026-01", "value": 0.5, "n": 2},
                {"month": "2026-02", "value": 1.0, "n": 1},
            ),
        },
    ),
)
