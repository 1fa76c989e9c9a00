"""Orders, one row each."""

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.core.text import Text

ORDER_ID = Field(
    "order_id",
    "text",
    Text("order number", "Bestellnummer"),
    (
        "order", "order no", "order number", "order nr", "invoice", "invoice no", "invoice number", "invoice id", "transaction id", "basket id",
        "receipt", "receipt no", "document no", "bestellnr", "bestellung", "bestell id", "auftrag", "auftragsnr", "auftragsnummer", "rechnung", "rechnungsnr",
        "rechnungsnummer", "beleg", "belegnr", "belegnummer", "bonnummer",
    ),
    required=True,
)  # fmt: skip
ORDERED_AT = Field(
    "ordered_at",
    "instant",
    Text("time of the order", "Zeitpunkt der Bestellung"),
    (
        "order date", "ordered on", "date", "datetime", "invoice date", "order time", "purchase date", "purchased at", "order purchase timestamp", "created at",
        "transaction timestamp", "transaction date", "timestamp", "bestelldatum", "bestellt am", "datum", "auftragsdatum", "rechnungsdatum", "kaufdatum",
        "belegdatum", "zeitpunkt", "bestellzeit",
    ),
)  # fmt: skip
CURRENCY = Field("currency", "text", Text("currency", "Währung"), ("curr", "currency code", "waehrungscode"))
HEADER = (
    Field("channel", "text", Text("channel", "Kanal"), ("sales channel", "utm source", "vertriebskanal", "herkunft")),
    Field("campaign", "text", Text("campaign", "Kampagne"), ("utm campaign", "aktion")),
    Field("country", "text", Text("country", "Land"), ("country code", "shipping country", "lieferland", "staat")),
    Field("coupon", "text", Text("coupon", "Gutschein"), ("coupon code", "voucher", "promo code", "gutscheincode", "rabattcode")),
    Field("payment", "text", Text("means of payment", "Zahlungsart"), ("payment type", "payment method", "zahlungsmittel", "zahlweise")),
    Field("address", "text", Text("delivery address", "Lieferadresse"), ("shipping address", "adresse", "lieferanschrift")),
    Field("note", "text", Text("note", "Anmerkung"), ("comment", "remark", "bemerkung", "kommentar")),
    Field("status", "text", Text("state of the order", "Status der Bestellung"), ("order status", "state", "bestellstatus", "auftragsstatus")),
    Field("promised_at", "instant", Text("delivery promised until", "Lieferung zugesagt bis"), ("order estimated delivery date", "estimated delivery", "promised date", "due date", "liefertermin", "zugesagt bis", "lieferung bis")),
    Field("shipped_at", "instant", Text("when it was shipped", "wann versandt wurde"), ("order delivered carrier date", "shipping date", "shipped on", "dispatched at", "versanddatum", "versandt am")),
    Field("delivered_at", "instant", Text("when it was delivered", "wann geliefert wurde"), ("order delivered customer date", "delivery date", "delivered on", "lieferdatum", "geliefert am", "zugestellt am")),
)  # fmt: skip
SHIPPING = Field(
    "shipping", "number", Text("shipping", "Versand"), ("shipping cost", "freight", "freight value", "postage", "delivery fee", "versandkosten", "porto", "fracht")
)  # fmt: skip
TAX = Field(
    "tax",
    "number",
    Text("tax", "Steuer"),
    ("tax amount", "vat", "mwst", "ust", "mehrwertsteuer", "umsatzsteuer", "steuerbetrag"),
)
DISCOUNT = Field(
    "discount", "number", Text("discount", "Rabatt"), ("discount amount", "rabattbetrag", "nachlass", "preisnachlass")
)

KIND = Kind(
    "orders",
    Text("Orders", "Bestellungen"),
    (
        ORDER_ID,
        Field(ORDERED_AT.name, ORDERED_AT.type, ORDERED_AT.title, ORDERED_AT.synonyms, required=True),
        *PERSON,
        Field(
            "amount",
            "number",
            Text("amount of the goods", "Warenwert"),
            (
                "total",
                "order total",
                "order value",
                "revenue",
                "sum",
                "spent",
                "subtotal",
                "betrag",
                "summe",
                "gesamt",
                "umsatz",
                "bestellwert",
                "gesamtbetrag",
            ),
        ),
        SHIPPING,
        TAX,
        DISCOUNT,
        CURRENCY,
        *HEADER,
    ),
)
