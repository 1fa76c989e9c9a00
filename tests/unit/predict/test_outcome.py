"""Outcomes on data frames: calibrated, split by time, without columns that are known only afterwards, with reasons."""

import sys
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from schwung.core.errors import InputError, SetupError
from schwung.predict import ContractLifetime, OutcomeClassifier
from schwung.predict.classify.fitted import FittedOutcome
from schwung.predict.classify.fitting import calibrate
from schwung.predict.classify.quality import quality
from schwung.predict.classify.split import by_time, shuffled_folds

SIZE = 1500


def people(seed: int = 3, size: int = SIZE) -> pd.DataFrame:
    """Customers in time order. The chance to leave follows pause and plan; the longer they are here, the fewer leave."""
    chance = np.random.default_rng(seed)
    pause, visits = chance.gamma(2, 30, size), chance.poisson(4, size)
    plan = chance.choice(["small", "middle", "large"], size)
    odds = 0.02 * (pause - 60) - 0.25 * (visits - 4) + np.where(plan == "small", 0.8, -0.4)
    left = chance.random(size) < 1 / (1 + np.exp(-odds))
    seen = [date(2026, 1, 1) + timedelta(days=int(day)) for day in np.sort(chance.integers(0, 300, size))]
    return pd.DataFrame(
        {"customer_id": np.arange(size), "seen_on": seen, "pause": pause, "visits": visits, "plan": plan, "left": left}
    )


@pytest.fixture(scope="module")
def fitted() -> FittedOutcome:
    return OutcomeClassifier(naive="pause").fit(people(), "left", time="seen_on", gap=7)


def test_it_beats_the_naive_rule_on_later_rows_and_its_probabilities_are_true(fitted: FittedOutcome) -> None:
    later = fitted.out_of_time
    assert later[fitted.way].auc > later["naive"].auc + 0.03 and later[fitted.way].log_loss < later["naive"].log_loss
    assert later[fitted.way].ece < 0.06 and abs(later[fitted.way].mean - later[fitted.way].base) < 0.05
    assert fitted.cross_validated[fitted.way].ece < 0.03
    fresh = people(seed=4)
    told = quality(fresh["left"], fitted.predict_proba(fresh))
    assert told.auc > 0.72 and told.ece < 0.05
    assert [row["predicted"] for row in told.reliability] == sorted(row["predicted"] for row in told.reliability)


def test_reasons_name_what_speaks_for_and_against(fitted: FittedOutcome) -> None:
    rows = pd.DataFrame({"pause": [300.0, 2.0], "visits": [0, 12], "plan": ["small", "large"]})
    stays, goes = fitted.predict_proba(rows)[::-1]
    assert goes > 0.9 and stays < 0.1
    bad, good = fitted.reasons(rows)
    assert bad[0].column == "pause" and bad[0].effect > 0
    assert (bad[0].text.en, bad[0].text.de) == ("pause: 300 (raises it)", "pause: 300 (erhöht)")
    assert good and all(one.effect < 0 for one in good)


def test_it_predicts_the_same_from_its_state(fitted: FittedOutcome) -> None:
    rows = people(seed=5, size=50)
    for one in (fitted, OutcomeClassifier(folds=2).fit(people(size=400), "left")):
        again = FittedOutcome.of_state(one.state())
        assert np.allclose(again.predict_proba(rows), one.predict_proba(rows))
        assert [r[0].column for r in again.reasons(rows)] == [r[0].column for r in one.reasons(rows)]


def test_rows_by_number_are_left_out_and_no_time_is_said(fitted: FittedOutcome) -> None:
    assert "customer_id" not in [column.name for column in fitted.columns]
    without = OutcomeClassifier(folds=2).fit(people(size=400).drop(columns="seen_on"), "left")
    assert not without.out_of_time and any("flatter" in text.en for text in without.warnings)


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        ("reason", "only where it happened"),
        ("closing_call", "more (AUC"),
        ("score_after", "almost without error"),
        ("ended_on", "after the time of its row"),
    ],
)
def test_a_column_from_the_future_is_found_and_refused(leak: str, said: str) -> None:
    rows = people()
    chance, left = np.random.default_rng(9), rows["left"].to_numpy()
    planted: dict[str, Any] = {
        "reason": np.where(left & (chance.random(SIZE) < 0.5), "price", None),
        "closing_call": np.where(left, chance.gamma(6, 60, SIZE), chance.gamma(2, 60, SIZE)),
        "score_after": left + chance.normal(0, 0.2, SIZE),
        "ended_on": [
            day + timedelta(days=20 if gone else -20) for day, gone in zip(rows["seen_on"], left, strict=True)
        ],
    }
    rows[leak] = planted[leak]
    found = OutcomeClassifier(folds=2).fit(rows, "left", time="seen_on")
    (refused,) = found.refused
    assert refused.column == leak and said in refused.why.en and refused.why.de
    assert leak not in [column.name for column in found.columns] and found.quality.auc < 0.9
    if leak == "closing_call":
        again = OutcomeClassifier(folds=2, known_before=(leak,)).fit(rows, "left", time="seen_on")
        assert not again.refused and again.quality.auc > found.quality.auc + 0.05


