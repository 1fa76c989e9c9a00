"""Share of abandoned carts that were ordered later."""

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

DAYS = 30


def expression(scope: Scope) -> ir.Table:
    rows = things(scope, "carts", "cart_key", None, ("ordered",))
    rows = rows.filter(
        rows.ordered_at.fill_null(NEVER) > rows.begun_at + DAY, rows.begun_at + DAYS * DAY <= scope.question.as_of
    )
    return hits(scope, rows, rows.ordered_at <= rows.begun_at + DAYS * DAY)


METRIC = Metric(
    name="cart_recovery_rate",
    title=Text("Cart recovery", "Zurückgewonnene Warenkörbe"),
    unit="share",
    subject="interact",
    better="higher",
    needs=("carts",),
    expression=expression,
    estimate="share",
    least=100,
    cuts=RUN_CUTS,
    basis=Text("abandoned carts", "liegen gebliebene Warenkörbe"),
    requires=always("carts"),
    definition=Text(
        "Carts begun in the window that were abandoned for a day and ordered within 30 days ÷ carts that were "
        "abandoned for a day.",
        "Im Zeitraum begonnene Warenkörbe, die einen Tag liegen blieben und binnen 30 Tagen bestellt wurden, ÷ "
        "Warenkörbe, die einen Tag liegen blieben.",
    ),
    leaves_out=Text(
        "Carts of the last 30 days, whose time is not over.",
        "Warenkörbe der letzten 30 Tage, deren Zeit noch läuft.",
    ),
    reading=Text(
        "Some would have come back anyway: the effect of a reminder shows only against a control group.",
        "Manche wären ohnehin wiedergekommen: Die Wirkung einer Erinnerung zeigt nur eine Vergleichsgruppe.",
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
            None: ({"value": 0.5, "low": 0.094531, "high": 0.905469, "n": 2},),
            "month": (
                {"month": "2026-01", "value": 1.0, "n": 1},
                {"month": "2026-02", "value": 0.0, "n": 1},
            ),
        },
    ),
)
