"""A planted shop whose customers leave only after they bought again (BG/NBD), and whose web customers buy three times as often."""

from datetime import datetime

import numpy as np
import pyarrow.compute as pc
import pytest

from schwung.app.analyses.diagnosis import diagnose
from schwung.app.predictions import predict
from schwung.app.train import train
from schwung.app.wiring import Workspace, open_workspace
from tests import orders_log
from tests.rules import only

CUSTOMERS = 3_000


def planted(workspace: Workspace) -> np.ndarray:
    """Whether each customer came by the web."""
    random = np.random.default_rng(5)
    web = random.random(CUSTOMERS) < 0.5
    country = random.choice(["AT", "DE"], CUSTOMERS)
    rate = random.gamma(3.0, 1 / (3 * np.where(web, 60.0, 180.0)))
    leaves = random.beta(1.5, 1.0, CUSTOMERS)
    clock = random.integers(0, 150, CUSTOMERS)
    who, days, here = [np.arange(CUSTOMERS)], [clock.copy()], np.arange(CUSTOMERS)
    while len(here):
        clock[here] += np.ceil(random.exponential(size=len(here)) / rate[here]).astype(np.int64)
        here = here[clock[here] < 320]
        who.append(here)
        days.append(clock[here])
        here = here[random.random(len(here)) >= leaves[here]]
    whose, amount = np.concatenate(who), random.integers(1_000, 9_000, sum(map(len, who)))
    channel = np.where(web, "web", "ads")[whose].tolist()
    orders_log.fill(
        workspace, whose + 1, np.concatenate(days), amount, channel=channel, country=country[whose].tolist()
    )
    return web


def test_the_planted_truth_is_found(workspace: Workspace) -> None:
    web = planted(workspace)
    trained = train(workspace, "clv", actor="cli:test").trained
    assert trained is not None
    remarks = " ".join(one.en for one in trained.remarks)
    assert "BG/NBD was taken" in remarks and "is told by MBG/NBD" in remarks
    assert "Channel of the first order: used" in remarks and "Country: not used" in remarks
    factor = (
        trained.parameters["alpha × channel web"]
        if "alpha × channel web" in trained.parameters
        else 1 / trained.parameters["alpha × channel ads"]
    )
    assert factor == pytest.approx(1 / 3, rel=0.25)
    assert {"tracking", "calibration", "by_frequency", "kinds", "covariates"} <= trained.checks.keys()
    found = predict(workspace, "clv", level=0.9)
    rows = {
        name: found.rows.filter(pc.equal(found.rows["target"], name)) for name in ("p_alive", "expected_orders", "clv")
    }
    alive, orders = (rows[name]["value"].to_numpy() for name in ("p_alive", "expected_orders"))
    assert alive.max() < 1, "also of one-time buyers"
    assert orders[web].mean() > orders[~web].mean()
    totals = found.to_json()["totals"]
    for name, one in totals.items():
        assert one["low"] < one["value"] < one["high"] and one["customers"] == CUSTOMERS
        assert one["value"] == pytest.approx(pc.sum(rows[name]["value"]).as_py(), rel=1e-6)
    wider = predict(workspace, "clv", level=0.99).totals["clv"]
    assert wider.low < totals["clv"]["low"] and wider.high > totals["clv"]["high"]
    told = found.for_csv().filter(pc.equal(found.rows["target"], "next_order"))["value"].drop_null().to_pylist()
    assert told and all(datetime.fromisoformat(one).year >= 2026 for one in told)
    only(workspace, "channel_worth", 0.05)
    (worth,) = [one for one in diagnose(workspace).findings if one.rule == "channel_worth"]
    assert worth.slice == "ads" and worth.evidence[0].now.value < worth.evidence[0].beside.value


def test_covariates_can_be_switched_off(workspace: Workspace) -> None:
    planted(workspace)
    settings = workspace.folder / "schwung.toml"
    settings.write_text(settings.read_text() + '\n[predict]\ncovariates = "off"\n')
    trained = train(open_workspace(workspace.folder), "mbg_nbd", actor="cli:test").trained
    assert trained is not None and list(trained.parameters) == ["r", "alpha", "a", "b"]
    assert not trained.checks["covariates"]
