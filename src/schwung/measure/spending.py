"""What acquisition cost, beside whom it brought."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.scope import Scope

SPEND_CUTS = ("day", "week", "month", "quarter", "year", "channel", "campaign")


def attracts(spend: ir.Table) -> ir.BooleanValue:
    """Spent to attract, or for no stated phase."""
    return spend.phase.isnull() | (spend.phase == "attract")


def acquisition_spend(scope: Scope) -> ir.Table:
    """Per day and channel what was spent to attract (or for no stated phase), with the cuts: total, n = 0."""
    rows = scope.facts("spend", where=attracts, customer=False)
    return rows.mutate(total=_.amount_minor, n=ibis.literal(0, "int64")).select(*scope.by, "total", "n")


def newcomers(scope: Scope) -> ir.Table:
    """First orders ever that lie in the window, with the cuts: order_key, customer_id, ordered_at …"""

    def first(orders: ir.Table) -> ir.Table:
        if "nth" in orders.columns:  # `lifecycle.with_course`
            return orders.filter(_.nth == 1, _.customer_id.notnull())
        return orders.semi_join(scope.first_orders(), "order_key")

    return scope.sales(which=first)


def each(scope: Scope, came: ir.Table) -> ir.Table:
    """Statistics of spend ÷ those who came (rows with the cuts); no spend in a slice: not known, not 0."""
    came = came.select(*scope.by, total=ibis.null("int64"), n=ibis.literal(1, "int64"))
    both = acquisition_spend(scope).union(came)
    return scope.group(both, total=_.total.sum(), n=_.n.sum())
