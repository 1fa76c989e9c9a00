"""Models by command line, API and notebook, on one trained shop: the same figures, exact keys, errors as sentences."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.analyses.forecast import forecasted
from schwung.app.facts import open_facts
from schwung.app.keys import create_key
from schwung.app.predictions import predictions
from schwung.app.shop import Shop
from schwung.app.train import train, train_due, waiting_models
from schwung.app.wiring import Workspace, open_workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.web.app import create_app
from tests.contract.test_access_http import csrf_of, sign_in

KEYS = {"model", "version", "parameters", "standard_errors", "log_likelihood", "customers", "window", "warnings"}


@pytest.fixture(scope="module")
def shop(simulated_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("models") / "shop"
    shutil.copytree(simulated_shop, folder)
    workspace = open_workspace(folder)
    train(workspace, "mbg_nbd", actor="cli:test")
    yield workspace
    workspace.store.close()


def _run(shop: Workspace, *words: str) -> str:
    found = CliRunner().invoke(app, [*words, "-w", str(shop.folder)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def test_command_line(shop: Workspace) -> None:
    told = json.loads(_run(shop, "train", "bg_nbd", "--time-unit", "week", "--until", "2026-06-30", "--json"))
    assert set(told) == KEYS and told["window"]["until"] == "2026-06-30"
    assert set(told["parameters"]) == set(told["standard_errors"]) == {"r", "alpha", "a", "b"}
    rows = list(csv.DictReader(io.StringIO(_run(shop, "predict", "bg_nbd", "--horizon-days", "90", "--csv"))))
    assert {row["target"] for row in rows} == {"p_alive", "expected_orders", "next_order"}
    assert len(rows) == 3 * told["customers"]
    half = json.loads(_run(shop, "predict", "bg_nbd", "--horizon-days", "45", "--json"))
    total = sum(row["value"] for row in half["predictions"] if row["target"] == "expected_orders")
    whole = sum(float(row["value"]) for row in rows if row["target"] == "expected_orders")
    assert 0.4 * whole < total < 0.7 * whole
    errors = list(csv.DictReader(io.StringIO(_run(shop, "backtest", "bg_nbd", "--horizon-days", "60", "--csv"))))
    cuts = [one["cut_at"] for one in errors if one["measure"] == "mae"]
    assert len(cuts) == 3 and cuts == sorted(cuts) and cuts[0].endswith("Z")
    assert all(0 < float(one["value"]) < float(one["naive"]) for one in errors if one["measure"] == "mae")
    assert "trained" in _run(shop, "models")
    with pytest.raises(InputError, match="no model named"):
        _run(shop, "train", "crystal_ball")


def test_notebook_and_api_say_the_same(shop: Workspace) -> None:
    door = Shop(shop)
    told = door.predict("mbg_nbd", horizon_days=90).rows["value"].to_pylist()
    key = create_key(shop, "models", "read")
    with TestClient(create_app(shop, intake=False, console=False)) as client:
        head = {"Authorization": f"Bearer {key}"}
        models = client.get("/api/v1/models", headers=head).json()
        latest = next(one["latest"] for one in models if one["model"] == "mbg_nbd")
        assert latest["quality"]["mae"] < latest["quality"]["naive_mae"] and latest["state"] == "done"
        page = client.get("/api/v1/models/mbg_nbd/predictions?horizon_days=90&limit=5", headers=head).json()
        assert [row["value"] for row in page["predictions"]] == told[:5] and page["next"] == 5
        customer = page["predictions"][0]["customer_id"]
        assert (
            page["totals"]["expected_orders"]["low"] < page["totals"]["expected_orders"]["high"]
            and page["level"] == 0.8
        )
        asked = "horizon_days=60&until=2026-09-30&time_unit=week"
        tested = client.get(f"/api/v1/models/bg_nbd/backtest?{asked}", headers=head).json()
        assert tested["folds"][-1]["until_at"].startswith("2026-09-30")
        said = client.get(f"/api/v1/customers/{customer}/predictions", headers=head).json()
        own = next(one for one in said if one["model"] == "mbg_nbd")
        assert own["sentences"][0]["de"].startswith("Mit einer Wahrscheinlichkeit")
        assert client.post("/api/v1/models/mbg_nbd/train", headers=head).status_code == 403
        assert client.get("/api/v1/models/pareto_nbd", headers=head).json()["code"] == "model_not_trained"


def test_forecast(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "forecast", "--unit", "month", "--periods", "3"
    found = []

    def once(*given: Any, **wanted: Any) -> Any:
        """What the command asked for, worked out at its first time."""
        found.append(found[0] if found else forecasted(*given, **wanted))
        return found[0]

    monkeypatch.setattr("schwung.app.analyses.forecast.forecasted", once)
    told = json.loads(_run(shop, *asked, "--json"))
    rows = list(csv.DictReader(io.StringIO(_run(shop, *asked, "--csv"))))
    assert [one["part"] for one in rows].count("period") == 4 and rows[0]["orders_so_far"]
    assert {one["name"] for one in rows if one["part"] == "cohort"} == set(told["cohorts"])
    total = next(one for one in rows if one["part"] == "total")
    assert float(total["revenue_low"]) == pytest.approx(told["total"]["revenue"]["low"])
    rest, *months = told["periods"]
    assert set(rest) == {"on", "until", "so_far", "new_customers", "orders", "revenue"}
    assert len(months) == 3 and all(one["on"].endswith("-01") for one in months)
    orders = sum(one["orders"]["value"] for one in told["periods"])
    assert told["total"]["orders"]["value"] == pytest.approx(orders)
    assert sum(one["orders"]["value"] for one in told["cohorts"].values()) == pytest.approx(orders, rel=0.01)
    assert all(one["orders"]["low"] < one["orders"]["value"] < one["orders"]["high"] for one in told["periods"])
    assert (
        told["tested"] == 12 and 1 <= told["judged"] <= 9 and all(0.7 <= one <= 1 for one in told["coverage"].values())
    )


def test_console(shop: Workspace) -> None:
    """The list, the page of a model with its pictures, training on request with its progress, a customer's predictions."""
    editor, viewer = sign_in(shop, "editor"), sign_in(shop, "viewer")
    assert "Train all models" in editor.get("/models").text and "Train all models" not in viewer.get("/models").text
    page = viewer.get("/models/mbg_nbd").text
    for said in ("Repeat purchases by week", "Predicted and observed probability", "Standard error", "Batislam"):
        assert said in page
    assert page.count('class="s-chart"') == 3 and "Not trained yet" in viewer.get("/models/pareto_nbd").text
    asked = editor.post("/models/mbg_nbd/train", data={"csrf": csrf_of(editor)}, follow_redirects=False)
    assert asked.status_code == 303 and [*waiting_models(shop)] == ["mbg_nbd"]
    assert "Waits for the worker" in editor.get("/models/mbg_nbd").text
    assert train_due(shop)
    done = editor.get("/models/mbg_nbd/now")
    assert done.headers["HX-Refresh"] == "true" and not waiting_models(shop)
    with open_facts(shop) as facts:
        someone = facts.run(predictions(facts).limit(1))["customer_id"][0].as_py()
    assert "Still a customer with a probability of" in viewer.get(f"/customers/{someone}/predictions").text
