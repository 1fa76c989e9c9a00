"""Wish lists, sharing, reviews and referrals. The e-mail in a referral is a friend's: it names nobody here."""

from schwung.collect.event_type import EventType
from schwung.collect.event_types.parts import CURRENCY, ORDER_ID_KNOWN, PRODUCT, PRODUCTS, VALUE, number, text
from schwung.core.text import Text

_WISHLIST = (
    text("wishlist_id", "wish list", "Merkliste"),
    text("wishlist_name", "name of the wish list", "Name der Merkliste"),
)
_VIA = text("share_via", "way of sharing", "Weg des Teilens")
_CODE = text("referral_code", "code", "Code")
_RATING = number("rating", "rating", "Bewertung")

EVENT_TYPES = (
    EventType(
        "product_added_to_wishlist",
        Text("Product added to the wish list", "Artikel gemerkt"),
        (*_WISHLIST, *PRODUCT, CURRENCY, VALUE),
        ("Added Product To Wishlist", "Add To Wishlist", "Added To Wishlist"),
        product_id="product_id",
        amount=("price",),
        currency="currency",
        value="value",
    ),
    EventType(
        "product_removed_from_wishlist",
        Text("Product removed from the wish list", "Artikel nicht mehr gemerkt"),
        (*_WISHLIST, *PRODUCT, CURRENCY, VALUE),
        ("Removed Product From Wishlist", "Removed From Wishlist"),
        product_id="product_id",
    ),
    EventType(
        "wishlist_product_added_to_cart",
        Text("Product moved from wish list to cart", "Gemerkter Artikel in den Warenkorb gelegt"),
        (*_WISHLIST, text("cart_id", "cart", "Warenkorb"), *PRODUCT, CURRENCY, VALUE),
        (),
        product_id="product_id",
        amount=("price",),
        currency="currency",
        value="value",
    ),
    EventType(
        "product_shared",
        Text("Product shared", "Artikel geteilt"),
        (_VIA, *PRODUCT),
        ("Shared Product",),
        product_id="product_id",
    ),
    EventType(
        "cart_shared",
        Text("Cart shared", "Warenkorb geteilt"),
        (_VIA, text("cart_id", "cart", "Warenkorb"), PRODUCTS),
        ("Shared Cart",),
    ),
    EventType(
        "product_reviewed",
        Text("Product reviewed", "Artikel bewertet"),
        (
            *PRODUCT,
            text("review_id", "review", "Bewertung"),
            _RATING,
            text("comment", "in words", "in Worten"),
            text("phase", "phase of the flywheel", "Phase des Schwungrads"),
            ORDER_ID_KNOWN,
        ),
        ("Reviewed Product", "Review Submitted"),
        order_id="order_id",
        product_id="product_id",
        value="rating",
    ),
    EventType(
        "referral_sent",
        Text("Referral sent", "Empfehlung verschickt"),
        (_CODE,),
        ("Invite Sent", "Invited Friend", "Invitation Sent"),
    ),
    EventType(
        "referral_accepted",
        Text("Came by a referral", "Durch Empfehlung gekommen"),
        (_CODE,),
        ("Invite Accepted", "Referral Link Followed"),
    ),
    EventType(
        "referral_converted",
        Text("Referral led to a new customer", "Empfehlung führte zu einem neuen Kunden"),
        (_CODE, ORDER_ID_KNOWN),
        ("Referral Completed", "Invite Converted"),
        order_id="order_id",
    ),
)
