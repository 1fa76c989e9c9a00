"""Until when a promised delivery is in time, and which orders kept it."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.measure.scope import Scope


def due_at(scope: Scope, promised_at: ir.IntegerValue) -> ir.IntegerValue:
    """The last instant that keeps the promise: one that names no hour lasts to the end of its day."""
    is_day = scope.local(promised_at, ever=True) % DAY == 0
    return promised_at + is_day.ifelse(DAY - 1, 0)


def add_delivery(scope: Scope, table: ir.Table, time: str) -> ir.Table:
    """table (source, order_id) with `delivery`: in_time, late or not_arrived; null without a promise or any delivery."""
    rows = scope.table("deliveries", False).filter(_.happened_at < scope.question.until_at, _.order_id.notnull())
    rows = rows.group_by(["source", "order_id"]).agg(
        promised_at=_.promised_at.max(), arrived_at=ibis.cases((rows.state == "delivered", rows.happened_at)).min()
    )
    rows = rows.filter(rows.promised_at.notnull())
    kept = rows.arrived_at <= due_at(scope, rows.promised_at)
    delivery = ibis.cases((rows.arrived_at.isnull(), "not_arrived"), (kept, "in_time"), else_="late")
    known = rows.select("source", "order_id", delivery=delivery)
    return table.left_join(known, ["source", "order_id"], rname="known_{name}")
