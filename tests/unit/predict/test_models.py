"""Pareto/NBD, gamma-gamma and the model of contracts: published samples to all digits that are known."""

import numpy as np
import pytest
from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value

from schwung.predict import GammaGamma, ParetoNBD, ShiftedBetaGeometric
from tests.unit.predict import cdnow

# Customers of a thousand who stayed for 1, 2 … 7 years (Fader & Hardie 2007), α, β, log-likelihood, those of years 8–12 as told in
# advance, expected discounted payments at 10 %.
HIGH_END = (
    (869, 743, 653, 593, 551, 517, 491),
    (0.6680883511, 3.806094964),
    -1611.158147,
    (46.044, 43.578, 41.417, 39.506, 37.800),
    5.9222535,
)
REGULAR = (
    (631, 468, 382, 326, 289, 262, 241),
    (0.7040772985, 1.182043026),
    -1680.265188,
    (22.008, 20.441, 19.119, 17.986, 17.004),
    3.6949084,
)


@pytest.mark.parametrize(
    ("convention", "parameters", "likelihood"),
    [
        ("rounded", (0.55327550869, 10.5776122387, 0.606213568674, 11.6679112379), -9594.9739298269),
        ("raw", (0.553277046853, 10.5776834633, 0.606239989128, 11.6687352889), -9594.9761789395),
    ],
)
def test_pareto_on_cdnow(convention, parameters, likelihood) -> None:
    fitted = ParetoNBD().fit(getattr(cdnow, convention)())
    assert list(fitted.parameters.values()) == pytest.approx(parameters, rel=1e-8)
    assert fitted.log_likelihood == pytest.approx(likelihood, abs=1e-6)
    if convention == "rounded":
        assert list(fitted.standard_errors.values()) == pytest.approx((0.0476288, 0.842724, 0.18728, 6.21103), rel=1e-4)


def test_spend_on_cdnow() -> None:
    fitted = GammaGamma().fit(cdnow.raw())
    assert list(fitted.parameters.values()) == pytest.approx((6.24957227132, 3.74422466713, 15.4435209626), rel=1e-9)
    assert fitted.log_likelihood == pytest.approx(-4055.9176948019, abs=1e-6)
    assert fitted.customers == 946
    passed_around = load_cdnow_summary_data_with_monetary_value()
    fitted = GammaGamma().fit(passed_around["frequency"], passed_around["monetary_value"])
    assert list(fitted.parameters.values()) == pytest.approx((6.24880248971, 3.74458845329, 15.4477480095), rel=1e-9)
    assert list(fitted.standard_errors.values()) == pytest.approx((1.18969, 0.290166, 4.15999), rel=1e-4)
    assert fitted.log_likelihood == pytest.approx(-4055.9232435029, abs=1e-6)


@pytest.mark.parametrize(("stayed", "parameters", "likelihood", "later", "lifetime"), [HIGH_END, REGULAR])
def test_contracts(stayed, parameters, likelihood, later, lifetime) -> None:
    fitted = ShiftedBetaGeometric().fit_survivors([1000, *stayed])
    assert list(fitted.parameters.values()) == pytest.approx(parameters, rel=1e-9)
    assert fitted.log_likelihood == pytest.approx(likelihood, abs=1e-6)
    assert 100 * fitted.survival(range(8, 13)).value == pytest.approx(later, abs=5e-4)
    assert fitted.lifetime(0.1).value[0] == pytest.approx(lifetime, abs=1e-6)
    assert fitted.lifetime(0.0, periods=12).value[0] == pytest.approx(fitted.survival(range(12)).value.sum(), rel=1e-9)


def test_contracts_customer_by_customer_are_the_table() -> None:
    stayed = np.array([1000, *HIGH_END[0]])
    lost = -np.diff(stayed)
    tenure = np.concatenate([np.repeat(np.arange(1, 8), lost), np.full(stayed[-1], 7)])
    churned = np.arange(1000) < lost.sum()
    fitted = ShiftedBetaGeometric().fit(tenure, churned)
    assert list(fitted.parameters.values()) == pytest.approx(HIGH_END[1], rel=1e-9)
    assert fitted.survival(3, tenure=2).value == pytest.approx(fitted.survival(5).value / fitted.survival(2).value)
