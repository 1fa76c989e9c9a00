"""Worked examples: a few orders by Anna, Ben and Cem, and the answer worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from schwung.collect.arrow import arrow_schema
from schwung.collect.table import Table
from schwung.collect.tables import EVENTS, ORDER_LINES, ORDERS, PRODUCTS, RETURNS
from schwung.core.clock import Instant, to_instant
from schwung.core.stable_hash import bucket_of, key_of
from schwung.unify.tables import PROFILES

ZONE = "Europe/Berlin"
CURRENCY = "EUR"
PEOPLE = {"anna": 1, "ben": 2, "cem": 3, "dana": 4, "emil": 5}


@dataclass(frozen=True, slots=True)
class Sale:
    """An order. who None: a guest. day: local, `2026-01-31` (noon) or `2026-01-31 23:30`. lines: product → amount."""

    who: str | None
    day: str
    amount: int = 10
    channel: str | None = None
    country: str | None = "DE"
    lines: Mapping[str, int] | None = None
    cancelled: bool = False
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class Return:
    """Goods that came back. undoes: place of the order in the example's list, where known."""

    who: str | None
    day: str
    amount: int
    undoes: int | None = None
    product: str = "coffee"
    country: str | None = "DE"


@dataclass(frozen=True, slots=True)
class Touch:
    """A visit that came through a channel."""

    who: str
    day: str
    channel: str


@dataclass(frozen=True, slots=True)
class Example:
    """Facts and answers. answers: per cut (None: not cut) the rows as they come out, some columns suffice."""

    as_of: str
    answers: Mapping[str | None, Sequence[Mapping[str, Any]]]
    sales: Sequence[Sale] = ()
    returns: Sequence[Return] = ()
    touches: Sequence[Touch] = ()
    leads: Sequence[tuple[str, str]] = ()

    def tables(self) -> dict[str, pa.Table]:
        """Fact tables as the lake has them, each with `customer_id` beside `identifier_id`."""
        orders, lines = _orders(self.sales)
        seen = dict(self.leads)
        for sale in self.sales:
            if sale.who is not None:
                seen[sale.who] = min(sale.day, seen.get(sale.who, sale.day))
        profiles = [
            {"customer_id": PEOPLE[who], "first_seen_at": instant(day), "is_gone": False} for who, day in seen.items()
        ]
        return {
            "orders": arrow(ORDERS, orders),
            "order_lines": arrow(ORDER_LINES, lines),
            "returns": arrow(RETURNS, [_return(nth, back) for nth, back in enumerate(self.returns)]),
            "events": arrow(EVENTS, [_touch(nth, touch) for nth, touch in enumerate(self.touches)]),
            "products": arrow(PRODUCTS, []),
            "profiles": arrow(PROFILES, profiles),
        }


def instant(day: str) -> Instant:
    moment = datetime.fromisoformat(day if " " in day else f"{day} 12:00")
    return to_instant(moment.replace(tzinfo=ZoneInfo(ZONE)))


def arrow(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as the declared table; what a row does not say is null, technical columns are filled in."""
    fields = [field.with_nullable(True) for field in arrow_schema(table)]
    if "identifier_id" in table.names:
        fields.append(pa.field("customer_id", pa.int64()))
    filled = [{"source": "example", "version": 1, "batch_no": 1} | dict(row) for row in rows]
    columns = {each.name: [row.get(each.name) for row in filled] for each in fields}
    return pa.table(columns, schema=pa.schema(fields))


def _person(who: str | None) -> dict[str, Any]:
    number = None if who is None else PEOPLE[who]
    return {
        "identifier_id": number,
        "customer_id": number,
        "bucket": -1 if number is None else bucket_of(number),
        "currency": CURRENCY,
        "is_net": False,
        "is_product": True,
    }


def _orders(sales: Sequence[Sale]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    orders: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for nth, sale in enumerate(sales):
        parts = sale.lines or {"coffee": sale.amount}
        key = key_of("example", str(nth))
        shared = _person(sale.who) | {"order_key": key, "ordered_at": instant(sale.day), "currency": sale.currency}
        orders.append(
            shared
            | {"order_id": str(nth), "amount_minor": 100 * sum(parts.values()), "is_cancelled": sale.cancelled}
            | {"channel": sale.channel, "country": sale.country}
        )
        lines.extend(
            shared | {"line_key": place, "product_id": product, "quantity": 1, "amount_minor": 100 * amount}
            for place, (product, amount) in enumerate(parts.items())
        )
    return orders, lines


def _return(nth: int, back: Return) -> dict[str, Any]:
    undone = None if back.undoes is None else key_of("example", str(back.undoes))
    return _person(back.who) | {
        "return_key": key_of("example", f"return {nth}"),
        "line_key": 0,
        "return_id": f"R{nth}",
        "order_key": undone,
        "returned_at": instant(back.day),
        "product_id": back.product,
        "quantity": 1,
        "amount_minor": 100 * back.amount,
        "country": back.country,
    }


def _touch(nth: int, touch: Touch) -> dict[str, Any]:
    at = instant(touch.day)
    return _person(touch.who) | {
        "event_no": nth + 1,
        "name": "page_viewed",
        "happened_at": at,
        "received_at": at,
        "channel": touch.channel,
    }
