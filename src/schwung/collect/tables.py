"""The facts that follow from events and imports: what the lake holds about orders, products, spend."""

from schwung.collect.table import Column, Table
from schwung.core.text import Text

_SOURCE = Column("source", "string", Text("where it came from", "woher es kam"), required=True)
_VERSION = Column(
    "version", "int64", Text("batch that wrote this version", "Stapel, der diese Fassung schrieb"), required=True
)
_CURRENCY = Column("currency", "string", Text("ISO 4217 currency", "Währung nach ISO 4217"))
_IDENTIFIER = Column(
    "identifier_id",
    "int64",
    Text("strongest identifier of the person; null: a guest", "stärkste Kennung der Person; leer: Gast"),
)
_BUCKET = Column(
    "bucket",
    "int32",
    Text("stable hash of the identifier, 0 to 63; −1 for guests", "stabiler Hash der Kennung, 0 bis 63; −1 bei Gästen"),
    required=True,
)
_BATCH = Column("batch_no", "int64", Text("batch that wrote the row", "Stapel, der die Zeile schrieb"), required=True)
_HASH = Column(
    "content_hash",
    "int64",
    Text(
        "hash of the content, to tell a change from a repeat",
        "Hash des Inhalts, um Änderung von Wiederholung zu trennen",
    ),
)


def _column(name: str, type_: str, en: str, de: str, *, personal: bool = False, required: bool = False) -> Column:
    return Column(name, type_, Text(en, de), personal, required)  # type: ignore[arg-type]


EVENTS = Table(
    "events",
    (
        _column(
            "event_no",
            "int64",
            "number in the order of arrival",
            "Nummer in der Reihenfolge des Eingangs",
            required=True,
        ),
        _column("name", "string", "what happened", "was geschah", required=True),
        _column("happened_at", "int64", "when it happened (UTC)", "wann es geschah (UTC)", required=True),
        _column("received_at", "int64", "when it came in (UTC)", "wann es eintraf (UTC)", required=True),
        _SOURCE,
        _column("channel", "string", "marketing channel of a touch", "Marketingkanal einer Berührung"),
        _column("campaign", "string", "campaign of a touch", "Kampagne einer Berührung"),
        _IDENTIFIER,
        _BUCKET,
        _column("order_id", "string", "order that it belongs to", "zugehörige Bestellung"),
        _column("product_id", "string", "product that it belongs to", "zugehöriger Artikel"),
        _column("amount_minor", "int64", "amount in minor units", "Betrag in kleinster Einheit"),
        _CURRENCY,
        _column("properties", "string", "all properties as JSON", "alle Eigenschaften als JSON", personal=True),
        _column(
            "context",
            "string",
            "page, device and campaign as JSON",
            "Seite, Gerät und Kampagne als JSON",
            personal=True,
        ),
        _BATCH,
    ),
    Text("Events", "Ereignisse"),
    time="happened_at",
    sort=("bucket", "identifier_id", "happened_at", "event_no"),
)

ORDERS = Table(
    "orders",
    (
        _column(
            "order_key",
            "int64",
            "stable key of source and order number",
            "stabiler Schlüssel aus Quelle und Bestellnummer",
            required=True,
        ),
        _SOURCE,
        _column("order_id", "string", "order number of the source", "Bestellnummer der Quelle", required=True),
        _IDENTIFIER,
        _BUCKET,
        _column("ordered_at", "int64", "when it was ordered (UTC)", "Zeitpunkt der Bestellung (UTC)", required=True),
        _CURRENCY,
        _column(
            "amount_minor",
            "int64",
            "goods after discounts, without shipping",
            "Ware nach Rabatten, ohne Versand",
            required=True,
        ),
        _column("shipping_minor", "int64", "shipping", "Versand"),
        _column("tax_minor", "int64", "tax, where known", "Steuer, wo bekannt"),
        _column("discount_minor", "int64", "discounts already taken off", "bereits abgezogene Rabatte"),
        _column("is_net", "bool", "amounts are without tax", "Beträge ohne Steuer", required=True),
        _column("is_cancelled", "bool", "cancelled before delivery", "vor Lieferung storniert", required=True),
        _column("channel", "string", "channel that the source states", "Kanal laut Quelle"),
        _column("campaign", "string", "campaign that the source states", "Kampagne laut Quelle"),
        _column(
            "country",
            "string",
            "country, ISO 3166 code or the source's word",
            "Land, ISO-3166-Code oder Wort der Quelle",
        ),
        _column("coupon", "string", "coupon code", "Gutscheincode"),
        _column("address", "string", "delivery address", "Lieferadresse", personal=True),
        _column("payment", "string", "means of payment", "Zahlungsart", personal=True),
        _column("note", "string", "free text", "Freitext", personal=True),
        _HASH,
        _VERSION,
    ),
    Text("Orders", "Bestellungen"),
    key=("order_key",),
    time="ordered_at",
    sort=("bucket", "identifier_id", "ordered_at", "order_key"),
    emptied_by_erasure=("address", "payment", "note", "coupon"),
)

