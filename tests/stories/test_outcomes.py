"""Churn, lead score and contracts from the facts of the simulated shop: judged, watched for the future, told in words."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest
from ibis import _
from scipy.special import beta

from schwung.app.facts import open_facts
from schwung.app.sight import sight_of
from schwung.app.simulate import shop_of, simulate
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.clock import DAY
from schwung.core.text import Text
from schwung.measure.lifecycle import customer_orders
from schwung.predict.features.feature import Feature, Group
from schwung.predict.features.feature import told as read
from schwung.predict.features.frame import FEATURES, Frame, features_at, watch, whole
from schwung.predict.lifetime import FittedLifetime
from schwung.predict.model import Model, Options, Prediction, Trained, Wording
from schwung.predict.models import MODELS, churn, survival
from schwung.predict.models.churn import PARTS
from schwung.predict.outcomes.cuts import cuts_of, outcome_days
from schwung.predict.outcomes.learn import Task, learn, look
from schwung.predict.sight import Sight
from tests.shops import SIMULATED
from tests.sights import but

ASKED = Options()
WORDING = Wording("EUR", 100, "Europe/Berlin")


@pytest.fixture(scope="module")
def sight(simulated_workspace: Workspace) -> Iterator[Sight]:
    with open_facts(simulated_workspace) as facts, sight_of(facts) as seen:
        yield seen


@pytest.fixture(scope="module")
def leads(sight: Sight) -> Trained:
    return MODELS["lead_score"].fit(sight, ASKED)


def test_lead_score_beats_the_naive_rule_on_later_time_and_is_calibrated(leads: Trained) -> None:
    found = leads.quality
    assert found["auc"] > found["auc_naive"] + 0.02 and found["log_loss"] < found["log_loss_naive"] - 0.01
    assert found["ece"] < 0.06 and found["ece_folds"] < 0.04
    assert not leads.warnings and json.dumps(leads.state)


def test_leads_are_cold_warm_or_hot_by_what_they_are_worth(sight: Sight, leads: Trained) -> None:
    rows = MODELS["lead_score"].predict(sight, leads, ASKED).to_pylist()
    value = {row["customer_id"]: row["value"] for row in rows if row["target"] == "expected_value"}
    label = {row["customer_id"]: row["label"] for row in rows if row["target"] == "temperature"}
    warm, hot = leads.parameters["warm_from_minor"], leads.parameters["hot_from_minor"]
    assert hot == pytest.approx(2 * warm) and {*label.values()} == {"cold", "warm", "hot"}
    assert all(
        (one == "hot") == (value[who] >= hot) and (one == "cold") == (value[who] < warm) for who, one in label.items()
    )
    buyers = customer_orders(whole(sight.scope)).select("customer_id").distinct()
    assert not {*sight.run(buyers)["customer_id"].to_pylist()} & {*value}
    best = max(value, key=lambda who: value[who])
    first, second = told(MODELS["lead_score"], [row for row in rows if row["customer_id"] == best])
    assert first.en.startswith("Hot lead: expected value €") and first.de.startswith(
        "Interessent, heiß: Erwartungswert "
    )
    assert second.en.startswith("Buys within 90 days with a probability of ") and "(" in second.de


def told(model: Model, rows: list[dict[str, object]]) -> tuple[Text, ...]:
    names = ("target", "rank", "value", "low", "high", "label")
    return model.words(
        [Prediction(**{name: row[name] for name in names}, reasons=json.loads(row["reasons"] or "[]")) for row in rows],  # type: ignore[arg-type]
        WORDING,
    )


def test_churn_names_what_cannot_be_fitted_and_goes_on(sight: Sight, monkeypatch: pytest.MonkeyPatch) -> None:
    found = churn.fit(sight, ASKED)
    assert [text.en for text in found.remarks][1].startswith("Customers with a contract: not fitted. Only ")
    assert (
        found.parameters["orders_days"] == 180
        and found.quality["auc_folds"] > 0.55
        and found.quality["ece_folds"] < 0.06
    )
    seen, frames = Task.seen, list[Frame]()

    def noted(task: Task, *given: Any) -> Frame:
        frames.append(seen(task, *given))
        return frames[-1]

    monkeypatch.setattr(Task, "seen", noted)
    rows = churn.predict(sight, found, ASKED)
    p, days, worth = (of(rows, target) for target in ("churn_probability", "risk_date", "value_at_risk"))
    assert p.keys() == days.keys() == worth.keys() and all(0 < one < 1 for one in p.values())
    lost = customer_orders(whole(sight.scope)).group_by("customer_id").agg(at=_.ordered_at.max())
    lost = lost.filter(lost["at"] < sight.as_of - 180 * DAY)
    assert not {*sight.run(lost)["customer_id"].to_pylist()} & {*p}
    worst = max(p, key=lambda who: p[who])
    said = told(MODELS["churn"], [row for row in rows.to_pylist() if row["customer_id"] == worst])
    assert said[0].en.startswith("No order within 180 days: probability ") and "(" in said[0].en
    assert said[0].de.startswith("Keine Bestellung in 180 Tagen: Wahrscheinlichkeit ") and said[1].de.startswith(
        "Wird bis "
    )

    def returned(*_given: Any) -> Frame:
        """As if everybody had returned more than they bought."""
        (frame,) = frames
        place = frame.rows.column_names.index("spend_365")
        return Frame(frame.rows.set_column(place, "spend_365", pa.repeat(-100.0, frame.rows.num_rows)), frame.features)

    assert min(worth.values()) >= 0 < max(worth.values())
    monkeypatch.setattr(Task, "seen", returned)
    assert set(of(churn.predict(sight, found, ASKED), "value_at_risk").values()) == {0.0}


def of(rows: pa.Table, target: str) -> dict[int, float]:
    return {row["customer_id"]: row["value"] for row in rows.to_pylist() if row["target"] == target}


def moments(sight: Sight) -> tuple[ir.Table, list[int], int]:
    """Of customers without a contract: moments with outcomes, cuts, days."""
    part = PARTS[0]
    days = outcome_days(sight, ASKED.horizon_days, part.most(sight))
    cuts = cuts_of(sight, days)
    return part.left(sight, part.asked(sight, cuts), days), cuts, days


def test_a_feature_that_reads_the_future_is_found(sight: Sight) -> None:
    """Planted: orders so far, without “so far”."""
    spy = Feature(
        "orders_ever", Text("Orders ever", "Bestellungen überhaupt"), "count", Text("{value}", "{value}"), "x"
    )

    def ever(scope: object, asked: ir.Table) -> ir.Table:
        orders = customer_orders(whole(scope)).group_by("customer_id").agg(orders_ever=_.count().cast("float64"))  # type: ignore[arg-type]
        return asked.join(orders, "customer_id").select("customer_id", "moment_at", "orders_ever")

    asked, cuts, _days = moments(sight)
    groups = (PARTS[0].task.groups[0], Group("spy", ("orders",), (spy,), ever))
    frame = features_at(sight, asked, groups, "spied")
    (refused,) = watch(sight, frame, asked.select("customer_id", "moment_at"), cuts[1], groups)
    assert refused.column == "orders_ever" and "knows the future" in refused.why.en and "Zukunft" in refused.why.de


def test_facts_that_were_written_into_the_past_are_found(sight: Sight) -> None:
    """Planted: who was to leave got a complaint the day before, dated back."""
    asked, cuts, days = moments(sight)
    asked = asked.filter(asked.moment_at == cuts[-1])
    leavers = asked.filter(asked.happened == 1.0)

    def planted(rows: ir.Table) -> ir.Table:
        columns = {name: ibis.null(kind) for name, kind in rows.schema().items()}
        columns |= {
            "case_key": leavers.customer_id * 7 + 1, "state": ibis.literal("opened"), "nth": leavers.moment_at,
            "source": ibis.literal("crm"), "customer_id": leavers.customer_id, "identifier_id": leavers.customer_id,
            "happened_at": leavers.moment_at - DAY, "kind": ibis.literal("complaint"),
            "bucket": ibis.literal(1, "int32"), "version": ibis.literal(1, "int64"),
        }  # fmt: skip
        return rows.union(leavers.select(**{name: columns[name].cast(rows.schema()[name]) for name in rows.columns}))

    backdated = but(sight, {"cases": planted})
    groups = tuple(group for group in PARTS[0].task.groups if group.name in ("orders", "cases"))
    task = Task("planted", "days_since_order", Text("–", "–"), groups)
    learned = learn(look(backdated, task, asked, days), task, days, 1)
    assert {one.column for one in learned.refused} == {"complaints_365", "cases_365", "open_cases"}
    assert any("„Beschwerden in einem Jahr“" in text.de for text in learned.warnings(Text("–", "–")))
    assert 0.4 < learned.fitted.quality.auc < 0.8


def test_contracts_last_as_long_as_the_truth_says(tmp_path: Path) -> None:
    """Most buyers subscribe; the chance to cancel at the end of each month is Beta(0.7, 6)."""
    shop = create_workspace(tmp_path / "subscribed", SIMULATED)
    laws = shop_of(shop, 5, 500, 760, date(2026, 11, 20))
    simulate(shop, laws.but(relationship=replace(laws.relationship, subscriber_share=0.9, trial_share=0.0)))
    with open_facts(shop) as facts, sight_of(facts) as seen:
        found = survival.fit(seen, ASKED)
        fitted = FittedLifetime.of_state(found.state)
        for months in (3, 6, 12):
            truth = beta(0.7, 6 + months) / beta(0.7, 6)
            place = int(np.searchsorted(fitted.times, months * 30.4375 + 2, side="right")) - 1
            assert fitted.low[place] - 0.02 < truth < fitted.high[place] + 0.02
        rows = survival.predict(seen, found, ASKED)
        days, stays = of(rows, "risk_date"), of(rows, "stay_probability")
        assert days.keys() == stays.keys() and all(one is None or one > seen.as_of for one in days.values())
    shop.store.close()


def test_every_reason_reads_in_both_languages() -> None:
    for feature in FEATURES.values():
        for value in (None, 0.0, 1.0, 2.5, "email" if feature.unit == "channel" else 40.0):
            reason = {"value": value, "beside": dict.fromkeys(feature.beside, 12.0)}
            said = read(feature, reason, FEATURES, "EUR", 100)
            assert said is None or (("{" not in said.en + said.de) and said.en and said.de)
        assert np.isin(feature.unit, ("days", "count", "money", "share", "score", "times", "word", "channel"))
