"""The forecast: intervals hold at least chance, and what the simulator's laws let come; months are the calendar's; returns."""

from datetime import date

import numpy as np
import pytest

from benchmarks.forecast_coverage import RETURNED, Shop, hits
from schwung.measure.local_time import key_of_day
from schwung.predict.forecast.erring import Errors, Spread, edges, judged, on_day
from schwung.predict.forecast.forecast import _paths


@pytest.mark.parametrize("order", [1.0, 3_000.0])
def test_twenty_orders_scatter_by_their_root_whatever_they_are_worth(order: float) -> None:
    lead, chance = np.arange(1.0, 5.0), np.random.default_rng(1)
    drawn = np.log(_paths(np.full(4, 20.0 * order), order, Spread(), lead, chance) / (20.0 * order))
    assert drawn.std() == pytest.approx(1 / np.sqrt(20), rel=0.03)


def test_months_are_those_of_the_calendar() -> None:
    today = key_of_day(date(2027, 12, 15), "day")
    ends = edges(today, "month", 3)
    assert [on_day(today, int(end)) for end in ends] == ["2027-12-16", *(f"2028-0{month}-01" for month in (1, 2, 3, 4))]
    last = key_of_day(date(2027, 12, 31), "day")
    assert edges(last, "month", 2).tolist() == [0, 31, 60], "no rest on the last day; a leap year"


def _errors(on: int, off: float) -> Errors:
    ends = np.array([7, 14])
    return Errors(on, ends, ends / 7, np.full(2, off), np.full(2, 1e6))


def test_intervals_are_judged_on_what_came_after_those_that_chose_them() -> None:
    calm = [_errors(day, 0.1 * (-1) ** day) for day in range(0, 60, 14)]
    storm = [_errors(day, 3.0) for day in (70, 84)]
    spread, shares = judged([*calm, *storm], 0.8)
    assert shares[-2] == 0.0, "what the storm itself widened must not count for it"
    assert spread.variance(np.array([1.0]), np.array([1e6]))[0] > 1, "the next forecast has seen it"
    assert len(shares) == 4, "the first three have too few before them"
    overlapping = [_errors(day, 0.1) for day in range(6)]
    assert judged(overlapping, 0.8)[1] == [], "nothing of theirs was known on the others' days"


def test_revenue_is_less_what_comes_back_when_it_comes_back() -> None:
    shop = Shop(3, 1_500, 500)
    facts = shop.known()
    after = facts.returned_after(120)
    assert after.sum() == pytest.approx(RETURNED, rel=0.3)
    assert 7 < after @ np.arange(121) / after.sum() < 13, "some nine days and a half later"
    assert facts.revenue.sum() == pytest.approx(shop.minor.sum() - shop.back.minor.sum())
    said = shop.forecast(shop.today, "week", 8, 0.8)
    gross = facts.minor[-365:].sum() / facts.orders[-365:].sum()
    paid = said.total["revenue"].value / said.total["orders"].value  # type: ignore[operator]
    assert paid / gross == pytest.approx(1 - after.sum(), abs=0.04)
    money = sum(one["revenue"].value for one in said.cohorts.values())  # type: ignore[misc]
    assert money == pytest.approx(said.total["revenue"].value, rel=0.01)


def test_intervals_hold_what_the_laws_of_the_simulator_let_come() -> None:
    """Six small shops; `python -m benchmarks forecast_coverage` says it of 200."""
    found = [hits(Shop(seed, 900, 700), "week", 0.8) for seed in range(1, 7)]
    for name in ("new_customers", "orders", "revenue"):
        held = float(np.mean([one for shop in found for one in shop[name]]))
        assert 0.65 <= held <= 0.97, f"{name}: {held:.0%} of 80 %"
