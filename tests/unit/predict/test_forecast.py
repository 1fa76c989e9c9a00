"""The forecast: what is not known widens it, intervals hold what the simulator's laws let come; months are the calendar's; returns."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from benchmarks.forecast_coverage import RETURNED, Shop, hits
from schwung.measure.local_time import key_of_day
from schwung.predict.clv.rows import Floats
from schwung.predict.forecast.course import NEWCOMERS
from schwung.predict.forecast.erring import Tried, edges, judged, on_day, stretched, widened
from schwung.predict.forecast.known import LeftOut
from schwung.predict.forecast.latent import YEAR, Latent, Prior, latent, of_counts


def _weeks(count: int, seed: int, swing: float = 0.3) -> Floats:
    week = np.arange(count)
    return np.random.default_rng(seed).poisson(400 * np.exp(swing * np.sin(2 * np.pi * week / YEAR))).astype(float)


PRIOR = Prior(walk=(0.01,), season=(0.05, 0.3), unrest=(0.02,), trend=0.3)


def _said(count: int, ahead: int = 26) -> Latent:
    return latent(*of_counts(_weeks(count, 1), np.ones(count)), ahead, PRIOR)


def test_a_season_seen_twice_is_met_and_one_not_seen_widens() -> None:
    chance = np.random.default_rng(2)
    for count in (104, 130, 156):
        truth = np.log(400) + 0.3 * np.sin(2 * np.pi * np.arange(count, count + 26) / YEAR)
        assert np.abs(_said(count).mean - truth).max() < 0.12
    width = {count: _said(count).drawn(2_000, chance).std(axis=0)[-1] for count in (26, 52, 130)}
    assert width[26] > 2.5 * width[130], "half a year tells little of the other half"
    assert width[52] > width[130]


def test_customers_of_before_the_first_fact_are_no_fall_of_newcomers() -> None:
    """Facts that begin in the middle of a shop's life: at first nearly everybody looks new. It is told from a shop that shrinks."""
    week = np.arange(30)
    returning = np.random.default_rng(5).poisson(40 + 400 * np.exp(-week / 5)).astype(float)
    shrinking = np.random.default_rng(5).poisson(400 * np.exp(-week / 13)).astype(float)
    met = latent(*of_counts(returning, np.ones(30)), 20, NEWCOMERS)
    blind = latent(*of_counts(returning, np.ones(30)), 20, replace(NEWCOMERS, opening=(0.0,)))
    assert met.mean[-1] == pytest.approx(np.log(40), abs=0.3)
    assert np.abs(blind.mean - np.log(40)).max() > 0.6, "else the fall goes on, or a season brings it back"
    falls = latent(*of_counts(shrinking, np.ones(30)), 20, NEWCOMERS)
    assert falls.mean[-1] < np.log(shrinking[-4:].mean()) + 0.2


def test_what_is_uncertain_grows_with_time_and_stays_in_totals() -> None:
    drawn = _said(130, 40).drawn(4_000, np.random.default_rng(3))
    spread = drawn.std(axis=0)
    assert spread[-1] > 1.4 * spread[0], "a level that walks at random"
    independent = np.sqrt(np.square(spread).sum())
    assert drawn.sum(axis=1).std() > 3 * independent, "weeks err together, so sums do not average it out"


def test_weeks_without_a_count_say_something_too() -> None:
    chance = np.random.default_rng(4)
    levels = [
        float(latent(*of_counts(chance.poisson(0.7, 150).astype(float), np.ones(150)), 4, PRIOR).mean.mean())
        for _ in range(12)
    ]
    assert np.exp(np.mean(levels)) == pytest.approx(0.7, rel=0.2)


@pytest.mark.parametrize("order", [1.0, 3_000.0])
def test_draws_are_stretched_around_their_middle_whatever_they_are_worth(order: float) -> None:
    drawn = np.random.default_rng(1).poisson(200.0, (4_000, 3)) * order
    wide = stretched(drawn, 2.0, order)
    assert np.log(wide).std() == pytest.approx(2 * np.log(drawn).std(), rel=0.05)
    assert np.median(wide) == pytest.approx(np.median(drawn), rel=0.01)


def test_months_are_those_of_the_calendar() -> None:
    today = key_of_day(date(2027, 12, 15), "day")
    ends = edges(today, "month", 3)
    assert [on_day(today, int(end)) for end in ends] == ["2027-12-16", *(f"2028-0{month}-01" for month in (1, 2, 3, 4))]
    last = key_of_day(date(2027, 12, 31), "day")
    assert edges(last, "month", 2).tolist() == [0, 31, 60], "no rest on the last day; a leap year"


def _test(on: int, off: float) -> Tried:
    """A forecast of a thousand a week with a standard deviation of a tenth, off by so much on the logarithm."""
    drawn = np.exp(0.1 * np.random.default_rng(on).standard_normal((400, 1)) * np.ones(2)) * 1_000
    return Tried(on, np.array([7, 14]), np.full(2, 1_000 * np.exp(off)), drawn, 1.0)


def test_intervals_are_judged_on_what_came_after_those_that_chose_them() -> None:
    calm = [_test(day, 0.02 * (-1) ** day) for day in range(0, 60, 14)]
    storm = [_test(day, 1.0) for day in (70, 84)]
    wide, shares = judged([*calm, *storm], 0.8)
    assert shares[-2] == 0.0, "what the storm itself widened must not count for it"
    assert wide > 1.5, "the next forecast has seen it"
    assert judged(calm, 0.8)[0] < 1, "forecasts that were nearer than said narrow it"
    assert len(shares) == 4, "the first three have too few before them"
    overlapping = [_test(day, 0.1) for day in range(6)]
    assert judged(overlapping, 0.8)[1] == [], "nothing of theirs was known on the others' days"
    assert widened(overlapping[:1] * 6) == pytest.approx(widened(overlapping[:1]), rel=0.01), "six of one week are one"


def test_revenue_is_less_what_comes_back_when_it_comes_back() -> None:
    shop = Shop(3, 1_500, 500)
    facts = shop.known()
    after = facts.returned_after(120)
    assert after.sum() == pytest.approx(RETURNED, rel=0.3)
    assert 7 < after @ np.arange(121) / after.sum() < 13, "some nine days and a half later"
    assert facts.revenue.sum() == pytest.approx(shop.minor.sum() - shop.back.minor.sum())
    said = shop.imagined(shop.today, "week", 8).forecast(0.8, (0, "EUR", LeftOut(0.0, 0.0)))
    gross = facts.minor[-365:].sum() / facts.orders[-365:].sum()
    paid = said.total["revenue"].value / said.total["orders"].value  # type: ignore[operator]
    assert paid / gross == pytest.approx(1 - after.sum(), abs=0.04)
    money = sum(one["revenue"].value for one in said.cohorts.values())  # type: ignore[misc]
    assert money == pytest.approx(said.total["revenue"].value, rel=0.01)


@pytest.mark.parametrize("each", [1, pytest.param(2, marks=pytest.mark.heavy)])
def test_intervals_hold_what_the_laws_of_the_simulator_let_come(each: int) -> None:
    """Small shops of three lengths; `python -m benchmarks forecast_coverage` says it of 250."""
    found = []
    for seed, days in enumerate((240, 420, 700) * each, 1):
        shop = Shop(seed, 900 + days, days + 91)
        found.append(hits(shop, shop.today - 91, "week", 13, (0.8,)))
    for name in ("new_customers", "orders", "revenue"):
        held = float(np.mean([one for shop in found for one in shop[0.8, name]]))
        assert 0.65 <= held <= 0.95, f"{name}: {held:.0%} of 80 %"
