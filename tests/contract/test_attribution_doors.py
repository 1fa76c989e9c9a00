"""Attribution and budgets by every door, on the simulated shop: the same numbers, sums that hold, honest words."""

import csv
import io
import json
import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from schwung.app.analyses.attribution import attribution
from schwung.app.analyses.budget import budget
from schwung.app.keys import create_key
from schwung.app.report import measure
from schwung.app.shop import Shop
from schwung.app.wiring import Workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.web.app import create_app
from tests import cast
from tests.conftest import NewWorkspace
from tests.importing import run, write_csv

PLAN = {
    "money": 150, "draws": 20,
    "channels": [
        {"name": "search", "curve": {"kind": "log", "b": 100, "k": 20}, "current": 50},
        {"name": "club", "purpose": "retention", "curve": {"kind": "hill", "at": 40, "brings": 30, "ceiling": 80, "n": 2}, "errors": {"b": 8}, "current": 40},
    ],
    "equity": {"acquisition": {"spend": 5, "rate": 0.15, "ceiling": 0.4}, "retention": {"spend": 10, "rate": 0.5, "ceiling": 0.7}, "margin": 50},
}  # fmt: skip


def rounded(value: Any) -> Any:
    """Sums of a parallel engine differ in their last digits from run to run."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value


def command(shop: Workspace, *words: str) -> Any:
    done = CliRunner().invoke(app, [*words, "--workspace", str(shop.folder), "--json"], catch_exceptions=False)
    return json.loads(done.stdout)


def test_attribution_by_every_door(simulated_workspace: Workspace) -> None:
    found = attribution(simulated_workspace, since="2026-01-01")
    told = rounded(found.to_json())
    assert rounded(command(simulated_workspace, "attribute", "--since", "2026-01-01")) == told
    asked = ["attribute", "--since", "2026-01-01", "--csv", "--workspace", str(simulated_workspace.folder)]
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, asked).stdout)))
    assert [(one["name"], float(one["conversions"])) for one in rows] == [
        (one["name"], pytest.approx(one["conversions"])) for one in told["rows"]
    ]
    assert rounded(Shop(simulated_workspace).attribution(since="2026-01-01").to_json()) == told
    with TestClient(create_app(simulated_workspace, intake=False, console=False)) as client:
        client.auth = (create_key(simulated_workspace, "analyst", "read"), "")
        assert rounded(client.get("/api/v1/attribution?since=2026-01-01").json()) == told
        assert client.get("/api/v1/attribution?model=magic").status_code == 400
    assert "does not say" in told["remark"]["en"] and told["remark"]["de"]


def test_orders_add_up_and_the_last_touch_is_that_of_the_metrics(simulated_workspace: Workspace) -> None:
    whole = measure(simulated_workspace, "orders", since="2026-01-01").row
    assert whole is not None
    for model in ("markov", "time_decay", "last"):
        found = attribution(simulated_workspace, model=model, since="2026-01-01")
        basis = found.basis
        assert basis is not None and basis.orders == whole.estimate.value and basis.open_ > 0
        assert found.conversions + basis.without_touch + basis.guests == basis.orders
        assert sum(row.conversions for row in found.rows) == pytest.approx(found.conversions)
        assert sum(row.value or 0 for row in found.rows) == pytest.approx(found.value, abs=0.01)
        if model == "last":
            by_channel = measure(simulated_workspace, "orders", by="channel", since="2026-01-01").rows
            known = {row.cuts["channel"]: row.estimate.value for row in by_channel}
            # Orders of the till state “offline” themselves, without a touch.
            last = {row.name: row.conversions for row in found.rows if row.conversions and row.name != "offline"}
            assert last == {name: known[name] for name in last} and len(last) > 4


def test_new_customers_cost_what_attracts_them(simulated_workspace: Workspace) -> None:
    found = attribution(simulated_workspace, only_new=True, model="shapley")
    new = measure(simulated_workspace, "new_customers", since="2000-01-01").row
    assert found.basis is not None and new is not None and found.basis.orders == new.estimate.value
    spent = measure(simulated_workspace, "customer_acquisition_cost", since="2000-01-01", by="channel").rows
    each = {
        row.cuts["channel"]: row.estimate.value for row in spent if row.estimate.value is not None and row.estimate.n
    }
    paid = next(row for row in found.rows if row.name == "paid_search")
    assert paid.spend is not None and paid.cost_per_conversion is not None
    by_last = next(row for row in attribution(simulated_workspace, only_new=True, model="last").rows if row.name == "paid_search")  # fmt: skip
    assert by_last.cost_per_conversion == pytest.approx(each["paid_search"])


@pytest.mark.parametrize(
    "asked", [{"by": "country"}, {"lookback_days": 0}, {"order": 7}, {"half_life_days": float("nan")}, {"model": "x"}, {"since": "x"}],
)  # fmt: skip
def test_what_cannot_be_asked(simulated_workspace: Workspace, asked: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        attribution(simulated_workspace, **asked)


def test_budget_by_every_door(simulated_workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "budget.yaml"
    file.write_text(yaml.safe_dump(PLAN), encoding="utf-8")
    told = budget(simulated_workspace, PLAN).to_json()
    assert json.loads(CliRunner().invoke(app, ["budget", str(file), "--json"]).stdout) == json.loads(json.dumps(told))
    rows = list(csv.DictReader(io.StringIO(CliRunner().invoke(app, ["budget", str(file), "--csv"]).stdout)))
    assert [(one["name"], float(one["effort"])) for one in rows] == [
        (one["name"], one["effort"]) for one in told["channels"]
    ]
    assert Shop(simulated_workspace).budget(file).to_json() == told
    with TestClient(create_app(simulated_workspace, intake=False, console=False)) as client:
        client.auth = (create_key(simulated_workspace, "planner", "read"), "")
        assert client.post("/api/v1/budget", json={"plan": PLAN}).json() == json.loads(json.dumps(told))
        refused = client.post("/api/v1/budget", json={"plan": {}})
        assert refused.status_code == 400 and "budget_wrong" in refused.text
    spoken = CliRunner().invoke(app, ["budget", str(file)]).stdout
    assert "One more EUR brings" in spoken and "search" in spoken
    file.write_text("money: [", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        Shop(simulated_workspace).budget(file)


def test_a_shop_whose_spend_says_little_gets_no_curves(simulated_workspace: Workspace) -> None:
    """The simulated shop spends with its season: honest words in place of a split."""
    found = budget(simulated_workspace, outcome="orders", unit="month")
    assert found.evidence is not None and found.evidence.channels
    verdicts = {one.name: one.verdict for one in found.evidence.channels}
    assert verdicts["social"] == "no_outcome" and not any(one.supported for one in found.evidence.channels)
    told = found.to_json()
    assert found.budget is None and told["channels"] == [] and "support no curve" in told["sentences"][0]["en"]
    with pytest.raises(InputError):
        budget(simulated_workspace, outcome="fame")


def test_a_planted_curve_of_a_shop_is_found_and_split(new_workspace: NewWorkspace, tmp_path: Path) -> None:
    """45 weeks: what is spent on search brings visits that become orders, ever less; social brings what it brings."""
    shop = new_workspace()
    chance = np.random.default_rng(3)
    events, spent, number = [], [], 0
    for week in range(45):
        monday = date(2026, 1, 5) + timedelta(days=7 * week)
        search, social = float(chance.gamma(2, 60)), float(chance.gamma(2, 40))
        spent += [
            (monday.isoformat(), "paid_search", round(search, 2)),
            (monday.isoformat(), "paid_social", round(social, 2)),
        ]
        for medium, source, count in (
            ("cpc", "google", 2 + 16 * (1 - math.exp(-search / 100))),
            ("paid-social", "facebook", 4),
        ):
            for nth in range(int(count + chance.random())):
                number += 1
                who, day = f"user{number}", (monday + timedelta(days=nth % 7)).isoformat()
                context = {"campaign": {"medium": medium, "source": source, "name": "always"}}
                events += [
                    cast.visit(f"{day} 09:00", user=who, context=context), cast.order(f"O{number}", f"{day} 10:00", 30, user=who),
                ]  # fmt: skip
    cast.send(shop, events)
    cast.mirror(shop)
    run(shop, write_csv(tmp_path / "spend.csv", spent, ("date", "channel", "spend")), "spend")
    found = budget(shop, outcome="orders")
    assert found.evidence is not None and found.budget is not None
    search, social = found.evidence.channels
    assert (search.name, search.verdict, social.verdict) == ("paid_search", "ok", "no_effect")
    assert search.curve is not None and search.curve.value(120) == pytest.approx(16 * (1 - math.exp(-1.2)), rel=0.25)
    (share,) = found.budget.shares
    assert (
        share.current
        == share.effort
        == pytest.approx(sum(row[2] for row in spent if row[1] == "paid_search") / 45, abs=0.02)
    )
    more = budget(shop, outcome="orders", money=150.0)
    assert more.budget is not None and more.budget.value > found.budget.value
    plan = yaml.safe_load(CliRunner().invoke(app, ["budget", "--plan", "--outcome", "orders", "--workspace", str(shop.folder)]).stdout)  # fmt: skip
    assert budget(shop, plan).budget is not None and plan["channels"][0]["name"] == "paid_search"


def test_csv_without_rows_says_why(workspace: Workspace) -> None:
    """The header stays what a script reads; the reason stands beside it. Findings of an empty shop say what to import."""

    def asked(*words: str) -> tuple[int, int, str]:
        done = CliRunner().invoke(app, [*words, "--workspace", str(workspace.folder)])
        return done.exit_code, len(done.stdout.splitlines()), done.stderr

    assert asked("attribute", "--csv") == (0, 1, "Nobody ordered in this time, so there is nothing to credit. Import orders, or ask for a longer time.\n")  # fmt: skip
    code, lines, why = asked("budget", "--csv")
    assert (code, lines) == (0, 1) and "schwung import spend.csv --kind spend" in why
    found = CliRunner().invoke(app, ["diagnose", "--workspace", str(workspace.folder)]).stdout
    assert found.startswith("No findings: too little is known") and "schwung import orders.csv --kind orders" in found
