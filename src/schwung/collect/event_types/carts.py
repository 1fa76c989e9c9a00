"""Cart and checkout, step by step."""

from schwung.collect.event_type import EventType
from schwung.collect.event_types.parts import (
    AMOUNTS,
    CART_ID,
    CHECKOUT_ID,
    COUPON,
    CURRENCY,
    EMAIL,
    LOYALTY_CARD,
    ORDER_ID_KNOWN,
    PHONE,
    PRODUCT,
    PRODUCTS,
    VALUE,
    number,
    text,
)
from schwung.core.text import Text

_IN_CART = (CART_ID, *PRODUCT, COUPON, CURRENCY, VALUE)
_CHECKOUT = (CHECKOUT_ID, ORDER_ID_KNOWN, CART_ID)
_STEP = (
    *_CHECKOUT,
    number("step", "number of the step", "Nummer des Schritts"),
    text("shipping_method", "way of shipping", "Versandart"),
    text("payment_method", "means of payment", "Zahlungsart"),
)

EVENT_TYPES = (
    EventType(
        "product_added",
        Text("Product added to the cart", "Artikel in den Warenkorb gelegt"),
        _IN_CART,
        ("Added Product", "Product Added To Cart", "Added To Cart", "Add To Cart"),
        any_of=("product_id", "sku", "name"),
        product_id="product_id",
        amount=("price",),
        currency="currency",
        value="value",
    ),
    EventType(
        "product_removed",
        Text("Product removed from the cart", "Artikel aus dem Warenkorb genommen"),
        _IN_CART,
        ("Removed Product", "Product Removed From Cart", "Removed From Cart", "Remove From Cart"),
        product_id="product_id",
        amount=("price",),
        currency="currency",
        value="value",
    ),
    EventType(
        "cart_viewed",
        Text("Cart viewed", "Warenkorb angesehen"),
        (CART_ID, PRODUCTS, CURRENCY, VALUE),
        ("Viewed Cart", "View Cart"),
        currency="currency",
        value="value",
    ),
    EventType(
        "cart_updated",
        Text("Cart updated", "Warenkorb geändert"),
        (CART_ID, PRODUCTS, *AMOUNTS, VALUE),
        ("Updated Cart",),
        amount=("subtotal", "total", "value"),
        currency="currency",
    ),
    EventType(
        "checkout_started",
        Text("Checkout started", "Bestellvorgang begonnen"),
        (
            *_CHECKOUT,
            *AMOUNTS,
            VALUE,
            COUPON,
            PRODUCTS,
            EMAIL,
            PHONE,
            LOYALTY_CARD,
            text("affiliation", "shop or partner", "Laden oder Partner"),
        ),
        ("Started Checkout", "Begin Checkout", "Checkout Begun", "Initiated Checkout"),
        order_id="order_id",
        amount=("subtotal", "revenue", "total", "value"),
        currency="currency",
        value="value",
    ),
    EventType(
        "checkout_step_viewed",
        Text("Checkout step viewed", "Bestellschritt angesehen"),
        _STEP,
        ("Viewed Checkout Step",),
        order_id="order_id",
    ),
    EventType(
        "checkout_step_completed",
        Text("Checkout step completed", "Bestellschritt abgeschlossen"),
        _STEP,
        ("Completed Checkout Step",),
        order_id="order_id",
    ),
    EventType(
        "payment_info_entered",
        Text("Payment details entered", "Zahlungsdaten eingegeben"),
        _STEP,
        ("Entered Payment Info", "Add Payment Info", "Payment Info Added"),
        order_id="order_id",
    ),
    EventType(
        "shipping_info_entered",
        Text("Shipping details entered", "Versanddaten eingegeben"),
        _STEP,
        ("Entered Shipping Info", "Add Shipping Info", "Shipping Info Added"),
        order_id="order_id",
    ),
)
