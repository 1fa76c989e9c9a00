"""The facts of the relationship beside orders: answers, messages, cases, carts, subscriptions, leads, points, deliveries.

What changes has one row for each state that it reached; the thing itself is what its rows say together.
"""

from schwung.collect.columns import BUCKET, CURRENCY, IDENTIFIER, SOURCE, VERSION, column
from schwung.collect.table import Column, Table
from schwung.core.text import Text

_HAPPENED = column("happened_at", "int64", "when it happened (UTC)", "wann es geschah (UTC)", required=True)
_NTH = column(
    "nth",
    "int64",
    "the moment, which tells a state that is reached twice apart",
    "der Zeitpunkt; er trennt einen Zustand, der zweimal erreicht wird",
    required=True,
)
_CHANNEL = column("channel", "string", "channel", "Kanal")
_CAMPAIGN = column("campaign", "string", "campaign", "Kampagne")
_ORDER_ID = column("order_id", "string", "order that it belongs to", "zugehörige Bestellung")


def _key(name: str, en: str, de: str) -> Column:
    return column(name, "int64", en, de, required=True)


def _state(*known: str) -> Column:
    listed = ", ".join(known)
    return column("state", "string", f"state reached: {listed}", f"erreichter Zustand: {listed}", required=True)


ANSWERS = Table(
    "answers",
    (
        _key("answer_key", "stable key of the answer", "stabiler Schlüssel der Antwort"),
        SOURCE,
        IDENTIFIER,
        BUCKET,
        column("answered_at", "int64", "when it was answered or skipped (UTC)", "wann geantwortet oder übergangen wurde (UTC)", required=True),
        column("asked_at", "int64", "when it was asked, where known (UTC)", "wann gefragt wurde, wo bekannt (UTC)"),
        column("survey_id", "string", "survey", "Umfrage"),
        column("question_id", "string", "question", "Frage", required=True),
        column("metric", "string", "nps, csat, ces, stars or other", "nps, csat, ces, stars oder other", required=True),
        column("scale_low", "float64", "lowest value of the scale", "kleinster Wert der Skala"),
        column("scale_high", "float64", "highest value of the scale", "größter Wert der Skala"),
        column("better", "string", "which end of the scale is good: higher or lower", "welches Ende der Skala gut ist: higher oder lower", required=True),
        column("phase", "string", "attract, interact or delight", "Anziehen, Interagieren oder Begeistern (attract, interact, delight)"),
        column("touchpoint", "string", "what was asked about", "wonach gefragt wurde"),
        _CHANNEL,
        _CAMPAIGN,
        _ORDER_ID,
        column("product_id", "string", "product that it belongs to", "zugehöriger Artikel"),
        column("value", "float64", "the answer on its scale; null: skipped, or in words only", "die Antwort auf ihrer Skala; leer: übergangen oder nur in Worten"),
        column("text", "string", "the answer in words", "die Antwort in Worten", personal=True),
        column("weight", "float64", "for how many it stands, where a survey weights its answers", "für wie viele sie steht, wo eine Umfrage ihre Antworten gewichtet", late=True),
        VERSION,
    ),
    Text("Answers", "Antworten"),
    key=("answer_key",),
    time="answered_at",
    sort=("bucket", "identifier_id", "answered_at", "answer_key"),
    emptied_by_erasure=("text",),
)  # fmt: skip

MESSAGES = Table(
    "messages",
    (
        _key("message_key", "stable key of the message", "stabiler Schlüssel der Nachricht"),
        _state("sent", "delivered", "opened", "clicked", "bounced", "failed", "complained", "unsubscribed", "converted", "held_back"),
        SOURCE,
        IDENTIFIER,
        BUCKET,
        _HAPPENED,
        column("channel", "string", "email, sms, push, message …", "email, sms, push, message …", required=True),
        _CAMPAIGN,
        VERSION,
    ),
    Text("Messages", "Nachrichten"),
    key=("message_key", "state"),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "message_key"),
    emptied_by_erasure=(),
)  # fmt: skip

CASES = Table(
    "cases",
    (
        _key("case_key", "stable key of the case", "stabiler Schlüssel des Vorgangs"),
        _state("opened", "answered", "resolved", "closed", "reopened"),
        _NTH,
        SOURCE,
        column("case_id", "string", "number of the case in its source", "Nummer des Vorgangs in seiner Quelle"),
        IDENTIFIER,
        BUCKET,
        _HAPPENED,
        column("kind", "string", "complaint, question or request; null: not stated", "Beschwerde, Frage oder Anliegen (complaint, question, request); leer: nicht genannt"),
        column("cause", "string", "cause", "Ursache"),
        _CHANNEL,
        _ORDER_ID,
        column("text", "string", "subject, in words", "Betreff, in Worten", personal=True),
        VERSION,
    ),
    Text("Cases", "Vorgänge"),
    key=("case_key", "state", "nth"),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "case_key"),
    emptied_by_erasure=("text", "cause", "case_id"),
)  # fmt: skip

