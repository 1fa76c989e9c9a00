"""What the shop that goes on sends: bodies of Segment calls, the same id for the same happening however often it is told."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from schwung.core.clock import Instant, to_datetime
from schwung.simulation.catalogue import PRODUCTS
from schwung.simulation.draws import Ints
from schwung.simulation.people import People
from schwung.simulation.taking_messages import lots

SITE = "https://kaffeehaus.example/"
_MOST_LINES = 3
_GOODS = np.array([nth for nth, one in enumerate(PRODUCTS) if one.price_minor < 5_000])


@dataclass(frozen=True, slots=True)
class Directory:
    """How customers are called, by number."""

    user_id: list[str]
    email: list[str]
    first_name: list[str]
    last_name: list[str]
    city: list[str]
    country: list[str]

    @classmethod
    def of(cls, people: People) -> "Directory":
        return cls(*(getattr(people, one.name).to_pylist() for one in fields(cls)))

    def add(self, people: People) -> None:
        for one in fields(self):
            getattr(self, one.name).extend(getattr(people, one.name).to_pylist())


@dataclass(frozen=True, slots=True)
class Goods:
    """Lines of orders, a row each: products (−1: no such line), and the orders' values without tax."""

    product: Ints
    net_minor: Ints


def goods(seed: int, who: Ints, at: Ints) -> Goods:
    """What orders or carts hold: one to three products."""
    drawn = np.stack([lots(seed, f"goods {nth}", who, at) for nth in range(_MOST_LINES)], axis=1)
    lines = 1 + (lots(seed, "lines", who, at) * _MOST_LINES).astype(np.int64)
    product = _GOODS[(drawn * len(_GOODS)).astype(np.int64)]
    product = np.where(np.arange(_MOST_LINES) < lines[:, None], product, -1)
    price = np.array([*(round(one.net_minor) for one in PRODUCTS), 0], dtype=np.int64)
    return Goods(product, price[product].sum(axis=1))


def calls(
    known: Directory, what: str, who: Ints, at: Ints, bought: Goods, cart: Ints, campaign: Sequence[str | None]
) -> Iterator[tuple[Instant, str]]:
    """One call each. what: looked, left_cart, ordered, joined, clicked. cart: when the cart was left that an order takes up, or 0."""
    columns = zip(who.tolist(), at.tolist(), bought.product.tolist(), cart.tolist(), campaign, strict=True)
    for person, moment, products, cart_at, name in columns:
        lines = [PRODUCTS[one] for one in products if one >= 0]
        told = _TOLD[what](person, moment, lines, cart_at)
        head = told | {
            "userId": known.user_id[person],
            "messageId": f"life:{what}:{person}:{moment}",
            "timestamp": to_datetime(moment).isoformat().replace("+00:00", "Z"),
            "context": _context(known.email[person], name),
        }
        if what == "joined":
            head["traits"] = {
                "first_name": known.first_name[person], "last_name": known.last_name[person], "email": known.email[person],
                "city": known.city[person], "country": known.country[person], "language": "de",
            }  # fmt: skip
        yield moment, json.dumps(head, ensure_ascii=False)


def _context(email: str, campaign: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"consent": {"categoryPreferences": {"analytics": True}}, "traits": {"email": email}}
    return told | ({"campaign": {"name": campaign, "source": "schwung", "medium": "email"}} if campaign else {})


def _product(one: Any) -> dict[str, Any]:
    return {"product_id": one.product_id, "name": one.name, "category": one.category, "price": one.price_minor / 100, "currency": "EUR"}  # fmt: skip


def _looked(person: int, moment: Instant, lines: list[Any], cart_at: Instant) -> dict[str, Any]:
    return {"type": "track", "event": "Product Viewed", "properties": _product(lines[0])}


def _left_cart(person: int, moment: Instant, lines: list[Any], cart_at: Instant) -> dict[str, Any]:
    properties = _product(lines[0]) | {"quantity": 1, "cart_id": f"L{person}-{moment}"}
    return {"type": "track", "event": "Product Added", "properties": properties}


def _ordered(person: int, moment: Instant, lines: list[Any], cart_at: Instant) -> dict[str, Any]:
    net = [round(one.net_minor) for one in lines]
    products = [_product(one) | {"price": value / 100, "quantity": 1} for one, value in zip(lines, net, strict=True)]
    tax = sum(one.price_minor for one in lines) - sum(net)
    properties = {
        "order_id": f"L{person}-{moment}", "subtotal": sum(net) / 100, "tax": tax / 100, "shipping": 0, "currency": "EUR",
        "is_net": True, "products": products,
    }  # fmt: skip
    properties |= {"cart_id": f"L{person}-{cart_at}"} if cart_at else {}
    return {"type": "track", "event": "Order Completed", "properties": properties}


def _joined(person: int, moment: Instant, lines: list[Any], cart_at: Instant) -> dict[str, Any]:
    return {"type": "identify"}


def _clicked(person: int, moment: Instant, lines: list[Any], cart_at: Instant) -> dict[str, Any]:
    return {"type": "page", "properties": {"path": "/", "url": SITE}}


_TOLD = {
    "looked": _looked,
    "left_cart": _left_cart,
    "ordered": _ordered,
    "joined": _joined,
    "clicked": _clicked,
}
