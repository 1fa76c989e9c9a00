"""Presets of the rules of the phases, by kind of company. Each is a start: windows and order are changed in the console."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schwung.core.text import Text

Written = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preset:
    """rules: as a file would hold them, the first that holds decides."""

    title: Text
    text: Text
    rules: tuple[Written, ...]


def _rule(phase: str, fact: str, days: int | None, *unless: str) -> Written:
    return {"phase": phase, "fact": fact, "days": days, "unless": unless}


_ASK = _rule("ask", "case_opened", 30, "case_closed")


def _engaged(days: int) -> tuple[Written, ...]:
    return tuple(_rule("engage", fact, days) for fact in ("referred", "shared", "reviewed", "answered", "redeemed"))


PRESETS: dict[str, Preset] = {
    "b2c_shop": Preset(
        Text("B2C shop", "Onlineshop für Verbraucher"),
        Text("Carts, orders and deliveries lead; an order is used for 90 days.", "Warenkörbe, Bestellungen und Lieferungen führen; eine Bestellung wird 90 Tage genutzt."),
        (
            _ASK,
            _rule("buy", "cart", 7, "ordered"),
            _rule("buy", "ordered", 14, "delivered"),
            *_engaged(14),
            _rule("use", "delivered", 90),
            _rule("use", "ordered", 90),
            _rule("explore", "looked", 30),
            _rule("explore", "newsletter", 30),
            _rule("explore", "clicked", 30),
        ),
    ),
    "store": Preset(
        Text("Store", "Ladengeschäft"),
        Text("The purchase is known from the till; it is used at once, for 60 days.", "Der Kauf ist aus der Kasse bekannt; genutzt wird sofort, 60 Tage lang."),
        (
            _ASK,
            _rule("buy", "ordered", 1),
            *_engaged(14),
            _rule("use", "ordered", 60),
            _rule("use", "loyalty_joined", 60),
            _rule("explore", "looked", 30),
            _rule("explore", "visited", 14),
            _rule("explore", "clicked", 30),
            _rule("explore", "newsletter", 30),
        ),
    ),
    "service": Preset(
        Text("Service", "Dienstleister"),
        Text("A booking is an order; it is used until 30 days after.", "Eine Buchung ist eine Bestellung; genutzt wird bis 30 Tage danach."),
        (
            _ASK,
            _rule("buy", "lead_offered", 30, "ordered", "lead_lost"),
            _rule("buy", "cart", 7, "ordered"),
            _rule("buy", "ordered", 7, "delivered"),
            *_engaged(30),
            _rule("use", "delivered", 30),
            _rule("use", "ordered", 30),
            _rule("explore", "lead_qualified", 60, "lead_lost"),
            _rule("explore", "lead_captured", 30, "lead_lost"),
            _rule("explore", "looked", 30),
        ),
    ),
    "saas": Preset(
        Text("Software as a service", "Software als Dienst"),
        Text("A trial is buying; a subscription is used until it ends.", "Eine Probezeit ist Kaufen; ein Abonnement wird genutzt, bis es endet."),
        (
            _ASK,
            *_engaged(14),
            _rule("use", "subscribed", None, "cancelled"),
            _rule("buy", "trial", 30, "subscribed", "cancelled"),
            _rule("buy", "checkout", 7, "ordered", "subscribed"),
            _rule("explore", "lead_qualified", 60, "lead_lost"),
            _rule("explore", "lead_captured", 30, "lead_lost"),
            _rule("explore", "looked", 30),
            _rule("explore", "newsletter", 30),
        ),
    ),
    "b2b": Preset(
        Text("B2B", "Geschäftskunden"),
        Text("Leads are worked on for a quarter; an order is used for a year.", "Interessenten werden ein Quartal lang bearbeitet; eine Bestellung wird ein Jahr genutzt."),
        (
            _ASK,
            _rule("buy", "lead_offered", 90, "ordered", "lead_lost"),
            _rule("buy", "cart", 14, "ordered"),
            _rule("buy", "ordered", 30, "delivered"),
            *_engaged(30),
            _rule("use", "ordered", 365),
            _rule("explore", "lead_qualified", 90, "lead_lost"),
            _rule("explore", "lead_captured", 90, "lead_lost"),
            _rule("explore", "looked", 60),
            _rule("explore", "clicked", 60),
        ),
    ),
}  # fmt: skip
