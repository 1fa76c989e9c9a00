"""Worked pages docs/proof/telco.md and saas_churn.md: bars met, references met, every number told in both languages."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from schwung.core.text import LANGUAGES, Language
from schwung.predict import ContractLifetime, OutcomeClassifier
from schwung.predict.classify.fitted import FittedOutcome
from schwung.predict.classify.quality import Quality
from schwung.renderers.numbers import plain
from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, pytest.mark.heavy, needs_shared]
WAYS = ("trees", "logistic")
BESIDE = ["Contract", "MonthlyCharges", "PaymentMethod", "InternetService"]
NEAR = (0.0016, 0.0016, 0.0016, 0.06)
"""Half of the last digit that a page tells, and what another machine's arithmetic may add."""


@cache
def telco() -> pd.DataFrame:
    return pd.read_csv(SHARED / "telco_churn" / "Telco-Customer-Churn.csv")


@cache
def saas() -> pd.DataFrame:
    return pd.read_csv(SHARED / "saas_churn" / "pysurvival_churn.csv")


@cache
def fitted(name: str) -> FittedOutcome:
    """In time order by when customers came; the folds are the same without one."""
    rows, outcome, age = (telco(), "Churn", "tenure") if name == "telco" else (saas(), "churned", "months_active")
    return OutcomeClassifier().fit(rows, outcome, time=-rows[age])


@cache
def without_time() -> FittedOutcome:
    return OutcomeClassifier().fit(telco(), "Churn")


def four(found: Quality) -> tuple[float, ...]:
    return found.auc, found.log_loss, found.ece, found.lift


def read(cell: str) -> float:
    return float(cell.rstrip("% \u00a0").replace(",", "."))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["telco", "saas_churn"])
def test_pages_tell_every_figure(name: str, language: Language) -> None:
    found = fitted(name)
    rows = proof.rows(name, language)
    wanted = [four(told[way]) for told in (found.cross_validated, found.out_of_time) for way in WAYS]
    for row, figures in zip(rows[:4], wanted, strict=True):
        for cell, figure, near in zip(row[1:], figures, NEAR, strict=True):
            assert read(cell) == pytest.approx(figure, abs=near), row
    source = (
        (telco().tenure, telco().Churn == "Yes") if name == "telco" else (saas().months_active, saas().churned == 1)
    )
    months = [float(row[0]) for row in rows[4:]]
    shares = ContractLifetime().fit(*source).survival_at(months)
    assert [row[1] for row in rows[4:]] == [
        f"{plain(100 * share, 1, language)}{'%' if language == 'en' else ' %'}" for share in shares
    ]


def test_telco_reaches_the_bars_and_the_references() -> None:
    """Bars of the issue in five folds; Kaplan–Meier of the anchors; nothing is refused."""
    folds = fitted("telco").cross_validated["trees"]
    assert folds.auc >= 0.847 and folds.log_loss <= 0.414 and folds.ece <= 0.025
    assert not fitted("telco").refused and "customerID" not in [one.name for one in fitted("telco").columns]
    curve = ContractLifetime().fit(telco().tenure, telco().Churn == "Yes", covariates=telco()[BESIDE])
    assert (curve.n, curve.ended) == (7043, 1869)
    reference = [0.94596132, 0.84319955, 0.7887364, 0.70884018, 0.59279015]
    assert curve.survival_at([1, 12, 24, 48, 72]) == pytest.approx(reference, abs=5e-9)


@pytest.mark.parametrize("language", LANGUAGES)
def test_telco_says_what_is_so(language: Language) -> None:
    found, rows = fitted("telco"), telco()
    later = found.out_of_time["trees"]
    before = (1869 - later.positives) / (7043 - later.n)
    assert (round(100 * later.base), round(100 * before)) == (47, 17)
    assert rows.tenure[np.argsort(rows.tenure)[: later.n]].median() < 12
    assert any("tenure, TotalCharges" in text.en for text in found.warnings)
    trees = without_time()
    assert trees.way == "trees" and trees.predict_proba(rows[:1])[0] == pytest.approx(0.72, abs=0.006)
    reasons = {one.column: one.effect > 0 for one in trees.reasons(rows[:1])[0]}
    assert reasons == {"Contract": True, "tenure": True, "InternetService": False}
    curve = ContractLifetime().fit(rows.tenure, rows.Churn == "Yes", covariates=rows[BESIDE])
    asked = rows[BESIDE].drop_duplicates("Contract")
    median = dict(zip(asked.Contract, curve.remaining(np.full(3, 12.0), asked)[0], strict=True))
    assert median["Month-to-month"] == 23 and np.isnan([median["One year"], median["Two year"]]).all()
    assert curve.warnings[0].in_(language).count({"en": "8.3 points", "de": "8,3 Punkte"}[language]) == 1


def test_saas_says_what_is_so() -> None:
    found, rows = fitted("saas_churn"), saas()
    folds = found.cross_validated
    assert folds["logistic"].auc > folds["trees"].auc and folds["logistic"].log_loss > folds["trees"].log_loss
    assert (found.way, found.positives, found.out_of_time["trees"].n) == ("trees", 932, 1092)
    assert list(found.importance)[:3] == ["csat_score", "product_payroll", "months_active"] and not found.refused
    known = rows.drop(columns=["months_active", "churned"])
    cox = ContractLifetime().fit(rows.months_active, rows.churned == 1, covariates=known)
    assert cox.cox is not None and round(cox.cox.concordance, 3) == 0.870 and "7.8 points" in cox.warnings[0].en
