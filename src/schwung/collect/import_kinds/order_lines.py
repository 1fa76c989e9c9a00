"""Lines of orders, one row each; the order's own fields stand on every line or come from elsewhere."""

from schwung.collect.import_kind import PERSON, Field, Kind
from schwung.collect.import_kinds.orders import CURRENCY, DISCOUNT, HEADER, ORDER_ID, ORDERED_AT, SHIPPING, TAX
from schwung.core.text import Text

KIND = Kind(
    "order_lines",
    Text("Order lines", "Bestellpositionen"),
    (
        ORDER_ID,
        Field("line_no", "text", Text("line number", "Positionsnummer"), ("line", "line number", "order item id", "item no", "position", "pos", "posnr", "positionsnr", "zeilennummer")),
        ORDERED_AT,
        *PERSON,
        Field(
            "product_id", "text", Text("product number", "Artikelnummer"),
            ("product", "sku", "stock code", "stockcode", "item", "item id", "product code", "product no", "upc", "artikel", "artikelnr", "artikel id", "produkt", "produktnummer", "produkt id"),
        ),
        Field(
            "description", "text", Text("description", "Bezeichnung"),
            ("product name", "item name", "title", "artikelbezeichnung", "artikelname", "beschreibung", "produktname", "name"),
        ),
        Field("quantity", "number", Text("quantity", "Menge"), ("qty", "count", "units", "pieces", "anzahl", "stueck", "stueckzahl")),
        Field(
            "unit_price", "number", Text("price of one", "Stückpreis"),
            ("price", "unit cost", "item price", "price each", "einzelpreis", "preis", "vk", "verkaufspreis"),
        ),
        Field(
            "amount", "number", Text("total of the line", "Positionssumme"),
            ("line total", "line amount", "total", "sales value", "sales", "amount paid", "betrag", "gesamtpreis", "summe", "umsatz", "positionsbetrag", "zeilensumme"),
        ),
        DISCOUNT,
        SHIPPING,
        TAX,
        CURRENCY,
        *HEADER,
        Field("is_return", "bool", Text("is a return", "ist eine Rückgabe"), ("return", "returned", "retoure", "rueckgabe", "storno", "gutschrift")),
        Field("return_of", "text", Text("order that is returned", "zurückgegebene Bestellung"), ("original order", "original invoice", "ursprungsbeleg", "ursprungsbestellung")),
        Field("reason", "text", Text("reason of the return", "Rückgabegrund"), ("return reason", "retourengrund", "grund")),
    ),
    any_of=(("unit_price", "amount"),),
)  # fmt: skip
