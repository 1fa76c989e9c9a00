"""Covariates and cohorts: found where they are, not used where they do not help."""

import numpy as np
import pytest

from benchmarks.clv_hard import lives
from schwung.predict import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, PurchaseSummary
from schwung.predict.clv.covariates import decide, fit_by, fit_with_covariates
from schwung.predict.clv.grouping import Grouping
from schwung.predict.clv.held_out import hold_out
from tests.unit.predict import cdnow


def two_channels() -> tuple[PurchaseSummary, np.ndarray]:
    """Customers of the web buy three times as often as those of the shop."""
    random = np.random.default_rng(4)
    channel = np.repeat(["web", "shop"], [1500, 2500])
    rate = random.gamma(0.6, 1 / np.where(channel == "web", 20.0, 60.0))
    return lives(random, rate, random.beta(0.8, 2.4, 4000), random.integers(200, 300, 4000).astype(float)), channel


def test_an_effect_is_found() -> None:
    summary, channel = two_channels()
    for model in (BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD()):
        fitted = fit_with_covariates(model, summary, {"channel": channel})
        (alpha,) = [each for each in fitted.effects if each.parameter == "alpha"]
        assert (alpha.column, alpha.level) == ("channel", "web")
        assert alpha.low < alpha.factor < alpha.high < 0.6
        assert fitted.p_value < 1e-20 and "channel = web" in repr(fitted)
    web = fitted.expected_purchases(90, PurchaseSummary.from_arrays([1], [50], [100]), {"channel": ["web"]})
    shop = fitted.expected_purchases(90, PurchaseSummary.from_arrays([1], [50], [100]), {"channel": ["shop"]})
    assert web[0] > shop[0]


def test_two_levels_with_all_parameters_of_their_own_are_two_fits() -> None:
    summary, channel = two_channels()
    fitted = fit_by(BetaGeoNBD(), summary, channel, "channel")
    alone = BetaGeoNBD().fit(summary.chosen(np.flatnonzero(channel == "web")))
    assert alone.parameters in [each.parameters for each in fitted.fits]
    assert fitted.freedom == 4 and fitted.p_value < 1e-20
    assert fitted.log_likelihood > fit_with_covariates(BetaGeoNBD(), summary, {"channel": channel}).log_likelihood


def test_noise_is_not_used() -> None:
    held = hold_out(cdnow.log(), "1997-09-30")
    noise = {"noise": np.random.default_rng(2).integers(0, 3, len(held.summary))}
    fitted = fit_with_covariates(ParetoNBD(), held.summary, noise)
    assert fitted.p_value > 0.01
    used, why = decide(fitted, held, noise)
    assert not used and "not used" in why.en and "nicht verwendet" in why.de


def test_levels() -> None:
    found = Grouping.of("country", ["DE"] * 100 + ["AT"] * 50 + ["LI"] + [None])
    assert found.levels == ("DE", "AT", "(other)")
    assert list(found.place(["AT", "XX", None, "DE"])) == [1, 2, 2, 0]
    fifths = Grouping.of("basket", np.arange(1000.0))
    assert len(fifths.levels) == 5 and fifths.place([-5.0, 5000.0]).tolist() == [
        fifths.levels.index("–199.8"),
        fifths.levels.index("799.2–"),
    ]
    with pytest.raises(KeyError):
        fit_with_covariates(BetaGeoNBD(), two_channels()[0], {"channel": two_channels()[1]}).p_alive(
            two_channels()[0], {"other": two_channels()[1]}
        )
