"""What may be said to whom: purposes, channels, states, legal bases and topics, declared once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schwung.core.clock import Instant
from schwung.core.text import Text

PURPOSES: Mapping[str, Text] = {
    "advertising": Text("Advertising", "Werbung"),
    "newsletter": Text("Newsletter", "Newsletter"),
    "cart_reminder": Text("Reminders of carts", "Erinnerungen an Warenkörbe"),
    "survey": Text("Surveys and requests for reviews", "Umfragen und Bitten um Bewertung"),
    "tracking": Text("Measuring opens and clicks per person", "Messung von Öffnungen und Klicks je Person"),
    "device_data": Text("Reading and storing on the device", "Zugriff auf das Endgerät"),
    "profiling": Text("Predictions and personas", "Vorhersagen und Personas"),
    "loyalty": Text("Loyalty programme", "Treueprogramm"),
}
"""Requests for reviews, surveys of satisfaction and reminders of carts count as advertising (§ 7 UWG)."""

CHANNELS: Mapping[str, Text] = {
    "any": Text("any channel", "jeder Kanal"),
    "email": Text("e-mail", "E-Mail"),
    "sms": Text("SMS", "SMS"),
    "phone": Text("telephone", "Telefon"),
    "letter": Text("letter", "Brief"),
    "push": Text("push message", "Push-Nachricht"),
    "whatsapp": Text("WhatsApp", "WhatsApp"),
    "telegram": Text("Telegram", "Telegram"),
    "web": Text("website", "Website"),
}

STATES: Mapping[str, Text] = {
    "granted": Text("granted", "erteilt"),
    "refused": Text("refused", "verweigert"),
    "withdrawn": Text("withdrawn", "widerrufen"),
}

LEGAL_BASES: Mapping[str, Text] = {
    "consent": Text("consent (Art. 6(1)(a) GDPR)", "Einwilligung (Art. 6 Abs. 1 lit. a DSGVO)"),
    "contract": Text("contract (Art. 6(1)(b) GDPR)", "Vertrag (Art. 6 Abs. 1 lit. b DSGVO)"),
    "legal_duty": Text("legal duty (Art. 6(1)(c) GDPR)", "rechtliche Pflicht (Art. 6 Abs. 1 lit. c DSGVO)"),
    "legitimate_interest": Text(
        "legitimate interest (Art. 6(1)(f) GDPR)", "berechtigtes Interesse (Art. 6 Abs. 1 lit. f DSGVO)"
    ),
    "own_customer": Text("own customers (§ 7(3) UWG)", "Bestandskunden (§ 7 Abs. 3 UWG)"),
}

OBJECTION = "objection"
TOPICS: Mapping[str, Text] = {
    OBJECTION: Text("Objection to all of it (Art. 21 GDPR)", "Widerspruch gegen alles (Art. 21 DSGVO)"),
    "advertising": Text("Advertising", "Werbung"),
    "newsletter": Text("Newsletter", "Newsletter"),
    "cart_reminder": Text("Reminders of carts", "Erinnerungen an Warenkörbe"),
    "survey": Text("Surveys and requests for reviews", "Umfragen und Bitten um Bewertung"),
    "points": Text("News about points", "Nachrichten zu Punkten"),
}
"""What a person may opt out of. An objection takes them out of advertising, training, prediction and personas."""

SUPPRESSION_REASONS: Mapping[str, Text] = {
    "bounced": Text("the address does not exist", "die Adresse gibt es nicht"),
    "complained": Text("the person complained", "die Person hat sich beschwert"),
    "by_hand": Text("by hand", "von Hand"),
}


@dataclass(frozen=True, slots=True)
class Consent:
    """One statement about one purpose and channel. proof: how it was given; JSON or text.

    text_no: the wording that was agreed to. confirmed_at: when the person confirmed it from their own mailbox.
    """

    identifier_id: int
    purpose: str
    channel: str
    state: str
    legal_basis: str
    source: str
    proof: str | None
    given_at: Instant
    expires_at: Instant | None = None
    consent_no: int = 0
    text_no: int | None = None
    confirmed_at: Instant | None = None

    def holds(self, now: Instant) -> bool:
        return self.state == "granted" and (self.expires_at is None or now < self.expires_at)


def in_force(statements: Iterable[Consent]) -> dict[tuple[str, str], Consent]:
    """Per purpose and channel the latest statement. Of two at the same instant the one that does not grant counts."""
    found: dict[tuple[str, str], Consent] = {}
    for one in sorted(statements, key=lambda one: (one.given_at, one.state != "granted", one.consent_no)):
        found[one.purpose, one.channel] = one
    return found


def vocabulary() -> Mapping[str, Mapping[str, Any]]:
    """All declared words, for pages, API and docs."""
    return {
        "purposes": PURPOSES,
        "channels": CHANNELS,
        "states": STATES,
        "legal_bases": LEGAL_BASES,
        "topics": TOPICS,
        "suppression_reasons": SUPPRESSION_REASONS,
    }
