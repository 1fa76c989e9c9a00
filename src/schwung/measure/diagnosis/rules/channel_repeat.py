"""Customers whom one channel brought come back less often than they did."""

import ibis.expr.types as ir
from ibis import _

from schwung.collect.touch import channel_title
from schwung.core.text import Text
from schwung.measure import said
from schwung.measure.cuts import last_touches
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, off_by
from schwung.measure.diagnosis.rules.repeat_falling import at_risk, stays
from schwung.measure.diagnosis.texts import NOT_PRICED, by_orders, evidence
from schwung.measure.rolling import Windows
from schwung.measure.scope import Scope

_TITLE = Text(
    "Orders a day per customer of the channel who bought in the last 90 days",
    "Bestellungen je Tag und Kunde des Kanals mit Kauf in den letzten 90 Tagen",
)


def series(scope: Scope, windows: Windows) -> ir.Table:
    """By the channel of the last touch before the first order."""
    first = scope.first_orders()
    touch = last_touches(scope.bare, first.select("order_key", "customer_id", "ordered_at"))
    came = first.join(touch, "order_key").select("customer_id", came_by=_.touch)
    rows = stays(scope).join(came, "customer_id")
    return at_risk(rows, rows.came_by)


def say(rule: Rule, context: Context, change: Change) -> Finding:
    assert change.now.value is not None and change.usual.value is not None
    claim = Text(
        "Customers who came by {channel} come back less: {now} a month; usual are {usual}.",
        "Kunden aus dem Kanal {channel} kommen seltener wieder: {now} im Monat; üblich sind {usual}.",
    )
    money = by_orders(context, change)
    return rule.finding(
        claim.fill(channel=channel_title(change.slice), now=said.share(28 * change.now.value), usual=said.share(28 * change.usual.value)),
        evidence(_TITLE, change, "ratio"),
        Link(Text("See their cohorts", "Kohorten ansehen"), "/metrics/cohort_retention"),
        Link(Text("Repeat purchase by channel", "Wiederkauf nach Kanal"), "/metrics/repeat_purchase_rate?by=channel"),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="channel_repeat",
    title=Text("One channel's customers come back less", "Kunden eines Kanals kommen seltener wieder"),
    sort="change",
    phase="attract",
    definition=Text(
        "As “Recent buyers come back less”, by the channel of the last touch before the first order.",
        "Wie „Käufer kommen seltener wieder“, nach dem Kanal der letzten Berührung vor der ersten Bestellung.",
    ),
    threshold=off_by(),
    better="higher",
    cumulated=True,
    least=2_000,
    series=series,
    say=say,
)
