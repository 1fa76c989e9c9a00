"""By what right a message may go to a person: consent, own customers (§ 7 (3) UWG), contract; and every reason why not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from schwung.core.clock import Instant
from schwung.core.text import Text
from schwung.unify.consent import OBJECTION, Consent

Basis = Literal["consent", "own_customer", "contract", "legitimate_interest"]

ADVERTISING: tuple[str, ...] = ("advertising", "newsletter", "cart_reminder", "survey", "loyalty")
"""Purposes of messages that need a right to advertise; words in `unify.consent.PURPOSES`."""

TRANSACTIONAL: Mapping[str, Text] = {
    "order_confirmation": Text("Confirmation of an order", "Bestellbestätigung"),
    "invoice": Text("Invoice", "Rechnung"),
    "payment": Text("Payment and reminders of it", "Zahlung und Zahlungserinnerung"),
    "shipping": Text("Shipping", "Versand"),
    "delivery": Text("Delivery", "Zustellung"),
    "return": Text("Return and refund", "Rückgabe und Erstattung"),
    "cancellation": Text("Cancellation", "Stornierung und Kündigung"),
    "contract_change": Text("Change of contract or terms", "Änderung von Vertrag oder Bedingungen"),
    "appointment": Text("Appointment", "Termin"),
    "product_safety": Text("Recall and product safety", "Rückruf und Produktsicherheit"),
    "account": Text("Customer account", "Kundenkonto"),
    "password": Text("Password", "Passwort"),
    "security": Text("Security of the account", "Sicherheit des Kontos"),
    "double_opt_in": Text("Confirmation of a subscription", "Bestätigung einer Anmeldung"),
    "consent_change": Text("Confirmation of changed consents", "Bestätigung geänderter Einwilligungen"),
    "privacy": Text("Answer about personal data", "Auskunft zu personenbezogenen Daten"),
    "reply": Text("Answer to a question of the person", "Antwort auf eine Frage der Person"),
}
"""The closed list: what a contract or the law asks for. Nothing else goes out without a right to advertise."""

OWN_CUSTOMER_PURPOSES = ("advertising", "newsletter", "cart_reminder", "survey")
WITHOUT_CONSENT = ("letter", "web")
"""Channels on which advertising needs no consent, only that nobody said no (§ 7 (1) UWG, recital 47 GDPR)."""
ADDRESS_KINDS: Mapping[str, str] = {"email": "email", "sms": "phone", "phone": "phone", "whatsapp": "phone"}
"""Channel → kind of identifier that is its address; other channels reach the customer as a whole."""
OUTSIDE = "webhook"
"""A call to a system of one's own, no message to a person, unless it is declared as advertising."""

REASONS: Mapping[str, Text] = {
    "gone": Text("the customer does not exist any more", "den Kunden gibt es nicht mehr"),
    "not_transactional": Text(
        "it is no message that a contract asks for, so it is advertising",
        "keine Nachricht, die ein Vertrag verlangt, also Werbung",
    ),
    "unknown_purpose": Text("it has no purpose that people can agree to", "ohne Zweck, in den man einwilligen kann"),
    "no_address": Text("there is no address for this channel", "keine Adresse für diesen Kanal"),
    "suppressed": Text("the address is suppressed", "die Adresse ist gesperrt"),
    "objected": Text("the person objected (Art. 21 GDPR)", "die Person hat widersprochen (Art. 21 DSGVO)"),
    "opted_out": Text("the person opted out", "die Person hat sich abgemeldet"),
    "withdrawn": Text("the consent was withdrawn", "die Einwilligung wurde widerrufen"),
    "refused": Text("the person refused", "die Person hat abgelehnt"),
    "expired": Text("the consent has expired", "die Einwilligung ist abgelaufen"),
    "no_proof": Text("the consent is not proved", "die Einwilligung ist nicht nachgewiesen"),
    "not_own_customer": Text(
        "of the four conditions of § 7 (3) UWG not all are recorded",
        "von den vier Bedingungen des § 7 Abs. 3 UWG sind nicht alle festgehalten",
    ),
    "no_consent": Text("there is no consent", "es liegt keine Einwilligung vor"),
}
"""Why a message must not go out. The code stands in the message's row."""

