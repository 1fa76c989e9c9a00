"""Metrics over HTTP: keys and scopes, the same rows as in a notebook, errors that say what is possible."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from schwung.app.keys import create_key
from schwung.app.report import measure
from schwung.app.wiring import Workspace
from schwung.measure.metrics import METRICS
from schwung.web.app import create_app
from tests import cast


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace()
    cast.fill(workspace)
    return workspace


@pytest.fixture
def client(shop: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        client.auth = (create_key(shop, "analyst", "read"), "")
        yield client


def test_metrics_over_http(shop: Workspace, client: TestClient) -> None:
    assert [metric["name"] for metric in client.get("/api/v1/metrics").json()["metrics"]] == list(METRICS)
    for name, by in (("revenue", "month"), ("repeat_purchase_rate", ""), ("customers_by_kind", "kind")):
        answer = client.get(f"/api/v1/metrics/{name}", params={"by": by} if by else {})
        assert answer.status_code == 200
        assert answer.json() == measure(shop, name, by=by or None).to_json()
    two = client.get("/api/v1/metrics/orders", params={"by": ["quarter", "country"], "since": "2026-04-01"}).json()
    assert [(row["quarter"], row["country"], row["value"]) for row in two["rows"]] == [
        ("2026-Q2", "DE", 2),
        ("2026-Q4", "DE", 4),
    ]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("shoe_size", 404, "unknown_name"),
        ("revenue?by=kind", 400, "wrong_cut"),
        ("revenue?since=yesterday", 400, "not_a_date"),
        ("revenue?since=9999-12-31", 400, "not_a_date"),
        ("revenue?since=2026-02-01&until=2026-01-01", 400, "period_reversed"),
        ("active_customers?by=day&since=1990-01-01", 400, "too_many_periods"),
        ("revenue?engine=oracle", 422, "request_invalid"),
    ],
)
def test_errors_name_what_to_do(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(f"/api/v1/metrics/{path}", headers={"Accept-Language": "de"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_readers_read(shop: Workspace, client: TestClient) -> None:
    client.auth = None
    assert client.get("/api/v1/metrics/revenue").status_code == 401
    assert client.get("/api/v1/metrics", auth=("wrong", "")).status_code == 401
    assert client.get("/api/v1/metrics", auth=(create_key(shop, "shop", "write"), "")).status_code == 403


def test_an_empty_workspace_has_no_numbers_yet(new_workspace: Callable[..., Workspace]) -> None:
    workspace = new_workspace("empty")
    for name, metric in METRICS.items():
        for by in (None, "month"):
            if by is None or by in metric.cuts:
                rows = measure(workspace, name, by=by).records()
                assert all(row["value"] in (0, None) for row in rows), name
