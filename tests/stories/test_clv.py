"""Customer value of the simulated shop: chosen, fitted, predicted, told in words; metrics, findings and weights take it."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from schwung.app.analyses.diagnosis import diagnose
from schwung.app.analyses.flywheel import of_facts, scope_of
from schwung.app.consents import opt_out
from schwung.app.facts import Facts, open_facts
from schwung.app.lasting import make_lasting
from schwung.app.list_predictions import list_from_predictions
from schwung.app.lists import list_page, read_list
from schwung.app.model_versions import newest_version
from schwung.app.predictions import of_customer, predict, predictions
from schwung.app.report import ask, measure, question_of
from schwung.app.shared_facts import drop_idle, shared_facts
from schwung.app.train import train
from schwung.app.wiring import Workspace, open_workspace
from schwung.cli import app
from schwung.core.errors import InputError
from schwung.measure.answer import Row
from schwung.measure.inference.estimate import Estimate
from schwung.measure.metrics import METRICS
from schwung.measure.predicted import lifetime_values
from schwung.measure.said import money
from schwung.measure.weight import worth
from schwung.predict.models.gamma_gamma import fit_spend
from tests.rules import only
from tests.shops import SIMULATED


@pytest.fixture(scope="module")
def trained(simulated_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("clv") / "shop"
    shutil.copytree(simulated_shop, folder)
    value = (
        '[value]\nmargin_rate = 0.5\ntax_rate = 0.07\ndiscount_rate = 0.1\nclv_basis = "margin"\nclv_less_cac = "yes"\n'
    )
    (folder / "schwung.toml").write_text(SIMULATED + value)
    workspace = open_workspace(folder)
    train(workspace, "clv", actor="cli:test")
    yield workspace
    workspace.store.close()


def test_value_is_told_with_its_reason(trained: Workspace) -> None:
    version = newest_version(trained, "clv")
    assert version.trained is not None
    quality, said = version.trained.quality, " ".join(one.en for one in version.trained.remarks)
    assert quality["rmse"] < quality["naive_rmse"] and quality["mae"] < quality["naive_mae"]
    assert quality["customer_equity_low"] < quality["customer_equity"] < quality["customer_equity_high"]
    assert "was taken: on" in said and "by the simple formula" in said and "margin, less acquisition cost" in said
    assert {row["model"] for row in version.trained.checks["choice"]} == {"mbg_nbd", "pareto_nbd", "bg_nbd"}
    with open_facts(trained) as facts:
        rows = facts.run(predictions(facts))
    kinds = {one: rows.filter(pc.equal(rows["target"], one)) for one in rows["target"].unique().to_pylist()}
    equity = pc.sum(kinds["clv"]["value"]).as_py() / 100
    assert equity == pytest.approx(quality["customer_equity"], rel=1e-9)
    low, high, value = (kinds["clv"][name].to_numpy() for name in ("low", "high", "value"))
    assert (low >= 0).all() and (low <= high).all() and np.mean((low <= value) & (value <= high)) > 0.8
    net = pc.sum(kinds["net_lifetime_value"]["value"]).as_py()
    assert net < pc.sum(kinds["lifetime_value"]["value"]).as_py(), "less what it cost to win them"
    richest = kinds["clv"]["customer_id"][int(np.argmax(value))].as_py()
    (told,) = of_customer(trained, richest)
    assert told.sentences[0].en.startswith("Still") and any("€" in one.de for one in told.sentences)


def test_a_shorter_horizon_brings_less(trained: Workspace) -> None:
    rows = predict(trained, "clv", horizon_days=90).rows
    year = newest_version(trained, "clv").trained.quality["customer_equity"]
    assert year / 4 < pc.sum(rows.filter(pc.equal(rows["target"], "clv"))["value"]).as_py() / 100 < year / 2


def test_the_base_is_worth_something_without_an_end(trained: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """At half of the money a year nearly all comes within ten; at a tenth it is what training said."""
    name = "customer_equity_without_end"
    ten = predict(trained, "clv", horizon_days=3_650, discount_rate=0.5).totals
    assert ten["clv"].value < ten[name].value < 1.03 * ten["clv"].value
    quality = newest_version(trained, "clv").trained.quality
    assert quality[name] > 1.2 * quality["customer_equity"] and quality[name] > 1.2 * ten[name].value / 100
    words = ("predict", "clv", "--horizon-days", "90", "-w", str(trained.folder))
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)["totals"][name]
    assert told["value"] / 100 == pytest.approx(quality[name]) and told["low"] < told["value"] < told["high"]
    monkeypatch.setenv("SCHWUNG_LANGUAGE", "de")
    assert "ohne Ende bringen: " in CliRunner().invoke(app, [*words]).stdout
    assert "nur mit Abzinsung endlich" in CliRunner().invoke(app, [*words, "--discount-rate", "0"]).stdout
    with pytest.raises(InputError, match="between 0 and 1"):
        predict(trained, "clv", discount_rate=7.0)


def test_predictions_become_a_list_the_highest_first(trained: Workspace) -> None:
    with pytest.raises(InputError) as early:
        list_from_predictions(trained, "Early", "mbg_nbd", actor="test")
    assert early.value.message.de
    rows = predict(trained, "clv").rows.to_pylist()
    alive, orders = (
        {row["customer_id"]: row["value"] for row in rows if row["target"] == target}
        for target in ("p_alive", "expected_orders")
    )
    made = list_from_predictions(
        trained, "At risk", "clv", "p_alive", at_most=0.7, by="expected_orders", most=5, actor="test"
    )
    wanted = sorted((who for who in alive if alive[who] <= 0.7), key=lambda who: (-orders[who], who))[:5]
    assert made.size == 5 and read_list(trained, "At risk").origin == "prediction"
    assert {row["customer_id"] for row in list_page(trained, made.list_no)[0]} == {*wanted}
    for bad in ({"target": "nothing"}, {"at_least": 10.0}):
        with pytest.raises(InputError):
            list_from_predictions(trained, "Bad", "clv", **bad, actor="test")  # type: ignore[arg-type]


def test_people_read_money_and_impossible_levels_are_refused(trained: Workspace) -> None:
    shown = CliRunner().invoke(app, ["predict", "clv", "-w", str(trained.folder)]).output
    rows = predict(trained, "clv").rows
    mean = pc.mean(rows.filter(pc.equal(rows["target"], "clv"))["value"]).as_py()
    assert money(mean / 100, "EUR").en in shown
    for level in (0.0, 1.0, float("nan")):
        with pytest.raises(InputError) as raised:
            predict(trained, "clv", level=level)
        assert raised.value.code == "level_wrong"


def test_worth_that_nobody_knows_is_said() -> None:
    """As where all orders are in a currency without a rate."""
    with pytest.raises(InputError) as raised:
        fit_spend(np.zeros(20), np.zeros(20))
    assert raised.value.code == "worth_not_known" and "Kurse" in raised.value.step.de


def test_metrics_say_which_value_they_take(trained: Workspace) -> None:
    """Predicted where the settings are those of the training, else historic: a changed setting waits for the next one."""
    predicted = measure(trained, "predicted_lifetime_value")
    historic = measure(trained, "customer_lifetime_value")
    assert predicted.remark is not None and predicted.remark.en.startswith("Predicted")
    assert predicted.row.estimate.value > historic.row.estimate.value
    ratio = measure(trained, "clv_cac_ratio")
    assert ratio.remark is not None and ratio.remark.de.startswith("Vorhergesagt")
    settings = trained.folder / "schwung.toml"
    before = settings.read_text()
    settings.write_text(before.replace("discount_rate = 0.1", "discount_rate = 0.2"))
    changed = open_workspace(trained.folder)
    again = measure(changed, "clv_cac_ratio")
    assert again.remark is not None and again.remark.en.startswith("Historic") and "No model" in again.remark.en
    assert again.row.estimate.value < ratio.row.estimate.value
    changed.store.close()
    settings.write_text(before)


def test_findings_take_the_predicted_value(trained: Workspace) -> None:
    only(trained, "clv_cac", 20.0)
    told = diagnose(trained)
    found = {one.slice: one.evidence[0].now.value for one in told.findings if one.rule == "clv_cac"}
    since = told.period.until_on - timedelta(days=364)
    asked = measure(trained, "clv_cac_ratio", by="channel", since=since, until=told.period.until_on)
    assert asked.remark is not None and asked.remark.en.startswith("Predicted")
    ratios = {str(row.cuts["channel"]): row.estimate.value for row in asked.rows}
    assert found and all(value == pytest.approx(ratios[channel]) for channel, value in found.items())


def test_weights_take_the_predicted_value(trained: Workspace) -> None:
    with open_facts(trained) as facts:
        scope, _ = scope_of(facts, 28, None, None)
        assert scope.question.value.is_predicted
        value = replace(scope.question.value, is_predicted=False)
        before = replace(scope, question=replace(scope.question, value=value))
        now, then = (dict(zip(*facts.run(worth(one)).to_pydict().values(), strict=True)) for one in (scope, before))
        said = facts.run(lifetime_values(scope)).to_pylist()
    assert set(then) <= set(now), "who spent something is worth something"
    told = {row["customer_id"]: row["predicted"] / 100 for row in said}
    assert all(now[one] == pytest.approx(told.get(one, then.get(one))) for one in now) and set(told) & set(now)


def test_pages_read_the_predicted_value_once_and_say_the_same(trained: Workspace) -> None:
    """Worked out for the page, and at night."""
    asked = (("predicted_lifetime_value", "channel"), ("clv_cac_ratio", "month"), ("clv_cac_ratio", "channel"))

    def said(facts: Facts) -> tuple[list[Sequence[Row]], Estimate]:
        rows = [ask(facts, METRICS[name], question_of(facts, (by,), None, None)).rows for name, by in asked]
        return rows, of_facts(facts, 28, None, None).weight.estimate

    with open_facts(trained) as facts:
        plain, weight = said(facts)
    for is_night in (False, True):
        assert not is_night or make_lasting(trained)
        drop_idle()
        with shared_facts(trained) as (kept, _):
            assert "predicted" in kept.at_hand("worth").columns  # type: ignore[misc, union-attr]
            found, wheel = said(kept)
        for one, other in zip(plain, found, strict=True):
            assert len(one) == len(other) > 1
            for row, same in zip(one, other, strict=True):
                assert row.cuts == same.cuts
                assert row.estimate.value == pytest.approx(same.estimate.value, rel=1e-9)
        assert weight.value == pytest.approx(wheel.value, rel=1e-9) and weight.n == wheel.n


def test_who_objects_has_no_predicted_value_from_then_on(trained: Workspace) -> None:
    """Art. 21 GDPR: metrics, findings and weights do not wait for the next training."""

    def told() -> set[int]:
        with open_facts(trained) as facts:
            return {*facts.run(lifetime_values(scope_of(facts, 28, None, None)[0]))["customer_id"].to_pylist()}

    before = told()
    someone = max(before)
    opt_out(trained, someone, "test", topic="objection")
    assert told() == before - {someone}