ORDER_LINES = Table(
    "order_lines",
    (
        _column("order_key", "int64", "key of the order", "Schlüssel der Bestellung", required=True),
        _column(
            "line_key",
            "int64",
            "key of the line within the order",
            "Schlüssel der Position in der Bestellung",
            required=True,
        ),
        _column("line_no", "int64", "line number, where the source has one", "Positionsnummer, wo die Quelle eine hat"),
        _SOURCE,
        _IDENTIFIER,
        _BUCKET,
        _column("ordered_at", "int64", "when it was ordered (UTC)", "Zeitpunkt der Bestellung (UTC)", required=True),
        _column("product_id", "string", "product number", "Artikelnummer"),
        _column("description", "string", "description on the line", "Bezeichnung auf der Position"),
        _column("quantity", "quantity", "quantity", "Menge", required=True),
        _column("unit_price", "string", "price of one, decimal text", "Stückpreis als Dezimaltext"),
        _column(
            "amount_minor",
            "int64",
            "line total, rounded half up once",
            "Positionssumme, einmal kaufmännisch gerundet",
            required=True,
        ),
        _CURRENCY,
        _column(
            "is_product",
            "bool",
            "false for postage, fees, corrections",
            "falsch bei Porto, Gebühren, Korrekturen",
            required=True,
        ),
        _HASH,
        _VERSION,
    ),
    Text("Order lines", "Bestellpositionen"),
    key=("order_key", "line_key"),
    time="ordered_at",
    sort=("bucket", "identifier_id", "ordered_at", "order_key", "line_key"),
    emptied_by_erasure=(),
)

RETURNS = Table(
    "returns",
    (
        _column("return_key", "int64", "stable key of the return", "stabiler Schlüssel der Rückgabe", required=True),
        _column(
            "line_key",
            "int64",
            "key of the line within the return",
            "Schlüssel der Position in der Rückgabe",
            required=True,
        ),
        _SOURCE,
        _column(
            "return_id",
            "string",
            "number of the return or cancellation",
            "Nummer der Rückgabe oder Stornierung",
            required=True,
        ),
        _column("order_key", "int64", "order that it undoes, where known", "Bestellung, die sie aufhebt, wo bekannt"),
        _IDENTIFIER,
        _BUCKET,
        _column("returned_at", "int64", "when it came back (UTC)", "Zeitpunkt der Rückgabe (UTC)", required=True),
        _column("product_id", "string", "product number", "Artikelnummer"),
        _column("quantity", "quantity", "quantity returned, positive", "zurückgegebene Menge, positiv"),
        _column("amount_minor", "int64", "amount given back, positive", "erstatteter Betrag, positiv", required=True),
        _CURRENCY,
        _column("channel", "string", "channel that the source states", "Kanal laut Quelle"),
        _column("country", "string", "country", "Land"),
        _column(
            "is_product",
            "bool",
            "false for postage, fees, corrections",
            "falsch bei Porto, Gebühren, Korrekturen",
            required=True,
        ),
        _column("reason", "string", "reason, free text", "Grund, Freitext", personal=True),
        _HASH,
        _VERSION,
    ),
    Text("Returns", "Rückgaben"),
    key=("return_key", "line_key"),
    time="returned_at",
    sort=("bucket", "identifier_id", "returned_at"),
    emptied_by_erasure=("reason",),
)

PRODUCTS = Table(
    "products",
    (
        _column(
            "product_key",
            "int64",
            "stable key of source and product number",
            "stabiler Schlüssel aus Quelle und Artikelnummer",
            required=True,
        ),
        _SOURCE,
        _column("product_id", "string", "product number", "Artikelnummer", required=True),
        _column("name", "string", "name", "Name"),
        _column("category", "string", "category", "Kategorie"),
        _column("price", "string", "price of one, decimal text", "Preis als Dezimaltext"),
        _column("cost", "string", "cost of one, decimal text", "Einstandspreis als Dezimaltext"),
        _CURRENCY,
        _column("tax_rate", "float64", "tax rate, 0 to 1", "Steuersatz, 0 bis 1"),
        _column("stock", "quantity", "stock", "Bestand"),
        _column("url", "string", "page", "Seite"),
        _column("picture", "string", "picture's address", "Adresse des Bildes"),
        _column("valid_from_at", "int64", "valid from (UTC)", "gültig ab (UTC)"),
        _HASH,
        _VERSION,
    ),
    Text("Products", "Artikel"),
    key=("product_key",),
    person=None,
    sort=("product_key",),
)

SPEND = Table(
    "spend",
    (
        _column(
            "spend_key",
            "int64",
            "stable key of source, day, channel, campaign",
            "stabiler Schlüssel aus Quelle, Tag, Kanal, Kampagne",
            required=True,
        ),
        _SOURCE,
        _column("spent_on", "string", "day, ISO", "Tag, ISO", required=True),
        _column("channel", "string", "channel", "Kanal", required=True),
        _column("campaign", "string", "campaign", "Kampagne"),
        _column("phase", "string", "attract, interact or delight", "Anziehen, Interagieren oder Begeistern"),
        _column("amount_minor", "int64", "amount spent", "ausgegebener Betrag", required=True),
        _CURRENCY,
        _column("hours", "float64", "hours worked", "Arbeitsstunden"),
        _HASH,
        _VERSION,
    ),
    Text("Spend", "Ausgaben"),
    key=("spend_key",),
    person=None,
    sort=("spend_key",),
)

TABLES = (EVENTS, ORDERS, ORDER_LINES, RETURNS, PRODUCTS, SPEND)
