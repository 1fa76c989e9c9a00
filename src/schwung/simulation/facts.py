"""The facts of a block as rows of the lake's tables, as if they had come from the shop and its till."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schwung.collect.arrow import rows_of
from schwung.collect.tables import ORDER_LINES, ORDERS, PRODUCTS, RETURNS, SPEND
from schwung.core.clock import Instant
from schwung.core.stable_hash import key_of
from schwung.simulation.block import Block
from schwung.simulation.catalogue import PRODUCTS as CATALOGUE
from schwung.simulation.claims import SOURCES, to_instants
from schwung.simulation.draws import Ints
from schwung.simulation.efforts import efforts
from schwung.simulation.experience import RETURN_REASONS
from schwung.simulation.laws import Laws
from schwung.simulation.people import People
from schwung.simulation.seasons import Season
from schwung.simulation.spend import spend

_FREE_SHIPPING_FROM = 3_900
_SHIPPING_MINOR = 412  # 4.90 with tax
_LINE_KEYS = np.array([key_of(str(line_no)) for line_no in range(10)], dtype=np.int64)
_NUMBER_WIDTH = 100
COUPON = "ROESTUNG"


@dataclass(frozen=True, slots=True)
class Owned:
    """Whose the rows are: identifier of each order and returned line (0: a guest), and the bucket of each identifier."""

    orders: Ints
    order_buckets: Ints
    returns: Ints
    return_buckets: Ints


@dataclass(frozen=True, slots=True)
class OrderTexts:
    """Order numbers and keys of a block, a row an order; numbers of carts, a row a visit."""

    order_id: pa.Array
    order_key: Ints
    cart_id: pa.Array


def order_texts(block: Block, run: str = "") -> OrderTexts:
    """W-… from the shop, T-… from the till: customer's number and the order's place among the customer's orders."""
    number = (block.people.number[block.orders.owner] + 100_000) * _NUMBER_WIDTH * 10 + block.orders.nth
    prefix = pa.array(("W-", "T-")).take(pa.array(block.is_till.astype(np.int64)))
    order_id = pc.binary_join_element_wise(prefix, run, pa.array(number).cast(pa.string()), "")
    sources = [SOURCES[int(till)] for till in block.is_till.tolist()]
    keys = [key_of(source, one) for source, one in zip(sources, order_id.to_pylist(), strict=True)]
    return OrderTexts(order_id, np.array(keys, dtype=np.int64), _cart_ids(block, run))


def _cart_ids(block: Block, run: str) -> pa.Array:
    """C-…: customer's number and the visit's place among the customer's visits."""
    owner = block.seen.owner
    first = np.searchsorted(owner, owner)
    number = (block.people.number[owner] + 100_000) * _NUMBER_WIDTH * 10 + np.arange(len(owner)) - first
    return pc.binary_join_element_wise("C-", run, pa.array(number).cast(pa.string()), "")


def _ids(identifiers: Ints) -> pa.Array:
    return pa.array(identifiers, mask=identifiers == 0)


def _word(words: tuple[str, ...], index: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(index, mask=index < 0))


def shipping(block: Block, goods: Ints) -> Ints:
    return np.where(block.is_till | (goods >= _FREE_SHIPPING_FROM), 0, _SHIPPING_MINOR).astype(np.int64)


def totals(block: Block) -> tuple[Ints, Ints]:
    """Goods and tax of each order, minor units: sums over its lines."""
    size = len(block.orders)
    goods, tax = (
        np.bincount(block.lines.order, values, minlength=size).astype(np.int64)
        for values in (block.lines.net_minor, block.lines.tax_minor)
    )
    return goods, tax


