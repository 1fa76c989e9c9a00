"""What orders held, in a few words, for a customer's timeline."""

from collections.abc import Sequence

from schwung.app.facts import open_facts
from schwung.app.wiring import Workspace

Goods = dict[int, list[tuple[str, float]]]


def order_goods(workspace: Workspace, identifier_ids: Sequence[int], order_keys: Sequence[int]) -> Goods:
    """Per order its goods as (description or product number, quantity), the dearest first. Postage and fees are left out."""
    found: Goods = {}
    if not order_keys:
        return found
    with open_facts(workspace) as facts:
        lines = facts.of_customer("order_lines", identifier_ids)
        lines = lines.filter(lines["order_key"].isin(list(order_keys)), lines["is_product"])
        chosen = lines.select("order_key", "description", "product_id", "quantity", "amount_minor", "line_key")
        for row in facts.run(chosen.order_by([chosen["amount_minor"].desc(), chosen["line_key"]])).to_pylist():
            name = row["description"] or row["product_id"] or ""
            found.setdefault(row["order_key"], []).append((name, float(row["quantity"] or 0)))
    return found
