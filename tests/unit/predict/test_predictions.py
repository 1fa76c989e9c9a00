"""What fitted purchase models say of customers: published figures, the oracle's sums, imagined futures; never NaN."""

import warnings

import numpy as np
import pytest
from lifetimes import BetaGeoFitter

from schwung.predict import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, PurchaseSummary
from schwung.predict.clv import Purchases, default
from schwung.predict.clv.choice import choose, is_better
from schwung.predict.clv.held_out import hold_out
from schwung.predict.clv.judged import by_frequency, calibration, expected, measures, naive
from schwung.predict.clv.tracking import Course, tracking
from schwung.predict.model import Prediction
from schwung.predict.purchasing.words import alive
from tests.unit.predict import cdnow

MODELS = [BetaGeoNBD(), ModifiedBetaGeoNBD(), ParetoNBD()]
SOME = PurchaseSummary.from_arrays([0, 2, 20, 0, 1], [0, 30.43, 38, 0, 1], [38.86, 38.86, 38.87, 0, 300], unit="week")


def held():
    return hold_out(cdnow.log(), "1997-09-30")


def test_the_published_customer() -> None:
    fitted = BetaGeoNBD().fit(cdnow.rounded())
    assert fitted.expected_purchases(39, [2], [30.43], [38.86]).value[0] == pytest.approx(1.2259, abs=5e-5)
    assert fitted.p_alive([2], [30.43], [38.86]).value[0] == pytest.approx(0.7266, abs=5e-5)
    known = BetaGeoNBD.from_parameters(r=0.2429, alpha=4.4324, a=0.2856, b=0.6585, unit="week")
    assert known.expected_purchases(39, [0], [0], [38.86]).value[0] == pytest.approx(0.1924780787, abs=5e-11)


@pytest.mark.parametrize("ages", [np.arange(1.0, 7.0), np.linspace(0.5, 700.0, 400)])
def test_a_customer_is_worth_the_same_among_others(ages: np.ndarray) -> None:
    """Who bought equally often and is equally old is worked out once, whatever the last purchase was."""
    frequency, T = (one.ravel() for one in np.meshgrid([0, 1, 4, 2_000], ages))
    recency = np.where(frequency > 0, T * np.linspace(0.2, 1.0, len(T)), 0.0)
    for model in (BetaGeoNBD, ModifiedBetaGeoNBD):
        fitted = model.from_parameters(r=0.243, alpha=4.414, a=0.793, b=2.426)
        for ask in (
            fitted.expected_purchases,
            lambda time, *given, of=fitted: of.discounted_purchases(time, 0.01, *given),
        ):
            at = [0, len(T) // 3, len(T) - 2]
            alone = [float(ask(30.0, [frequency[i]], [recency[i]], [T[i]]).value[0]) for i in at]
            assert ask(30.0, frequency, recency, T).value[at] == pytest.approx(alone, rel=1e-10)


def test_one_time_buyers() -> None:
    """BG/NBD says that they are customers still; the default for that question does not."""
    assert BetaGeoNBD().fit(cdnow.raw()).p_alive([0], [0], [38.0]).value[0] == 1
    for model in (default(), ParetoNBD()):
        assert 0 < model.fit(cdnow.raw()).p_alive([0], [0], [38.0]).value[0] < 0.9
    sure, likely = ({"p_alive": Prediction("p_alive", 0, value, value, value, None, [])} for value in (1.0, 0.7))
    assert alive(sure) is None and alive(likely) is not None, "no sentence of what is an assumption"


def test_sums_are_those_of_lifetimes_where_it_has_any() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = BetaGeoFitter().fit(*_columns(cdnow.raw()))
        ours = BetaGeoNBD.from_parameters(**peer.params_, unit="week")
        wanted = peer.conditional_expected_number_of_purchases_up_to_time(52, *_columns(cdnow.raw()))
        alive = peer.conditional_probability_alive(*_columns(cdnow.raw()))
    assert ours.expected_purchases(52, cdnow.raw()).value.sum() == pytest.approx(wanted.sum(), rel=1e-9)
    assert ours.p_alive(cdnow.raw()).value.sum() == pytest.approx(alive.sum(), rel=1e-9)


def _columns(summary: PurchaseSummary):
    return summary.frequency, summary.recency, summary.T


@pytest.mark.parametrize("leaving", [(0.2, 0.3), (0.5, 0.5), (1.0, 2.0), (1e-6, 1e-6), (1e6, 1e7), (30.0, 0.01)])
@pytest.mark.parametrize("buying", [(0.01, 1e-3), (0.25, 4.0), (1e6, 1e7), (50.0, 1.0)])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.process.name)
def test_no_valid_parameters_give_nan(model, buying, leaving) -> None:
    fitted = model.from_parameters(**dict(zip(model.process.parameters, (*buying, *leaving), strict=True)), unit="week")
    alive = fitted.p_alive(SOME).value
    assert ((alive >= 0) & (alive <= 1)).all()
    some = [fitted.expected_purchases(horizon, SOME).value for horizon in (0.0, 1e-9, 39.0, 1e4)]
    assert np.isfinite(some).all() and (np.diff(some, axis=0) >= -1e-9).all()
    assert np.isfinite(fitted.discounted_purchases(np.inf, 0.002, SOME).value).all()
    assert (fitted.discounted_purchases(39.0, 0.0, SOME).value <= some[2] * (1 + 1e-6)).all()
    assert np.isfinite(fitted.expected_purchases(39.0, SOME).scatter()).all()
    bought = fitted.probability_of_purchase(39.0, SOME).value
    assert ((bought >= 0) & (bought <= 1) & (bought <= some[2] + 1e-9)).all()
    when = fitted.next_purchase(SOME)
    assert ((when.low <= when.median) & (when.median <= when.high)).all() and not np.isnan(when.high).any()
    assert ((when.never >= 0) & (when.never <= 1)).all()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.process.name)
