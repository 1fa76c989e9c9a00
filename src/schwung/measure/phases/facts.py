"""The facts that a rule of a phase may name: each is a kind of row in one fact table, at one instant of one customer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from schwung.core.text import Text
from schwung.measure.scope import TIMES, TableOf

Where = Callable[[ir.Table], ir.BooleanValue]


@dataclass(frozen=True, slots=True)
class Fact:
    """table: where its rows are. where: which of them; None: all."""

    title: Text
    table: str
    where: Where | None = None


def _event(*names: str) -> Where:
    return lambda rows: rows["name"].isin(names)


def _state(*states: str) -> Where:
    return lambda rows: rows["state"].isin(states)


VISITS = ("page_viewed", "screen_viewed", "app_opened", "sign_in_completed")
LOOKS = (
    "product_viewed", "product_clicked", "products_searched", "product_list_viewed", "product_list_filtered",
    "product_added_to_wishlist", "promotion_clicked",
)  # fmt: skip
FACTS: dict[str, Fact] = {
    "visited": Fact(Text("visited", "zu Besuch"), "events", _event(*VISITS)),
    "looked": Fact(Text("looked at products", "Artikel angesehen"), "events", _event(*LOOKS)),
    "newsletter": Fact(Text("subscribed to the newsletter", "Newsletter bestellt"), "events", _event("newsletter_subscribed")),
    "clicked": Fact(Text("clicked in a message", "in einer Nachricht geklickt"), "messages", _state("clicked")),
    "lead_captured": Fact(Text("became a lead", "als Interessent erfasst"), "leads", _state("captured")),
    "lead_qualified": Fact(Text("qualified as a lead", "als Interessent qualifiziert"), "leads", _state("qualified")),
    "lead_offered": Fact(Text("handed over to sales", "an den Vertrieb übergeben"), "leads", _state("handed_over")),
    "lead_lost": Fact(Text("lost as a lead", "als Interessent verloren"), "leads", _state("lost")),
    "trial": Fact(Text("began a trial", "Probezeit begonnen"), "subscriptions", _state("trial")),
    "cart": Fact(Text("filled a cart", "Warenkorb gefüllt"), "carts", _state("started", "checkout")),
    "checkout": Fact(Text("began to check out", "Kasse begonnen"), "carts", _state("checkout")),
    "ordered": Fact(Text("ordered", "bestellt"), "orders", lambda rows: ~rows.is_cancelled),
    "delivered": Fact(Text("received a delivery", "Lieferung erhalten"), "deliveries", _state("delivered")),
    "returned": Fact(Text("returned goods", "Ware zurückgegeben"), "returns"),
    "subscribed": Fact(Text("subscribed or renewed", "abonniert oder verlängert"), "subscriptions", _state("started", "renewed", "changed")),
    "cancelled": Fact(Text("ended a subscription", "Abonnement beendet"), "subscriptions", _state("ended")),
    "case_opened": Fact(Text("opened a case", "Vorgang eröffnet"), "cases", _state("opened", "reopened")),
    "case_answered": Fact(Text("was answered", "Antwort erhalten"), "cases", _state("answered")),
    "case_closed": Fact(Text("case was solved", "Vorgang gelöst"), "cases", _state("resolved", "closed")),
    "answered": Fact(Text("answered a survey", "Umfrage beantwortet"), "answers", lambda rows: rows["value"].notnull() | rows["text"].notnull()),
    "reviewed": Fact(Text("reviewed a product", "Artikel bewertet"), "events", _event("product_reviewed")),
    "shared": Fact(Text("shared a product or cart", "Artikel oder Korb geteilt"), "events", _event("product_shared", "cart_shared")),
    "referred": Fact(Text("referred somebody", "jemanden empfohlen"), "events", _event("referral_sent")),
    "loyalty_joined": Fact(Text("joined the loyalty program", "dem Treueprogramm beigetreten"), "points", lambda rows: rows["kind"] == "joined"),
    "redeemed": Fact(Text("redeemed points", "Punkte eingelöst"), "points", lambda rows: rows["kind"] == "redeemed"),
}  # fmt: skip
_TIMES = {**TIMES, "orders": "ordered_at", "returns": "returned_at"}


def happenings(table: TableOf, names: Sequence[str], since: dict[str, int | None], until_at: int) -> ir.Table:
    """customer_id, fact (its name), at: rows of the named facts before an instant, each from its own first instant on.

    One pass over each fact table; a row may be several facts. Guests are left out.
    """
    tables = sorted({FACTS[name].table for name in names})
    parts = [_of(table, name, [one for one in names if FACTS[one].table == name], since, until_at) for name in tables]
    return parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0]


def _of(table: TableOf, name: str, names: Sequence[str], since: dict[str, int | None], until_at: int) -> ir.Table:
    rows, time = table(name, True), _TIMES[name]
    rows = rows.filter(rows.customer_id.notnull(), rows[time] < until_at)
    parts = []
    for one in names:
        fact, first = FACTS[one], since.get(one)
        kept = rows if first is None else rows.filter(rows[time] >= first)
        kept = kept if fact.where is None else kept.filter(fact.where(kept))
        parts.append(kept.select("customer_id", fact=ibis.literal(one), at=kept[time]))
    return parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0]
