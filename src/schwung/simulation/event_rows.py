"""The events of a block as rows of the lake: what each of them says, as the JSON that a shop would have sent."""

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.collect.arrow import rows_of
from schwung.collect.tables import EVENTS
from schwung.simulation.block import Block
from schwung.simulation.catalogue import PRODUCTS as CATALOGUE
from schwung.simulation.claims import SOURCES, to_instants
from schwung.simulation.contracts import PLANS
from schwung.simulation.draws import Ints
from schwung.simulation.experience import RETURN_REASONS
from schwung.simulation.facts import COUPON, OrderTexts, return_ids, shipping, totals
from schwung.simulation.laws import Laws
from schwung.simulation.relationship_texts import first_product, relationship_texts
from schwung.simulation.stream import NAME, NAMES, SIGHT, Stream

_ON_THE_WAY = 250_000  # microseconds from happening to arrival
# How each channel shows in the tags of an address: source and medium.
_TAGS: Mapping[str, tuple[str, str]] = {
    "paid_search": ("google", "cpc"),
    "paid_social": ("facebook", "paid_social"),
    "email": ("newsletter", "email"),
    "affiliate": ("marktplatz", "affiliate"),
    "referral": ("empfehlung", "referral"),
    "offline": ("laden", "qr"),
    "organic_search": ("google", "organic"),
}


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _major(minor: pa.Array) -> pa.Array:
    """Minor units as decimal text: 3184 → 31.84."""
    cents = pc.utf8_lpad(pc.cast(pc.subtract(minor, pc.multiply(pc.divide(minor, 100), 100)), pa.string()), 2, "0")
    return pc.binary_join_element_wise(pc.cast(pc.divide(minor, 100), pa.string()), cents, ".")


_PRODUCT_TEXTS = [
    {
        "product_id": one.product_id,
        "name": one.name,
        "category": one.category,
        "price": one.price_minor / 100,
        "currency": "EUR",
    }
    for one in CATALOGUE
]
_PRODUCT_HEADS = pa.array([_dump(text)[:-1] for text in _PRODUCT_TEXTS])
_CHECKOUT_HEADS = pa.array(['{"currency":"EUR"'] * len(_PRODUCT_TEXTS))
MESSAGE_NAMES = ("message_held_back", *(name for name in NAMES if name.startswith("email_")))
_PRODUCTS_AS_JSON = pa.array([_dump(text) for text in _PRODUCT_TEXTS])


def _order_properties(block: Block, texts: OrderTexts) -> pa.Array:
    """One object an order, its lines within."""
    lines = block.lines
    starts = [_dump({k: v for k, v in text.items() if k != "currency"})[:-1] for text in _PRODUCT_TEXTS]
    products = pc.binary_join_element_wise(
        pa.array(starts).take(pa.array(lines.product)),
        ',"quantity":',
        pa.array(lines.quantity).cast(pa.string()),
        "}",
        "",
    )
    counts = np.bincount(lines.order, minlength=len(block.orders))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, products), ",")
    goods, tax = totals(block)
    sent = shipping(block, goods)
    coupon = pa.array(np.where(block.orders.campaign >= 0, f',"coupon":"{COUPON}"', ""))
    cart = np.full(len(block.orders), -1)
    cart[block.seen.order[block.seen.order >= 0]] = block.seen.cart[block.seen.order >= 0]
    return pc.binary_join_element_wise(
        '{"order_id":"', texts.order_id, '","subtotal":', _major(pa.array(goods)), ',"tax":', _major(pa.array(tax)),
        ',"shipping":', _major(pa.array(sent)), ',"currency":"EUR","is_net":true', coupon, ',"products":[', joined, "]", _cart(texts, cart), "}", "",
    )  # fmt: skip


def _cart(texts: OrderTexts, cart: Ints) -> pa.Array:
    """`,"cart_id":"…"`, or nothing."""
    ids = texts.cart_id.take(pa.array(cart, mask=cart < 0))
    return pc.fill_null(pc.binary_join_element_wise(',"cart_id":"', ids, '"', ""), "")


def event_properties(laws: Laws, block: Block, texts: OrderTexts, *, has_moments: bool = True) -> pa.Array:
    """JSON of each event, in the order of the stream. has_moments: also points in time, beside the event's own."""
    stream = block.stream
    by_name: dict[str, pa.Array] = {}

    def rows(name: str) -> Ints:
        return np.flatnonzero(stream.name == NAME[name])

    def of_orders(name: str, column: pa.Array) -> pa.Array:
        return column.take(pa.array(stream.order[rows(name)]))

    constant = {
        "page_viewed": {"path": "/", "url": "https://kaffeehaus.example/"},
    }
    for name in ("page_viewed", "profile_identified", "account_deleted"):
        by_name[name] = pa.array(np.full(len(rows(name)), _dump(constant.get(name, {})), dtype=object), pa.string())
    by_name["product_viewed"] = _PRODUCTS_AS_JSON.take(pa.array(stream.product[rows("product_viewed")]))
    for name, heads in (("product_added", _PRODUCT_HEADS), ("checkout_started", _CHECKOUT_HEADS)):
        index = np.maximum(stream.product[rows(name)], 0)
        cart = _cart(texts, stream.cart[rows(name)])
        by_name[name] = pc.binary_join_element_wise(heads.take(pa.array(index)), cart, "}", "")
    by_name["order_completed"] = of_orders("order_completed", _order_properties(block, texts))
    campaigns = pa.array(
        [_dump({"campaign_id": one.name, "campaign_name": one.name, "channel": "email"}) for one in laws.campaigns],
        pa.string(),
    )
    for name in MESSAGE_NAMES:
        by_name[name] = campaigns.take(pa.array(stream.campaign[rows(name)]))
    for name, told in relationship_texts(laws, block, texts, has_moments=has_moments).items():
        by_name[name] = told(rows(name))
    by_name["order_refunded"] = _refunds(block, texts, stream.value[rows("order_refunded")])
    by_name["referral_sent"] = pc.binary_join_element_wise(
        '{"referral_code":"E-', pa.array(stream.value[rows("referral_sent")] + 100_000).cast(pa.string()), '"}', ""
    )
    stacked = pa.concat_arrays([by_name[name] for name in NAMES])
    places = np.concatenate([rows(name) for name in NAMES])
    back = np.empty(len(places), dtype=np.int64)
    back[places] = np.arange(len(places))
    return stacked.take(pa.array(back))


