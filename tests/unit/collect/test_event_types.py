"""Declared event types: names that others use, properties that must fit, reasons that a shopkeeper understands."""

import pytest

from schwung.collect.event import Event
from schwung.collect.event_type import EVENT_TYPES, EventType, Property, declared, name_of, number_of, validate
from schwung.core.text import Text

# The names of Segment's e-commerce spec (v2), and ours.
SPEC = {
    "Products Searched": "products_searched",
    "Product List Viewed": "product_list_viewed",
    "Product List Filtered": "product_list_filtered",
    "Promotion Viewed": "promotion_viewed",
    "Promotion Clicked": "promotion_clicked",
    "Product Clicked": "product_clicked",
    "Product Viewed": "product_viewed",
    "Product Added": "product_added",
    "Product Removed": "product_removed",
    "Cart Viewed": "cart_viewed",
    "Checkout Started": "checkout_started",
    "Checkout Step Viewed": "checkout_step_viewed",
    "Checkout Step Completed": "checkout_step_completed",
    "Payment Info Entered": "payment_info_entered",
    "Order Updated": "order_updated",
    "Order Completed": "order_completed",
    "Order Refunded": "order_refunded",
    "Order Cancelled": "order_cancelled",
    "Coupon Entered": "coupon_entered",
    "Coupon Applied": "coupon_applied",
    "Coupon Denied": "coupon_denied",
    "Coupon Removed": "coupon_removed",
    "Product Added to Wishlist": "product_added_to_wishlist",
    "Product Removed from Wishlist": "product_removed_from_wishlist",
    "Wishlist Product Added to Cart": "wishlist_product_added_to_cart",
    "Product Shared": "product_shared",
    "Cart Shared": "cart_shared",
    "Product Reviewed": "product_reviewed",
    "Email Delivered": "email_delivered",
    "Email Opened": "email_opened",
    "Email Link Clicked": "email_link_clicked",
    "Email Bounced": "email_bounced",
    "Email Marked as Spam": "email_marked_as_spam",
    "Unsubscribed": "newsletter_unsubscribed",
    "Signed Up": "registration_completed",
    "Lead Generated": "lead_captured",
    "Survey Completed": "survey_answered",
}


def event(name: str, properties: bytes) -> Event:
    return Event("m", "track", name, 0, 0, "shop", (), properties)


@pytest.mark.parametrize(("theirs", "ours"), SPEC.items())
def test_names_of_the_spec(theirs: str, ours: str) -> None:
    assert name_of(theirs) == ours
    assert declared(ours) is not None


@pytest.mark.parametrize(
    "spelt",
    ["Order Completed", "order_completed", "orderCompleted", "ORDER COMPLETED", " order-completed ", "Completed Order"],
)
def test_spellings_of_one_name(spelt: str) -> None:
    assert name_of(spelt) == "order_completed"


def test_an_undeclared_name_is_only_spelt_our_way() -> None:
    assert (name_of("Café Bestellt!"), declared("café_bestellt")) == ("café_bestellt", None)
    assert validate(event("café_bestellt", b'{"total": "12,90"}')) is None


def test_declarations_are_sound() -> None:
    assert len(EVENT_TYPES) == len({kind.title.de for kind in EVENT_TYPES.values()}) > 90
    for kind in EVENT_TYPES.values():
        assert name_of(kind.name) == kind.name
        assert all(name_of(alias) == kind.name for alias in kind.aliases)
    with pytest.raises(ValueError, match="does not declare"):
        EventType("a", Text("a", "b"), (Property("b", "text", Text("a", "b")),), order_id="c")


@pytest.mark.parametrize(
    ("properties", "code", "place", "german"),
    [
        (b'{"total": 5}', "property_missing", "order_id", "Bestellung abgeschlossen braucht „order_id“ (Bestellnummer)."),
        (b'{"order_id": "", "total": 5}', "wrong_type", "order_id", "„order_id“ muss Text sein, nicht „“."),
        (b'{"order_id": "1"}', "property_missing", "total", "Bestellung abgeschlossen braucht eines von: total, subtotal, revenue, value, products."),
        (b'{"order_id": "1", "total": "12,90"}', "not_a_number", "total", "„12,90“ in „total“ ist keine eindeutige Zahl. Erwartet: eine Zahl mit Punkt, etwa 12.90."),
        (b'{"order_id": "1", "total": true}', "wrong_type", "total", "„total“ muss eine Zahl sein, nicht „True“."),
        (b'{"order_id": {}, "total": 5}', "wrong_type", "order_id", "„order_id“ muss Text sein, nicht „{}“."),
        (b'{"order_id": "1", "total": 5, "currency": "Euro"}', "wrong_type", "currency", "„currency“ muss ein Währungscode wie EUR sein, nicht „Euro“."),
        (b'{"order_id": "1", "products": {}}', "wrong_type", "products", "„products“ muss eine Liste von Objekten sein, nicht „{}“."),
        (b'{"order_id": "1", "products": [{"price": 1}, {"price": "1.234"}]}', "not_a_number", "products[1].price", None),
        (b'{"order_id": "1", "total": 1e999}', "properties_unreadable", "", None),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_why(properties: bytes, code: str, place: str, german: str | None) -> None:
    reason = validate(event("order_completed", properties))
    assert reason is not None
    assert (reason.code, reason.place) == (code, place)
    assert german is None or reason.text.de == german


@pytest.mark.parametrize(
    "properties",
    [
        b'{"order_id": 1001, "total": 12.9, "currency": "eur"}',
        b'{"order_id": "1", "total": "12.90", "shipping": "0", "coupon": null, "own": {"a": [1]}}',
        b'{"order_id": "1", "products": [{"product_id": 7, "price": "0.125", "quantity": "2"}]}',
    ],
)
def test_what_fits(properties: bytes) -> None:
    assert validate(event("order_completed", properties)) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (5, "5"), (-1.5, "-1.5"), ("12.90", "12.90"), ("-3", "-3"), ("0.125", "0.125"), ("1234.567", "1234.567"),
        ("1.234", None), ("12,90", None), ("1,234.56", None), ("12.90 EUR", None), ("", None), ("1e3", None),
        (" 5", None), ("٣", None), (True, None), (1e15, None), (None, None), ([], None),
    ],
)  # fmt: skip
def test_numbers_are_read_where_only_one_reading_is_possible(value: object, read: str | None) -> None:
    assert number_of(value) == read