def test_a_copy_of_a_leak_goes_with_it() -> None:
    rows = people()
    chance, left = np.random.default_rng(9), rows["left"].to_numpy()
    rows["closing_call"] = np.where(left, chance.gamma(6, 60, SIZE), chance.gamma(2, 60, SIZE))
    rows["closing_minutes"] = rows["closing_call"] / 60
    found = OutcomeClassifier(folds=2).fit(rows, "left", time="seen_on")
    assert {one.column for one in found.refused} == {"closing_call", "closing_minutes"}


def test_what_is_honest_is_not_refused(fitted: FittedOutcome) -> None:
    assert not fitted.refused


def test_rows_in_time_order_do_not_turn_the_ranking_upside_down() -> None:
    """Unshuffled inner folds do that where the share drifts: anchors, CalibratedClassifierCV's default."""
    chance = np.random.default_rng(1)
    happened = (chance.random(4000) < np.linspace(0.02, 0.4, 4000)).astype(float)
    folds = shuffled_folds(happened, None, 5, 1)
    assert sum(fold.sum() for fold in folds) == 4000 and np.sum(folds, axis=0).max() == 1
    assert max(happened[fold].mean() for fold in folds) - min(happened[fold].mean() for fold in folds) < 0.005
    groups = np.arange(4000) // 4
    parts = shuffled_folds(happened, groups, 5, 1)
    assert all(len(np.intersect1d(groups[fold], groups[~fold])) == 0 for fold in parts)


def test_outcomes_that_were_not_known_yet_teach_nothing() -> None:
    times = np.arange(100.0)
    past, later = by_time(times, 0.3, 20)
    assert later.sum() == 30 and times[past].max() == 50


def test_calibration_finds_slope_and_shift_and_never_a_wrong_way_round() -> None:
    chance = np.random.default_rng(2)
    margin = chance.normal(0, 2, 40_000)
    happened = (chance.random(40_000) < 1 / (1 + np.exp(-(0.5 * margin - 1)))).astype(float)
    found = calibrate(margin, happened)
    assert found.slope == pytest.approx(0.5, abs=0.02) and found.shift == pytest.approx(-1, abs=0.04)
    assert calibrate(-margin, happened).slope == 0
    assert calibrate(-margin, happened)(margin[:2]) == pytest.approx([happened.mean()] * 2, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda rows: rows.assign(left=True), "one_outcome"),
        (lambda rows: rows.assign(left=rows.index < 5), "too_few_cases"),
        (lambda rows: rows.assign(left=[*[None] * 3, *rows["left"][3:]]), "outcome_wrong"),
        (lambda rows: rows.assign(left=rows["plan"]), "outcome_wrong"),
        (lambda rows: rows.drop(columns="left"), "column_missing"),
        (lambda rows: rows[["customer_id", "left"]], "no_columns"),
        (lambda rows: rows.assign(seen_on=[None, *rows["seen_on"][1:]]), "time_missing"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_a_sentence(change: Any, code: str) -> None:
    rows = change(people(size=300))
    with pytest.raises(InputError) as refused:
        OutcomeClassifier().fit(rows, "left", time="seen_on" if "seen_on" in rows else None)
    assert refused.value.code == code and refused.value.message.de and refused.value.step.de


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("lightgbm", "lifelines"):
        monkeypatch.setitem(sys.modules, package, None)
    rows = people(size=200)
    for fit in (
        lambda: OutcomeClassifier().fit(rows, "left"),
        lambda: ContractLifetime().fit(rows["pause"] + 1, rows["left"]),
    ):
        with pytest.raises(SetupError) as refused:
            fit()
        assert refused.value.code == "package_missing" and "schwung[models]" in refused.value.step.de
