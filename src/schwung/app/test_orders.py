"""Orders of the shop's own people and of trials: told by the setting `workspace.test_orders`, they count as cancelled everywhere.

They are told when facts are read, so a changed setting holds for all orders at once and nothing is rewritten. Writers of orders read
them as they are (`Facts.everything`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from weakref import WeakKeyDictionary

import ibis.expr.types as ir

from schwung.app.ports import Store
from schwung.app.wiring import Workspace


@dataclass(frozen=True, slots=True)
class TestOrders:
    """identifiers: all those of customers with such an address. values: by column of orders, in lower case."""

    __test__ = False

    identifiers: tuple[int, ...]
    values: Mapping[str, Sequence[str]]

    def mark(self, orders: ir.Table) -> ir.Table:
        """With `is_test`, and cancelled where it holds."""
        tests = [orders[column].lower().isin(values) for column, values in self.values.items()]
        if self.identifiers:
            tests.append(orders.identifier_id.isin(self.identifiers))
        is_test = reduce(or_, [one.fill_null(False) for one in tests])
        return orders.mutate(is_test=is_test, is_cancelled=orders.is_cancelled | is_test)


_known: WeakKeyDictionary[Store, tuple[tuple[int, tuple[str, ...]], TestOrders | None]] = WeakKeyDictionary()


def test_orders(workspace: Workspace, batch_no: int) -> TestOrders | None:
    """As the setting tells them at a snapshot; None: there are none."""
    rules = workspace.settings.workspace.test_orders
    if not rules:
        return None
    asked = batch_no, rules
    known = _known.get(workspace.store)
    if known is None or known[0] != asked:
        known = _known[workspace.store] = asked, _read(workspace, rules)
    return known[1]


test_orders.__test__ = False  # type: ignore[attr-defined]


def _read(workspace: Workspace, rules: Sequence[str]) -> TestOrders | None:
    values: dict[str, list[str]] = {}
    found: set[int] = set()
    with workspace.store.read() as tx:
        for rule in rules:
            column, colon, value = rule.partition(":")
            if colon:
                values.setdefault(column, []).append(value.strip().lower())
                continue
            like = f"%{rule.lower()}" if rule.startswith("@") else rule.lower()
            found.update(row["identifier_id"] for row in tx.rows("identity.of_address", address=like))
    return TestOrders(tuple(sorted(found)), values) if found or values else None
