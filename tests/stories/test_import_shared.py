"""Real shops, to the penny: Olist from files that join, in any order, and The Complete Journey."""

import csv
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import permutations
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from schwung.app.imports import import_file
from schwung.app.wiring import Workspace
from schwung.collect.mapping import FileMapping
from schwung.collect.mapping_file import read_mapping
from tests.conftest import NewWorkspace
from tests.importing import SHARED, customers, facts, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]
OLIST = SHARED / "olist"
ORDERS = """
kind: orders
columns: {order_id: order_id, customer_id: anonymous_id, order_status: status, order_purchase_timestamp: ordered_at}
cancelled: [canceled, unavailable]
"""
ITEMS = """
kind: order_lines
columns: {order_id: order_id, order_item_id: line_no, product_id: product_id, price: unit_price, freight_value: shipping}
returns: {negative_quantity: false}
"""
CUSTOMERS = """
kind: customers
columns: {customer_unique_id: user_id, customer_id: anonymous_id, customer_city: city, customer_state: region, customer_zip_code_prefix: postcode}
"""
REVIEWS = """
kind: events
columns: {order_id: order_id, review_creation_date: happened_at}
constants: {name: survey_answered}
extra: {review_id: review_id, review_score: score, review_comment_title: title, review_comment_message: comment}
"""
PRODUCTS = """
kind: products
columns: {product_id: product_id, product_category_name: category}
"""
FILES = {
    "orders": (ORDERS, "olist_orders_dataset.csv"),
    "items": (ITEMS, "olist_order_items_dataset.csv"),
    "customers": (CUSTOMERS, "olist_customers_dataset.csv"),
    "reviews": (REVIEWS, "olist_order_reviews_dataset.csv"),
}


def _mapping(text: str) -> FileMapping:
    return read_mapping(text, FileMapping("orders", "olist", "America/Sao_Paulo", "BRL", country="BR"))


def _rows(name: str, folder: Path = OLIST) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 300 orders of every file, so that many sequences can be tried."""
    folder = tmp_path_factory.mktemp("olist")
    first = _rows("olist_orders_dataset.csv")[:300]
    kept, people = {row["order_id"] for row in first}, {row["customer_id"] for row in first}
    for _, name in FILES.values():
        rows = [row for row in _rows(name) if row.get("order_id", "") in kept or row.get("customer_id") in people]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def _check(workspace: Workspace, folder: Path) -> None:
    """Against sums made by hand from the CSV files."""
    read = partial(_rows, folder=folder)
    goods: dict[str, Decimal] = defaultdict(Decimal)
    freight: dict[str, Decimal] = defaultdict(Decimal)
    for row in read("olist_order_items_dataset.csv"):
        goods[row["order_id"]] += Decimal(row["price"])
        freight[row["order_id"]] += Decimal(row["freight_value"])
    orders = {row["order_id"]: row for row in read("olist_orders_dataset.csv")}
    found = {row["order_id"]: row for row in facts(workspace, "orders").to_pylist()}
    assert found.keys() == orders.keys()
    assert {name: row["amount_minor"] for name, row in found.items()} == {
        name: int(goods[name] * 100) for name in orders
    }
    assert {name: row["shipping_minor"] or 0 for name, row in found.items()} == {
        name: int(freight[name] * 100) for name in orders
    }
    cancelled = {name for name, row in orders.items() if row["order_status"] in ("canceled", "unavailable")}
    assert {name for name, row in found.items() if row["is_cancelled"]} == cancelled
    person = {row["customer_id"]: row["customer_unique_id"] for row in read("olist_customers_dataset.csv")}
    by_person: dict[str, set[str]] = defaultdict(set)
    for name, row in orders.items():
        by_person[person[row["customer_id"]]].add(name)
    by_customer: dict[int | None, set[str]] = defaultdict(set)
    for name, customer in customers(workspace).items():
        by_customer[customer].add(name)
    assert sorted(map(sorted, by_person.values())) == sorted(map(sorted, by_customer.values()))
    lines = facts(workspace, "order_lines").to_pylist()
    assert len(lines) == len(read("olist_order_items_dataset.csv"))
    assert all(
        row["identifier_id"] == found_by["identifier_id"]
        for row in lines
        for found_by in [_by_key(found)[row["order_key"]]]
    )
    reviews = [row for row in facts(workspace, "events").to_pylist() if row["name"] == "survey_answered"]
    assert len(reviews) == len(read("olist_order_reviews_dataset.csv"))
    assert all(row["identifier_id"] for row in reviews)


_keyed: dict[int, dict[int, dict[str, object]]] = {}


def _by_key(found: dict[str, dict[str, object]]) -> dict[int, dict[str, object]]:
    if id(found) not in _keyed:
        _keyed.clear()
        _keyed[id(found)] = {row["order_key"]: row for row in found.values()}  # type: ignore[misc]
    return _keyed[id(found)]


SEQUENCES = [
    pytest.param(sequence, marks=[pytest.mark.heavy] if place % 11 else [], id="-".join(sequence))
    for place, sequence in enumerate(permutations(FILES))
]


@pytest.mark.parametrize("sequence", SEQUENCES)
def test_olist_in_any_order(new_workspace: NewWorkspace, few: Path, sequence: tuple[str, ...]) -> None:
    workspace = new_workspace(zone="America/Sao_Paulo")
    for name in sequence:
        rules, file = FILES[name]
        done = import_file(workspace, few / file, _mapping(rules))
        assert (done["imported"] + done["updated"], done["rejected"]) == (done["read"], 0)
    _check(workspace, few)
    for name in sequence:
        rules, file = FILES[name]
        again = import_file(workspace, few / file, _mapping(rules))
        assert again["known_already"] == again["read"], name


@pytest.mark.heavy
def test_olist_whole(new_workspace: NewWorkspace) -> None:
    workspace = new_workspace(zone="America/Sao_Paulo")
    for rules, file in FILES.values():
        done = import_file(workspace, OLIST / file, _mapping(rules))
        people = {row["customer_unique_id"] for row in _rows(file)} if file == FILES["customers"][1] else ()
        assert (done["imported"], done["rejected"], done["waiting"]) == (len(people) or done["read"], 0, 0)
    products = import_file(workspace, OLIST / "olist_products_dataset.csv", _mapping(PRODUCTS))
    assert products["imported"] == products["read"] == facts(workspace, "products").num_rows
    _check(workspace, OLIST)
    for rules, file in FILES.values():
        again = import_file(workspace, OLIST / file, _mapping(rules))
        assert again["known_already"] == again["read"]


@pytest.mark.parametrize("is_whole", [False, pytest.param(True, marks=pytest.mark.heavy)])
def test_olist_by_a_join(new_workspace: NewWorkspace, few: Path, is_whole: bool) -> None:
    folder = OLIST if is_whole else few
    workspace = new_workspace(zone="America/Sao_Paulo")
    joined = ITEMS.replace(
        "columns: {",
        "columns: {order_purchase_timestamp: ordered_at, customer_unique_id: user_id, order_status: status, ",
    )
    joined += f"""join:
