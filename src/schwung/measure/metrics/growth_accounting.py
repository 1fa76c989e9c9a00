"""How the base of active customers moved: start + new + reactivated − lost = end."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.example import Example, Sale
from schwung.measure.lifecycle import at_moments, customer_orders, stays
from schwung.measure.metric import Metric, Parts
from schwung.measure.scope import Scope
from schwung.measure.shared import GUESTS_LEFT_OUT
from schwung.measure.sources import OWN_DEFINITION

PARTS = {
    "start": Text("Active at the start", "Aktiv zu Beginn"),
    "new": Text("New", "Neu"),
    "reactivated": Text("Reactivated", "Reaktiviert"),
    "lost": Text("Lost", "Verloren"),
    "end": Text("Active at the end", "Aktiv am Ende"),
}


def expression(scope: Scope) -> ir.Table:
    """Every order keeps its customer active for `lost_after`; the parts are sums over orders, so they must balance."""
    keeps = scope.question.lost_after
    rows = stays(customer_orders(scope), scope.question).mutate(ends_at=_.ordered_at + keeps)
    met = at_moments(scope, rows, lambda row, at: [row.ordered_at < at.end_at, row.ends_at >= at.since_at])
    came = met.ordered_at >= met.since_at
    returned = (met.ordered_at - met.previous_at > keeps).fill_null(False)
    return scope.group(
        met,
        start=(~came & (met.next_at >= met.since_at)).sum(),
        new=(came & (met.nth == 1)).sum(),
        reactivated=(came & returned).sum(),
        lost=((met.ends_at < met.moment_at) & (met.next_at > met.ends_at)).sum(),
        end=((met.next_at >= met.end_at) & (met.ends_at >= met.moment_at)).sum(),
    )


METRIC = Metric(
    name="growth_accounting",
    title=Text("Growth accounting", "Bestandsrechnung"),
    unit="count",
    subject="customers",
    better="neither",
    needs=("orders",),
    expression=expression,
    shape="state",
    parts=Parts("part", PARTS),
    cuts=("day", "week", "month", "quarter", "year", "cohort"),
    window_days=28,
    definition=Text(
        "Active customers at the start + new (first order ever) + reactivated (order after being lost) − lost (became "
        "inactive: no order for more than `lost_after_days`) = active customers at the end. Always exactly.",
        "Aktive Kunden zu Beginn + neue (allererste Bestellung) + reaktivierte (Bestellung nach Abwanderung) − verlorene "
        "(inaktiv geworden: keine Bestellung seit mehr als `lost_after_days` Tagen) = aktive Kunden am Ende. Immer exakt.",
    ),
    leaves_out=GUESTS_LEFT_OUT,
    reading=Text(
        "Counts of moves, exact. A customer who is lost and comes back within one period counts in both parts.",
        "Zahlen von Übergängen, exakt. Wer in einem Zeitraum verloren geht und wiederkommt, zählt in beiden Teilen.",
    ),
    source=OWN_DEFINITION,
    example=Example(
        as_of="2026-12-31",
        sales=(
            Sale("anna", "2026-01-10"),  # lost on 2026-07-09, back on 2026-09-10
            Sale("anna", "2026-09-10"),
            Sale("ben", "2026-02-01"),  # lost on 2026-07-31
            Sale("cem", "2026-08-01"),
            Sale("cem", "2026-12-01"),
            Sale(None, "2026-08-02"),
        ),
        answers={
            "quarter": (
                {"quarter": "2026-Q1", "part": "start", "value": 0},
                {"quarter": "2026-Q1", "part": "new", "value": 2},
                {"quarter": "2026-Q1", "part": "reactivated", "value": 0},
                {"quarter": "2026-Q1", "part": "lost", "value": 0},
                {"quarter": "2026-Q1", "part": "end", "value": 2},
                {"quarter": "2026-Q2", "part": "start", "value": 2},
                {"quarter": "2026-Q2", "part": "new", "value": 0},
                {"quarter": "2026-Q2", "part": "reactivated", "value": 0},
                {"quarter": "2026-Q2", "part": "lost", "value": 0},
                {"quarter": "2026-Q2", "part": "end", "value": 2},
                {"quarter": "2026-Q3", "part": "start", "value": 2},
                {"quarter": "2026-Q3", "part": "new", "value": 1},
                {"quarter": "2026-Q3", "part": "reactivated", "value": 1},
                {"quarter": "2026-Q3", "part": "lost", "value": 2},
                {"quarter": "2026-Q3", "part": "end", "value": 2},
                {"quarter": "2026-Q4", "part": "start", "value": 2},
                {"quarter": "2026-Q4", "part": "new", "value": 0},
                {"quarter": "2026-Q4", "part": "reactivated", "value": 0},
                {"quarter": "2026-Q4", "part": "lost", "value": 0},
                {"quarter": "2026-Q4", "part": "end", "value": 2},
            ),
            "year": (
                {"year": "2026", "part": "start", "value": 0},
                {"year": "2026", "part": "new", "value": 3},
                {"year": "2026", "part": "reactivated", "value": 1},
                {"year": "2026", "part": "lost", "value": 2},
                {"year": "2026", "part": "end", "value": 2},
            ),
        },
    ),
)
