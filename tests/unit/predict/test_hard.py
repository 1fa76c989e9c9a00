"""Bases that are hard to fit: no exception, no worse optimum, the boundary said in words; what cannot be fitted is refused in a sentence."""

import numpy as np
import pytest

from benchmarks.clv_hard import KINDS, best_known, outcome
from schwung.core.errors import InputError
from schwung.predict import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD, ParetoNBD, PurchaseSummary, ShiftedBetaGeometric
from tests.unit.predict import cdnow

MODELS = [BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD()]


@pytest.mark.parametrize("kind", KINDS)
def test_hard_fits(kind: str) -> None:
    """One seed each; all 240 and more starts: python -m benchmarks clv_hard."""
    random = np.random.default_rng([3, len(kind)])
    summary = KINDS[kind](random)
    assert outcome(BetaGeoNBD(), summary, best_known(BetaGeoNBD(), summary, random, 0))[0] == "ok"
    for model in MODELS[1:]:
        fitted = model.fit(summary)
        assert fitted.log_likelihood is not None and np.isfinite(fitted.log_likelihood)
        said = fitted.expected_purchases(30, summary)
        low, high = said.interval()
        assert np.isfinite([said.value, low, high]).all()


def test_the_higher_of_two_hills_is_found() -> None:
    """A base of which the plain start leads to the lower one."""
    kind = "hardly any repeats"
    summary = KINDS[kind](np.random.default_rng([14, len(kind)]))
    fitted = ModifiedBetaGeoNBD().fit(summary)
    assert fitted.log_likelihood == pytest.approx(-2768.412243, abs=1e-4)


def test_the_boundary_is_said_in_words() -> None:
    """Nobody leaves; all buy alike: parameters without an error, a bound, an interval all the same."""
    random = np.random.default_rng(5)
    summary = KINDS["no drop-out"](random)
    fitted = ModifiedBetaGeoNBD().fit(summary)
    assert fitted.standard_errors["a"] is None and fitted.standard_errors["r"] is not None
    assert any("no customer leaves" in warning.en and "kein Kunde geht" in warning.de for warning in fitted.warnings)
    assert fitted.p_alive(summary).value.mean() > 0.99
    total = fitted.expected_purchases(30, summary).total()
    assert 0 < total.low < total.value < total.high
    alike = BetaGeoNBD().fit(KINDS["one rate for all"](np.random.default_rng(16)))
    assert alike.standard_errors["r"] is None or alike.standard_errors["r"] > 0.3 * alike.parameters["r"]


@pytest.mark.parametrize(
    ("frequency", "recency", "T", "code", "said"),
    [
        ([1, -1, 0], [3, 1, 0], [5, 5, 5], "purchase_rows", "negative: 1 rows (1)"),
        ([1, 0.5, 0], [3, 1, 0], [5, 5, 5], "purchase_rows", "no whole number: 1 rows (1)"),
        ([1, 1, 0], [3, 9, 0], [5, 5, 5], "purchase_rows", "after the end of observation: 1 rows (1)"),
        ([1, 1, 0], [3, 2, 2], [5, 5, 5], "purchase_rows", "later than the first: 1 rows (2)"),
        ([1, 1, 0], [0, 0, 0], [5, 5, 5], "purchase_rows", "as old as the first: 2 rows (0, 1)"),
        ([1, float("nan"), 0], [3, 1, 0], [5, 5, 5], "purchase_rows", "missing or infinite: 1 rows (1)"),
        ([1, 1], [3, 2, 0], [5, 5, 5], "purchase_lengths", "one length"),
        ([1, 1, 0], [3, 2, 0], [5, 5, 5], "too_few_customers", "at least 10 customers to fit"),
        ([0] * 20, [0] * 20, [5] * 20, "no_repeat_purchases", "Only 0 of 20 customers bought again"),
        ([0] * 20, [0] * 20, [0] * 20, "no_repeat_purchases", "Only 0"),
    ],
)
def test_what_cannot_be_fitted(frequency, recency, T, code, said) -> None:
    for model in MODELS:
        with pytest.raises(InputError) as error:
            model.fit(frequency, recency, T)
        assert error.value.code == code and said in error.value.message.en
        assert error.value.message.de and error.value.step.de


def test_rows_are_named_by_customer() -> None:
    with pytest.raises(InputError, match=r"negative: 1 rows \(ben\)"):
        PurchaseSummary.from_arrays([1, -2], [3, 1], [5, 5], customers=["anna", "ben"])


def test_spend_that_cannot_be_fitted() -> None:
    random = np.random.default_rng(1)
    x, m = random.integers(1, 5, 50), random.gamma(5, 4, 50)
    with pytest.raises(InputError, match=r"0 or negative: 2 rows \(3, 7\)"):
        GammaGamma().fit(x, np.where(np.isin(np.arange(50), [3, 7]), 0.0, m))
    wild = np.exp(random.normal(0, 6, 200))
    with pytest.raises(InputError, match="no finite mean"):
        GammaGamma().fit(np.full(200, 3), wild)
    with pytest.raises(InputError, match="no finite mean"):
        GammaGamma.from_parameters(p=6, q=0.9, gamma=15)
    with pytest.raises(InputError, match="holds no spend"):
        GammaGamma().fit(PurchaseSummary.from_arrays([1], [2], [3]))
    hanging = np.arange(1, 61)
    assert "hang together" in str(GammaGamma().fit(hanging, hanging * random.gamma(50, 0.1, 60)).warnings[-1])
    alike = GammaGamma().fit(np.arange(1, 60) % 7 + 1, np.full(59, 20.0) + random.normal(0, 0.01, 59))
    assert alike.warnings and alike.expected_spend([0], [0]).value[0] == pytest.approx(20, rel=1e-3)


def test_parameters_that_cannot_be() -> None:
    with pytest.raises(InputError, match="wrong: b, beta"):
        BetaGeoNBD.from_parameters(r=1, alpha=2, a=1, beta=3)
    with pytest.raises(InputError, match="wrong: s"):
        ParetoNBD.from_parameters(r=1, alpha=2, s=0, beta=3)
    with pytest.raises(InputError, match="wrong: beta"):
        ShiftedBetaGeometric.from_parameters(alpha=1)


def test_contracts_that_cannot_be_fitted() -> None:
    with pytest.raises(InputError, match="A cohort grew"):
        ShiftedBetaGeometric().fit_survivors([100, 90, 95])
    with pytest.raises(InputError, match="before the first renewal"):
        ShiftedBetaGeometric().fit([0] * 20, [True] * 20)
    with pytest.raises(InputError, match="too few"):
        ShiftedBetaGeometric().fit([1, 2], [True, False])
    with pytest.raises(InputError, match="no finite value"):
        ShiftedBetaGeometric.from_parameters(alpha=0.7, beta=1.2).lifetime(0.0)
    loyal = ShiftedBetaGeometric().fit([3] * 50, [False] * 50)
    assert loyal.warnings and loyal.survival([5]).value[0] == pytest.approx(1.0)


def test_a_unit_of_time_that_is_none() -> None:
    import pandas as pd

    frame = pd.DataFrame({"customer": [1, 1], "time": ["2026-01-01", "2026-01-05"]})
    assert PurchaseSummary.from_transactions(frame, until="2026-01-31").T[0] == 30
    with pytest.raises(InputError, match="no unit of time"):
        PurchaseSummary.from_transactions(frame, unit="month")
    with pytest.raises(InputError, match="no purchase in this window"):
        PurchaseSummary.from_transactions(frame, until="2025-01-31")
    assert cdnow.log().summary(cdnow.CUT).in_weeks().unit == "week"
