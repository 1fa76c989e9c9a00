"""Contacts: what passed between customer and company, each with channel and touchpoint, online or not."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from schwung.collect import touch
from schwung.collect.event_type import EVENT_TYPES
from schwung.core.text import Text
from schwung.measure.scope import Scope
from schwung.measure.visits import AWAY

CHANNELS: Mapping[str, Text] = {
    **touch.CHANNELS,
    "website": Text("Website", "Website"),
    "app": Text("App", "App"),
    "parcel": Text("Parcel", "Paket"),
    "service": Text("Service", "Kundendienst"),
    "survey": Text("Survey", "Umfrage"),
    "offline": Text("Offline", "Vor Ort"),
    "phone": Text("Phone", "Telefon"),
    "chat": Text("Chat", "Chat"),
}
_TOUCHPOINTS: Mapping[str, Text] = {
    "message": Text("Message", "Nachricht"),
    "delivery": Text("Delivery", "Lieferung"),
    "case": Text("Case", "Vorgang"),
    "answer": Text("Survey answer", "Umfrageantwort"),
    "store": Text("Order in a store", "Bestellung vor Ort"),
    "coupon": Text("Order with a coupon", "Bestellung mit Gutschein"),
}
_APP = ("screen_viewed", "app_opened")


def channel_title(name: str) -> Text:
    return CHANNELS.get(name) or Text(name, name)


def touchpoint_title(name: str) -> Text:
    if name in _TOUCHPOINTS:
        return _TOUCHPOINTS[name]
    known = EVENT_TYPES.get(name)
    return known.title if known else Text(name, name)


def contacts(scope: Scope, since_at: int) -> ir.Table:
    """customer_id, at, channel, touchpoint of every contact from an instant to the end of the scope.

    A page or an own event comes by the channel that it states, else through website or app. What happens away from it
    comes from its own table: a message by its channel, a parcel, a case, an answer, an order that was placed offline.
    """
    until_at = scope.question.until_at

    def rows(name: str, time: str) -> ir.Table:
        table = scope.table(name, True)
        return table.filter(table.customer_id.notnull(), table[time] >= since_at, table[time] < until_at)

    def contact(table: ir.Table, time: str, channel: ir.StringValue, touchpoint: ir.StringValue) -> ir.Table:
        return table.select("customer_id", at=table[time], channel=channel, touchpoint=touchpoint)

    events = rows("events", "happened_at")
    events = events.filter(events["name"].notin((*AWAY, "order_completed")))
    own = ibis.cases((events["name"].isin(_APP), "app"), else_="website")
    messages = rows("messages", "happened_at")
    messages = messages.filter(messages.state == "sent")
    deliveries = rows("deliveries", "happened_at")
    deliveries = deliveries.filter(deliveries.state == "delivered")
    cases = rows("cases", "happened_at")
    cases = cases.filter(cases.state.isin(("opened", "answered", "reopened")))
    answers = rows("answers", "answered_at")
    answers = answers.filter(answers.value.notnull())
    orders = rows("orders", "ordered_at")
    orders = orders.filter(~orders.is_cancelled)
    offline = ibis.coalesce(orders.channel, ibis.literal("website"))
    placed = ibis.cases(
        (orders.channel == "offline", "store"), (orders.coupon.notnull(), "coupon"), else_="order_completed"
    )
    word = ibis.literal
    return ibis.union(
        contact(events, "happened_at", ibis.coalesce(events.channel, own), events["name"]),
        contact(messages, "happened_at", messages.channel, word("message")),
        contact(deliveries, "happened_at", word("parcel"), word("delivery")),
        contact(cases, "happened_at", ibis.coalesce(cases.channel, word("service")), word("case")),
        contact(answers, "answered_at", ibis.coalesce(answers.channel, word("survey")), ibis.coalesce(answers.touchpoint, word("answer"))),
        contact(orders, "ordered_at", offline, placed),
    )  # fmt: skip
