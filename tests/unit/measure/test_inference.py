"""Intervals against published and hand-computed numbers."""

import random

import pytest

from schwung.measure.inference import (
    Estimate,
    difference,
    mean,
    net_promoter_score,
    odds,
    ratio,
    share,
    t_quantile,
)  # fmt: skip


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # center (x + z²/2)/(n + z²); at 5 of 10 it is Wilson's interval; 81 of 263: 0.3107491 ∓ 0.0555284
        (0, 10, 0.0, 0.3208873),
        (5, 10, 0.2365931, 0.7634069),
        (10, 10, 0.6791127, 1.0),
        (81, 263, 0.2552207, 0.3662776),
    ],
)
def test_share(hits: int, n: int, low: float, high: float) -> None:
    found = share(hits, n)
    assert (found.value, found.low, found.high) == (
        hits / n,
        pytest.approx(low, abs=1e-6),
        pytest.approx(high, abs=1e-6),
    )


def test_share_of_nobody_has_no_value() -> None:
    assert share(0, 0) == Estimate(None)
    assert odds(0, 0) == Estimate(None)
    assert odds(3, 3).value is None
    assert mean(0, 0, 0) == Estimate(None)
    assert ratio(0, 0, 0, 0, 0, 0, 0) == Estimate(None)


def test_odds_are_the_share_transformed() -> None:
    found, whole = odds(30, 100), share(30, 100)
    assert found.value == pytest.approx(30 / 70)
    assert whole.low is not None and whole.high is not None
    assert found.low == pytest.approx(whole.low / (1 - whole.low))
    assert found.high == pytest.approx(whole.high / (1 - whole.high))


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "value", "low", "high"),
    [
        # Adjusted Wald with 3 answers more, ¾ of them at either end (Rocks 2016).
        (162, 54, 324, 33.333, 24.95, 41.11),
        (50, 20, 100, 30.0, 14.05, 44.20),
        (9, 2, 11, 63.636, 8.0, 92.0),
        (60, 10, 100, 50.0, 35.467, 61.621),
        (8, 1, 10, 70.0, 14.732, 92.961),
        (1, 0, 1, 100.0, -48.5, 98.5),
    ],
)
def test_net_promoter_score(promoters: int, detractors: int, n: int, value: float, low: float, high: float) -> None:
    found = net_promoter_score(promoters, detractors, n)
    assert [100 * part for part in (found.value, found.low, found.high) if part is not None] == [
        pytest.approx(value, abs=5e-4), pytest.approx(low, abs=0.05), pytest.approx(high, abs=0.05),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("freedom", "value"),
    [(1, 12.7062), (2, 4.302653), (3, 3.182446), (5, 2.570582), (10, 2.228139), (30, 2.042272), (1000, 1.962339)],
)
def test_t_quantile(freedom: int, value: float) -> None:
    assert t_quantile(freedom) == pytest.approx(value, rel=1.3e-3 if freedom < 5 else 1.1e-4)


def test_difference_of_two_means() -> None:
    """A registry's reference case: 1396.87 of 3407 against 2422.7 of 3461, absolute .29 (.04538 to .53462)."""
    before, after = mean(3407, 1396.87, 52377.9767), mean(3461, 2422.7, 134698.29)
    found = difference(after, before, 30)
    assert (found.value, found.low, found.high) == (
        pytest.approx(0.29, abs=1e-4), pytest.approx(0.04538, abs=1e-4), pytest.approx(0.53462, abs=1e-4),
    )  # fmt: skip
    assert found.relative == pytest.approx(0.70732, abs=1e-4)
    assert found.word == "clearly_higher"
    assert difference(before, after, 30).word == "clearly_lower"


def test_words() -> None:
    assert difference(share(14, 28), share(16, 30), 10).word == "no_clear_difference"
    assert difference(share(14, 28), share(16, 30), 100).word == "too_few"
    assert difference(Estimate(3, n=3), Estimate(2, n=2)).word == "higher"
    assert difference(Estimate(2, n=3), Estimate(2, n=2)).word == "unchanged"
    assert difference(Estimate(None), Estimate(2, n=2)).word == "too_few"
    assert difference(Estimate(2, n=2), Estimate(0)).relative is None


def test_intervals_cover_what_they_promise() -> None:
    """1,000 simulated shops: the 95 % interval holds the truth in 93 to 97 % of them."""
    rng = random.Random(7)
    inside = {"share": 0, "ratio": 0}
    for _ in range(1_000):
        hits = sum(rng.random() < 0.1 for _ in range(100))
        found = share(hits, 100)
        inside["share"] += found.low <= 0.1 <= found.high  # type: ignore[operator]
        # Each customer's orders share a level; 2 orders on average of 20 each.
        pairs = []
        for _ in range(150):
            orders, level = rng.choice((1, 2, 3)), rng.expovariate(1 / 20)
            pairs.append((orders, orders * level))
        x, y = zip(*pairs, strict=True)
        found = ratio(
            150, 0, sum(x), sum(y), sum(a * a for a in x), sum(b * b for b in y), sum(a * b for a, b in pairs)
        )
        inside["ratio"] += found.low <= 20 <= found.high  # type: ignore[operator]
    assert 930 <= inside["share"] <= 980
    assert 925 <= inside["ratio"] <= 970
