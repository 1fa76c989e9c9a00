"""What something that befell customers costs: their next orders beside those of comparable customers."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Money
from schwung.measure.diagnosis.rule import Context, priced
from schwung.measure.friction_pricing import effect_of
from schwung.measure.lifecycle import customer_orders
from schwung.measure.rolling import ByDay, Windows, local_day
from schwung.measure.scope import Scope

NEXT_DAYS = 60
Befallen = Callable[[Scope], ir.Table]
"""Scope → customer_id, at, is_hit: one row a case, hits and those to compare with."""


def by_effect(context: Context, change: Change, befallen: Befallen, what: Text) -> Money | None:
    """Each case at what customers whom it befell order less within `NEXT_DAYS`, matched within month and orders so far, ×
    the mean value of an order. None where either side has too few, or where they order no less."""
    row = context.one("average_order_value", 365)
    found = ByDay.of(context.run(_outcomes(context.scope, befallen(context.scope))))
    effect = effect_of(found, Windows.of(context.period), NEXT_DAYS) if len(found) else None
    if effect is None or row is None or effect.lost <= 0:
        return None
    worth = row.estimate.value or 0.0
    return priced(
        change, effect.lost * worth, effect.low * worth, effect.high * worth,
        Text(
            "{n} {what} more than usual × {rate} fewer next orders × {each}",
            "{n} {what} mehr als üblich × {rate} weniger Folgebestellungen × {each}",
        ).fill(
            n=said.count(change.excess.value or 0), what=what, rate=said.points(effect.lost), each=said.money(worth, context.currency)
        ),
    )  # fmt: skip


def _outcomes(scope: Scope, cases: ir.Table) -> ir.Table:
    """day, is_hit, level (orders so far: 0, 1, 2–3, more): n, again (customers who ordered within `NEXT_DAYS`)."""
    cases = cases.filter(_.customer_id.notnull(), _.at.notnull()).select("customer_id", "at", "is_hit")
    orders = customer_orders(scope).select(customer_id=_.customer_id, at=_.ordered_at, is_hit=ibis.null("boolean"))
    rows = cases.mutate(is_order=ibis.literal(0, "int8")).union(orders.mutate(is_order=ibis.literal(1, "int8")))
    here = {"group_by": "customer_id", "order_by": ["at", "is_order"]}
    rows = rows.mutate(
        so_far=rows.is_order.cast("int64").sum().over(ibis.window(**here, preceding=None, following=0)),
        next_at=ibis.cases((rows.is_order == 1, rows["at"])).min().over(ibis.rows_window(**here, following=(1, None))),
    )
    rows = rows.filter(rows.is_order == 0)
    rows = rows.mutate(
        day=local_day(scope, rows["at"]),
        level=ibis.cases((rows.so_far == 0, 0), (rows.so_far == 1, 1), (rows.so_far < 4, 2), else_=3).cast("int64"),
        again=(rows.next_at <= rows["at"] + NEXT_DAYS * DAY).fill_null(False).cast("int64"),
    )
    found = rows.group_by(["day", "is_hit", "level"]).agg(n=_.count(), again=_.again.sum())
    return found.mutate(again_squared=_.again)
