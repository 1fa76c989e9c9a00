"""Products, one row each."""

from schwung.collect.import_kind import Field, Kind
from schwung.collect.import_kinds.orders import CURRENCY
from schwung.core.text import Text

KIND = Kind(
    "products",
    Text("Products", "Artikel"),
    (
        Field(
            "product_id", "text", Text("product number", "Artikelnummer"),
            ("id", "sku", "stock code", "product", "product code", "item id", "upc", "artikelnr", "artikel", "artikel id", "produktnummer", "produkt id"),
            required=True,
        ),
        Field("name", "text", Text("name", "Name"), ("product name", "title", "description", "bezeichnung", "artikelname", "artikelbezeichnung", "titel", "product type")),
        Field("category", "text", Text("category", "Kategorie"), ("product category", "product category name", "department", "warengruppe", "produktkategorie", "rubrik")),
        Field("price", "number", Text("price", "Preis"), ("unit price", "sales price", "list price", "verkaufspreis", "vk", "einzelpreis")),
        Field("cost", "number", Text("cost of one", "Einstandspreis"), ("unit cost", "purchase price", "ek", "einkaufspreis", "kosten")),
        CURRENCY,
        Field("tax_rate", "number", Text("tax rate", "Steuersatz"), ("vat rate", "vat", "mwst", "mwst satz")),
        Field("stock", "number", Text("stock", "Bestand"), ("in stock", "inventory", "lagerbestand")),
        Field("url", "text", Text("page", "Seite"), ("link", "product url", "artikelseite")),
        Field("picture", "text", Text("picture", "Bild"), ("image", "image url", "picture url", "bild url")),
        Field("valid_from_at", "instant", Text("valid from", "gültig ab"), ("valid from", "since", "gueltig von")),
    ),
)  # fmt: skip
