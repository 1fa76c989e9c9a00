"""Any JSON, read by a mapping: nested paths, lists, constants, names; a retry changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from schwung.app.keys import create_key
from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from schwung.collect.event_type import validate
from schwung.connectors.webhook import at, read_mapping, read_webhook
from schwung.core.errors import InputError
from schwung.web.app import create_app

ORDERS = """
event: topic
names: {orders/paid: Order Completed}
fields: {userId: customer.id, timestamp: created_at}
properties:
  order_id: number
  total: total_price
  currency: currency
  email: customer.email
  channel: {const: web shop}
  products: {each: line_items, product_id: sku, quantity: qty, price: price}
"""
SENT: dict[str, Any] = {
    "topic": "orders/paid",
    "number": 1001,
    "created_at": "2026-11-20T10:00:00Z",
    "total_price": "25.90",
    "currency": "EUR",
    "customer": {"id": 7, "email": "Anna@Example.org", "ip": "203.0.113.7"},
    "line_items": [{"sku": "A", "qty": 2, "price": "10.00"}, {"sku": "B", "qty": 1, "price": "5.90"}],
}


@pytest.fixture
def client(workspace: Workspace) -> Iterator[httpx.Client]:
    from starlette.testclient import TestClient

    folder = workspace.folder / "webhooks"
    folder.mkdir()
    (folder / "orders.yaml").write_text(ORDERS, encoding="utf-8")
    (folder / "broken.yaml").write_text("event: [", encoding="utf-8")
    with TestClient(create_app(workspace, console=False)) as opened:
        opened.auth = (create_key(workspace, "shop"), "")
        yield opened


def stored(workspace: Workspace) -> list[Event]:
    with workspace.store.read() as tx:
        return [event for row in tx.rows("intake.bodies") for event in unpack(row["body"])]


def test_an_order_comes_in_once(workspace: Workspace, client: httpx.Client) -> None:
    for body in (SENT, SENT, [SENT], {**SENT, "topic": "orders/drafted"}):
        assert client.post("/v1/webhook/orders", json=body).status_code == 200
    (event,) = stored(workspace)
    assert (event.name, event.source, validate(event)) == ("order_completed", "shop", None)
    assert {claim.kind: claim.value for claim in event.claims} == {"user_id": "7", "email": "anna@example.org"}
    assert json.loads(event.properties) == {
        "order_id": 1001,
        "total": "25.90",
        "currency": "EUR",
        "email": "Anna@Example.org",
        "channel": "web shop",
        "products": [
            {"product_id": "A", "quantity": 2, "price": "10.00"},
            {"product_id": "B", "quantity": 1, "price": "5.90"},
        ],
    }


def test_what_goes_wrong_says_who_must_act(client: httpx.Client) -> None:
    assert client.post("/v1/webhook/nothing", json={}).json()["code"] == "unknown_webhook"
    assert client.post("/v1/webhook/../shop", json={}).status_code == 404
    assert client.post("/v1/webhook/broken", json={}).json()["code"] == "webhook_mapping_invalid"
    assert client.post("/v1/webhook/orders", content=b"{").json()["code"] == "json_broken"
    assert client.post("/v1/webhook/orders", json=SENT, auth=("wrong", "")).status_code == 401
    assert client.post("/v1/webhook/orders", json=7).status_code == 200


def test_each_element_of_a_list_is_an_event() -> None:
    mapping = read_mapping(
        "{event: {const: visited}, each: data.visits, fields: {messageId: id}, traits: {all: .}}", "x"
    )
    events = read_webhook(mapping, {"data": {"visits": [{"id": "1"}, {"id": "2"}]}})
    assert [(event["event"], event["messageId"], event["traits"]) for event in events] == [
        ("visited", "1", {"all": {"id": "1"}}),
        ("visited", "2", {"all": {"id": "2"}}),
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("list.1.c", 3),
        ("list.9", None),
        ("a.x.y", None),
        (".", {"a": {"b": 1}, "list": [{"c": 2}, {"c": 3}]}),
    ],
)
def test_paths(path: str, value: object) -> None:
    assert at({"a": {"b": 1}, "list": [{"c": 2}, {"c": 3}]}, path) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "event: [",
        "{event: a, nothing: b}",
        "{event: a, fields: {email: b}}",
        "{event: a, fields: 5}",
        "{call: page, event: a}",
    ],
)
def test_mappings_that_are_none(text: str) -> None:
    with pytest.raises(InputError) as raised:
        read_mapping(text, "x")
    assert raised.value.code == "webhook_mapping_invalid"
