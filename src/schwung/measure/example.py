"""Worked examples: a few orders by Anna, Ben and Cem, and the answer worked out by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from schwung.collect.arrow import arrow_schema
from schwung.collect.relationship_tables import TABLES as RELATIONSHIP
from schwung.collect.table import Table
from schwung.collect.tables import EVENTS, ORDER_LINES, ORDERS, PRODUCTS, RETURNS, SPEND
from schwung.core.clock import Instant, to_instant
from schwung.core.stable_hash import bucket_of, key_of
from schwung.measure.example_facts import Answered, Goods, Happened, Points, Spent, State
from schwung.measure.valuation import Valuation
from schwung.unify.tables import MEMBERSHIPS, PROFILES

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
    campaign: str | None = None
    coupon: str | None = None
    discount: int | None = None
    is_net: bool = False
    tax: int | None = None


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
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the model of customer value says somebody is worth over the lifetime."""

    who: str
    value: int


@dataclass(frozen=True, slots=True)
class Example:
    """Facts and answers. answers: per cut (None: not cut) the rows as they come out, some columns suffice.

    states: rows of messages, cases, carts, subscriptions, leads and deliveries, by table. value: what the company told.
    """

    as_of: str
    answers: Mapping[str | None, Sequence[Mapping[str, Any]]]
    sales: Sequence[Sale] = ()
    returns: Sequence[Return] = ()
    touches: Sequence[Touch] = ()
    leads: Sequence[tuple[str, str]] = ()
    answered: Sequence[Answered] = ()
    states: Mapping[str, Sequence[State]] = field(default_factory=dict)
    points: Sequence[Points] = ()
    spent: Sequence[Spent] = ()
    happened: Sequence[Happened] = ()
    goods: Sequence[Goods] = ()
    predicted: Sequence[Predicted] = ()
    value: Valuation = field(default=Valuation())

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
        happened: list[Touch | Happened] = [*self.touches, *self.happened]
        return {
            "orders": arrow(ORDERS, orders),
            "order_lines": arrow(ORDER_LINES, lines),
            "returns": arrow(RETURNS, [_return(nth, back) for nth, back in enumerate(self.returns)]),
            "events": arrow(EVENTS, [_event(nth, one) for nth, one in enumerate(happened)]),
            "products": arrow(PRODUCTS, [_goods(one) for one in self.goods]),
            "profiles": arrow(PROFILES, profiles),
            "memberships": arrow(MEMBERSHIPS, []),
            "spend": arrow(SPEND, [_spent(nth, one) for nth, one in enumerate(self.spent)]),
            "predictions": _predictions(self.predicted),
        } | {table.name: arrow(table, self._rows(table.name)) for table in RELATIONSHIP}

    def _rows(self, name: str) -> list[dict[str, Any]]:
        if name == "answers":
            return [_answered(nth, one) for nth, one in enumerate(self.answered)]
        if name == "points":
            return [_points(nth, one) for nth, one in enumerate(self.points)]
        key = "order_key" if name == "deliveries" else f"{name[:-1]}_key"
        return [_state(key, one) for one in self.states.get(name, ())]


def _predictions(said: Sequence[Predicted]) -> pa.Table:
    """The columns that metrics read of the table of a later stage."""
    ids = [PEOPLE[one.who] for one in said]
    columns = {"customer_id": ids, "identifier_id": ids, "rank": [0] * len(ids)}
    return pa.table(
        {name: pa.array(values, pa.int64()) for name, values in columns.items()}
        | {
            "model": pa.array(["clv"] * len(ids), pa.string()),
            "target": pa.array(["lifetime_value"] * len(ids), pa.string()),
        }
        | {"value": pa.array([100.0 * one.value for one in said], pa.float64())}
    )


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
            | {"channel": sale.channel, "country": sale.country, "campaign": sale.campaign, "coupon": sale.coupon}
            | {"discount_minor": None if sale.discount is None else 100 * sale.discount, "is_net": sale.is_net}
            | {"tax_minor": None if sale.tax is None else 100 * sale.tax}
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


def _event(nth: int, one: Touch | Happened) -> dict[str, Any]:
    at = instant(one.day)
    shared = _person(one.who) | {"event_no": nth + 1, "happened_at": at, "received_at": at}
    if isinstance(one, Touch):
        return shared | {"name": "page_viewed", "channel": one.channel, "campaign": one.campaign}
    return shared | {"name": one.name, "order_id": one.order_id, "properties": one.properties}


def _answered(nth: int, one: Answered) -> dict[str, Any]:
    return _person(one.who) | {
        "answer_key": nth,
        "answered_at": instant(one.day),
        "question_id": one.question,
        "metric": one.metric,
        "scale_low": one.low,
        "scale_high": one.high,
        "better": one.better,
        "phase": one.phase,
        "value": one.value,
        "weight": one.weight,
    }


def _state(key: str, one: State) -> dict[str, Any]:
    at = instant(one.day)
    more = {name: instant(value) if name.endswith("_at") else value for name, value in (one.more or {}).items()}
    shared = _person(one.who) | {key: key_of("example", one.thing), "state": one.state, "happened_at": at, "nth": at}
    return shared | {"order_id": one.thing, "channel": "email"} | more


def _points(nth: int, one: Points) -> dict[str, Any]:
    return _person(one.who) | {
        "entry_key": nth,
        "kind": one.kind,
        "happened_at": instant(one.day),
        "points": one.points,
    }


def _spent(nth: int, one: Spent) -> dict[str, Any]:
    return {
        "spend_key": nth,
        "spent_on": one.day,
        "channel": one.channel,
        "campaign": one.campaign,
        "phase": one.phase,
        "amount_minor": 100 * one.amount,
        "currency": one.currency,
        "hours": one.hours,
    }


def _goods(one: Goods) -> dict[str, Any]:
    return {
        "product_key": key_of("example", one.product),
        "product_id": one.product,
        "cost": one.cost,
        "currency": CURRENCY,
        "tax_rate": one.tax_rate,
    }
