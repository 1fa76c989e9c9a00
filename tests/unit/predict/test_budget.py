"""The best split: reference numbers, S-curves against brute force, two resources, limits to the cent; customer equity; fitting."""

import math
import random

import numpy as np
import pytest

from schwung.core.errors import InputError
from schwung.predict import solve_budget
from schwung.predict.budget import Curve, EquityPlan, Rate, customer_equity, fit
from schwung.predict.budget.allocate import Activity, split

LOGS = [Activity(Curve("log", b, k)) for b, k in ((100, 20), (80, 10), (50, 40))]
TRAP = [Activity(Curve("hill", 100, 50, 3)), Activity(Curve("hill", 60, 20))]


def test_the_reference_split() -> None:
    found = split(LOGS, 150)
    assert found.efforts == pytest.approx((75.65217391304348, 66.52173913043478, 7.826086956521739), abs=1e-9)
    assert (found.value, found.money_price, found.gap) == pytest.approx((328.23238675, 1.04545455, 0), abs=1e-8)


def test_the_trap_of_the_s_curve_is_not_walked_into() -> None:
    found = split(TRAP, 60)
    assert found.efforts[0] == pytest.approx(51.3222, abs=1e-4) and found.value == pytest.approx(70.112317, abs=1e-6)
    small = split(TRAP[:1] * 2, 10)  # too little for either: all in one, where the curve still bends up
    assert sorted(small.efforts) == [0, 10]


def on_a_grid(activities: list[Activity], money: float, steps: int = 300) -> float:
    best = np.zeros(steps + 1)
    for one in activities:
        value = np.array([one.curve.value(min(money * n / steps / one.money_each, one.high)) for n in range(steps + 1)])
        best = np.array([max(best[n - m] + value[m] for m in range(n + 1)) for n in range(steps + 1)])
    return float(best[-1])


def some_activities(chance: random.Random, count: int) -> list[Activity]:
    kinds = ("hill", "hill", "hill", "log", "exponential", "power", "logistic")
    found = []
    for _ in range(count):
        kind = chance.choice(kinds)
        n = chance.uniform(1, 6) if kind == "hill" else chance.uniform(0.2, 0.9)
        curve = Curve(kind, chance.uniform(10, 100), chance.uniform(5, 80), n)
        found.append(Activity(curve, chance.uniform(0.5, 2), high=chance.choice([math.inf, 40.0])))
    return found


def test_no_grid_beats_it() -> None:
    chance = random.Random(4)
    for _ in range(12):
        activities, money = some_activities(chance, chance.randint(2, 4)), chance.uniform(10, 150)
        found = split(activities, money)
        assert found.value >= on_a_grid(activities, money) - 1e-9 and found.gap == 0
        assert sum(one.money_each * x for one, x in zip(activities, found.efforts, strict=True)) <= money * (1 + 1e-9)


def test_many_like_s_curves_end_in_time() -> None:
    found = split([Activity(Curve("hill", 100, 50, 3)) for _ in range(12)], 300)
    assert sorted(found.efforts) == pytest.approx([0] * 7 + [60] * 5, abs=1e-6) and found.gap == 0


def test_money_and_hours_bind_together() -> None:
    activities = [
        Activity(Curve("log", 100, 20)), Activity(Curve("log", 80, 10), 1, 0.3), Activity(Curve("log", 60, 5), 0.0, 1.0),
    ]  # fmt: skip
    found = split(activities, 100, 15)
    money = sum(one.money_each * x for one, x in zip(activities, found.efforts, strict=True))
    hours = sum(one.hours_each * x for one, x in zip(activities, found.efforts, strict=True))
    assert (money, hours) == pytest.approx((100, 15), rel=1e-9) and found.hour_price > 0 < found.money_price
    for one, x in zip(activities, found.efforts, strict=True):
        price = found.money_price * one.money_each + found.hour_price * one.hours_each
        assert one.curve.slope(x) == pytest.approx(price, rel=1e-7)
    # A hundredth more of each brings what its price says.
    assert (split(activities, 100.01, 15).value - found.value) / 0.01 == pytest.approx(found.money_price, rel=1e-3)
    assert (split(activities, 100, 15.01).value - found.value) / 0.01 == pytest.approx(found.hour_price, rel=1e-3)