CARTS = Table(
    "carts",
    (
        _key("cart_key", "stable key of the cart", "stabiler Schlüssel des Warenkorbs"),
        _state("started", "checkout", "ordered"),
        SOURCE,
        IDENTIFIER,
        BUCKET,
        _HAPPENED,
        column("amount_minor", "int64", "what the cart is worth; of the state ordered: the goods ordered", "Wert des Warenkorbs; im Zustand ordered: die bestellte Ware"),
        CURRENCY,
        _ORDER_ID,
        _CHANNEL,
        _CAMPAIGN,
        VERSION,
    ),
    Text("Carts", "Warenkörbe"),
    key=("cart_key", "state"),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "cart_key"),
    emptied_by_erasure=(),
)  # fmt: skip

SUBSCRIPTIONS = Table(
    "subscriptions",
    (
        _key("subscription_key", "stable key of the subscription", "stabiler Schlüssel des Abonnements"),
        _state("trial", "started", "changed", "renewed", "cancelled", "ended"),
        _NTH,
        SOURCE,
        column("subscription_id", "string", "number in its source", "Nummer in seiner Quelle"),
        IDENTIFIER,
        BUCKET,
        _HAPPENED,
        column("plan", "string", "plan", "Tarif"),
        column("period", "string", "period of payment: month, quarter or year", "Zahlungszeitraum: month, quarter oder year"),
        column("monthly_minor", "int64", "price a month; null where price or period is not stated", "Preis je Monat; leer, wo Preis oder Zeitraum nicht genannt ist"),
        CURRENCY,
        VERSION,
    ),
    Text("Subscriptions", "Abonnements"),
    key=("subscription_key", "state", "nth"),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "subscription_key"),
    emptied_by_erasure=("subscription_id",),
)  # fmt: skip

LEADS = Table(
    "leads",
    (
        _key("lead_key", "stable key of the lead", "stabiler Schlüssel des Interessenten"),
        _state("captured", "qualified", "handed_over", "converted", "lost"),
        _NTH,
        SOURCE,
        IDENTIFIER,
        BUCKET,
        _HAPPENED,
        column("score", "float64", "lead score, where stated", "Punktwert, wo genannt"),
        _CHANNEL,
        _CAMPAIGN,
        VERSION,
    ),
    Text("Leads", "Interessenten"),
    key=("lead_key", "state", "nth"),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "lead_key"),
    emptied_by_erasure=(),
)  # fmt: skip

POINTS = Table(
    "points",
    (
        _key("entry_key", "stable key of the entry", "stabiler Schlüssel der Buchung"),
        column("kind", "string", "joined, earned, redeemed, expired or adjusted", "joined, earned, redeemed, expired oder adjusted", required=True),
        SOURCE,
        IDENTIFIER,
        BUCKET,
        _HAPPENED,
        column("points", "int64", "points, signed: redeemed and expired ones are negative", "Punkte mit Vorzeichen: eingelöste und verfallene sind negativ", required=True),
        column("expires_on", "string", "day on which they expire, ISO", "Tag des Verfalls, ISO"),
        _ORDER_ID,
        VERSION,
    ),
    Text("Points", "Punkte"),
    key=("entry_key",),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "entry_key"),
    emptied_by_erasure=(),
)  # fmt: skip

DELIVERIES = Table(
    "deliveries",
    (
        _key("order_key", "key of the order", "Schlüssel der Bestellung"),
        _state("shipped", "delivered"),
        SOURCE,
        column("order_id", "string", "order number of the source", "Bestellnummer der Quelle", required=True),
        IDENTIFIER,
        BUCKET,
        _HAPPENED,
        column("promised_at", "int64", "until when delivery was promised, where known (UTC)", "bis wann die Lieferung zugesagt war, wo bekannt (UTC)"),
        VERSION,
    ),
    Text("Deliveries", "Lieferungen"),
    key=("order_key", "state"),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "order_key"),
    emptied_by_erasure=(),
)  # fmt: skip

TABLES = (ANSWERS, MESSAGES, CASES, CARTS, SUBSCRIPTIONS, LEADS, POINTS, DELIVERIES)
