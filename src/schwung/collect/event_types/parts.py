"""Properties that many event types share, so that they read the same everywhere."""

from schwung.collect.event_type import Property
from schwung.core.text import Text


def text(name: str, en: str, de: str, *, required: bool = False, claims: str | None = None) -> Property:
    return Property(name, "text", Text(en, de), required=required, claims=claims)


def number(name: str, en: str, de: str, *, required: bool = False) -> Property:
    return Property(name, "number", Text(en, de), required=required)


def instant(name: str, en: str, de: str) -> Property:
    return Property(name, "instant", Text(en, de))


CURRENCY = Property("currency", "currency", Text("ISO 4217 currency", "Währung nach ISO 4217"))
COUPON = text("coupon", "coupon code", "Gutscheincode")
ORDER_ID = text("order_id", "order number", "Bestellnummer", required=True)
ORDER_ID_KNOWN = text("order_id", "order number, where known", "Bestellnummer, wo bekannt")
CHECKOUT_ID = text("checkout_id", "number of the checkout", "Nummer des Bestellvorgangs")
CART_ID = text("cart_id", "number of the cart", "Nummer des Warenkorbs")
EMAIL = text("email", "e-mail of the person who acts", "E-Mail der handelnden Person", claims="email")
PHONE = text("phone", "phone of the person who acts", "Telefon der handelnden Person", claims="phone")
LOYALTY_CARD = text("loyalty_card", "number of the loyalty card", "Nummer der Kundenkarte", claims="card")
VALUE = number("value", "worth in the currency", "Wert in der Währung")

PRODUCT = (
    text("product_id", "product number", "Artikelnummer"),
    text("sku", "stock keeping unit", "Lagernummer"),
    text("name", "name", "Name"),
    text("category", "category", "Kategorie"),
    text("brand", "brand", "Marke"),
    text("variant", "variant", "Variante"),
    number("price", "price of one", "Stückpreis"),
    number("quantity", "quantity", "Menge"),
    number("position", "place in the list", "Platz in der Liste"),
    text("url", "page", "Seite"),
    text("image_url", "picture", "Bild"),
)
PRODUCTS = Property(
    "products", "list", Text("products", "Artikel"), of=(*PRODUCT, COUPON, number("discount", "discount", "Rabatt"))
)
AMOUNTS = (
    number("total", "what is paid, with tax and shipping", "Zahlbetrag mit Steuer und Versand"),
    number("subtotal", "goods after discounts", "Ware nach Rabatten"),
    number("revenue", "goods without shipping and tax", "Ware ohne Versand und Steuer"),
    number("shipping", "shipping", "Versand"),
    number("tax", "tax", "Steuer"),
    number("discount", "discount", "Rabatt"),
    CURRENCY,
)
