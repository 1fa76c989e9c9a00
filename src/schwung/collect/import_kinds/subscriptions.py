"""Subscriptions and contracts, one row each: price, period, and when they began and ended."""

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.collect.import_kinds.orders import CURRENCY
from schwung.core.text import Text

KIND = Kind(
    "subscriptions",
    Text("Subscriptions", "Abonnements"),
    (
        Field("subscription_id", "text", Text("number of the subscription", "Nummer des Abonnements"), ("contract", "contract id", "id", "abo", "abo nr", "vertrag", "vertragsnummer"), required=True),
        Field("trial_at", "instant", Text("when a trial began", "wann eine Probezeit begann"), ("trial start", "probezeit ab")),
        Field("started_at", "instant", Text("when it began", "wann es begann"), ("start", "start date", "begin", "since", "beginn", "start am", "laufzeit ab", "vertragsbeginn")),
        Field("cancelled_at", "instant", Text("when it was cancelled", "wann es gekündigt wurde"), ("canceled at", "cancellation date", "churned at", "gekuendigt am", "kuendigung")),
        Field("ended_at", "instant", Text("when it ended", "wann es endete"), ("end", "end date", "ende", "endet am", "laufzeit bis", "vertragsende")),
        *PERSON,
        Field("plan", "text", Text("plan", "Tarif"), ("product", "package", "paket", "produkt")),
        Field("period", "text", Text("period of payment", "Zahlungszeitraum"), ("interval", "billing period", "zahlweise", "abrechnung", "turnus")),
        Field("price", "number", Text("price of a period", "Preis eines Zeitraums"), ("amount", "mrr", "fee", "preis", "betrag", "beitrag")),
        CURRENCY,
    ),
    any_of=(("started_at", "trial_at"),),
)  # fmt: skip
