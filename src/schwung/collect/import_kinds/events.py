"""Events, one row each: what happened, when, to whom; further columns become properties."""

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.collect.import_kinds.orders import CURRENCY
from schwung.core.text import Text

KIND = Kind(
    "events",
    Text("Events", "Ereignisse"),
    (
        Field("event_id", "text", Text("number of the event", "Nummer des Ereignisses"), ("message id", "uuid", "ereignis id")),
        Field("name", "text", Text("what happened", "was geschah"), ("event", "event name", "event type", "action", "ereignis", "ereignisname", "aktion"), required=True),
        Field(
            "happened_at", "instant", Text("when it happened", "wann es geschah"),
            ("timestamp", "time", "date", "event time", "datetime", "created at", "event timestamp", "review creation date", "redemption date", "zeitpunkt", "zeit", "datum", "zeitstempel"),
            required=True,
        ),
        *PERSON,
        Field("order_id", "text", Text("order number", "Bestellnummer"), ("order", "order no", "invoice", "bestellnr", "auftrag", "auftragsnummer")),
        Field("product_id", "text", Text("product number", "Artikelnummer"), ("product", "sku", "item id", "artikelnr", "artikel")),
        Field("amount", "number", Text("amount", "Betrag"), ("value", "revenue", "payment value", "wert", "umsatz")),
        CURRENCY,
        Field("channel", "text", Text("channel", "Kanal"), ("utm source", "source", "acquisition channel", "quelle", "herkunft")),
        Field("campaign", "text", Text("campaign", "Kampagne"), ("utm campaign", "campaign id", "kampagnen id")),
    ),
    extra="properties",
)  # fmt: skip