PLAN = {
    "money": 150,
    "channels": [
        {"name": "search", "curve": {"kind": "log", "b": 100, "k": 20}, "errors": {"b": 10, "k": 4}, "current": 50},
        {"name": "social", "curve": {"kind": "log", "b": 80, "k": 10}, "errors": {"b": 8}, "current": 50, "max": 60},
        {"name": "club", "purpose": "retention", "curve": {"kind": "log", "b": 50, "k": 40}, "min": 5, "current": 50},
    ],
}  # fmt: skip


def test_a_plan_keeps_its_limits_to_the_cent_and_says_how_sure_it_is() -> None:
    found = solve_budget(PLAN).budget
    assert found is not None
    efforts = {one.name: one.effort for one in found.shares}
    assert round(sum(efforts.values()), 2) == 150 and efforts["social"] == 60 and efforts["club"] >= 5
    assert all(round(effort, 2) == effort for effort in efforts.values())
    search = found.shares[0]
    assert search.low is not None and search.high is not None and search.low < search.effort < search.high
    assert found.gain is not None and found.gain > 0 and found.gain_low is not None and found.value_low is not None
    assert found.value_low < found.value < (found.value_high or 0)
    values = [one.value or 0 for one in found.scenarios]
    prices = [one.next_money or 0 for one in found.scenarios]
    assert values == sorted(values) and prices == sorted(prices, reverse=True)
    assert found.enough == 150 and found.next_money == pytest.approx(1)  # the next euro just comes back
    assert solve_budget(PLAN).to_json() == found.to_json()  # drawn with a seed
    assert "One more EUR brings" in found.sentences()[0].en and found.sentences()[0].de


def test_limits_that_do_not_fit() -> None:
    with pytest.raises(InputError) as refused:
        solve_budget({"money": 3, "channels": PLAN["channels"]})
    assert refused.value.code == "budget_too_small"


