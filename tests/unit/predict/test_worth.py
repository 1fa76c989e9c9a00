"""What customers will bring, against imagined futures; the course ahead, against a planted shop."""

import numpy as np
import pytest

from schwung.core.errors import InputError
from schwung.predict.clv import GammaGamma, ModifiedBetaGeoNBD, ParetoNBD, PurchaseSummary
from schwung.predict.clv.held_out import hold_out
from schwung.predict.clv.worth import Worth
from schwung.predict.forecast.course import course
from schwung.predict.forecast.known import Back, Base, Known
from tests.unit.predict import cdnow


def _base(customers: int) -> PurchaseSummary:
    random = np.random.default_rng(2)
    age = random.integers(30, 700, customers).astype(np.float64)
    bought = random.poisson(random.gamma(0.8, 1 / 120, customers) * age)
    recency = np.where(bought > 0, np.ceil(age * random.random(customers) ** 0.4), 0.0)
    spend = np.where(bought > 0, 6.25 / random.gamma(3.74, 1 / 15.44, customers), 0.0)
    return PurchaseSummary.from_arrays(bought, recency, age, spend=spend)


def test_worth_holds_what_imagined_futures_bring() -> None:
    summary = _base(3_000)
    purchases = ModifiedBetaGeoNBD().fit(summary)
    paid = summary.frequency.astype(np.float64)
    spend = GammaGamma().fit(summary)
    worth = Worth(purchases, spend, summary, 365.0)
    random, draws = np.random.default_rng(4), 60
    made = purchases.imagine(365.0, summary, draws=draws, seed=4)
    p, q, gamma = spend.values
    own = (gamma + paid * summary.spend) / random.gamma(p * paid + q, size=(draws, len(paid)))
    brought = np.where(made > 0, random.gamma(np.maximum(p * made, 1e-9)) * own, 0.0)
    low, high = worth.interval(0.8)
    assert np.mean((brought >= low) & (brought <= high)) == pytest.approx(0.85, abs=0.06), (
        "none weighs on the lower end"
    )
    total = worth.total(0.8)
    sums = brought.sum(axis=1)
    assert total.value == pytest.approx(float(sums.mean()), rel=0.05)
    assert total.low is not None and total.high is not None
    assert np.mean((sums >= total.low) & (sums <= total.high)) > 0.65


def test_discounting_by_parts_is_right() -> None:
    summary = _base(500)
    purchases = ModifiedBetaGeoNBD().fit(summary)
    spend = GammaGamma().fit(summary)
    rate = 0.1
    quick = Worth(purchases, spend, summary, 365.0, rate)
    exact = purchases.discounted_purchases(365.0, np.log1p(rate) / 365.25, summary).value * quick.each
    assert quick.value == pytest.approx(exact, rel=1e-4)
    within = quick.within(np.full(len(summary.distinct), 365.0))
    assert within == pytest.approx(quick.value, rel=1e-9)


def test_the_sample_brings_what_is_expected() -> None:
    held, log = hold_out(cdnow.log(), "1997-09-30"), cdnow.log()
    bought, spent = ParetoNBD().fit(held.summary), GammaGamma().fit(held.summary)
    weeks = Worth(bought, spent, held.summary, float(held.days))
    purchases = bought.expected_purchases(held.days, held.summary).value
    assert weeks.value == pytest.approx(purchases * spent.expected_spend(held.summary).value, rel=1e-9)
    later = (log.day > held.cut) & (log.day <= held.cut + held.days)
    came = np.bincount(log.who[later], weights=log.amount[later], minlength=len(log.names))
    low, high = weeks.interval()
    assert 0.75 < ((came >= low) & (came <= high)).mean() <= 1
    part = Worth(bought, spent, held.summary, float(held.days), 0.1, 0.4)
    assert (part.value < 0.4 * weeks.value).all() and (part.value > 0.4 * weeks.value / 1.1).all()
    wide, narrow = part.total(0.95), part.total()
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    endless = Worth(bought, spent, held.summary, np.inf, 0.1).total()
    assert endless.value > weeks.value.sum() and endless.low < endless.value < endless.high


def test_what_has_no_value_is_said() -> None:
    held = hold_out(cdnow.log(), "1997-09-30")
    bought, spent = ModifiedBetaGeoNBD().fit(held.summary), GammaGamma().fit(held.summary)
    for code, asked in (
        ("no_discount", lambda: Worth(bought, spent, held.summary, np.inf)),
        ("no_end", lambda: Worth(bought, spent, held.summary, np.inf, 0.1).interval()),
        ("no_spend", lambda: Worth(bought, spent, PurchaseSummary.from_arrays([1], [2], [3]), 90.0)),
    ):
        with pytest.raises(InputError) as raised:
            asked()
        assert raised.value.code == code


def test_course_goes_on_as_planted() -> None:
    """Ten new customers a day, season ±30 %: the year ahead has both."""
    days = np.arange(1_100)
    wave = 1 + 0.3 * np.sin(2 * np.pi * days / 364)
    random = np.random.default_rng(1)
    new = random.poisson(10 * wave).astype(np.float64)
    again = random.poisson(20 * wave).astype(np.float64)
    known = Known(
        0, 1_099, new, new + again, 3_000 * (new + again), new, 3_000 * new, new + again, {},
        Back(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)),
    )  # fmt: skip
    summary = _base(5_000)
    base = Base(ModifiedBetaGeoNBD().fit(summary), summary.distinct)
    ends = np.arange(0, 365, 28)
    ahead = course(known, base, ends, 400, random)
    newcomers, orders, revenue = (ahead.expected[name] for name in ("new_customers", "orders", "revenue"))
    assert newcomers.sum() == pytest.approx(3_640, rel=0.1)
    shape = np.corrcoef(newcomers, (1 + np.sin(2 * np.pi * (days[-1] + 1 + np.arange(364)) / 364)).reshape(-1, 28).sum(axis=1))  # fmt: skip
    assert shape[0, 1] > 0.8
    assert revenue.sum() == pytest.approx(3_000 * orders.sum(), rel=1e-6)
    assert orders.sum() == pytest.approx(sum(part["orders"][0] for part in ahead.cohorts.values()))
    short = course(known.until(500), base, ends, 400, random)
    assert np.ptp(short.expected["new_customers"]) < np.ptp(newcomers)
