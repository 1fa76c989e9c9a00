"""Events about orders become orders, lines and returns, by the money rules; what they tell of products, too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa

from schwung.collect.arrow import arrow_schema
from schwung.collect.event import Event
from schwung.collect.event_type import number_of
from schwung.collect.projection import Attribution, Properties, Reading, currency_of, minor, text_of
from schwung.collect.table import Table
from schwung.collect.tables import ORDER_LINES, ORDERS, PRODUCTS, RETURNS
from schwung.core.money import to_minor
from schwung.core.stable_hash import bucket_of, key_of

Fields = dict[str, Any]
_ORDER_EVENTS = frozenset(("order_completed", "order_updated", "order_cancelled", "order_refunded"))
_GOODS = ("subtotal", "revenue", "value")
"""Properties that state the goods after discounts without shipping, first one found wins; else total − shipping."""
_THOUSANDTH = Decimal("0.001")


@dataclass(slots=True)
class Known:
    """One order as it is: its row and its lines by line_key."""

    order: Fields
    lines: dict[int, Fields] = field(default_factory=dict)


@dataclass(slots=True)
class _State:
    batch_no: int
    currency: str
    orders: dict[int, Known]
    changed_orders: set[int] = field(default_factory=set)
    changed_lines: dict[tuple[int, int], Fields] = field(default_factory=dict)
    returns: dict[tuple[int, int], Fields] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Occasion:
    """One event about an order, with whose it is."""

    event: Event
    properties: Properties
    order_id: str
    key: int
    identifier_id: int | None
    is_erased: bool

    @property
    def products(self) -> Sequence[Properties]:
        return self.properties.get("products") or ()


def order_keys(reading: Reading) -> list[int]:
    """Keys of the orders that a batch speaks of; the caller reads what is known of them."""
    return sorted(
        {
            key_of(event.source, str(properties["order_id"]))
            for event, properties in zip(reading.events, reading.properties, strict=True)
            if event.name in _ORDER_EVENTS and properties
        }
    )


def order_rows(
    reading: Reading, attribution: Attribution, batch_no: int, currency: str, known: Mapping[int, Known]
) -> dict[str, pa.Table]:
    """Rows of orders, order_lines and returns; each key once, with what holds after the last event of the batch.

    known: the orders of `order_keys` that the lake holds. currency: where an event does not state one.
    """
    state = _State(batch_no, currency, {key: Known(dict(one.order), dict(one.lines)) for key, one in known.items()})
    for at, (event, properties) in enumerate(zip(reading.events, reading.properties, strict=True)):
        if event.name in _ORDER_EVENTS and properties:
            identifier_id = int(attribution.identifier_of[at]) or None
            order_id = str(properties["order_id"])
            key = key_of(event.source, order_id)
            occasion = _Occasion(event, properties, order_id, key, identifier_id, bool(attribution.is_erased[at]))
            _EFFECTS[event.name](state, occasion)
    return {
        ORDERS.name: _table(ORDERS, (state.orders[key].order for key in sorted(state.changed_orders))),
        ORDER_LINES.name: _table(ORDER_LINES, state.changed_lines.values()),
        RETURNS.name: _table(RETURNS, state.returns.values()),
    }


def _complete(state: _State, occasion: _Occasion) -> None:
    """A new order, or a new version that takes its whole place. Once cancelled it stays so."""
    before = state.orders.get(occasion.key)
    order = _new_order(state, occasion)
    if before is not None:
        order["is_cancelled"] |= before.order["is_cancelled"]
        order = _keep_person(order, before.order)
    _put(state, occasion, order)
    _put_lines(state, occasion)


def _update(state: _State, occasion: _Occasion) -> None:
    """What the event states replaces what was known; the moment of the order stays."""
    before = state.orders.get(occasion.key)
    if before is None:
        _complete(state, occasion)
        return
    fresh = _new_order(state, occasion)
    kept = dict(before.order)
    stated = _stated_fields(occasion)
    kept.update({name: fresh[name] for name in stated if fresh[name] is not None})
    kept["is_cancelled"] |= fresh["is_cancelled"]
    kept["version"] = state.batch_no
    _put(
        state,
        occasion,
        _keep_person(kept | {"identifier_id": fresh["identifier_id"], "bucket": fresh["bucket"]}, before.order),
    )
    if occasion.products:
        _put_lines(state, occasion)


def _cancel(state: _State, occasion: _Occasion) -> None:
    before = state.orders.get(occasion.key)
    if before is None:
        _complete(state, occasion)
        before = state.orders[occasion.key]
    _put(state, occasion, before.order | {"is_cancelled": True, "version": state.batch_no})


def _refund(state: _State, occasion: _Occasion) -> None:
    """Money given back: the products named, else the amount stated, else the whole order as it is known."""
    properties, before = occasion.properties, state.orders.get(occasion.key)
    known = before.order if before else {}
    currency = currency_of(properties, "currency", known.get("currency") or state.currency)
    identifier_id = occasion.identifier_id or known.get("identifier_id")
    return_id = text_of(properties.get("refund_id")) or f"{occasion.order_id}/{occasion.event.message_id}"
    key = key_of(occasion.event.source, return_id)
    shared: Fields = {
        "return_key": key,
        "source": occasion.event.source,
        "return_id": return_id,
        "order_key": occasion.key,
        "identifier_id": identifier_id,
        "bucket": _bucket(identifier_id),
        "returned_at": occasion.event.happened_at,
        "currency": currency,
        "channel": text_of(properties.get("channel")) or known.get("channel"),
        "country": text_of(properties.get("country")) or known.get("country"),
        "reason": None if occasion.is_erased else text_of(properties.get("reason")),
        "version": state.batch_no,
    }
    for nth, part in enumerate(_returned(occasion, before, currency), 1):
        line_key = _line_key(nth)
        state.returns[key, line_key] = shared | {"line_key": line_key} | part


def _returned(occasion: _Occasion, before: Known | None, currency: str) -> Iterable[Fields]:
    """Product, quantity and amount of each part of a refund; all positive."""
    properties = occasion.properties
    stated = next((properties[name] for name in ("amount", *_GOODS, "total") if number_of(properties.get(name))), None)
    whole = None if stated is None else abs(minor(stated, currency) or 0)
    parts: list[Fields] = []
    if occasion.products:
        parts = [_part(_line(product, currency)) for product in occasion.products]
    elif before is not None and whole in (None, before.order["amount_minor"]):
        parts = [_part(line) for line in before.lines.values() if line["amount_minor"] or line["quantity"]]
        whole = before.order["amount_minor"] if whole is None else whole
    rest = 0 if whole is None else whole - sum(part["amount_minor"] for part in parts)
    if rest > 0 or not parts:
        parts.append({"product_id": None, "quantity": None, "amount_minor": max(rest, 0), "is_product": not parts})
    return parts


def _part(line: Fields) -> Fields:
    return {
        "product_id": line["product_id"],
        "quantity": abs(line["quantity"]),
        "amount_minor": abs(line["amount_minor"]),
        "is_product": line["is_product"],
    }


_EFFECTS = {
    "order_completed": _complete,
    "order_updated": _update,
    "order_cancelled": _cancel,
    "order_refunded": _refund,
}


def _new_order(state: _State, occasion: _Occasion) -> Fields:
    properties = occasion.properties
    currency = currency_of(properties, "currency", state.currency)
    amount, is_net = _goods(occasion, currency)
    row: Fields = dict.fromkeys(ORDERS.names)
    return row | {
        "order_key": occasion.key,
        "source": occasion.event.source,
        "order_id": occasion.order_id,
        "identifier_id": occasion.identifier_id,
        "bucket": _bucket(occasion.identifier_id),
        "ordered_at": occasion.event.happened_at,
        "currency": currency,
        "amount_minor": amount,
        "shipping_minor": minor(properties.get("shipping"), currency),
        "tax_minor": minor(properties.get("tax"), currency),
        "discount_minor": minor(properties.get("discount"), currency),
        "is_net": is_net,
        "is_cancelled": properties.get("test") is True,  # a trial is no order
        "channel": text_of(properties.get("channel")),
        "country": text_of(properties.get("country")),
        "coupon": text_of(properties.get("coupon")),
        "payment": None if occasion.is_erased else text_of(properties.get("payment_method")),
        "version": state.batch_no,
    }


def _goods(occasion: _Occasion, currency: str) -> tuple[int, bool]:
    """Goods after discounts without shipping, and whether without tax.

    Without tax: where the event says so, or where a subtotal or revenue comes with its tax beside it.
    """
    properties = occasion.properties
    for name in _GOODS:
        amount = minor(properties.get(name), currency)
        if amount is not None:
            is_net = name != "value" and number_of(properties.get("tax")) is not None
            return amount, bool(properties.get("is_net", is_net))
    total = minor(properties.get("total"), currency)
    if total is not None:
        return total - (minor(properties.get("shipping"), currency) or 0), bool(properties.get("is_net", False))
    lines = sum(_line(product, currency)["amount_minor"] for product in occasion.products)
    return lines - (minor(properties.get("discount"), currency) or 0), bool(properties.get("is_net", False))


def _stated_fields(occasion: _Occasion) -> list[str]:
    """Columns of an order that an update speaks of."""
    properties = occasion.properties
    direct = {"shipping_minor": "shipping", "tax_minor": "tax", "discount_minor": "discount", "channel": "channel"}
    direct |= {
        "country": "country",
        "coupon": "coupon",
        "payment": "payment_method",
        "currency": "currency",
        "is_net": "is_net",
    }
    found = [column for column, name in direct.items() if properties.get(name) is not None]
    if occasion.products or any(properties.get(name) is not None for name in (*_GOODS, "total")):
        found += ["amount_minor", "is_net", "currency"]
    return found


def _keep_person(order: Fields, before: Mapping[str, Any]) -> Fields:
    """An order that is somebody's does not become a guest's again."""
    if order["identifier_id"] is None:
        return order | {"identifier_id": before["identifier_id"], "bucket": before["bucket"]}
    return order


def _put(state: _State, occasion: _Occasion, order: Fields) -> None:
    known = state.orders.setdefault(occasion.key, Known(order))
    known.order = order
    state.changed_orders.add(occasion.key)


def _put_lines(state: _State, occasion: _Occasion) -> None:
    """The event's products are the order's lines; a line that is no longer there stays with quantity and amount 0."""
    known = state.orders[occasion.key]
    order = known.order
    shared: Fields = {
        "order_key": occasion.key,
        "source": order["source"],
        "identifier_id": order["identifier_id"],
        "bucket": order["bucket"],
        "ordered_at": order["ordered_at"],
        "currency": order["currency"],
        "version": state.batch_no,
    }
    fresh: dict[int, Fields] = {}
    for line_no, product in enumerate(occasion.products, 1):
        line = _line(product, order["currency"])
        line_key = _line_key(line_no)
        fresh[line_key] = shared | line | {"line_key": line_key, "line_no": line_no}
    for line_key, line in known.lines.items():
        if line_key not in fresh:
            fresh[line_key] = line | shared | {"quantity": Decimal(0), "amount_minor": 0, "is_product": False}
    known.lines = fresh
    state.changed_lines.update({(occasion.key, line_key): line for line_key, line in fresh.items()})


def _line(product: Properties, currency: str) -> Fields:
    """One product of an order: quantity × price − discount, rounded half up once."""
    price = number_of(product.get("price"))
    quantity, amount = _worth(
        price or "0",
        number_of(product.get("quantity")) or "1",
        number_of(product.get("discount")) or "0",
        currency,
    )
    return {
        "product_id": text_of(product.get("product_id")) or text_of(product.get("sku")),
        "description": text_of(product.get("name")),
        "quantity": quantity,
        "unit_price": price,
        "amount_minor": amount,
        "is_product": True,
    }


def goods_of(properties: Properties, currency: str) -> int | None:
    """Goods of an order as it states them, after discounts and without shipping; None where it states none."""
    stated = next((found for name in _GOODS if (found := minor(properties.get(name), currency)) is not None), None)
    if stated is None and (total := minor(properties.get("total"), currency)) is not None:
        return total - (minor(properties.get("shipping"), currency) or 0)
    products = properties.get("products")
    return stated if stated is not None or not products else sum(worth_of(one, currency) for one in products)


def worth_of(product: Properties, currency: str) -> int:
    """Quantity × price − discount of one product."""
    amount: int = _line(product, currency)["amount_minor"]
    return amount


@lru_cache(maxsize=65_536)
def _worth(price: str, quantity: str, discount: str, currency: str) -> tuple[Decimal, int]:
    """Quantity in thousandths and amount of a line; the same ones come again and again."""
    exact = Decimal(quantity)
    amount = to_minor(Decimal(price) * exact - Decimal(discount), currency)
    return exact.quantize(_THOUSANDTH, ROUND_HALF_UP), amount


@lru_cache(maxsize=4096)
def _line_key(line_no: int) -> int:
    return key_of(str(line_no))


def _bucket(identifier_id: int | None) -> int:
    return -1 if identifier_id is None else bucket_of(identifier_id)


def product_rows(reading: Reading, batch_no: int, currency: str, known: Mapping[int, int]) -> pa.Table:
    """Rows of products that events name, the last word on each; without those that are known as they are.

    known: content hash by product key.
    """
    found: dict[tuple[str, str], tuple[Event, Properties, Properties]] = {}
    for event, properties in zip(reading.events, reading.properties, strict=True):
        if not properties:
            continue
        for product in properties.get("products") or (properties,):
            product_id = text_of(product.get("product_id")) or text_of(product.get("sku"))
            if product_id and product.get("name"):
                found[event.source, product_id] = event, product, properties
    rows = (
        _product(source, product_id, event, product, currency_of(properties, "currency", currency), batch_no)
        for (source, product_id), (event, product, properties) in found.items()
    )
    return _table(PRODUCTS, (row for row in rows if known.get(row["product_key"]) != row["content_hash"]))


def _product(source: str, product_id: str, event: Event, product: Properties, unit: str, batch_no: int) -> Fields:
    price = number_of(product.get("price"))
    told = [text_of(product.get(name)) for name in ("name", "category", "url", "image_url")]
    return {
        "product_key": key_of(source, product_id),
        "source": source,
        "product_id": product_id,
        "name": told[0],
        "category": told[1],
        "price": price,
        "currency": unit if price else None,
        "url": told[2],
        "picture": told[3],
        "valid_from_at": event.happened_at,
        "content_hash": key_of(*(part or "" for part in (*told, price, unit))),
        "version": batch_no,
    }


def _table(table: Table, rows: Iterable[Fields]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=arrow_schema(table))
