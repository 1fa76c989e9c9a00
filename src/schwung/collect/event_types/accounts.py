"""Becoming known: registration, sign-in, leads, trials, subscriptions."""

from schwung.collect.event_type import EventType
from schwung.collect.event_types.parts import CURRENCY, EMAIL, LOYALTY_CARD, PHONE, VALUE, number, text
from schwung.core.text import Text

_PERSON = (EMAIL, PHONE, LOYALTY_CARD)
_FORM = (
    *_PERSON,
    text("form_id", "form", "Formular"),
    text("source", "how they heard of us", "wie sie von uns hörten"),
)
_LEAD = (text("lead_id", "lead", "Interessent"), number("score", "score", "Punktwert"))
_PLAN = (
    text("subscription_id", "subscription", "Abonnement"),
    text("plan", "plan", "Tarif"),
    number("price", "price a period", "Preis je Zeitraum"),
    text("period", "period of payment: month, quarter or year", "Zahlungszeitraum: month, quarter oder year"),
    CURRENCY,
    VALUE,
)


def _subscription(name: str, en: str, de: str, *aliases: str) -> EventType:
    return EventType(name, Text(en, de), _PLAN, aliases, amount=("price", "value"), currency="currency", value="value")


EVENT_TYPES = (
    EventType(
        "registration_completed",
        Text("Registration completed", "Registrierung abgeschlossen"),
        _FORM,
        ("Signed Up", "Sign Up", "User Signed Up", "User Registered", "Account Created", "Registered"),
    ),
    EventType(
        "sign_in_completed",
        Text("Signed in", "Angemeldet"),
        _PERSON,
        ("Signed In", "User Signed In", "Logged In", "Login", "User Logged In"),
    ),
    EventType(
        "sign_out_completed",
        Text("Signed out", "Abgemeldet"),
        (),
        ("Signed Out", "User Signed Out", "Logged Out", "Logout"),
    ),
    EventType("account_deleted", Text("Account deleted", "Konto gelöscht"), (), ("Deleted Account",)),
    EventType(
        "lead_captured",
        Text("Lead captured", "Interessent gewonnen"),
        (*_FORM, *_LEAD, VALUE, CURRENCY),
        ("Lead Created", "Lead Generated", "Generate Lead", "Lead", "Lead Submitted"),
        currency="currency",
        value="value",
    ),
    EventType(
        "lead_qualified",
        Text("Lead qualified", "Interessent qualifiziert"),
        _LEAD,
        ("Qualified Lead",),
        value="score",
    ),
    EventType(
        "lead_handed_over",
        Text("Lead handed over to sales", "Interessent an den Vertrieb übergeben"),
        _LEAD,
        ("Lead Assigned", "Sales Qualified Lead"),
        value="score",
    ),
    EventType(
        "lead_lost",
        Text("Lead lost", "Interessent verloren"),
        (*_LEAD, text("reason", "reason", "Grund")),
        ("Lead Disqualified",),
    ),
    EventType(
        "lead_converted",
        Text("Lead converted", "Interessent gewandelt"),
        _LEAD,
        ("Converted Lead",),
    ),
    EventType(
        "form_submitted", Text("Form submitted", "Formular abgeschickt"), _FORM, ("Submitted Form", "Form Completed")
    ),
    EventType(
        "newsletter_subscribed",
        Text("Newsletter subscribed", "Newsletter bestellt"),
        _FORM,
        ("Subscribed To Newsletter", "Newsletter Signup", "Newsletter Signed Up"),
    ),
    EventType(
        "newsletter_unsubscribed",
        Text("Newsletter unsubscribed", "Newsletter abbestellt"),
        (EMAIL,),
        ("Unsubscribed", "Unsubscribed From Newsletter"),
    ),
    _subscription("trial_started", "Trial started", "Probezeit begonnen", "Started Trial"),
    _subscription("trial_ended", "Trial ended", "Probezeit beendet", "Ended Trial"),
    _subscription(
        "subscription_started",
        "Subscription started",
        "Abonnement begonnen",
        "Subscription Created",
        "Started Subscription",
    ),
    _subscription(
        "subscription_changed", "Subscription changed", "Abonnement geändert", "Subscription Updated", "Plan Changed"
    ),
    _subscription("subscription_renewed", "Subscription renewed", "Abonnement verlängert", "Renewed Subscription"),
    _subscription(
        "subscription_cancelled",
        "Subscription cancelled",
        "Abonnement gekündigt",
        "Subscription Canceled",
        "Cancelled Subscription",
    ),
    _subscription("subscription_ended", "Subscription ended", "Abonnement beendet", "Subscription Expired"),
)