def order_rows(laws: Laws, block: Block, people: People, texts: OrderTexts, owned: Owned, version: int) -> pa.Table:
    orders = block.orders
    size = len(orders)
    goods, tax = totals(block)
    added = orders.campaign >= 0
    names = tuple(campaign.name for campaign in laws.campaigns) or ("",)
    # At the till the source itself knows the channel; in the shop the touches before the order tell.
    channel = np.where(block.is_till, 0, -1)
    return rows_of(
        ORDERS,
        {
            "order_key": texts.order_key,
            "source": _word(SOURCES, block.is_till.astype(np.int64)),
            "order_id": texts.order_id,
            "identifier_id": _ids(owned.orders),
            "bucket": owned.order_buckets,
            "ordered_at": to_instants(laws, orders.ordered),
            "currency": _word((laws.currency,), np.zeros(size, dtype=np.int64)),
            "amount_minor": goods,
            "shipping_minor": shipping(block, goods),
            "tax_minor": tax,
            "discount_minor": np.where(added, goods // 9, 0),
            "is_net": pa.array(np.ones(size, dtype=bool)),
            "is_cancelled": pa.array(np.zeros(size, dtype=bool)),
            "channel": _word(("offline",), channel),
            "campaign": _word(names, orders.campaign),
            "country": people.country.take(pa.array(orders.owner)),
            "coupon": _word((COUPON,), np.where(added, 0, -1)),
            "version": np.full(size, version, dtype=np.int64),
        },
    )


_UNIT_PRICES = tuple(f"{one.net_minor / 100:.4f}" for one in CATALOGUE)
_PRODUCT_IDS = tuple(one.product_id for one in CATALOGUE)
_PRODUCT_NAMES = tuple(one.name for one in CATALOGUE)


def line_rows(laws: Laws, block: Block, texts: OrderTexts, owned: Owned, version: int) -> pa.Table:
    lines = block.lines
    size = len(lines.order)
    return rows_of(
        ORDER_LINES,
        {
            "order_key": texts.order_key[lines.order],
            "line_key": _LINE_KEYS[lines.line_no],
            "line_no": lines.line_no,
            "source": _word(SOURCES, block.is_till[lines.order].astype(np.int64)),
            "identifier_id": _ids(owned.orders[lines.order]),
            "bucket": owned.order_buckets[lines.order],
            "ordered_at": to_instants(laws, block.orders.ordered[lines.order]),
            "product_id": _word(_PRODUCT_IDS, lines.product),
            "description": _word(_PRODUCT_NAMES, lines.product),
            "quantity": pa.array(lines.quantity.astype(np.int32)),
            "unit_price": _word(_UNIT_PRICES, lines.product),
            "amount_minor": lines.net_minor,
            "currency": _word((laws.currency,), np.zeros(size, dtype=np.int64)),
            "is_product": pa.array(np.ones(size, dtype=bool)),
            "version": np.full(size, version, dtype=np.int64),
        },
    )


def return_ids(block: Block, texts: OrderTexts) -> pa.Array:
    """R- and the order's number."""
    order = block.lines.order[block.told.returns.line]
    return pc.replace_substring_regex(texts.order_id.take(pa.array(order)), "^W-", "R-")


def return_rows(laws: Laws, block: Block, people: People, texts: OrderTexts, owned: Owned, version: int) -> pa.Table:
    back = block.told.returns
    order = block.lines.order[back.line]
    size = len(order)
    ids = return_ids(block, texts)
    return rows_of(
        RETURNS,
        {
            "return_key": np.array([key_of(SOURCES[0], one) for one in ids.to_pylist()], dtype=np.int64),
            "line_key": _LINE_KEYS[block.lines.line_no[back.line]],
            "source": _word(SOURCES, np.zeros(size, dtype=np.int64)),
            "return_id": ids,
            "order_key": texts.order_key[order],
            "identifier_id": _ids(owned.returns),
            "bucket": owned.return_buckets,
            "returned_at": to_instants(laws, back.returned),
            "product_id": _word(_PRODUCT_IDS, block.lines.product[back.line]),
            "quantity": pa.array(block.lines.quantity[back.line].astype(np.int32)),
            "amount_minor": block.lines.net_minor[back.line],
            "currency": _word((laws.currency,), np.zeros(size, dtype=np.int64)),
            "country": people.country.take(pa.array(block.orders.owner[order])),
            "is_product": pa.array(np.ones(size, dtype=bool)),
            "reason": _word(RETURN_REASONS, back.reason),
            "version": np.full(size, version, dtype=np.int64),
        },
    )


def product_rows(laws: Laws, valid_from_at: Instant, version: int) -> pa.Table:
    """The catalogue; prices and costs with tax, in major units, as on the label."""
    return rows_of(
        PRODUCTS,
        {
            "product_key": [key_of(SOURCES[0], one.product_id) for one in CATALOGUE],
            "source": [SOURCES[0]] * len(CATALOGUE),
            "product_id": list(_PRODUCT_IDS),
            "name": list(_PRODUCT_NAMES),
            "category": [one.category for one in CATALOGUE],
            "price": [f"{one.price_minor / 100:.2f}" for one in CATALOGUE],
            "cost": [f"{one.net_minor * one.cost_share / 100:.2f}" for one in CATALOGUE],
            "currency": [laws.currency] * len(CATALOGUE),
            "tax_rate": [one.tax_rate for one in CATALOGUE],
            "url": [f"https://kaffeehaus.example/{one.product_id.lower()}" for one in CATALOGUE],
            "valid_from_at": [valid_from_at] * len(CATALOGUE),
            "version": [version] * len(CATALOGUE),
        },
    )


def spend_rows(laws: Laws, calendar: Season, version: int) -> pa.Table:
    """Advertising by day and channel, and what is put into each phase beside it."""
    return pa.concat_tables([_advertising(laws, calendar, version), _efforts(laws, version)])


def _efforts(laws: Laws, version: int) -> pa.Table:
    put_in = efforts(laws)
    days = [(laws.start_on + timedelta(days=one.day)).isoformat() for one in put_in]
    keys = [
        key_of(SOURCES[0], day, one.channel, one.campaign or "", one.phase)
        for day, one in zip(days, put_in, strict=True)
    ]
    return rows_of(
        SPEND,
        {
            "spend_key": keys,
            "source": [SOURCES[0]] * len(days),
            "spent_on": days,
            "channel": [one.channel for one in put_in],
            "campaign": [one.campaign for one in put_in],
            "phase": [one.phase for one in put_in],
            "amount_minor": [one.amount_minor for one in put_in],
            "currency": [laws.currency] * len(days),
            "hours": [one.hours for one in put_in],
            "version": [version] * len(days),
        },
    )


def _advertising(laws: Laws, calendar: Season, version: int) -> pa.Table:
    paid = spend(laws, calendar)
    days = np.datetime_as_string(np.datetime64(laws.start_on) + paid.day).tolist()
    channels = [laws.channels[index].name for index in paid.channel.tolist()]
    size = len(days)
    return rows_of(
        SPEND,
        {
            "spend_key": [key_of(SOURCES[0], day, name, "") for day, name in zip(days, channels, strict=True)],
            "source": [SOURCES[0]] * size,
            "spent_on": days,
            "channel": channels,
            "phase": ["attract"] * size,
            "amount_minor": paid.amount_minor,
            "currency": [laws.currency] * size,
            "hours": paid.hours,
            "version": [version] * size,
        },
    )
