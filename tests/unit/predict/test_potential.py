"""Potential: the frontier, ABC, concentration, RFM, the portfolio; each against a second way to the same number."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import linprog

from schwung.core.clock import DAY
from schwung.predict.potential.concentration import GROUPS, abc, concentration, group_of, rfm
from schwung.predict.potential.frontier import design_of, frontier
from schwung.predict.potential.portfolio import LEVELS, STANCES, fields, potential_levels
from schwung.predict.potential.quantile import check_loss, quantile_fit

NOW = 2_000 * DAY


@pytest.mark.parametrize("quantile", [0.5, 0.9])
def test_quantile_regression_is_the_linear_program(quantile: float) -> None:
    chance = np.random.default_rng(1)
    x = np.column_stack([np.ones(700), chance.normal(size=(700, 3)), chance.random(700) < 0.2])
    y = np.round(x @ [1, 2, -1, 0.5, 3] + chance.gumbel(size=700) * (1 + x[:, 4]), 1)
    weight = chance.poisson(2, 700).astype(float)
    beta = quantile_fit(x, y, weight, quantile)
    some = weight > 0
    program = linprog(
        -y[some], A_eq=x[some].T, b_eq=(1 - quantile) * (x[some].T @ weight[some]),
        bounds=np.column_stack([np.zeros(some.sum()), weight[some]]), method="highs",
    )  # fmt: skip
    wanted = check_loss(y - x @ -program.eqlin.marginals, weight, quantile)
    assert check_loss(y - x @ beta, weight, quantile) == pytest.approx(wanted, rel=1e-7)
    repeated = np.repeat(np.arange(700), weight.astype(int))
    again = quantile_fit(x[repeated], y[repeated], np.ones(len(repeated)), quantile)
    assert check_loss(y - x @ again, weight, quantile) == pytest.approx(wanted, rel=1e-7)


def test_features_that_say_nothing_change_no_quantile() -> None:
    """As in a draw of few customers: a level that nobody has, one that everybody has."""
    chance = np.random.default_rng(3)
    x = np.column_stack([np.ones(60), chance.random(60) < 0.5]).astype(float)
    y = chance.normal(size=60) + x[:, 1]
    more = np.column_stack([x, np.zeros(60), np.ones(60)])
    alone, beside = quantile_fit(x, y, np.ones(60), 0.9), quantile_fit(more, y, np.ones(60), 0.9)
    assert more @ beside == pytest.approx(x @ alone, abs=0.01)


def test_quantile_without_features_is_the_quantile() -> None:
    y = np.random.default_rng(2).permutation(np.arange(1.0, 1_000.0))
    assert quantile_fit(np.ones((999, 1)), y, np.ones(999), 0.9)[0] == pytest.approx(900, abs=1)


def test_abc_takes_the_first_80_and_95_percent() -> None:
    value = np.array([5.0, 400, 300, 100, 100, 50, 30, 15, 0, -20])
    assert "".join("ABC"[at] for at in abc(value)) == "CAAABBCCCC"
    assert abc(np.zeros(3)).tolist() == [2, 2, 2]


def test_concentration_of_known_shapes() -> None:
    alike = concentration(np.full(50, 7.0), 1)
    assert alike.gini.value == pytest.approx(0) and alike.top_share.value == pytest.approx(0.2)
    one_has_all = concentration(np.array([0.0] * 9 + [100.0]), 1)
    assert one_has_all.gini.value == pytest.approx(0.9) and one_has_all.top_share.value == pytest.approx(1)
    chance = np.random.default_rng(3)
    value = np.round(np.exp(chance.normal(8, 1.2, 3_000)))
    found = concentration(value, 1)
    apart = np.abs(value[:, None] - value[None, :]).mean() / (2 * value.mean())
    assert found.gini.value == pytest.approx(apart)
    assert found.top_share.value == pytest.approx(np.sort(value)[-600:].sum() / value.sum())
    assert found.gini.low < found.gini.value < found.gini.high  # type: ignore[operator]
    assert sum(one.customers for one in found.classes) == 3_000
    assert concentration(value, 1) == found, "the same seed gives the same interval"


def test_fifths_keep_equal_values_together() -> None:
    recency, frequency, money = rfm(np.arange(10.0), np.array([1.0] * 6 + [2, 3, 4, 5]), np.arange(10.0))
    assert recency.tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert frequency.tolist() == [1] * 6 + [4, 4, 5, 5]
    assert money.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    names = [*GROUPS]
    told = group_of(np.array([5, 4, 3, 3, 2, 1]), np.array([4, 3, 5, 1, 4, 1]))
    assert [names[at] for at in told] == ["best", "promising", "loyal", "fading", "at_risk", "asleep"]


def _people(n: int, seed: int) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Customers whose value depends on purchasing power and history."""
    chance = np.random.default_rng(seed)
    rich = chance.random(n) < 0.4
    before = np.where(chance.random(n) < 0.6, np.exp(chance.normal(9, 1, n)), 0)
    value = np.exp(8 + 1.5 * rich + 0.1 * np.log1p(before) + chance.normal(0, 0.6, n))
    rows = pa.table(
        {
            "first_at": NOW - (chance.random(n) * 900 * DAY).astype(np.int64),
            "categories": chance.integers(0, 4, n),
            "country": pa.array(["DE"] * n),
            "region": pa.array([None] * n, pa.string()),
            "size": pa.array([None] * n, pa.string()),
            "power": pa.array(np.where(rich, "high", "low").tolist()),
        }
    )
    return rows, before, value


