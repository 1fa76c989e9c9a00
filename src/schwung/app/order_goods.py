"""What orders and returns held, in a few words, for a customer's timeline."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

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
    lines = facts.of_customer("order_lines", identifier_ids).filter(lambda row: row.is_product)
    held = _held(lines.filter(lines["order_key"].isin(list(order_keys))), "order_key", "order")
    if return_keys:
        returns = facts.of_customer("returns", identifier_ids)
        returns = returns.filter(returns["return_key"].isin(list(return_keys)), returns["is_product"])
        names = lines.filter(lines["description"].notnull()).group_by("product_id")
        names = names.agg(description=lines["description"].arbitrary())
        named = returns.left_join(names, "product_id", rname="known_{name}")
        given_back = _held(named, "return_key", "return")
        held = held.union(given_back) if order_keys else given_back
    found: dict[str, dict[int, list[tuple[str, float]]]] = {"order": {}, "return": {}}
    for row in facts.run(held.order_by([held["amount_minor"].desc(), held["line_key"]])).to_pylist():
        found[row["kind"]].setdefault(row["fact_key"], []).append(_named(row))
    return found["order"], found["return"]


def _held(lines: ir.Table, key: str, kind: str) -> ir.Table:
    columns = {name: lines[name] for name in _COLUMNS}
    return lines.select(kind=ibis.literal(kind), fact_key=lines[key], **columns)


def _named(row: Mapping[str, Any]) -> tuple[str, float]:
    return row["description"] or row["product_id"] or "", float(row["quantity"] or 0)
