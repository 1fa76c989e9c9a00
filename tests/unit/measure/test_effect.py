"""Matched comparisons recover what was planted, also where the concerned differ from the others by month and level."""

import numpy as np
import pytest

from schwung.measure.effect import matched
from schwung.measure.rolling import ByDay

MONTHS, PLANTED = 12, 0.09


def _cases(seed: int, effect: float, size: int = 40_000) -> ByDay:
    """A bad month (few order again) in which more is late; firsts order again half as often, and are late more often."""
    chance = np.random.default_rng(seed)
    day = 20_000 + chance.integers(0, 365, size)
    level = chance.integers(1, 4, size)
    bad = (day / 30.4375).astype(np.int64) % MONTHS == 5
    hit = chance.random(size) < np.where(bad, 0.3, 0.05) + 0.03 * (level == 1)
    rate = np.where(level == 1, 0.2, 0.4) - 0.1 * bad - effect * hit
    again = (chance.random(size) < rate).astype(np.int64)
    one = np.ones(size, dtype=np.int64)
    return ByDay({"day": day, "level": level, "is_hit": hit, "n": one, "again": again, "again_squared": again})


def test_what_was_planted_lies_within_the_interval() -> None:
    found = [matched(_cases(seed, PLANTED)) for seed in range(20)]
    covered = [one is not None and one.low <= PLANTED <= one.high for one in found]
    assert sum(covered) >= 17, "95 % of 20, less two standard deviations"


def test_where_nothing_was_planted_the_naive_difference_misleads_and_the_matched_does_not() -> None:
    cases = _cases(1, 0.0)
    hit = cases["is_hit"]
    naive = cases["again"][~hit].mean() - cases["again"][hit].mean()
    found = matched(cases)
    assert found is not None
    assert naive > 0.04
    assert abs(found.lost) < 2.6 * found.error and abs(found.lost) < 0.02


def test_too_few_of_either_side_say_nothing() -> None:
    cases = _cases(1, PLANTED, 1_000)
    assert matched(cases.where(cases["is_hit"] & (cases["day"] < 20_030))) is None
    assert matched(cases.where(~cases["is_hit"])) is None


def test_by_hand() -> None:
    """One stratum: 30 of 120 against 80 of 200."""
    rows = {
        "day": [20_000] * 2,
        "level": [1] * 2,
        "is_hit": [True, False],
        "n": [120, 200],
        "again": [30, 80],
        "again_squared": [30, 80],
    }
    found = matched(ByDay({name: np.array(column) for name, column in rows.items()}))
    assert found is not None
    assert (found.expected, found.happened) == (pytest.approx(0.4), pytest.approx(0.25))
    assert found.error == pytest.approx((0.25 * 0.75 / 120 + 0.4 * 0.6 / 200) ** 0.5)
