"""What every customer bought so far and what kind of customer this makes: one row each."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.measure.lifecycle import NEVER, customer_orders, kind_of, stays
from schwung.measure.scope import Scope


def customer_summary(scope: Scope) -> ir.Table:
    """Per customer with an order: customer_id, order_count, first_order_at, last_order_at, revenue_minor (goods minus
    returns in the reporting currency), country of the last order, kind at `as of`, kind_changes_at (NEVER: not by time).
    """
    question = scope.question
    rows = stays(customer_orders(scope), question)
    sums = rows.group_by("customer_id").agg(first_order_at=_.ordered_at.min(), bought=_.amount_minor.sum())
    returns = scope.returns().filter(_.customer_id.notnull())
    back = returns.group_by("customer_id").agg(returned=_.amount_minor.sum())
    last = rows.filter(_.next_at == NEVER)
    last = last.mutate(kind=kind_of(last, question.as_of, question), last_order_at=_.ordered_at, order_count=_.nth)
    known = last.join(sums, "customer_id", rname="sum_{name}").left_join(back, "customer_id", rname="back_{name}")
    return known.select(
        "customer_id",
        "order_count",
        "first_order_at",
        "last_order_at",
        "country",
        "kind",
        revenue_minor=known.bought.fill_null(0) - known.returned.fill_null(0),
        kind_changes_at=ibis.cases(
            (known.kind == "lost", ibis.literal(NEVER, "int64")),
            (known.kind == "dormant", known.last_order_at + question.lost_after),
            else_=known.last_order_at + question.dormant_after,
        ),
    )
