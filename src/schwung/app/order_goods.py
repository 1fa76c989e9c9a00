"""What orders and returns held, in a few words, for a customer's timeline."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.customer_facts import customer_rows
from schwung.app.facts import Facts

Goods = Sequence[tuple[str, float]]
"""(name, quantity), the dearest first. Postage and fees are left out."""


def goods_of(lines: Iterable[Mapping[str, Any]], names: Mapping[str, str] | None = None) -> Goods:
    """A name is the line's own description, else the one under which the customer ordered the product, else its number."""
    known, told = names or {}, [line for line in lines if line["is_product"]]
    told.sort(key=lambda line: (-(line["amount_minor"] or 0), line["line_key"]))
    return [
        (
            line.get("description") or known.get(line["product_id"]) or line["product_id"] or "",
            float(line["quantity"] or 0),
        )
        for line in told
    ]


def ordered_goods(
    facts: Facts, identifier_ids: Sequence[int], order_keys: Iterable[int], product_ids: Iterable[str]
) -> tuple[Mapping[int, Goods], Mapping[str, str]]:
    """(goods by order, names under which the customer ordered these products)."""
    asked = {
        "orders asked": pa.table({"order_key": pa.array(sorted(set(order_keys)), pa.int64())}),
        "products asked": pa.table({"product_id": pa.array(sorted(set(product_ids)), pa.string())}),
    }
    if not any(rows.num_rows for rows in asked.values()):
        return {}, {}
    by_order: dict[int, list[Mapping[str, Any]]] = {}
    names: dict[str, str] = {}
    for line in customer_rows(facts, "ordered goods", _lines, ["order_lines"], identifier_ids, asked).to_pylist():
        by_order.setdefault(line["order_key"], []).append(line)
        if line["description"]:
            names[line["product_id"]] = line["description"]
    return {key: goods_of(lines) for key, lines in by_order.items()}, names


def _lines(tables: Mapping[str, ir.Table]) -> ir.Table:
    lines, orders, products = tables["order_lines"], tables["orders asked"], tables["products asked"]
    asked = lines.order_key.isin(orders.order_key) | lines.product_id.isin(products.product_id)
    columns = ("order_key", "line_key", "product_id", "description", "quantity", "amount_minor", "is_product")
    return lines.filter(lines.is_product, asked).select(*columns).order_by("line_key")
