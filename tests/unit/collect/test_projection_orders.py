"""Order events become orders, lines and returns; the money rules hold to the cent."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from schwung.collect.projection_orders import Known, order_keys, order_rows, product_rows
from schwung.core.stable_hash import bucket_of, key_of
from tests.unit.collect.test_projection import attribution, event, read

KAFFEE = {"product_id": "p1", "name": "Kaffee", "price": 19.99, "quantity": 2}
TEE = {"product_id": "p2", "name": "Tee", "price": 3.335, "quantity": 3}
KEY = key_of("web", "o1")


def project(
    *events: Any, ids: Sequence[int] = (), known: Mapping[int, Known] | None = None, batch_no: int = 7
) -> dict[str, pa.Table]:
    return order_rows(read(*events), attribution(ids or [5] * len(events)), batch_no, "EUR", known or {})


def order(*events: Any, **more: Any) -> dict[str, Any]:
    (row,) = project(*events, **more)["orders"].to_pylist()
    return row


def completed(**properties: Any) -> Any:
    return event("order_completed", {"order_id": "o1", **properties})


def known_from(tables: Mapping[str, pa.Table]) -> dict[int, Known]:
    """What the lake would hold after a batch."""
    known = {row["order_key"]: Known(row) for row in tables["orders"].to_pylist()}
    for line in tables["order_lines"].to_pylist():
        known[line["order_key"]].lines[line["line_key"]] = line
    return known


def test_an_order_and_its_lines() -> None:
    tables = project(
        completed(
            products=[KAFFEE, TEE],
            shipping=4.9,
            tax=7,
            discount=1,
            currency="eur",
            coupon="X",
            country="DE",
            channel="shop",
            payment_method="card",
        )
    )
    assert tables["orders"].to_pylist() == [
        {
            "order_key": KEY, "source": "web", "order_id": "o1", "identifier_id": 5, "bucket": bucket_of(5),
            "ordered_at": 10, "currency": "EUR", "amount_minor": 3998 + 1001 - 100, "shipping_minor": 490,
            "tax_minor": 700, "discount_minor": 100, "is_net": False, "is_cancelled": False, "channel": "shop",
            "campaign": None, "country": "DE", "coupon": "X", "address": None, "payment": "card", "note": None,
            "content_hash": None, "version": 7,
        }
    ]  # fmt: skip
    lines = tables["order_lines"].to_pylist()
    assert [
        (line["line_no"], line["product_id"], line["quantity"], line["unit_price"], line["amount_minor"])
        for line in lines
    ] == [
        (1, "p1", Decimal("2.000"), "19.99", 3998),
        (2, "p2", Decimal("3.000"), "3.335", 1001),  # 10.005 rounds half up, once per line
    ]
    assert all(line["order_key"] == KEY and line["ordered_at"] == 10 and line["identifier_id"] == 5 for line in lines)
    assert lines[0]["line_key"] == key_of("1") and lines[0]["is_product"]


@pytest.mark.parametrize(
    ("stated", "amount", "is_net"),
    [
        ({"subtotal": 10, "total": 16.9, "shipping": 4.9, "tax": 2}, 1000, True),
        ({"subtotal": 10}, 1000, False),
        ({"revenue": 10, "tax": 0}, 1000, True),
        ({"revenue": 10, "tax": 2, "is_net": False}, 1000, False),
        ({"total": 16.9, "shipping": 4.9, "tax": 2}, 1200, False),
        ({"total": 16.9}, 1690, False),
        ({"total": "0.005"}, 1, False),
        ({"value": 3, "tax": 1}, 300, False),
        ({"total": -5}, -500, False),
        ({"products": [{"product_id": "x", "price": 5, "discount": 0.5}]}, 450, False),
        ({"products": [{"sku": "x"}]}, 0, False),
        ({"total": 500, "currency": "JPY"}, 500, False),
        ({"total": 1.2345, "currency": "KWD"}, 1235, False),
    ],
)
def test_the_amount_is_goods_without_shipping(stated: dict[str, Any], amount: int, is_net: bool) -> None:
    row = order(completed(**stated))
    assert (row["amount_minor"], row["is_net"]) == (amount, is_net)


def test_the_same_order_again_is_a_newer_version_and_struck_lines_count_nothing() -> None:
    before = known_from(project(completed(products=[KAFFEE, TEE]), batch_no=3))
    tables = project(completed(products=[TEE]), known=before)
    lines = tables["order_lines"].to_pylist()
    assert [(line["line_no"], line["product_id"], line["amount_minor"], line["is_product"]) for line in lines] == [
        (1, "p2", 1001, True),
        (2, "p2", 0, False),
    ]
    assert lines[1]["quantity"] == 0 and all(line["version"] == 7 for line in lines)
    assert tables["orders"]["amount_minor"].to_pylist() == [1001]


def test_within_a_batch_the_last_word_counts_and_each_key_comes_once() -> None:
    tables = project(completed(products=[KAFFEE, TEE]), completed(products=[KAFFEE]))
    assert tables["orders"]["amount_minor"].to_pylist() == [3998]
    keys = tables["order_lines"].select(["order_key", "line_key"]).to_pylist()
    assert len(keys) == len({tuple(key.values()) for key in keys}) == 2
    assert sum(tables["order_lines"]["amount_minor"].to_pylist()) == 3998


def test_an_update_keeps_the_moment_and_what_it_does_not_state() -> None:
    before = known_from(project(completed(products=[KAFFEE], shipping=4.9, country="DE"), batch_no=3))
    update = event("order_updated", {"order_id": "o1", "shipping": 0, "coupon": "NEW"}, happened_at=99)
    tables = project(update, known=before, ids=[0])
    (row,) = tables["orders"].to_pylist()
    assert (row["ordered_at"], row["shipping_minor"], row["coupon"], row["country"]) == (10, 0, "NEW", "DE")
    assert (row["amount_minor"], row["identifier_id"], row["version"]) == (3998, 5, 7)
    assert tables["order_lines"].num_rows == 0
    changed = event("order_updated", {"order_id": "o1", "products": [TEE]}, happened_at=99)
    tables = project(changed, known=before)
    assert tables["orders"]["amount_minor"].to_pylist() == [1001]
    assert tables["order_lines"]["ordered_at"].to_pylist() == [10]


def test_an_update_of_an_unknown_order_is_the_order() -> None:
    assert order(event("order_updated", {"order_id": "o1", "total": 5}))["amount_minor"] == 500


def test_a_cancelled_order_stays_with_its_amount_and_stays_cancelled() -> None:
    before = known_from(project(completed(products=[KAFFEE]), batch_no=3))
    cancelled = project(event("order_cancelled", {"order_id": "o1"}), known=before)
    (row,) = cancelled["orders"].to_pylist()
    assert (row["is_cancelled"], row["amount_minor"], row["version"]) == (True, 3998, 7)
    again = order(completed(total=1), known=known_from({**cancelled, "order_lines": pa.table({"order_key": []})}))
    assert again["is_cancelled"]
    assert order(event("order_cancelled", {"order_id": "o1", "total": 9}))["is_cancelled"]


def refund(**properties: Any) -> Any:
    return event("order_refunded", {"order_id": "o1", **properties}, happened_at=50)


def returned(*events: Any, **more: Any) -> list[tuple[Any, ...]]:
    rows = project(*events, **more)["returns"].to_pylist()
    assert all(row["amount_minor"] >= 0 for row in rows)
    return [(row["product_id"], row["quantity"], row["amount_minor"], row["is_product"]) for row in rows]


def test_a_refund_by_products() -> None:
    (row,) = project(refund(products=[KAFFEE | {"quantity": -1}], refund_id="r1", reason="cold"))["returns"].to_pylist()
    assert (row["return_key"], row["order_key"], row["return_id"]) == (key_of("web", "r1"), KEY, "r1")
    assert (row["quantity"], row["amount_minor"], row["returned_at"], row["reason"]) == (Decimal(1), 1999, 50, "cold")


def test_a_refund_by_amount_and_of_the_whole_order() -> None:
    before = known_from(project(completed(products=[KAFFEE, TEE], country="DE"), batch_no=3))
    assert returned(refund(amount=5), known=before) == [(None, None, 500, True)]
    assert returned(refund(), known=before) == [("p1", 2, 3998, True), ("p2", 3, 1001, True)]
    assert returned(refund(total="49.99"), known=before) == [("p1", 2, 3998, True), ("p2", 3, 1001, True)]
    assert returned(refund(products=[TEE], amount=15), known=before) == [
        ("p2", 3, 1001, True),
        (None, None, 499, False),
    ]
    assert returned(refund(amount=-5)) == [(None, None, 500, True)]
    assert project(refund(amount=5), known=before)["returns"]["country"].to_pylist() == ["DE"]


def test_a_guests_refund_belongs_to_the_orders_person() -> None:
    before = known_from(project(completed(total=5), batch_no=3))
    assert project(refund(), known=before, ids=[0])["returns"]["identifier_id"].to_pylist() == [5]
    assert order(completed(total=6), known=before, ids=[0])["identifier_id"] == 5
    assert order(completed(total=6), known=before, ids=[9])["identifier_id"] == 9


def test_two_refunds_of_one_order_are_two() -> None:
    tables = project(refund(amount=1), event("order_refunded", {"order_id": "o1", "amount": 2}, message_id="m2"))
    assert len(set(tables["returns"]["return_key"].to_pylist())) == 2


def test_an_erased_persons_order_has_no_words() -> None:
    reading = read(completed(total=5, payment_method="card"), refund(amount=1, reason="words"))
    tables = order_rows(reading, attribution([0, 0], [True, True]), 7, "EUR", {})
    assert tables["orders"]["payment"].to_pylist() == [None]
    assert tables["returns"]["reason"].to_pylist() == [None]


def test_other_events_ask_for_no_order() -> None:
    reading = read(
        event("order_shipped", {"order_id": "o1"}), event("page_viewed", {}), event("moon_landed", {"order_id": "o1"})
    )
    assert order_keys(reading) == []
    assert order_keys(read(completed(total=1), completed(total=2))) == [KEY]


def test_products_are_told_once_and_only_when_they_changed() -> None:
    viewed = event(
        "product_viewed", {"product_id": "p1", "name": "Kaffee", "price": 9.5, "category": "coffee", "image_url": "u"}
    )
    nameless = event("product_viewed", {"product_id": "p9"})
    rows = product_rows(read(viewed, completed(products=[KAFFEE, TEE]), nameless), 7, "EUR", {})
    found = {row["product_id"]: row for row in rows.to_pylist()}
    assert set(found) == {"p1", "p2"} and found["p1"]["price"] == "19.99" and found["p1"]["currency"] == "EUR"
    known = dict(zip(rows["product_key"].to_pylist(), rows["content_hash"].to_pylist(), strict=True))
    assert product_rows(read(completed(products=[KAFFEE, TEE])), 8, "EUR", known).num_rows == 0
    assert product_rows(read(viewed), 8, "EUR", known)["category"].to_pylist() == ["coffee"]