def test_what_is_imagined_is_what_is_expected(model) -> None:
    fitted = model.fit(cdnow.rounded())
    known = model.from_parameters(**fitted.parameters, unit="week")
    many = 40_000
    one = PurchaseSummary.from_arrays([2] * many, [30.43] * many, [38.86] * many, unit="week")
    made = known.imagine(39, one, draws=1, seed=7)[0]
    said = known.expected_purchases(39, one)
    error = float(np.sqrt(said.scatter()[0] / many))
    assert abs(made.mean() - said.value[0]) < 4 * error
    assert made.var() == pytest.approx(said.scatter()[0], rel=0.05)
    assert (made > 0).mean() == pytest.approx(known.probability_of_purchase(39, one).value[0], abs=0.01)
    low, high = known.purchase_interval(39, one.chosen([0]))
    assert 0.8 <= ((made >= low[0]) & (made <= high[0])).mean() < 0.97


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.process.name)
def test_the_next_purchase(model) -> None:
    """Half of those who come back are back by the median; in endless time all but the lost."""
    fitted = model.fit(cdnow.rounded())
    when = fitted.next_purchase(SOME)
    for place in (0, 1, 4):
        one = SOME.chosen([place])
        back = fitted.probability_of_purchase(float(when.median[place]), one).value[0]
        assert back == pytest.approx((1 - when.never[place]) / 2, rel=1e-6)
    assert fitted.new_customers(39, 100).total().value == pytest.approx(100 * fitted.new_customers(39).value[0])


def test_intervals_widen_with_the_level_and_keep_their_order() -> None:
    fitted = default().fit(cdnow.rounded())
    for said in (fitted.p_alive(SOME), fitted.expected_purchases(39, SOME)):
        (low80, high80), (low95, high95) = said.interval(), said.interval(0.95)
        assert (low95 <= low80).all() and (low80 <= said.value).all()
        assert (said.value <= high80).all() and (high80 <= high95).all()
    total = fitted.expected_purchases(39, cdnow.rounded())
    alone, whole = total.total(observed=False), total.total()
    assert whole.low < alone.low < whole.value < alone.high < whole.high
    assert len(total) == 2357 and np.asarray(total).sum() == pytest.approx(whole.value)


def test_models_come_back_from_json() -> None:
    for model in MODELS:
        fitted = model.fit(cdnow.raw())
        again = model.from_json(fitted.to_json())
        assert again.told() == fitted.told()
        assert again.p_alive(SOME).interval()[0] == pytest.approx(fitted.p_alive(SOME).interval()[0])
        assert "log-likelihood" in repr(again) and "p_alive" in repr(again)


