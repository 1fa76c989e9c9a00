"""Experiments: published numbers to the printed digit, coverage of intervals at one look and at fifty, the adjustment's share."""

import math

import numpy as np
import pytest

from schwung.act.experiment import (
    Arm,
    effect,
    lan_demets,
    minimum_detectable_effect,
    obrien_fleming,
    pocock,
    sample_ratio,
    sample_size,
)  # fmt: skip
from schwung.core.errors import InputError

CONTROL, TREATED = Arm(3407, 1396.87, 52377.9767), Arm(3461, 2422.7, 134698.29)


def shown(found: object) -> tuple[float, ...]:
    return tuple(round(getattr(found, name), 5) for name in ("value", "low", "high"))


def test_means_are_as_published() -> None:
    """The suite of gbstats (MIT), revenue per user."""
    relative = effect(CONTROL, TREATED, scale="relative")
    assert shown(relative) == (0.70732, -0.03526, 1.44989)
    assert (round(relative.standard_error, 5), round(relative.p_value or 0, 5)) == (0.37879, 0.06191)
    absolute = effect(CONTROL, TREATED)
    assert shown(absolute) == (0.29, 0.04538, 0.53462) and round(absolute.p_value or 0, 5) == 0.02016
    sequential = effect(Arm(3000, 1396.87, 52377.9767), TREATED, scale="relative", always_valid=True, tuned_for=1000)
    assert shown(sequential) == (0.50336, -0.55844, 1.56516) and sequential.p_value is None


def test_shares_are_as_published() -> None:
    control, treated = Arm.of_share(1396, 3000), Arm.of_share(2422, 3461)
    assert shown(effect(control, treated, scale="relative", always_valid=True)) == (0.50386, 0.40098, 0.60675)
    small = effect(Arm.of_share(14, 28), Arm.of_share(16, 30), scale="relative")
    assert shown(small) == (0.06667, -0.47767, 0.61101) and round(small.p_value or 0, 5) == 0.80707
    assert small.word.en == "no clear difference"


def test_bounds_of_planned_looks_are_those_of_the_textbooks() -> None:
    assert [pocock(k) for k in (2, 3, 5, 10)] == pytest.approx([2.17827, 2.28948, 2.41318, 2.55501], abs=1e-4)
    assert [obrien_fleming(k) for k in (2, 3, 5, 10)] == pytest.approx([1.97743, 2.00404, 2.04007, 2.08650], abs=1e-4)
    times = [k / 5 for k in range(1, 6)]
    assert lan_demets(times, "obrien_fleming") == pytest.approx([4.8769, 3.3570, 2.6803, 2.2898, 2.0310], abs=1e-4)
    assert lan_demets(times, "pocock") == pytest.approx([2.4380, 2.4268, 2.4102, 2.3966, 2.3860], abs=1e-4)


def test_sizes_and_ratios_are_as_published() -> None:
    assert sample_size(0.05, 0.06) == pytest.approx(8157.7314, abs=1e-4)
    assert sample_size(0.05, 0.06, pooled=False) == pytest.approx(8154.9860, abs=1e-4)
    assert sample_ratio((50_000, 49_000)) == pytest.approx(0.00148188, abs=1e-8)
    assert sample_ratio((9_000, 1_000), (0.9, 0.1)) == 1.0
    found = minimum_detectable_effect(0.05 * 0.95, 8155, 8155)
    assert found == pytest.approx(0.0096, abs=2e-4), "about the hundredth that 8,155 customers an arm were asked for"


def arms(
    rng: np.random.Generator, runs: int, n: int, rho: float, lift: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes and what was before, of control and treated, runs × n."""
    past, past_too = rng.normal(50, 10, (runs, n)), rng.normal(50, 10, (runs, n))
    noise = math.sqrt(1 - rho * rho) * 10
    control = 20 + rho * (past - 50) + rng.normal(0, noise, (runs, n))
    treated = 20 + lift + rho * (past_too - 50) + rng.normal(0, noise, (runs, n))
    return control, past, treated, past_too


def paired(values: np.ndarray, past: np.ndarray) -> Arm:
    return Arm(len(values), values.sum(), (values**2).sum(), past.sum(), (past**2).sum(), (values * past).sum())


def test_intervals_cover_and_the_adjustment_leaves_what_the_correlation_says() -> None:
    rng = np.random.default_rng(4)
    control, past, treated, past_too = arms(rng, 600, 400, 0.8, 1.0)
    found = [effect(paired(*one), paired(*other)) for one, other in zip(zip(control, past, strict=True), zip(treated, past_too, strict=True), strict=True)]  # fmt: skip
    plain = [effect(Arm(400, one.sum(), (one**2).sum()), Arm(400, other.sum(), (other**2).sum())) for one, other in zip(control, treated, strict=True)]  # fmt: skip
    for those in (found, plain):
        assert 0.93 < np.mean([one.low <= 1 <= one.high for one in those]) < 0.97
    assert np.mean([one.variance_ratio for one in found]) == pytest.approx(1 - 0.8**2, abs=0.01)
    widths = np.mean([one.high - one.low for one in found]) / np.mean([one.high - one.low for one in plain])
    assert widths == pytest.approx(0.6, abs=0.02)


def test_who_looks_fifty_times_is_not_fooled() -> None:
    """No effect, fifty looks: the fixed interval cries wolf in a third of the runs, the always valid one in almost none."""
    rng, fooled, wolf = np.random.default_rng(5), 0, 0
    for _ in range(60):
        one, other = rng.normal(0, 1, 5_000), rng.normal(0, 1, 5_000)
        sums = [(np.cumsum(values), np.cumsum(values**2)) for values in (one, other)]
        looks = [[Arm(n, total[n - 1], squares[n - 1]) for total, squares in sums] for n in range(100, 5_001, 100)]
        valid = [effect(*pair, always_valid=True) for pair in looks]
        fooled += any(not one.low <= 0 <= one.high for one in valid)
        wolf += any((effect(*pair).p_value or 0) < 0.05 for pair in looks)
        assert valid[-1].high - valid[-1].low < 2 * 2 * 1.97 * math.sqrt(2 / 5_000)
    assert fooled <= 3 and wolf > 10


def test_what_cannot_be_compared_is_said() -> None:
    with pytest.raises(InputError, match="relative"):
        effect(Arm(10, 0, 0), Arm(10, 5, 9), scale="relative")
    with pytest.raises(InputError, match="at least two"):
        Arm(1, 1, 1)
    with pytest.raises(InputError):
        Arm(10, 100, 1)
