"""Messages drive more people away: unsubscribed or complained."""

import ibis
import ibis.expr.types as ir
from ibis import _

from schwung.core.text import Text
from schwung.measure.diagnosis.change import Change
from schwung.measure.diagnosis.effects import by_effect
from schwung.measure.diagnosis.finding import Finding, Link
from schwung.measure.diagnosis.rule import Context, Rule, counted, off_by
from schwung.measure.diagnosis.texts import NOT_PRICED, evidence, from_to, metric, of_slice
from schwung.measure.rolling import Windows, local_day
from schwung.measure.scope import Scope

_TITLE = Text("Unsubscribed or complained, per message", "Abgemeldet oder beschwert, je Nachricht")
_GONE = ("unsubscribed", "complained")


def series(scope: Scope, windows: Windows) -> ir.Table:
    """Messages by day of sending, those who left by their own day; in all and by channel."""
    rows = scope.table("messages", False)
    rows = rows.filter(rows.state.isin(["sent", *_GONE]), rows.happened_at < scope.question.until_at)
    rows = rows.select("channel", day=local_day(scope, rows.happened_at), is_gone=rows.state != "sent")
    rows = rows.group_by(["channel", "day", "is_gone"]).agg(count=_.count())
    each = {"day": rows.day, "n": rows.is_gone.ifelse(0, rows["count"]), "total": rows.is_gone.ifelse(rows["count"], 0)}
    return counted(rows, **each).union(counted(rows, **each, slice=rows.channel))


def befallen(scope: Scope) -> ir.Table:
    """Customers who left, beside those to whom a message was sent and who did not leave, once a month each."""
    rows = scope.table("messages", True).filter(_.happened_at < scope.question.until_at, _.customer_id.notnull())
    gone = rows.filter(rows.state.isin(_GONE)).select("customer_id", at=_.happened_at, is_hit=ibis.literal(True))
    stayed = rows.filter(rows.state == "sent").anti_join(gone.select("customer_id").distinct(), "customer_id")
    monthly = stayed.mutate(month=local_day(scope, stayed.happened_at) // 30)
    monthly = monthly.group_by(["customer_id", "month"]).agg(at=_.happened_at.min())
    return gone.union(monthly.select("customer_id", "at", is_hit=ibis.literal(False)))


def say(rule: Rule, context: Context, change: Change) -> Finding:
    claim = Text(
        "Messages drive more people away: {now} of messages; usual are {usual}{slice}.",
        "Nachrichten vertreiben mehr Empfänger: {now} der Nachrichten; üblich sind {usual}{slice}.",
    )
    money = by_effect(context, change, befallen, Text("lost recipients", "verlorene Empfänger"))
    return rule.finding(
        claim.fill(**from_to(change, 2), slice=of_slice(change, Text("channel", "Kanal"))), evidence(_TITLE, change),
        Link(Text("See which campaign it is", "Kampagne suchen"), "/metrics/unsubscribe_rate?by=campaign"),
        metric("unsubscribe_rate", Text("unsubscribe rate", "Abmelderate")),
        money=money, unpriced=None if money else NOT_PRICED,
    )  # fmt: skip


RULE = Rule(
    name="unsubscribes_rising",
    title=Text("Messages drive more people away", "Nachrichten vertreiben mehr Empfänger"),
    sort="change",
    phase="delight",
    definition=Text(
        "Recipients who unsubscribed or complained, per message sent, each by its own day; in all and by channel.",
        "Empfänger, die sich abmeldeten oder beschwerten, je gesendeter Nachricht, jede nach ihrem Tag; insgesamt und je Kanal.",
    ),
    threshold=off_by(0.25),
    series=series,
    say=say,
)