def test_groups_of_customers_count_as_many() -> None:
    """A table of distinct rows with their number, as an engine gives it."""
    one = cdnow.raw()
    rows = one.distinct
    table = {"frequency": rows.frequency, "recency": rows.recency, "age": rows.T, "customers": rows.count}
    grouped = PurchaseSummary.from_table(table, unit="week")
    assert len(grouped) < len(one)
    fitted = default().fit(grouped)
    assert fitted.parameters == pytest.approx(default().fit(one).parameters, rel=1e-9)
    assert fitted.expected_purchases(39, grouped).total() == pytest.approx(fitted.expected_purchases(39, one).total())


def test_held_out_weeks() -> None:
    known = held()
    fits = {model.process.name: model.fit(known.summary) for model in MODELS}
    wanted = {
        "bg_nbd": (1653.41, 0.7855, 1.6080),
        "mbg_nbd": (1576.73, 0.7648, 1.6072),
        "pareto_nbd": (1665.51, 0.7545, 1.6028),
    }
    for name, figures in wanted.items():
        said = expected(fits[name], known)
        found = measures(said, known)
        assert (said.sum(), found["mae"], found["rmse"]) == pytest.approx(figures, abs=6e-3, rel=1e-4)
        assert found["bias"] == pytest.approx(figures[0] / 1882 - 1, abs=1e-4)
    assert naive(known).sum() == pytest.approx(2930, abs=1)
    assert measures(naive(known), known)["mae"] == pytest.approx(1.0237, abs=1e-4)
    rows = by_frequency(expected(fits["bg_nbd"], known), known)
    assert [row["expected"] for row in rows] == pytest.approx(
        [0.2251, 0.5231, 1.0441, 1.5203, 2.1639, 2.6538, 3.504, 6.1572], abs=1e-4
    )
    assert [row["actual"] for row in rows] == pytest.approx(
        [0.2367, 0.697, 1.3925, 1.56, 2.5323, 2.9474, 3.8621, 6.3594], abs=1e-4
    )
    shares = calibration(fits["pareto_nbd"].probability_of_purchase(known.days, known.summary).value, known)
    assert sum(row["n"] * row["observed"] for row in shares) == pytest.approx(684)
    weeks = tracking(fits["bg_nbd"], Course.of(cdnow.log()), known.cut)
    assert len(weeks) == 78 and weeks[0]["week"] == "1996-12-30" and sum(one["is_held_out"] for one in weeks) == 38
    before = [one for one in weeks if not one["is_held_out"]]
    assert sum(one["expected"] for one in before) == pytest.approx(sum(one["actual"] for one in before), rel=0.03)


def test_the_default_stays_where_none_is_clearly_better() -> None:
    known = held()
    found = choose(known)
    assert found.model.process.name == "mbg_nbd" and [row["model"] for row in found.rows] == [
        "mbg_nbd",
        "pareto_nbd",
        "bg_nbd",
    ]
    assert "no other is clearly better" in found.reason.en and "kein anderes ist klar" in found.reason.de
    assert "untried" in choose(None).reason.en
    fitted = BetaGeoNBD().fit(known.summary)
    bad = BetaGeoNBD.from_parameters(r=0.243, alpha=10.0, a=0.79, b=2.4)
    assert is_better(expected(fitted, known), expected(bad, known), known)


def test_weeks_of_a_log_are_its_days() -> None:
    log = Purchases.of(["a", "a", "a", "b"], ["2026-01-01", "2026-01-01", "2026-01-15", "2026-01-08"], [5, 5, 4, 3])
    summary = log.summary()
    assert list(zip(summary.frequency, summary.recency, summary.T, summary.spend, strict=True)) == [
        (1, 14, 14, 4),
        (0, 0, 7, 0),
    ]
    assert list(summary.in_weeks().T) == [2, 1]
    assert list(summary.week_preview().recency) == [2.5, 0] and list(summary.week_preview().T) == [2.5, 1.5]
    assert summary.window == ("2026-01-01", "2026-01-15")