- {{file: {folder}/olist_orders_dataset.csv, on: order_id}}
- {{file: {folder}/olist_customers_dataset.csv, on: customer_id}}
cancelled: [canceled]
"""
    done = import_file(workspace, folder / "olist_order_items_dataset.csv", _mapping(joined))
    rows = _rows("olist_order_items_dataset.csv", folder)
    assert (done["imported"], done["read"], done["waiting"]) == (len(rows), len(rows), 0)
    total = sum(row["amount_minor"] for row in facts(workspace, "orders").to_pylist())
    assert total == sum(Decimal(row["price"]) for row in rows) * 100
    person = {row["customer_id"]: row["customer_unique_id"] for row in _rows("olist_customers_dataset.csv", folder)}
    bought = {row["order_id"] for row in rows}
    people = {
        person[row["customer_id"]] for row in _rows("olist_orders_dataset.csv", folder) if row["order_id"] in bought
    }
    assert facts(workspace, "identities").num_rows == len(people)


JOURNEY = SHARED / "complete_journey" / "transactions_2017_q1_q3.parquet"


@pytest.mark.parametrize(("rows", "people"), [(30_000, 1_000), pytest.param(1_095_181, 1_900, marks=pytest.mark.heavy)])
def test_the_complete_journey(new_workspace: NewWorkspace, tmp_path: Path, rows: int, people: int) -> None:
    workspace = new_workspace(zone="America/New_York")
    path = tmp_path / "transactions.parquet"
    pq.write_table(pq.read_table(JOURNEY).slice(0, rows), path, row_group_size=rows // 10)
    rules = """
kind: order_lines
columns: {basket_id: order_id, household_id: user_id, product_id: product_id, quantity: quantity, sales_value: amount, transaction_timestamp: ordered_at}
returns: {negative_quantity: false}
"""
    mapping = read_mapping(rules, FileMapping("order_lines", "journey", "America/New_York", "USD", country="US"))
    done = import_file(workspace, path, mapping)
    sql = f"SELECT basket_id, sum(round(sales_value::DECIMAL(18, 6), 2))::DECIMAL(18, 2), count(*) FROM '{path}' GROUP BY 1"
    wanted = {str(order): (amount, count) for order, amount, count in duckdb.sql(sql).fetchall()}
    assert done["imported"] == done["read"] == sum(count for _, count in wanted.values()) == rows
    orders = facts(workspace, "orders")
    found = dict(zip(orders["order_id"].to_pylist(), orders["amount_minor"].to_pylist(), strict=True))
    cents = {order: int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP)) for order, (amount, _) in wanted.items()}
    assert found == cents
    assert facts(workspace, "order_lines").num_rows == rows
    households = duckdb.sql(f"SELECT DISTINCT household_id FROM '{path}'").fetchall()
    assert facts(workspace, "identities").num_rows == len(households) > people
