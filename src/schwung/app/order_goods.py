"""What orders and returns held, in a few words, for a customer's timeline."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from schwung.app.customer_facts import customer_rows
from schwung.app.facts import Facts

Goods = Mapping[int, list[tuple[str, float]]]
_COLUMNS = ("product_id", "description", "quantity", "amount_minor", "line_key")


def order_goods(
    facts: Facts, identifier_ids: Sequence[int], order_keys: Sequence[int], return_keys: Sequence[int]
) -> tuple[Goods, Goods]:
    """(goods by order, goods by return): each (name, quantity), the dearest first. Postage and fees are left out.

    A name is the line's own description, else the one under which the customer ordered the product, else its number.
    """
    if not order_keys and not return_keys:
        return {}, {}
    names = ["order_lines", *(["returns"] if return_keys else ())]
    asked = {"orders asked": _keys("order_key", order_keys), "returns asked": _keys("return_key", return_keys)}
    shape = ("order goods", bool(order_keys), bool(return_keys))
    rows = customer_rows(facts, shape, partial(_goods, shape), names, identifier_ids, asked)
    found: dict[str, dict[int, list[tuple[str, float]]]] = {"order": {}, "return": {}}
    for row in rows.to_pylist():
        found[row["kind"]].setdefault(row["fact_key"], []).append(_named(row))
    return found["order"], found["return"]


def _keys(name: str, keys: Sequence[int]) -> pa.Table:
    return pa.table({name: pa.array(sorted(set(keys)), pa.int64())})


def _goods(shape: tuple[str, bool, bool], tables: Mapping[str, ir.Table]) -> ir.Table:
    _, with_orders, with_returns = shape
    lines = tables["order_lines"].filter(lambda row: row.is_product)
    held = []
    if with_orders:
        held.append(_held(lines.semi_join(tables["orders asked"], "order_key"), "order_key", "order"))
    if with_returns:
        returns = tables["returns"].filter(lambda row: row.is_product).semi_join(tables["returns asked"], "return_key")
        names = lines.filter(lines["description"].notnull()).group_by("product_id")
        names = names.agg(description=lines["description"].arbitrary())
        named = returns.left_join(names, "product_id", rname="known_{name}")
        held.append(_held(named, "return_key", "return"))
    rows = held[0] if len(held) == 1 else ibis.union(*held)
    return rows.order_by([rows["amount_minor"].desc(), rows["line_key"]])


def _held(lines: ir.Table, key: str, kind: str) -> ir.Table:
    columns = {name: lines[name] for name in _COLUMNS}
    return lines.select(kind=ibis.literal(kind), fact_key=lines[key], **columns)


def _named(row: Mapping[str, Any]) -> tuple[str, float]:
    return row["description"] or row["product_id"] or "", float(row["quantity"] or 0)