def _refunds(block: Block, texts: OrderTexts, line: Ints) -> pa.Array:
    """line: rows of the lines given back, as the events name them."""
    place = {one: nth for nth, one in enumerate(block.told.returns.line.tolist())}
    nth = pa.array([place[one] for one in line.tolist()], pa.int64())
    order = texts.order_id.take(pa.array(block.lines.order[line]))
    return pc.binary_join_element_wise(
        '{"order_id":"', order, '","refund_id":"', return_ids(block, texts).take(nth), '","amount":',
        _major(pa.array(block.lines.net_minor[line])), ',"reason":"', pa.array(RETURN_REASONS).take(pa.array(block.told.returns.reason)).take(nth),
        '","currency":"EUR"}', "",
    )  # fmt: skip


def _contexts(laws: Laws, stream: Stream) -> pa.Array:
    """The campaign tags of visits; null elsewhere."""
    words = []
    for campaign in (None, *(one.name for one in laws.campaigns)):
        for channel in laws.channels:
            source, medium = _TAGS.get(channel.name, ("", ""))
            tags = {"source": source, "medium": medium} | ({"name": campaign} if campaign else {})
            words.append(_dump({"campaign": tags}) if source else None)
    index = (stream.campaign + 1) * len(laws.channels) + stream.channel
    return pa.array(words, pa.string()).take(pa.array(index, mask=stream.channel < 0))


_PLAN_PRICES = np.array([price for _, price in PLANS], dtype=np.int64)


def _amounts(block: Block) -> pa.Array:
    """Goods of an order, price of a product, money given back; null elsewhere."""
    stream = block.stream
    goods, _ = totals(block)
    prices = np.array([one.price_minor for one in CATALOGUE], dtype=np.int64)
    is_order = stream.name == NAME["order_completed"]
    is_refund = stream.name == NAME["order_refunded"]
    is_plan = np.isin(
        stream.name, [index for name, index in NAME.items() if name.startswith(("subscription_", "trial_"))]
    )
    amount = np.where(stream.product >= 0, prices[stream.product], -1)
    amount = np.where(is_order, goods[stream.order], amount) if len(goods) else amount
    amount = (
        np.where(is_refund, block.lines.net_minor[np.where(is_refund, stream.value, 0)], amount)
        if is_refund.any()
        else amount
    )
    amount = np.where(is_plan, _PLAN_PRICES[np.where(is_plan, stream.value, 0)], amount)
    return pa.array(amount, mask=amount < 0)


def event_rows(
    laws: Laws, block: Block, texts: OrderTexts, identifiers: Ints, buckets: Ints, first_event_no: int, batch_no: int
) -> pa.Table:
    """Rows of `events`, by time. identifiers and buckets: of each event; 0 and −1 for a guest."""
    stream = block.stream
    size = len(stream)
    at = to_instants(laws, stream.happened)
    amounts = _amounts(block)
    till = np.isin(stream.sight, [SIGHT["card"], SIGHT["card_signup"], SIGHT["nobody"]])
    currency = pa.array([laws.currency]).take(pa.array(np.zeros(size, dtype=np.int64)))
    campaigns = pa.array([one.name for one in laws.campaigns], pa.string())
    reviewed = np.where(stream.name == NAME["product_reviewed"], stream.order, -1)
    product = np.maximum(stream.product, first_product(block, reviewed))
    products = pa.array([one.product_id for one in CATALOGUE])
    channels = pa.array([one.name for one in laws.channels])
    return rows_of(
        EVENTS,
        {
            "event_no": first_event_no + np.arange(size),
            "name": pa.array(NAMES).take(pa.array(stream.name)),
            "happened_at": at,
            "received_at": at + _ON_THE_WAY,
            "source": pa.array(SOURCES).take(pa.array(till.astype(np.int64))),
            "channel": channels.take(pa.array(stream.channel, mask=stream.channel < 0)),
            "campaign": campaigns.take(pa.array(stream.campaign, mask=stream.campaign < 0)),
            "identifier_id": pa.array(identifiers, mask=identifiers == 0),
            "bucket": buckets,
            "order_id": texts.order_id.take(pa.array(stream.order, mask=stream.order < 0)),
            "product_id": products.take(pa.array(product, mask=product < 0)),
            "amount_minor": amounts,
            "currency": pc.if_else(pc.is_valid(amounts), currency, pa.scalar(None, pa.string())),
            "properties": event_properties(laws, block, texts),
            "context": _contexts(laws, stream),
            "batch_no": np.full(size, batch_no, dtype=np.int64),
        },
    )
