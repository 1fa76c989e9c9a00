"""Metrics over HTTP: keys and scopes, the same rows as in a notebook, errors that say what is possible."""

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from schwung.app.keys import create_key
from schwung.app.report import measure
from schwung.app.settings_file import change_settings
from schwung.app.wiring import Workspace, open_workspace
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
        ("revenue?by=plan", 400, "wrong_cut"),
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
        rows = measure(workspace, name, by="month" if "month" in metric.cuts else None).records()
        assert all(row["value"] in (0, None) for row in rows), name
    for name in {(metric.unit, metric.estimate, metric.shape): name for name, metric in METRICS.items()}.values():
        assert all(row["value"] in (0, None) for row in measure(workspace, name).records()), name


def test_what_lacks_is_named_and_counts_once_it_is_told(shop: Workspace, client: TestClient) -> None:
    """No spend: no acquisition cost, not even 0. Margins: not known, until a rate is set."""
    answer = client.get("/api/v1/metrics/customer_acquisition_cost").json()
    assert answer["rows"] == []
    assert [(one["name"], one["where"]) for one in answer["missing"]] == [("spend", "/imports/new?kind=spend")]
    lacks = client.get("/api/v1/metrics/gross_margin").json()["missing"]
    assert [(one["name"], one["where"]) for one in lacks] == [
        ("margin", "/settings?section=value"),
        ("tax", "/settings?section=value"),
    ]
    change_settings(shop.folder, "value", {"margin_rate": 0.4, "tax_rate": 0.19})
    told = measure(open_workspace(shop.folder), "gross_margin")
    whole = measure(shop, "revenue").row
    assert told.row is not None and whole is not None and not told.missing
    assert 0 < (told.row.estimate.value or 0) < 0.4 * (whole.estimate.value or 0) * 1.2
    clv = client.get("/api/v1/metrics/customer_lifetime_value").json()
    assert clv["remark"]["de"] == (
        "Historisch: Umsatz, ohne Abzug der Akquisitionskosten, nicht abgezinst, über alle bisherigen Bestellungen."
    )
