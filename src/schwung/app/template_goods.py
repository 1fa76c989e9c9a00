"""Products of customers for messages: looked at, in the cart, bought, recommended; one query per table for all of them."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
import ibis.expr.types as ir

from schwung.act.price import day, price
from schwung.app.customer_facts import customer_rows
from schwung.app.facts import Facts, open_facts
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, Instant
from schwung.core.money import to_minor
from schwung.core.period import day_of
from schwung.core.text import Language

BLOCKS = ("viewed", "cart", "bought", "recommended")
MOST = 12
_DAYS = 60
_EVENTS = ("product_viewed", "product_added", "product_removed")


@dataclass(frozen=True, slots=True)
class Item:
    """A product as one customer met it. said: what the event or the order line itself says of it."""

    product_id: str
    quantity: float = 1.0
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Goods:
    """Of one customer. order: number, instant, minor units and currency of the last one."""

    blocks: Mapping[str, Sequence[Item]]
    order: tuple[str, Instant, int, str] | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """Products by number, and how they are shown: one way for every block."""

    rows: Mapping[str, Mapping[str, Any]]
    currency: str
    zone: str

    def shown(self, goods: Goods, language: Language) -> dict[str, Any]:
        """`products` and `order`, as templates read them."""
        blocks = {name: [self._item(one, language) for one in goods.blocks.get(name, ())] for name in BLOCKS}
        if goods.order is None:
            return {"products": blocks, "order": {"number": None, "ordered_on": None, "amount": None}}
        number, ordered_at, minor, currency = goods.order
        on = day(day_of(ordered_at, self.zone), language)
        return {
            "products": blocks,
            "order": {"number": number, "ordered_on": on, "amount": price(minor, currency, language)},
        }

    def _item(self, item: Item, language: Language) -> dict[str, Any]:
        row, said = self.rows.get(item.product_id, {}), item.said
        currency = row.get("currency") or said.get("currency") or self.currency
        asked = row.get("price") if row.get("price") is not None else said.get("price")
        return {
            "product_id": item.product_id,
            "name": row.get("name") or said.get("name") or item.product_id,
            "category": row.get("category") or said.get("category"),
            "price": _price(asked, str(currency), language),
            "url": row.get("url") or said.get("url"),
            "picture": row.get("picture") or said.get("image_url"),
            "quantity": int(item.quantity) if item.quantity == int(item.quantity) else item.quantity,
        }


def read_goods(
    workspace: Workspace, identifiers: Mapping[int, Sequence[int]], wanted: Iterable[str]
) -> tuple[dict[int, Goods], Catalog]:
    """Goods of customers (by number: their identifiers). wanted: blocks, and `order`."""
    about, blocks = workspace.settings.workspace, set(wanted)
    owner = {one: customer for customer, many in identifiers.items() for one in many}
    found: dict[int, dict[str, list[Item]]] = {customer: {} for customer in identifiers}
    orders: dict[int, tuple[str, Instant, int, str]] = {}
    with open_facts(workspace) as facts:
        if owner and blocks & {"cart", "order"}:
            orders = _last_orders(facts, owner)
        if owner and blocks & {"viewed", "cart"}:
            _from_events(facts, owner, orders, found)
        if owner and "bought" in blocks:
            _bought(facts, owner, found)
        if identifiers and "recommended" in blocks:
            _recommended(facts, list(identifiers), found)
        ids = {item.product_id for one in found.values() for items in one.values() for item in items}
        rows = _products(facts, ids)
    goods = {customer: Goods(one, orders.get(customer)) for customer, one in found.items()}
    return goods, Catalog(rows, about.currency, about.zone)


def _rows(
    facts: Facts, shape: str, build: Callable[[Mapping[str, ir.Table]], ir.Table], name: str, ids: Iterable[int]
) -> list[dict[str, Any]]:
    return customer_rows(facts, ("template", shape), build, (name,), list(ids)).to_pylist()


def _last_orders(facts: Facts, owner: Mapping[int, int]) -> dict[int, tuple[str, Instant, int, str]]:
    def build(tables: Mapping[str, ir.Table]) -> ir.Table:
        rows = tables["orders"].filter(lambda row: ~row.is_cancelled)
        newest = rows.group_by("identifier_id").agg(
            ordered_at=rows.ordered_at.max(), order_key=rows.order_key.argmax(rows.ordered_at)
        )
        kept = rows.select("order_key", "order_id", "amount_minor", "currency")
        return newest.inner_join(kept, "order_key")

    found: dict[int, tuple[str, Instant, int, str]] = {}
    for row in _rows(facts, "last orders", build, "orders", owner):
        customer = owner[row["identifier_id"]]
        told = (str(row["order_id"]), row["ordered_at"], row["amount_minor"], row["currency"] or facts.currency)
        if customer not in found or found[customer][1] < told[1]:
            found[customer] = told
    return found


def _from_events(
    facts: Facts,
    owner: Mapping[int, int],
    orders: Mapping[int, tuple[str, Instant, int, str]],
    found: Mapping[int, dict[str, list[Item]]],
) -> None:
    """Viewed: the last look first. Cart: put in and not taken out since the last order, the last first."""

    def build(tables: Mapping[str, ir.Table]) -> ir.Table:
        rows = tables["events"]
        rows = rows.filter(rows.name.isin(_EVENTS), rows.product_id.notnull())
        rows = rows.select("identifier_id", "name", "product_id", "happened_at", "event_no", "properties")
        return rows.order_by([rows.happened_at.desc(), rows.event_no.desc()])

    since = facts.as_of - _DAYS * DAY
    viewed: dict[int, dict[str, Item]] = defaultdict(dict)
    cart: dict[int, dict[str, list[tuple[str, float, Mapping[str, Any]]]]] = defaultdict(dict)
    for row in _rows(facts, "looks and carts", build, "events", owner):
        customer, product = owner[row["identifier_id"]], row["product_id"]
        if row["happened_at"] < since:
            break
        if row["name"] == "product_viewed":
            if product not in viewed[customer]:
                viewed[customer][product] = Item(product, said=_said(row["properties"]))
        elif row["happened_at"] > (orders[customer][1] if customer in orders else 0):
            said = _said(row["properties"])
            cart[customer].setdefault(product, []).append((row["name"], _number(said.get("quantity")), said))
    for customer, items in viewed.items():
        found[customer]["viewed"] = list(items.values())[:MOST]
    for customer, moves in cart.items():
        held = [(product, _left(many), many[0][2]) for product, many in moves.items()]
        found[customer]["cart"] = [Item(product, left, said) for product, left, said in held if left > 0][:MOST]


def _left(moves: Sequence[tuple[str, float, Mapping[str, Any]]]) -> float:
    """How many lie in the cart after all moves; taking out never leaves less than none."""
    left = 0.0
    for name, quantity, _ in reversed(moves):
        left = left + quantity if name == "product_added" else max(0.0, left - quantity)
    return left


def _bought(facts: Facts, owner: Mapping[int, int], found: Mapping[int, dict[str, list[Item]]]) -> None:
    def build(tables: Mapping[str, ir.Table]) -> ir.Table:
        rows = tables["order_lines"].filter(lambda row: row.is_product & row.product_id.notnull())
        rows = rows.group_by(["identifier_id", "product_id"]).agg(
            ordered_at=rows.ordered_at.max(),
            quantity=rows.quantity.sum().cast("float64"),
            description=rows.description.max(),
        )
        nth = ibis.row_number().over(group_by="identifier_id", order_by=[rows.ordered_at.desc(), rows.product_id])
        rows = rows.mutate(nth=nth)
        return rows.filter(rows.nth < MOST)

    items: dict[int, list[tuple[int, str, Item]]] = defaultdict(list)
    for row in _rows(facts, "bought", build, "order_lines", owner):
        item = Item(row["product_id"], row["quantity"] or 1.0, {"name": row["description"]})
        items[owner[row["identifier_id"]]].append((-row["ordered_at"], row["product_id"], item))
    for customer, many in items.items():
        found[customer]["bought"] = list(
            {one.product_id: one for *_, one in sorted(many, key=lambda it: it[:2])}.values()
        )[:MOST]


def _recommended(facts: Facts, customers: Sequence[int], found: Mapping[int, dict[str, list[Item]]]) -> None:
    """Nothing for who objected to profiling (Art. 21 GDPR)."""

    def build(tables: Mapping[str, ir.Table]) -> ir.Table:
        rows = tables["predictions"]
        rows = rows.filter(rows.model == "next_product", rows.target == "next_product", rows.label.notnull())
        rows = rows.select("identifier_id", "rank", "label")
        return rows.filter(rows["rank"] < MOST).order_by("rank")

    with facts.workspace.store.read() as tx:
        objected = {row["customer_id"] for row in tx.rows("profile.objected", customer_ids=list(customers))}
    for row in _rows(facts, "recommended", build, "predictions", customers):
        if row["identifier_id"] not in objected:
            found[row["identifier_id"]].setdefault("recommended", []).append(Item(row["label"]))


def _products(facts: Facts, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    rows = facts.table("products")
    rows = rows.filter(rows.product_id.isin(wanted)).select(
        "product_id", "name", "category", "price", "currency", "url", "picture", "version"
    )
    found = sorted(facts.run(rows).to_pylist(), key=lambda row: row["version"])
    return {row["product_id"]: row for row in found}


def _price(value: object, currency: str, language: Language) -> str:
    try:
        return "" if value in (None, "") else price(to_minor(str(value), currency), currency, language)
    except ValueError:
        return ""


def _said(properties: str | None) -> Mapping[str, Any]:
    found = json.loads(properties) if properties else {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 1.0