def test_a_purchasing_power_that_is_no_number_is_not_known() -> None:
    rows, before, _ = _people(300, 4)
    told = [None if at % 3 == 0 else str(20_000 + at) for at in range(300)]
    odd = [("nan", "inf", None)[at // 3 % 3] if one is None else one for at, one in enumerate(told)]
    plain, same = (
        design_of(rows.set_column(5, "power", pa.array(one, pa.string())), before, NOW).columns for one in (told, odd)
    )
    assert np.isfinite(same).all() and (same == plain).all()


def test_frontier_has_nine_tenths_below_and_knows_purchasing_power() -> None:
    rows, before, value = _people(3_000, 4)
    design = design_of(rows, before, NOW)
    assert design.used == ("tenure", "history", "categories", "power")
    found = frontier(design, value, 1)
    assert found is not None
    assert (value <= found.reach).mean() == pytest.approx(0.9, abs=0.01) and found.below == pytest.approx(0.9, abs=0.03)
    rich = np.array(rows["power"].to_pylist()) == "high"
    assert np.log(found.reach[rich].mean() / found.reach[~rich].mean()) == pytest.approx(1.5, abs=0.15)
    truth = np.exp(8 + 1.5 * rich + 0.1 * np.log1p(before) + 0.6 * 1.2816)
    assert np.log(found.reach / truth).mean() == pytest.approx(0, abs=0.05)
    assert frontier(design_of(rows.slice(0, 50), before[:50], NOW), value[:50], 1) is None


def test_portfolio_adds_up_and_says_what_to_win() -> None:
    rows, before, value = _people(900, 5)
    found = frontier(design_of(rows, before, NOW), value, 1)
    assert found is not None
    gap = np.maximum(0, found.reach - value)
    draws = [np.maximum(0, found.reach_of(beta) - value) for beta in found.draws]
    told = fields(abc(value), potential_levels(gap), value, value * 0.8, gap, draws, None)
    assert sum(one.customers for one in told) == 900
    assert sum(one.minor for one in told) == pytest.approx(value.sum(), abs=9)
    assert sum(one.potential.value or 0 for one in told) == pytest.approx(gap.sum())
    assert [one.stance for one in told] == [STANCES[a, b] for a in LEVELS for b in LEVELS]
    first = min(told, key=lambda one: one.priority)
    assert first.target == max(one.target for one in told if one.stance.win)
    for one in told:
        assert one.offers is None
        wanted = one.stance.win * (one.potential.value or 0) if one.stance.win else one.minor
        assert one.target == pytest.approx(wanted, abs=1)
        if one.customers:
            assert one.potential.low <= one.potential.high  # type: ignore[operator]
    assert {STANCES[a, b].name for a in LEVELS for b in LEVELS} >= {"expand", "hold", "harvest"}


def test_no_target_is_below_nothing() -> None:
    """A field whose customers returned more than they bought: its value is what it is, there is nothing to keep."""
    value, none = np.array([-300.0, -20.0, -5.0]), np.zeros(3)
    told = fields(np.full(3, 2), potential_levels(none), value, value, none, [], None)
    assert min(one.minor for one in told) == -325
    assert [one.target for one in told] == [0] * 9


def test_a_third_of_the_customers_has_high_potential() -> None:
    gap = np.array([0.0, 5, 9, 1, 0, 7, 3, 2, 8])
    assert potential_levels(gap).tolist() == [2, 1, 0, 2, 2, 0, 1, 1, 0]
