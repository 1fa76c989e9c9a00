"""Covariates and cohorts: found where they are, not used where they do not help."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.clv_hard import lives
from schwung.predict import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, PurchaseSummary
from schwung.predict.clv.covariates import decide, fit_by, fit_with_covariates
from schwung.predict.clv.grouping import Grouping
from schwung.predict.clv.held_out import HeldOut, hold_out
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
    two = fitted.grouped(PurchaseSummary.from_arrays([1, 1], [50, 50], [100, 100]), {"channel": ["web", "shop"]})
    web, shop = fitted.fitted.expected_purchases(90, two).value
    assert web > shop
    again = ParetoNBD.from_json(fitted.fitted.to_json())
    assert again.expected_purchases(90, two).value == pytest.approx([web, shop])
    whole = fitted.fitted.new_customers(90).value[0]
    assert whole == pytest.approx(fitted.pooled.new_customers(90).value[0], rel=0.1), "of whom nothing is known"


def test_sums_of_groups_know_that_their_parameters_hang_together() -> None:
    summary, channel = two_channels()
    fitted = fit_with_covariates(BetaGeoNBD(), summary, {"channel": channel})
    whole = fitted.fitted.expected_purchases(180, fitted.grouped(summary, {"channel": channel})).total(observed=False)
    plain = fitted.pooled.expected_purchases(180, summary).total(observed=False)
    assert whole.value == pytest.approx(plain.value, rel=0.1)
    assert whole.high - whole.low == pytest.approx(plain.high - plain.low, rel=0.5)


def test_two_levels_with_all_parameters_of_their_own_are_two_fits() -> None:
    summary, channel = two_channels()
    fitted = fit_by(BetaGeoNBD(), summary, channel, "channel")
    alone = BetaGeoNBD().fit(summary.chosen(np.flatnonzero(channel == "web")))
    assert fitted.of_level("channel", "web") == pytest.approx(alone.parameters, rel=1e-5)
    assert fitted.freedom == 4 and fitted.p_value < 1e-20
    less = fit_with_covariates(BetaGeoNBD(), summary, {"channel": channel})
    assert fitted.fitted.log_likelihood > less.fitted.log_likelihood


def test_noise_is_not_used() -> None:
    held = hold_out(cdnow.log(), "1997-09-30")
    noise = {"noise": np.random.default_rng(2).integers(0, 3, len(held.summary))}
    assert fit_with_covariates(ParetoNBD(), held.summary, noise).p_value > 0.01
    found = decide(ParetoNBD(), replace(held, columns=noise | {"alike": ["x"] * len(held.summary)}))
    assert not found.groupings and [row["is_used"] for row in found.rows] == [False]
    assert "no clear gain" in found.reasons[0].en and "nicht verwendet" in found.reasons[0].de
    assert "alike" in found.reasons[1].en


def test_what_helps_is_used_and_the_rest_is_not() -> None:
    """The web buys three times as often; of the country nothing hangs."""
    random = np.random.default_rng(8)
    channel, country = random.choice(["web", "shop"], 6000), random.choice(["DE", "AT", "CH"], 6000)
    rate = random.gamma(4.0, 1 / np.where(channel == "web", 200.0, 600.0))
    age = random.integers(60, 120, 6000).astype(float)
    summary = lives(random, rate, np.full(6000, 0.1), age)
    actual = lives(random, rate, np.full(6000, 0.1), np.full(6000, 120.0)).frequency.astype(float)
    held = HeldOut(summary, actual, 0, 120, {"country": country, "channel": channel})
    found = decide(ModifiedBetaGeoNBD(), held)
    assert [one.name for one in found.groupings] == ["channel"]
    assert "not used" in found.reasons[0].en and "channel: used" in found.reasons[1].en


def test_levels() -> None:
    found = Grouping.of("country", ["DE"] * 100 + ["AT"] * 50 + ["LI"] + [None])
    assert found.levels == ("DE", "AT", "(other)")
    assert list(found.place(["AT", "XX", None, "DE"])) == [1, 2, 2, 0]
    fifths = Grouping.of("basket", np.arange(1000.0))
    assert len(fifths.levels) == 5 and fifths.place([-5.0, 5000.0]).tolist() == [
        fifths.levels.index("–199.8"),
        fifths.levels.index("799.2–"),
    ]
