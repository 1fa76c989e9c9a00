"""Customers who were written to while they were of a kind, and whether they ordered then."""

import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.measure.cuts import CUTS
from schwung.measure.scope import Scope
from schwung.measure.things import hits, ordered_within, things


def approached(scope: Scope, kind: str) -> ir.Table:
    """Statistics of the share of customers approached while `kind` who ordered within the days of effect. Messages whose
    days are not over are left out; several to one customer in a slice count once."""
    days = scope.question.value.effect_days
    sent = things(scope, "messages", "message_key", "sent", ())
    sent = sent.filter(_.customer_id.notnull(), _.begun_at + days * DAY <= scope.question.as_of)
    sent = CUTS["kind"].add(scope, sent, "begun_at").filter(_.kind == kind)
    rows = ordered_within(scope, sent, "message_key", "begun_at", days)
    people = scope.group(rows, "customer_id", is_back=_.is_ordered.any())
    return hits(scope, people, people.is_back)