@pytest.mark.parametrize(
    "plan",
    [
        {}, {"money": 1, "channels": []}, {"money": -1, "channels": [{"name": "a", "curve": {"kind": "log", "b": 1, "k": 1}}]},
        *({"money": 9, "channels": [one]} for one in (
            {"curve": {"kind": "log", "b": 1, "k": 1}}, {"name": "a"}, {"name": "a", "curve": {"kind": "line", "b": 1, "k": 1}},
            {"name": "a", "curve": {"kind": "log", "b": 1}}, {"name": "a", "curve": {"kind": "log", "b": 1, "k": 0}},
            {"name": "a", "curve": {"kind": "power", "b": 1, "n": 2}}, {"name": "a", "curve": {"kind": "log", "b": "x", "k": 1}},
            {"name": "a", "curve": {"kind": "log", "b": 1, "k": 1}, "min": 5, "max": 4}, {"name": "a", "curve": {"kind": "log", "b": 1, "k": 1}, "colour": 1},
            {"name": "a", "curve": {"kind": "log", "b": 1, "k": 1}, "money_each": 0}, {"name": "a", "curve": {"kind": "log", "b": True, "k": 1}},
        )),
        {"equity": {"margin": 5}}, {"equity": {"acquisition": {"spend": 5, "rate": 0.5, "ceiling": 0.4}, "retention": {"spend": 1, "rate": 0.1, "ceiling": 0.2}, "margin": 5}},
    ],
)  # fmt: skip
def test_a_wrong_plan_is_said(plan: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        solve_budget(plan)
    assert refused.value.code == "budget_wrong"


def test_at_the_best_point_winning_and_keeping_cost_what_a_customer_is_worth() -> None:
    """Pfeifer 2005: marginal cost of acquisition = marginal cost of retention = lifetime value; and no grid beats it."""
    plan = EquityPlan(Rate(5, 0.15, 0.4), Rate(10, 0.5, 0.7), margin=50, discount=0.2)
    best = customer_equity(plan).best
    assert 1 / plan.acquisition.curve.slope(best.acquisition) == pytest.approx(best.customer_value, rel=1e-9)
    assert 1 / plan.retention.curve.slope(best.retention) == pytest.approx(best.customer_value, rel=1e-6)
    grid = max(plan.equity(a, r) for a in np.linspace(0, 30, 151) for r in np.linspace(0.1, 30, 150))
    assert best.equity >= grid and best.equity == pytest.approx(grid, rel=1e-4)
    # By the formula: 0.15 · 50 − 5 + 0.15 · (50 − 10/0.5) · (0.5/1.2) / (1 − 0.5/1.2)
    assert customer_equity(plan).now.equity == pytest.approx(7.5 - 5 + 0.15 * 30 * 5 / 7)


def test_customer_equity_within_money_and_hours() -> None:
    given = {"acquisition": {"spend": 5, "rate": 0.15, "ceiling": 0.4, "hours_each": 0.01}, "retention": {"spend": 10, "rate": 0.5, "ceiling": 0.7, "hours_each": 0.02},
             "margin": 50, "discount": 0.2, "prospects": 1000, "customers": 300, "money": 8000}  # fmt: skip
    found = solve_budget({"equity": given}).equity
    assert found is not None and found.best.money == pytest.approx(8000) and found.best.equity > found.now.equity
    assert found.sentence().en == "Shift money from acquisition to retention." and found.next_money > 0
    tight = solve_budget({"equity": {**given, "hours": 80}}).equity
    assert tight is not None and tight.best.hours <= 80 * (1 + 1e-9) and tight.best.equity < found.best.equity


def weeks(seed: int, count: int = 120, effect: float = 100.0) -> tuple[list[float], list[float]]:
    """Spend, and what exponential saturation at 20 with a carry-over of 0.4 makes of it, with noise."""
    chance = np.random.default_rng(seed)
    spend, carried, outcome = chance.gamma(1.5, 12, count), 0.0, []
    for one in spend:
        carried = 0.6 * one + 0.4 * carried
        outcome.append(50 + effect * (1 - math.exp(-carried / 20)) + chance.normal(0, 5))
    return spend.tolist(), outcome


def test_a_planted_curve_is_found() -> None:
    spend, outcome = weeks(1)
    found = fit({"search": spend}, outcome)
    (one,) = found.channels
    assert one.verdict == "ok" and one.curve is not None and one.errors is not None and one.carry is not None
    assert one.curve.value(20) == pytest.approx(100 * (1 - math.exp(-1)), rel=0.1)
    assert abs(one.curve.b - 100) < 3 * one.errors["b"] and abs(one.curve.k - 20) < 3 * one.errors["k"]
    assert one.carry == pytest.approx(0.4, abs=0.1) and found.r2 > 0.8
    assert (found.held_out or 1) < 0.5 * (found.base_held_out or 0)
    assert fit({"search": spend}, outcome).to_json() == found.to_json()


def test_data_that_support_no_curve_get_none() -> None:
    spend, outcome = weeks(2)
    chance = np.random.default_rng(5)
    noise = chance.normal(50, 5, 120).tolist()
    verdicts = {
        "no_effect": fit({"a": spend}, noise).channels[0],
        "too_few": fit({"a": spend[:15]}, outcome[:15]).channels[0],
        "no_variation": fit({"a": [20.0 + 0.01 * n for n in range(120)]}, outcome).channels[0],
    }
    assert {name: one.verdict for name, one in verdicts.items()} == {name: name for name in verdicts}
    assert all(one.curve is None and not one.supported for one in verdicts.values())
    short = [0.2 * one for one in spend]  # never far enough to bend
    line = [50 + 2 * one + float(chance.normal(0, 1)) for one in short]
    assert fit({"a": short}, line, carries=False).channels[0].verdict in ("no_bend", "confounded")
    with pytest.raises(InputError) as refused:
        fit({"a": [1.0]}, [1.0, 2.0])
    assert refused.value.code == "budget_data"
