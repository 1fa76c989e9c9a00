"""What happens to an order, from the click on “buy” to the money given back."""

from schwung.collect.event_type import EventType, Property
from schwung.collect.event_types.parts import (
    AMOUNTS,
    CART_ID,
    CHECKOUT_ID,
    COUPON,
    EMAIL,
    LOYALTY_CARD,
    ORDER_ID,
    ORDER_ID_KNOWN,
    PHONE,
    PRODUCTS,
    VALUE,
    instant,
    number,
    text,
)
from schwung.core.text import Text

_DETAILS = (
    CHECKOUT_ID,
    CART_ID,
    text("affiliation", "shop or partner", "Laden oder Partner"),
    COUPON,
    VALUE,
    PRODUCTS,
    EMAIL,
    PHONE,
    LOYALTY_CARD,
    text("channel", "sales channel", "Vertriebskanal"),
    text("country", "country", "Land"),
    text("payment_method", "means of payment", "Zahlungsart"),
    Property("test", "flag", Text("a trial, that counts nowhere", "ein Probelauf, der nirgends zählt")),
    Property("is_net", "flag", Text("amounts are without tax", "Beträge ohne Steuer")),
)
_ORDER = (ORDER_ID, *AMOUNTS, *_DETAILS)
_PROMISED = instant("promised_at", "until when delivery was promised", "bis wann die Lieferung zugesagt war")
_OWN_CUSTOMER = (
    text("advertising_notice", "wording of the notice given when the address was collected, NAME or NAME/VERSION: makes an own customer (§ 7 (3) UWG)", "Wortlaut des Hinweises bei Erhebung der Adresse, NAME oder NAME/VERSION: macht zum Bestandskunden (§ 7 Abs. 3 UWG)"),
    instant("advertising_notice_at", "when it was given; else at the order", "wann er gegeben wurde; sonst bei der Bestellung"),
    text("goods", "kind of goods sold, to which advertising must be similar; else the products' categories", "Art der verkauften Waren, der Werbung ähneln muss; sonst die Kategorien der Produkte"),
)  # fmt: skip
_READ = ("subtotal", "revenue", "total", "value")

EVENT_TYPES = (
    EventType(
        "order_completed",
        Text("Order completed", "Bestellung abgeschlossen"),
        (*_ORDER, *_OWN_CUSTOMER),
        ("Completed Order", "Order Placed", "Order Created", "Purchase", "Purchase Completed", "Checkout Completed"),
        any_of=("total", "subtotal", "revenue", "value", "products"),
        order_id="order_id",
        amount=_READ,
        currency="currency",
        value="value",
    ),
    EventType(
        "order_updated",
        Text("Order updated", "Bestellung geändert"),
        _ORDER,
        ("Updated Order", "Order Edited"),
        order_id="order_id",
        amount=_READ,
        currency="currency",
        value="value",
    ),
    EventType(
        "order_cancelled",
        Text("Order cancelled", "Bestellung storniert"),
        (*_ORDER, text("reason", "reason", "Grund")),
        ("Order Canceled", "Cancelled Order", "Canceled Order"),
        order_id="order_id",
        amount=_READ,
        currency="currency",
    ),
    EventType(
        "order_refunded",
        Text("Order refunded", "Bestellung erstattet"),
        (
            *_ORDER,
            number("amount", "amount given back", "erstatteter Betrag"),
            text("refund_id", "number of the refund", "Nummer der Erstattung"),
            text("reason", "reason", "Grund"),
        ),
        ("Refunded Order", "Order Returned", "Refund Created"),
        order_id="order_id",
        amount=("amount", *_READ),
        currency="currency",
    ),
    EventType(
        "order_paid",
        Text("Order paid", "Bestellung bezahlt"),
        _ORDER,
        ("Payment Completed",),
        order_id="order_id",
        amount=_READ,
        currency="currency",
    ),
    EventType(
        "order_shipped",
        Text("Order shipped", "Bestellung versandt"),
        (
            ORDER_ID,
            text("carrier", "carrier", "Versanddienst"),
            text("tracking_number", "tracking number", "Sendungsnummer"),
            _PROMISED,
        ),
        ("Order Fulfilled", "Shipment Created"),
        order_id="order_id",
    ),
    EventType(
        "order_delivered",
        Text("Order delivered", "Bestellung zugestellt"),
        (ORDER_ID, _PROMISED),
        ("Shipment Delivered",),
        order_id="order_id",
    ),
    EventType(
        "payment_failed",
        Text("Payment failed", "Zahlung fehlgeschlagen"),
        (ORDER_ID_KNOWN, CHECKOUT_ID, *AMOUNTS, text("reason", "reason", "Grund")),
        ("Order Payment Failed", "Failed Payment", "Payment Declined"),
        order_id="order_id",
        amount=_READ[:-1],
        currency="currency",
    ),
)
