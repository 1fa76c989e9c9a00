"""The demo shop: Online Retail II by the normal import, to the penny against sums made by hand."""

from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from schwung.app.demo import is_filled, open_demo
from schwung.app.imports import import_file
from schwung.app.wiring import Workspace, open_workspace
from tests.importing import SHARED, by, facts, guessed, needs_shared
from tests.shops import Filled

pytestmark = pytest.mark.xdist_group("online_retail")

NO_ARTICLES = {
    "POST",
    "DOT",
    "C2",
    "C3",
    "M",
    "m",
    "D",
    "B",
    "S",
    "ADJUST",
    "ADJUST2",
    "BANK CHARGES",
    "AMAZONFEE",
    "TEST001",
    "TEST002",
    "GIFT",
}
SHIPPING = {"POST", "DOT", "C2", "C3"}
CORRECTIONS = {"B", "S", "ADJUST", "ADJUST2", "BANK CHARGES", "AMAZONFEE", "TEST001", "TEST002"}


@pytest.fixture(scope="module")
def rows(online_retail: Filled) -> list[dict[str, Any]]:
    return list(pq.read_table(online_retail.file).to_pylist())


@pytest.fixture(scope="module")
def shop(online_retail: Filled) -> Workspace:
    return online_retail.workspace


@cache
def _pennies(price: float, quantity: int) -> int:
    """A line's pennies: price as it stands in the file, rounded half up once."""
    return int((Decimal(str(price)) * quantity * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _minor(row: dict[str, Any]) -> int:
    return _pennies(row["Price"], row["Quantity"])


def test_the_import_counts_every_line(online_retail: Filled, rows: list[dict[str, Any]]) -> None:
    result = online_retail.result
    assert (result["read"], result["imported"], result["rejected"]) == (len(rows), len(rows), 0)
    assert len(rows) == (525_461 if online_retail.is_whole else 56_542)
    assert is_filled(online_retail.workspace)


def test_every_line_is_there_to_the_penny(shop: Workspace, rows: list[dict[str, Any]]) -> None:
    lines, returns = facts(shop, "order_lines"), facts(shop, "returns")
    sold = [row for row in rows if not row["Invoice"].startswith("C")]
    back = [row for row in rows if row["Invoice"].startswith("C")]
    assert (lines.num_rows, returns.num_rows) == (len(sold), len(back))
    assert sum(lines["amount_minor"].to_pylist()) == sum(map(_minor, sold))
    assert sum(returns["amount_minor"].to_pylist()) == -sum(map(_minor, back))
    assert sum(lines["quantity"].to_pylist()) == sum(row["Quantity"] for row in sold)
    per_line = Counter((row["StockCode"].strip(), row["Quantity"], _minor(row)) for row in sold)
    found = zip(*(lines[name].to_pylist() for name in ("product_id", "quantity", "amount_minor")), strict=True)
    assert Counter((product, int(quantity), amount) for product, quantity, amount in found) == per_line
    not_products = {row["StockCode"] for row in rows} & NO_ARTICLES | {
        row["StockCode"] for row in rows if row["StockCode"].startswith("gift")
    }
    assert set(lines.filter(pc.invert(lines["is_product"]))["product_id"].to_pylist()) <= not_products


def test_equal_lines_of_one_invoice_stay(online_retail: Filled, shop: Workspace, rows: list[dict[str, Any]]) -> None:
    equal = len(rows) - len({tuple(row.values()) for row in rows})
    assert equal == 6_865 if online_retail.is_whole else equal > 100
    lines, returns = facts(shop, "order_lines"), facts(shop, "returns")
    assert lines.num_rows + returns.num_rows == len(rows)


def test_orders_are_the_sums_of_their_lines(shop: Workspace, rows: list[dict[str, Any]]) -> None:
    goods: dict[str, int] = defaultdict(int)
    shipping: dict[str, int] = defaultdict(int)
    is_order: dict[str, bool] = defaultdict(bool)
    for row in rows:
        invoice, code = row["Invoice"], row["StockCode"]
        if not invoice.startswith("C"):
            goods[invoice] += _minor(row) if code not in SHIPPING | CORRECTIONS else 0
            shipping[invoice] += _minor(row) if code in SHIPPING else 0
            is_order[invoice] |= code not in CORRECTIONS and row["Quantity"] > 0
    orders = facts(shop, "orders")
    found = by(orders, "order_id", "amount_minor", "shipping_minor", "is_cancelled")
    assert found.keys() == goods.keys()
    assert {key: (amount, ship or 0, off) for key, (amount, ship, off) in found.items()} == {
        key: (goods[key], shipping[key], not is_order[key]) for key in goods
    }
    assert found["A506401"] == (0, None, True), "bad debt is no order"


def test_customers_and_guests(shop: Workspace, rows: list[dict[str, Any]]) -> None:
    person = {row["Invoice"]: row["Customer ID"] for row in rows}
    people = {number for number in person.values() if number is not None}
    assert facts(shop, "identities").num_rows == facts(shop, "profiles").num_rows == len(people)
    found: dict[int | None, set[str]] = defaultdict(set)
    for table, name in (("orders", "order_id"), ("returns", "return_id")):
        for row in facts(shop, table).to_pylist():
            found[row["identifier_id"]].add(row[name])
    wanted: dict[int | None, set[str]] = defaultdict(set)
    for invoice, number in person.items():
        wanted[number].add(invoice)
    assert found.pop(None) == wanted.pop(None)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, wanted.values()))


def test_one_event_for_each_order_and_return(shop: Workspace) -> None:
    names = Counter(facts(shop, "events")["name"].to_pylist())
    orders = facts(shop, "orders")
    assert names["order_completed"] == orders["is_cancelled"].to_pylist().count(False)
    assert names["order_refunded"] == len(set(facts(shop, "returns")["return_id"].to_pylist()))


def test_settings_of_the_demo(shop: Workspace) -> None:
    told = shop.settings.workspace
    assert (told.name, told.zone, told.currency, told.as_of) == (
        "Online Retail (demo)",
        "Europe/London",
        "GBP",
        "last_fact",
    )
    assert "10.24432/C5CG6D" in told.data_credit
    assert "creativecommons.org/licenses/by/4.0" in told.data_credit
    assert "converted" in told.data_credit


def test_a_second_time_it_is_there(shop: Workspace) -> None:
    again = open_demo(shop.folder)
    assert is_filled(again)
    again.store.close()


@pytest.mark.shared
@needs_shared
def test_the_whole_file_again_is_known(online_retail: Filled, shop: Workspace, rows: list[dict[str, Any]]) -> None:
    path = (
        SHARED / "online_retail" / "online_retail_II_2009_2010.parquet"
        if online_retail.is_whole
        else online_retail.file
    )
    workspace = open_workspace(Path(shop.folder))
    mapping = guessed(workspace, path, "order_lines", source="online_retail")
    assert mapping.return_prefix == "C"
    result = import_file(workspace, path, mapping)
    assert (result["known_already"], result["imported"], result["updated"]) == (len(rows), 0, 0)
    workspace.store.close()
