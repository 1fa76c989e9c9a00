"""Changes against earlier periods: what varies anyhow alarms nobody, what gets worse is found; the sizes are planted."""

import numpy as np
import pytest

from benchmarks.diagnosis import changes_of
from benchmarks.planted import PLANTS, planted, shop
from schwung.measure.diagnosis.change import changes
from schwung.measure.diagnosis.rules import BY_NAME, RULES
from schwung.measure.rolling import ByDay, Windows

DAYS = 28 * 14


def rows(shares: list[float], n: int = 40) -> ByDay:
    """One share a window of 28 days, the newest last; every day n cases."""
    day = np.arange(28 * len(shares), dtype=np.int64)
    hits = np.repeat(np.array(shares) * n, 28)
    return ByDay(
        {"slice": np.full(len(day), ""), "day": day, "n": np.full(len(day), n), "total": hits, "squares": hits}
    )


def test_a_step_beyond_chance_is_a_change_and_its_excess_is_counted() -> None:
    (one,) = changes(rows([0.1] * 13 + [0.15]), Windows(DAYS - 1, 28), "lower", 100, False)
    assert one.p < 1e-3 and one.now.value == pytest.approx(0.15) and one.usual.value == pytest.approx(0.1)
    assert one.excess.value == pytest.approx(0.05 * 28 * 40) and one.relative == pytest.approx(0.5)
    (better,) = changes(rows([0.1] * 13 + [0.15]), Windows(DAYS - 1, 28), "higher", 100, False)
    assert better.p > 0.9, "more is good here"


def test_shops_that_vary_anyhow_do_not_alarm() -> None:
    swinging = [0.1, 0.14, 0.09, 0.15, 0.1, 0.13, 0.08, 0.14, 0.1, 0.15, 0.09, 0.14, 0.1, 0.15]
    (one,) = changes(rows(swinging), Windows(DAYS - 1, 28), "lower", 100, False)
    assert one.p > 0.05, "the step is as large as the steps before it"


def test_too_few_cases_or_periods_say_nothing() -> None:
    assert changes(rows([0.1] * 14, n=3), Windows(DAYS - 1, 28), "lower", 100, False) == []
    assert changes(rows([0.1] * 7), Windows(28 * 7 - 1, 28), "lower", 100, False) == []


def test_rules_are_told_apart_and_say_what_they_are() -> None:
    assert len(BY_NAME) == len(RULES) >= 20
    assert all((rule.judge is not None) + (rule.series is not None) + bool(rule.unites) == 1 for rule in RULES)
    assert all((rule.sort == "standing") == (rule.judge is not None) for rule in RULES)


def test_stable_months_are_quiet_and_planted_effects_are_found() -> None:
    """A part of `benchmarks/diagnosis.py`, whose 100 and 100 take minutes."""
    small = shop(203, 10_000)
    assert changes_of(small) == set()
    sizes = (
        "15 % of deliveries four days later",
        "30 % of orders lost at the checkout",
        "half of the promoters would advise against",
    )
    for name in sizes:
        plant, rules = PLANTS[name]
        assert rules & {one.split(":")[0] for one in changes_of(planted(small, plant, 203))}, name
