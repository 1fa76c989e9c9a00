"""Promotions on a page and coupons in a cart."""

from schwung.collect.event_type import EventType
from schwung.collect.event_types.parts import CART_ID, CURRENCY, ORDER_ID_KNOWN, number, text
from schwung.core.text import Text

_PROMOTION = (
    text("promotion_id", "promotion", "Aktion"),
    text("creative", "design", "Gestaltung"),
    text("name", "name", "Name"),
    text("position", "place on the page", "Platz auf der Seite"),
)
_COUPON = (
    ORDER_ID_KNOWN,
    CART_ID,
    text("coupon_id", "coupon", "Gutschein"),
    text("coupon_name", "name of the coupon", "Name des Gutscheins"),
    number("discount", "discount", "Rabatt"),
    text("reason", "reason", "Grund"),
    CURRENCY,
)


def _coupon(name: str, en: str, de: str, *aliases: str) -> EventType:
    return EventType(
        name, Text(en, de), _COUPON, aliases, order_id="order_id", amount=("discount",), currency="currency"
    )


EVENT_TYPES = (
    EventType(
        "promotion_viewed",
        Text("Promotion viewed", "Aktion angesehen"),
        _PROMOTION,
        ("Viewed Promotion", "View Promotion"),
    ),
    EventType(
        "promotion_clicked",
        Text("Promotion clicked", "Aktion angeklickt"),
        _PROMOTION,
        ("Clicked Promotion", "Select Promotion"),
    ),
    _coupon("coupon_entered", "Coupon entered", "Gutschein eingegeben", "Entered Coupon"),
    _coupon("coupon_applied", "Coupon applied", "Gutschein angewandt", "Applied Coupon"),
    _coupon("coupon_redeemed", "Coupon redeemed", "Gutschein eingelöst", "Redeemed Coupon"),
    _coupon("coupon_denied", "Coupon denied", "Gutschein abgelehnt", "Denied Coupon"),
    _coupon("coupon_removed", "Coupon removed", "Gutschein entfernt", "Removed Coupon"),
)
