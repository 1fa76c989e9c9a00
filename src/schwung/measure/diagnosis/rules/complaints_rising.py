"""Customers complain more often per order."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.effects import by_effect
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import JOURNEYS, NOT_PRICED, evidence, from_to, metric
from schwung.measure.lifecycle import customer_orders
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

_TITLE = Text("Complaints per order", "Beschwerden je Bestellung")


def _complaints(scope: Scope, customer: bool) -> ir.Table:
    rows = scope.table("cases", customer)
    return rows.filter(rows.kind == "complaint", rows.state == "opened", rows.happened_at < scope.question.until_at)


def series(scope: Scope, windows: Windows) -> ir.Table:
    orders = scope.table("orders", False).filter(_.ordered_at < scope.question.until_at, ~_.is_cancelled)
    rows = orders.select(at=_.ordered_at, is_case=ibis.literal(0, "int64"))
    rows = rows.union(_complaints(scope, False).select(at=_.happened_at, is_case=ibis.literal(1, "int64")))
    return counted(rows, day=local_day(scope, rows["at"]), n=1 - rows.is_case, total=rows.is_case)


def befallen(scope: Scope) -> ir.Table:
    """Complaints, beside orders after which nobody complained within 30 days: of comparable customers."""
    complained = _complaints(scope, True).select("customer_id", at=_.happened_at, is_hit=ibis.literal(True))
    who = complained.select("customer_id").distinct()
    others = customer_orders(scope).anti_join(who, "customer_id")
    return complained.union(others.select("customer_id", at=_.ordered_at, is_hit=ibis.literal(False)))


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "Complaints rise: {now} of orders; usual are {usual}.",
        "Mehr Beschwerden: {now} der Bestellungen; üblich sind {usual}.",
    )
    money = by_effect(context, change, befallen, Text("complaints", "Beschwerden"))
    return rule.finding(
        claim.fill(**from_to(change, 2)), evidence(_TITLE, change),
        Link(Text("Look after them by a journey", "Mit einer Strecke auffangen"), "", JOURNEYS),
        metric("complaint_rate", Text("complaint rate", "Beschwerdequote")),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="complaints_rising",
    title=Text("More complaints", "Mehr Beschwerden"),
    sort="change",
    phase="delight",
    definition=Text(
        "Complaints opened per order, each by its own day.", "Neue Beschwerden je Bestellung, jede nach ihrem Tag."
    ),
    threshold=off_by(0.2),
    series=series,
    say=say,
)