BASES: Mapping[Basis, Text] = {
    "consent": Text("consent", "Einwilligung"),
    "own_customer": Text("own customers (§ 7 (3) UWG)", "Bestandskunden (§ 7 Abs. 3 UWG)"),
    "contract": Text("contract", "Vertrag"),
    "legitimate_interest": Text("legitimate interest", "berechtigtes Interesse"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """An identifier of a person. retired: the value changed hands."""

    identifier_id: int
    kind: str
    first_seen_at: Instant
    retired: bool = False


@dataclass(frozen=True, slots=True)
class OptOut:
    """Topic and channel of a no that was not lifted."""

    topic: str
    channel: str
    opted_out_at: Instant


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that must not be written to, not lifted."""

    identifier_id: int
    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class OwnCustomer:
    """What is recorded of § 7 (3) UWG for one address: the sale, the goods, the notice. None: not recorded."""

    identifier_id: int
    order_id: str | None
    sold_at: Instant | None
    goods: str | None
    notice_no: int | None
    notice_at: Instant | None

    def is_complete(self, now: Instant) -> bool:
        """The notice was given when the address was collected, so not after the sale."""
        if None in (self.order_id, self.goods, self.notice_no) or self.sold_at is None or self.notice_at is None:
            return False
        return self.notice_at <= self.sold_at <= now


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is known of a customer's permissions. customer_id: the smallest identifier of the group; None: nobody."""

    customer_id: int | None
    addresses: tuple[Address, ...] = ()
    consents: tuple[Consent, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    own: tuple[OwnCustomer, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a message may go out: to which address and by what right, or the code of the reason why not."""

    reason: str = ""
    identifier_id: int | None = None
    basis: Basis | None = None

    @property
    def is_allowed(self) -> bool:
        return not self.reason

    @property
    def words(self) -> Text:
        if self.reason:
            return REASONS[self.reason]
        return BASES[self.basis or "contract"]


def topic_of(purpose: str) -> str:
    """What a person opts out of who does not want messages of this purpose."""
    return "points" if purpose == "loyalty" else purpose


def purposes_of(topic: str) -> tuple[str, ...]:
    """Purposes of messages that an opt-out of the topic ends."""
    if topic in (OBJECTION, "advertising"):
        return ADVERTISING
    return tuple(purpose for purpose in ADVERTISING if topic_of(purpose) == topic)


def judge(who: Standing, channel: str, purpose: str, is_advertising: bool, now: Instant, chosen: int | None = None) -> Verdict:  # fmt: skip
    """The verdict over one message. chosen: the address that is preferred; of the others the newest one is taken.

    `stores/sql/law.sql` says the same for sets.
    """
    if who.customer_id is None:
        return Verdict("gone")
    if not is_advertising and purpose not in TRANSACTIONAL and channel != OUTSIDE:
        return Verdict("not_transactional")
    if is_advertising and purpose not in ADVERTISING:
        return Verdict("unknown_purpose")
    found = list(_reachable(who, channel, purpose, chosen))
    if not found:
        return Verdict("no_address")
    verdicts = [
        (_at(who, address, channel, purpose, now) if is_advertising else _contract(who, address, channel), address)
        for address in found
    ]
    verdict, _ = min(
        verdicts,
        key=lambda pair: (
            not pair[0].is_allowed, pair[0].reason == "suppressed", pair[1].identifier_id != chosen,
            -pair[1].first_seen_at, -pair[1].identifier_id,
        ),
    )  # fmt: skip
    return verdict


def _reachable(who: Standing, channel: str, purpose: str, chosen: int | None) -> Iterator[Address]:
    kind = ADDRESS_KINDS.get(channel)
    for address in who.addresses:
        if kind is None:
            if address.identifier_id == who.customer_id:
                yield address
        elif (
            address.kind == kind
            and not address.retired
            and (purpose != "double_opt_in" or chosen in (None, address.identifier_id))
        ):
            yield address


def _contract(who: Standing, address: Address, channel: str) -> Verdict:
    """A complaint ends advertising, not the mails of a contract."""
    dead = any(one.reason != "complained" for one in _suppressions(who, address, channel))
    return Verdict("suppressed" if dead else "", address.identifier_id, None if dead else "contract")


def _at(who: Standing, address: Address, channel: str, purpose: str, now: Instant) -> Verdict:
    """Advertising to one address."""
    if any(_suppressions(who, address, channel)):
        return Verdict("suppressed", address.identifier_id)
    latest = latest_statement(who, address, channel, purpose, now)
    lacking = _lacking(latest, now)
    confirmed_at = latest.confirmed_at if latest is not None and not lacking else None
    for reason, topics in (("objected", (OBJECTION,)), ("opted_out", (topic_of(purpose), "advertising"))):
        said = [no for no in who.opt_outs if no.topic in topics and no.channel in ("any", channel)]
        if any(confirmed_at is None or confirmed_at <= no.opted_out_at for no in said):
            return Verdict(reason, address.identifier_id)
    if not lacking:
        return Verdict("", address.identifier_id, "consent")
    if channel in WITHOUT_CONSENT and lacking not in ("withdrawn", "refused"):
        return Verdict("", address.identifier_id, "legitimate_interest")
    if channel == "email" and purpose in OWN_CUSTOMER_PURPOSES:
        records = [one for one in who.own if one.identifier_id == address.identifier_id]
        if any(one.is_complete(now) and not _said_no_since(who, one, purpose, now) for one in records):
            return Verdict("", address.identifier_id, "own_customer")
        if records and lacking == "no_consent":
            lacking = "not_own_customer"
    return Verdict(lacking, address.identifier_id)


def latest_statement(who: Standing, address: Address, channel: str, purpose: str, now: Instant) -> Consent | None:
    """What counts for an address: grants of it, or of the person as such, not of another address; any no of the person."""
    kinds = {one.identifier_id: one.kind for one in who.addresses}
    kind = ADDRESS_KINDS.get(channel)

    def counts(one: Consent) -> bool:
        if one.purpose != purpose or one.channel not in ("any", channel) or one.given_at > now:
            return False
        if one.state != "granted":
            return True
        here = one.identifier_id == address.identifier_id or kind is None or kinds.get(one.identifier_id) != kind
        return one.legal_basis == "consent" and here

    known = [one for one in who.consents if counts(one)]
    return max(known, key=lambda one: (one.given_at, one.state != "granted", one.consent_no), default=None)


def _lacking(latest: Consent | None, now: Instant) -> str:
    """The reason why a statement is no consent; empty where it is one."""
    if latest is None:
        return "no_consent"
    if latest.state != "granted":
        return latest.state
    if latest.expires_at is not None and latest.expires_at <= now:
        return "expired"
    return "" if latest.proof and latest.proof.strip(" ") else "no_proof"


def _suppressions(who: Standing, address: Address, channel: str) -> Iterable[Suppression]:
    for one in who.suppressions:
        if one.identifier_id == address.identifier_id and one.channel in ("any", channel):
            yield one


def _said_no_since(who: Standing, record: OwnCustomer, purpose: str, now: Instant) -> bool:
    assert record.sold_at is not None
    return any(
        one.state != "granted" and one.purpose in (purpose, "advertising") and one.channel in ("any", "email")
        and record.sold_at <= one.given_at <= now
        for one in who.consents
    )  # fmt: skip
