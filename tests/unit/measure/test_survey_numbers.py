"""Numbers of surveys that are known from elsewhere or worked out by hand: NPS, effort, satisfaction, response rates."""

import math

import pytest

from schwung.measure.inference import (
    effective_size,
    infer,
    net_promoter_score,
    response_rates,
    top_share,
    wald_net_promoter_score,
    wald_share,
    weighted_net_promoter_score,
)

COUNTS_OF_EFFORT = dict(zip(range(1, 8), (80, 210, 140, 110, 160, 180, 120), strict=True))


def groups(answers: list[int]) -> tuple[int, int, int]:
    return sum(one >= 9 for one in answers), sum(one <= 6 for one in answers), len(answers)


@pytest.mark.parametrize(
    ("answers", "points"),
    [([1, 10, 8, 7, 9, 9], 33.33), ([10, 7, 3, 9], 25), (list(range(1, 11)), -40), ([10], 100)],
)
def test_net_promoter_score_of_answers(answers: list[int], points: float) -> None:
    promoters, detractors, n = groups(answers)
    found = infer("net_promoter_score", {"promoters": promoters, "detractors": detractors, "n": n})
    assert found.value == pytest.approx(points, abs=0.005)
    assert found.low is not None and found.high is not None and -100 <= found.low <= found.high <= 100


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((162, 54, 324), 25.22, 41.45), ((60, 10, 100), 36.852, 63.148), ((8, 1, 10), 30.3, 109.7)],
)
def test_textbook_interval(counts: tuple[int, int, int], low: float, high: float) -> None:
    found = wald_net_promoter_score(*counts)
    assert (found.low, found.high) == (pytest.approx(low / 100, abs=5e-4), pytest.approx(high / 100, abs=5e-4))


def test_standard_errors() -> None:
    """50/30/20 of 100: 7.81 points; one half, a third, a sixth of 324: 4.14 points."""
    for counts, error in (((50, 20, 100), 0.0781), ((162, 54, 324), 0.0414)):
        found = wald_net_promoter_score(*counts)
        assert found.high is not None and found.value is not None
        assert (found.high - found.value) / 1.959964 == pytest.approx(error, abs=5e-5)


def test_weights_of_one_change_nothing() -> None:
    assert weighted_net_promoter_score(50, 20, 100, 100, 100) == net_promoter_score(50, 20, 100)


def test_weighted_score_rests_on_the_effective_number() -> None:
    """Kish: weights 0, 1, 2, 3 cost a factor 1.555556; 1, 1, 1000 one of 2.988042."""
    for weights, cost in (((0, 1, 2, 3), 1.555556), ((1, 1, 1000), 2.988042), ((5, 5, 5), 1)):
        size = effective_size(sum(weights), sum(one**2 for one in weights))
        assert len(weights) / size == pytest.approx(cost, abs=1e-6)
    narrow, wide = net_promoter_score(50, 20, 100), weighted_net_promoter_score(50, 20, 100, 200, 100)
    assert wide.low is not None and narrow.low is not None and wide.low < narrow.low


def test_effort_on_its_scale() -> None:
    """Counts of a published example, 1 to 7, higher is easier: mean 4.08; 46.0 % in the top three; index 6–7 less 1–3 −13."""
    n = sum(COUNTS_OF_EFFORT.values())
    total = sum(step * count for step, count in COUNTS_OF_EFFORT.items())
    squares = sum(step**2 * count for step, count in COUNTS_OF_EFFORT.items())
    found = infer("mean", {"n": n, "total": total, "squares": squares})
    assert found.value == pytest.approx(4.08, abs=0.005)
    assert found.high is not None and found.high - 4.08 == pytest.approx(1.9625 * 1.9128 / math.sqrt(n), abs=5e-3)
    assert top_share(COUNTS_OF_EFFORT, 3).value == pytest.approx(0.46)
    low = sum(COUNTS_OF_EFFORT[step] for step in (1, 2, 3)) / n
    assert (top_share(COUNTS_OF_EFFORT, 2).value or 0) - low == pytest.approx(-0.13)


def test_satisfied_are_the_top_two_of_five() -> None:
    """Ten ratings 5,5,4,4,3,5,2,5,4,1: 70 %, mean 3.8."""
    ratings = (5, 5, 4, 4, 3, 5, 2, 5, 4, 1)
    assert top_share({step: ratings.count(step) for step in range(1, 6)}, 2).value == pytest.approx(0.7)
    found = infer("mean", {"n": 10, "total": sum(ratings), "squares": sum(one**2 for one in ratings)})
    assert found.value == pytest.approx(3.8)


def test_response_rates() -> None:
    """AAPOR's definitions for 400 complete, 50 partial, 200 refused, 250 not reached, 20 other, 60 + 20 unknown, e ½."""
    found = response_rates(400, 50, 200, 250, 20, 60, 20, 0.5)
    wanted = {"RR1": 0.4, "RR2": 0.45, "RR3": 0.4167, "RR4": 0.4688, "RR5": 0.4348, "RR6": 0.4891}
    assert found == {name: pytest.approx(rate, abs=5e-5) for name, rate in wanted.items()}


def test_textbook_interval_of_a_share() -> None:
    found = wald_share(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.25219, abs=1e-5), pytest.approx(0.36378, abs=1e-5))
