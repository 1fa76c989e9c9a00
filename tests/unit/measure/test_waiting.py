"""Waiting times, money and many comparisons against published or hand-computed numbers."""

import math
import random

import pytest

from schwung.measure.inference import (
    Estimate,
    benjamini_hochberg,
    compound,
    corrected,
    cost_each,
    difference,
    formula,
    holm,
    log_ratio,
    money_mean,
    p_value,
    payback,
    roi,
    share,
    survival,
    waiting,
)

# Weeks in remission of R's `survival::aml`; True: still in remission when last seen.
MAINTAINED = [(9, 0), (13, 0), (13, 1), (18, 0), (23, 0), (28, 1), (31, 0), (34, 0), (45, 1), (48, 0), (161, 1)]
OTHERS = [(5, 0), (5, 0), (8, 0), (8, 0), (12, 0), (16, 1), (23, 0), (27, 0), (30, 0), (33, 0), (43, 0), (45, 0)]


def bins(cases: list[tuple[int, int]]) -> list[dict[str, float]]:
    return [
        {"after": after, "ended": sum(c == (after, 0) for c in cases), "waiting": sum(c == (after, 1) for c in cases)}
        for after in {after for after, _ in cases}
    ]


def test_median_waiting_time_of_a_published_study() -> None:
    """survfit(Surv(time, status) ~ x, aml): medians 31 (18, NA) and 23 (8, NA)."""
    assert waiting(bins(MAINTAINED)) == Estimate(31, 18, None, 11)
    assert waiting(bins(OTHERS)) == Estimate(23, 8, None, 12)
    shares = {after: left for after, left, _ in survival(bins(MAINTAINED))}
    assert shares[31] == pytest.approx(0.4909, abs=5e-5)
    assert {after: math.sqrt(v) * s for after, s, v in survival(bins(MAINTAINED))}[31] == pytest.approx(
        0.1642, abs=5e-5
    )


def test_who_still_waits_is_not_dropped() -> None:
    """Two of ten were answered after an hour, eight wait for two: the median is unknown, not one hour."""
    assert waiting(bins([(1, 0)] * 2 + [(2, 1)] * 8)).value is None
    assert waiting(bins([(1, 0)] * 9 + [(2, 0)]), 0.9).value == 1
    assert waiting([]) == Estimate(None)


def test_many_looks() -> None:
    """p 0.01, 0.04, 0.03, 0.005: Holm 0.03, 0.06, 0.06, 0.02; Benjamini & Hochberg 0.02, 0.04, 0.04, 0.02 (R's p.adjust)."""
    looks = [0.01, 0.04, 0.03, 0.005]
    assert holm(looks) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(looks) == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_a_board_corrects_its_words() -> None:
    one = difference(share(280, 1000), share(240, 1000), 100)
    assert one.word == "clearly_higher" and p_value(one) == pytest.approx(0.041, abs=2e-3)
    same = difference(share(240, 1000), share(240, 1000), 100)
    few = difference(share(1, 10), share(2, 10), 100)
    board = corrected([one, same, same, few])
    assert [found.word for found in board] == [
        "no_clear_difference",
        "no_clear_difference",
        "no_clear_difference",
        "too_few",
    ]
    assert corrected([one])[0].word == "clearly_higher"


def test_mean_of_skewed_money_is_covered() -> None:
    """200 shops of 200 customers with lognormal amounts (σ 1.2): Student covers 91 % here, the bootstrap no less."""
    chance, truth, inside = random.Random(5), math.exp(3 + 1.2**2 / 2), 0
    for _ in range(200):
        classes: dict[int, dict[str, float]] = {}
        for _ in range(200):
            amount = chance.lognormvariate(3, 1.2)
            one = classes.setdefault(int(math.log2(amount)), {"n": 0, "total": 0, "squares": 0})
            one["n"], one["total"], one["squares"] = one["n"] + 1, one["total"] + amount, one["squares"] + amount**2
        found = money_mean(list(classes.values()))
        assert found == money_mean(list(classes.values()))
        inside += found.low <= truth <= found.high  # type: ignore[operator]
    assert 0.89 <= inside / 200 <= 0.97


def test_money_ratio_stays_above_zero() -> None:
    """25 ± 24.646540 becomes 25 ÷ and × exp(24.646540 ÷ 25) = 2.680120."""
    found = log_ratio(3, 4, 4, 100, 6, 4600, 160)
    assert (found.value, found.low, found.high) == (
        25, pytest.approx(25 / 2.680120, abs=2e-5), pytest.approx(25 * 2.680120, abs=2e-5),
    )  # fmt: skip


def test_costs_payback_and_return() -> None:
    each = cost_each(10_000, 100)
    assert (each.value, each.low, each.high) == (100, pytest.approx(82.2, abs=0.01), pytest.approx(121.65, abs=0.01))
    assert cost_each(None, 100).value is None and cost_each(100, 0).value is None
    # 60 a head in the first month, 30 in each of the next two: 100 is reached a third into the third month.
    months = [{"age": age, "known": 0, "total": 100 * m, "squares": 100 * m**2} for age, m in enumerate((60, 30, 30))]
    found = payback([*months, {"age": 3, "known": 100, "total": 0, "squares": 0}], 10_000, 100)
    assert found.value == pytest.approx(2 + 1 / 3) and found.low is not None and found.low < 2
    assert payback([*months[:2], {"age": 2, "known": 100, "total": 0, "squares": 0}], 10_000, 100).value is None
    # Half of them are known for one month only: their margin counts in it, and the others say how it went on.
    young = [{"age": 0, "known": 0, "total": 6000, "squares": 1}, {"age": 1, "known": 50, "total": 1500, "squares": 1}]
    rest = [{"age": 2, "known": 0, "total": 1500, "squares": 1}, {"age": 3, "known": 50, "total": 0, "squares": 0}]
    assert payback([*young, *rest], 10_000, 100).value == pytest.approx(2 + 1 / 3)
    # 1,000 who were written to brought 12 each, 200 who were not 10; 2,000 more for a cost of 500: return 3.
    names = ("sent", "sent_total", "sent_squares", "held", "held_total", "held_squares", "cost")
    numbers = (1000, 12_000, 12_000 * 12 + 999 * 4, 200, 2_000, 2_000 * 10 + 199 * 4, 500)
    one = dict(zip(names, numbers, strict=True))
    half = 1000 * 1.97196 * math.sqrt(4 / 1000 + 4 / 200) / 500
    assert roi([one]) == Estimate(
        pytest.approx(3), pytest.approx(3 - half, abs=1e-4), pytest.approx(3 + half, abs=1e-4), 200
    )
    assert roi([one, one | {"held": 0}, one | {"cost": None}]) == roi([one])
    assert roi([one | {"held": 0}]).value is None
    # 100 customers of 30 each for 1,000: 3, and √100 of them give or take.
    assert compound(3_000, 90_000, 100, 1_000).high == pytest.approx(3 * math.exp(0.1959964))
    assert compound(3_000, 90_000, 100, None).value is None


def test_simple_formula() -> None:
    """Margins 100 and 50, lifetimes 2 and 1 years, seen for 4 and 2: 75 × 1.5 ÷ 3; all vary together, so half the spread."""
    found = formula(2, 150, 3, 6, 12_500, 5, 20, 250, 500, 10)
    assert found.value == pytest.approx(37.5)
    assert found.high is not None and found.high > 37.5
