"""Carts: filled, brought to checkout, ordered. A cart that the source does not number is told by its device and by pauses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from schwung.collect.event_type import number_of
from schwung.collect.projection import currency_of, minor
from schwung.collect.projection_orders import goods_of, worth_of
from schwung.collect.projections.occasion import Fields, Occasion, Setting, as_table
from schwung.collect.relationship_tables import CARTS
from schwung.core.clock import DAY
from schwung.core.stable_hash import key_of

PAUSE = DAY
"""After so long without a change, what is added next is a new cart, where the source does not number its carts."""
KEPT_DAYS = 30
"""An order closes the last cart of its device, this long after it was left."""
_STATED = ("subtotal", "revenue", "total", "value")
_ADDS = frozenset(("product_added", "wishlist_product_added_to_cart"))
NAMES = _ADDS | {"product_removed", "cart_updated", "checkout_started", "order_completed"}


@dataclass(slots=True)
class OpenCart:
    """What is remembered of a cart. started_at: None where only its order was seen; ordered_at: None until ordered."""

    cart_key: int
    last_at: int
    started_at: int | None = None
    ordered_at: int | None = None
    amount_minor: int = 0
    ordered_minor: int | None = None
    currency: str | None = None
    order_id: str | None = None
    identifier_id: int | None = None


@dataclass(slots=True)
class Memory:
    """cart_of: token (device, or cart number) → cart. touched: tokens whose cart a batch changed."""

    cart_of: dict[int, OpenCart]
    touched: set[int]


def tokens(occasions: Sequence[Occasion]) -> set[int]:
    """Whose carts a batch may speak of."""
    found = {one.device for one in occasions if one.device is not None}
    return found | {number for one in occasions if (number := _number(one)) is not None}


def cart_rows(occasions: Sequence[Occasion], memory: Memory, setting: Setting) -> pa.Table:
    """Rows of `carts`; `memory` holds what is known of `tokens` and is brought up to date."""
    rows: list[Fields] = []
    for one in sorted(occasions, key=lambda one: (one.happened_at, one.event_no)):
        rows += _effect(one, memory, setting)
    return as_table(CARTS, rows, setting.batch_no)


def _effect(one: Occasion, memory: Memory, setting: Setting) -> list[Fields]:
    if one.name == "order_completed":
        return _ordered(one, memory, setting)
    cart = _cart_of(one, memory)
    if cart is None:
        return []
    currency = currency_of(one.properties, "currency", setting.currency)
    cart.started_at = one.happened_at if cart.started_at is None else min(cart.started_at, one.happened_at)
    cart.last_at = max(cart.last_at, one.happened_at)
    cart.identifier_id = one.identifier_id or cart.identifier_id
    worth = _worth(one, currency)
    if worth is not None and cart.currency in (None, currency):
        is_step = one.name in _ADDS or one.name == "product_removed"
        cart.amount_minor = max(0, cart.amount_minor + worth) if is_step else worth
        cart.currency = currency
    rows = [_row(one, cart, "started", cart.started_at)]
    if one.name == "checkout_started":
        rows.append(_row(one, cart, "checkout", one.happened_at))
    if cart.ordered_at is not None:  # the order was seen before what went into the cart
        rows.append(_row(one, cart, "ordered", cart.ordered_at))
    return rows


def _worth(one: Occasion, currency: str) -> int | None:
    """What an event adds to a cart, or what it says that the whole cart is worth."""
    if one.name in ("cart_updated", "checkout_started"):
        stated = next((one.properties[name] for name in _STATED if number_of(one.properties.get(name))), None)
        if stated is not None:
            return minor(stated, currency)
        products = one.properties.get("products")
        return sum(worth_of(product, currency) for product in products) if products else None
    worth = worth_of(one.properties, currency)
    return -worth if one.name == "product_removed" else worth


def _cart_of(one: Occasion, memory: Memory) -> OpenCart | None:
    """The cart that an event is about, a new one where there is none. None: the event names nobody and no cart."""
    number = _number(one)
    if number is not None:
        cart = memory.cart_of.get(number) or OpenCart(number, one.happened_at)
        _remember(memory, cart, number, one.device)
        return cart
    if one.device is None:
        return None
    known = memory.cart_of.get(one.device)
    if known is None or not _goes_on(one, known):
        if one.name == "product_removed":
            return None
        known = OpenCart(key_of(one.source, "cart of", str(one.device), str(one.happened_at)), one.happened_at)
    _remember(memory, known, one.device)
    return known


def _goes_on(one: Occasion, cart: OpenCart) -> bool:
    """Whether an event belongs to the cart that its device had last."""
    if cart.ordered_at is not None and one.happened_at > cart.ordered_at:
        return False
    if one.name == "checkout_started":
        return True
    return abs(one.happened_at - cart.last_at) <= PAUSE


def _ordered(one: Occasion, memory: Memory, setting: Setting) -> list[Fields]:
    """An order closes the cart that it names, else the last one of its device. Without one, it is remembered: what went
    into the cart may come late."""
    number = _number(one)
    known = memory.cart_of.get(number if number is not None else one.device or -1)
    if known is None and number is not None and one.device is not None:
        known = memory.cart_of.get(one.device)
    if known is not None and known.ordered_at is not None:
        if known.order_id == one.text("order_id"):
            return []
        known = None
    token = number if number is not None else one.device
    if token is None:
        return []
    currency = currency_of(one.properties, "currency", setting.currency)
    cart = known or OpenCart(
        number if number is not None else key_of(one.source, "cart of", str(token), str(one.happened_at)),
        one.happened_at,
    )
    cart.ordered_at, cart.last_at = one.happened_at, max(cart.last_at, one.happened_at)
    cart.ordered_minor = goods_of(one.properties, currency)
    cart.currency = currency
    cart.order_id = one.text("order_id")
    cart.identifier_id = one.identifier_id or cart.identifier_id
    _remember(memory, cart, number, one.device)
    return [_row(one, cart, "ordered", one.happened_at)] if cart.started_at is not None else []


def _remember(memory: Memory, cart: OpenCart, *some: int | None) -> None:
    for token in some:
        if token is not None:
            memory.cart_of[token] = cart
            memory.touched.add(token)


def _number(one: Occasion) -> int | None:
    own = one.text("cart_id")
    return None if own is None else key_of(one.source, "cart", own)


def _row(one: Occasion, cart: OpenCart, state: str, moment: int) -> Fields:
    is_order = state == "ordered"
    return {
        "cart_key": cart.cart_key,
        "state": state,
        **one.shared,
        "happened_at": moment,
        "amount_minor": cart.ordered_minor if is_order else cart.amount_minor,
        "currency": cart.currency,
        "order_id": cart.order_id if is_order else None,
        "channel": one.channel,
        "campaign": one.campaign,
    }


def stored(memory: Memory) -> list[dict[str, Any]]:
    """Rows to be kept of what a batch changed: every token of each cart."""
    columns = OpenCart.__slots__
    changed = {memory.cart_of[token].cart_key for token in memory.touched}
    return [
        {"token": token, **{name: getattr(cart, name) for name in columns}}
        for token, cart in sorted(memory.cart_of.items())
        if cart.cart_key in changed
    ]


def remembered(rows: Sequence[Mapping[str, Any]]) -> Memory:
    """Carts as `stored` gave them; tokens of one cart share it."""
    carts: dict[int, OpenCart] = {}
    cart_of = {}
    for row in rows:
        kept = {name: row[name] for name in OpenCart.__slots__}
        cart_of[row["token"]] = carts.setdefault(row["cart_key"], OpenCart(**kept))
    return Memory(cart_of, set())
