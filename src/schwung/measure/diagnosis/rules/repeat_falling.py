"""Customers who bought lately come back less often."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import JOURNEYS, NOT_PRICED, by_orders, evidence, metric
from schwung.measure.lifecycle import customer_orders
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

AT_RISK_DAYS = 90
_TITLE = Text(
    "Orders a day per customer who bought in the last 90 days",
    "Bestellungen je Tag und Kunde mit Kauf in den letzten 90 Tagen",
)


def stays(scope: Scope) -> ir.Table:
    """customer_id, order_key, day, next_day (null: none so far) of each order; several on one day count as one."""
    known = scope.ready("order_days", until_now=True)
    if known is not None:
        return known
    orders = customer_orders(scope)
    rows = (
        orders.mutate(day=local_day(scope, orders.ordered_at))
        .group_by(["customer_id", "day"])
        .agg(order_key=_.order_key.min())
    )
    return rows.mutate(next_day=rows.day.lead().over(ibis.window(group_by="customer_id", order_by="day")))


def spans(rows: ir.Table, slice: ir.StringValue | None = None) -> ir.Table:
    """slice, day, next_day: n. Many orders share both days, so what counts them several times reads few rows."""
    name = ibis.literal("") if slice is None else slice
    return rows.group_by(slice=name, day=rows.day, next_day=rows.next_day).agg(n=_.count())


def at_risk(rows: ir.Table, slice: ir.StringValue | None = None) -> ir.Table:
    """Series of a hazard: whoever bought is at risk from the next day on, until the next order, for 90 days at most."""
    rows = spans(rows, slice)
    again = (rows.next_day <= rows.day + AT_RISK_DAYS).fill_null(False)
    ends = again.ifelse(rows.next_day, rows.day + AT_RISK_DAYS)
    enter = counted(rows, day=rows.day + 1, n=rows.n, total=0, slice=rows.slice)
    leave = counted(rows, day=ends + 1, n=-rows.n, total=0, slice=rows.slice)
    hits = counted(rows, day=again.ifelse(rows.next_day, ibis.null("int64")), n=0, total=rows.n, slice=rows.slice)
    return ibis.union(enter, leave, hits)


def series(scope: Scope, windows: Windows) -> ir.Table:
    return at_risk(stays(scope))


def say(rule: Rule, context: Context, change: Change) -> Finding:
    assert change.now.value is not None and change.usual.value is not None
    claim = Text(
        "Recent buyers come back less: {now} a month; usual are {usual}.",
        "Käufer kommen seltener wieder: {now} im Monat; üblich sind {usual}.",
    )
    money = by_orders(context, change)
    return rule.finding(
        claim.fill(now=said.share(28 * change.now.value), usual=said.share(28 * change.usual.value)),
        evidence(_TITLE, change, "ratio"),
        Link(Text("Win them back by a journey", "Mit einer Strecke zurückholen"), "", JOURNEYS),
        metric("repeat_purchase_rate", Text("repeat purchase rate", "Wiederkaufrate")),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="repeat_falling",
    title=Text("Recent buyers come back less", "Käufer kommen seltener wieder"),
    sort="change",
    phase="interact",
    definition=Text(
        "Repeat orders ÷ days at risk of customers whose last order lies at most 90 days back.",
        "Wiederkäufe ÷ Tage von Kunden, deren letzte Bestellung höchstens 90 Tage zurückliegt.",
    ),
    threshold=off_by(),
    better="higher",
    cumulated=True,
    least=2_000,
    series=series,
    say=say,
)
