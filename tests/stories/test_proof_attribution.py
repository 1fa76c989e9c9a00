"""Worked pages docs/proof/attribution.md and budget.md: reference values, every number told, planted curves found again."""

import csv
import re
from collections.abc import Iterator
from functools import cache

import pytest

from schwung.core.text import LANGUAGES, Language
from schwung.predict import attribute
from schwung.predict.budget import Fitted, Plan, allocate, fit
from schwung.predict.budget.solve import plan_of
from schwung.renderers.numbers import plain
from tests import proof
from tests.importing import SHARED, needs_shared

pytestmark = [pytest.mark.shared, needs_shared]
MARKOV = {
    "alpha": 5344.9477, "iota": 3884.6147, "eta": 3340.8474, "beta": 2527.3522, "theta": 1971.9129, "lambda": 1282.8472, "epsilon": 599.5707,
    "zeta": 381.0626, "kappa": 274.3633, "gamma": 171.1454, "delta": 4.6136, "mi": 1.7224,
}  # fmt: skip
COLUMNS = (("markov", 1), ("markov", 2), ("markov", 3), ("shapley", 1), ("first", 1), ("last", 1), ("linear", 1), ("position", 1))  # fmt: skip


@cache
def credited(model: str, order: int) -> dict[str, float]:
    with (SHARED / "attribution" / "channelattribution_pathdata.csv").open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    names = ("total_conversions", "total_conversion_value", "total_null")
    won, value, lost = ([float(row[name]) for row in rows] for name in names)
    found = attribute([row["path"] for row in rows], won, value, lost, model=model, order=order, compare=False)
    assert (found.conversions, found.nulls, found.rate) == (19_785, 68_602, pytest.approx(0.22384514, abs=5e-9))
    assert sum(row.conversions for row in found.rows) == pytest.approx(19_785, rel=1e-12)
    assert sum(row.value or 0 for row in found.rows) == pytest.approx(sum(value), rel=1e-12)
    return {row.name: row.conversions for row in found.rows}


def test_the_chain_is_solved_exactly() -> None:
    assert credited("markov", 1) == pytest.approx(MARKOV, abs=5.1e-5)
    second = credited("markov", 2)
    assert [second[name] for name in ("alpha", "beta", "kappa")] == pytest.approx([5617.4539, 2439.649, 266.0271], abs=5.1e-5)  # fmt: skip
    assert credited("shapley", 1)["alpha"] == pytest.approx(7627.944, abs=5.1e-5)
    assert credited("shapley_coalition", 1) == pytest.approx(credited("shapley", 1), rel=1e-9)
    assert credited("linear", 1)["alpha"] == pytest.approx(7574.7186, abs=5.1e-5)
    assert (credited("first", 1)["alpha"], credited("last", 1)["alpha"]) == pytest.approx((6308, 8447))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_every_number(language: Language) -> None:
    told = {row[0]: row[1:] for row in proof.rows("attribution", language)}
    wanted = {
        name: tuple(plain(credited(*column)[name], 1, language) for column in COLUMNS) for name in credited("markov", 1)
    }
    assert told == wanted


def columns_of(name: str) -> dict[str, list[str]]:
    with (SHARED / "mmm" / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def numbers(values: list[str]) -> list[float]:
    return [float(value) for value in values]


@cache
def simulated() -> Fitted:
    data = columns_of("pymc_mmm_example.csv")
    controls = {name: numbers(data[name]) for name in ("event_1", "event_2")}
    spend = {name: numbers(data[name]) for name in ("x1", "x2")}
    return fit(spend, numbers(data["y"]), controls=controls, kind="logistic", year=52.18)


@cache
def robyn() -> Fitted:
    data = columns_of("robyn_dt_simulated_weekly.csv")
    spend = {name: numbers(data[f"{name}_S"]) for name in ("tv", "ooh", "print", "facebook", "search")}
    controls = {"competitor": numbers(data["competitor_sales_B"]), "newsletter": numbers(data["newsletter"])}
    controls |= {event: [float(one == event) for one in data["events"]] for event in ("event1", "event2")}
    return fit(spend, numbers(data["revenue"]), controls=controls, year=52.18)


def test_what_made_the_simulated_data_is_found_again() -> None:
    """The generator: carry-over 0.4 and 0.2, 1/λ = 0.25 and 0.333, scales 3,000 and 2,000."""
    first, second = simulated().channels
    assert first.verdict == second.verdict == "ok" and first.curve and second.curve and first.errors and second.errors
    assert (first.carry, second.carry) == pytest.approx((0.4, 0.2), abs=0.01)
    for one, b, k in ((first, 3_000, 1 / 4), (second, 2_000, 1 / 3)):
        assert one.curve and one.errors
        assert (one.curve.b, one.curve.k) == pytest.approx((b, k), rel=0.06)
        assert abs(one.curve.b - b) < one.errors["b"] and abs(one.curve.k - k) < one.errors["k"]
        assert (one.carry_low or 1) <= (0.4 if one is first else 0.2) <= (one.carry_high or 0)
    assert (simulated().held_out or 1) < 0.3 * (simulated().base_held_out or 0)


def test_the_split_of_robyns_money() -> None:
    assert robyn() == robyn.__wrapped__()  # nothing is left to chance
    verdicts = {one.name: one.verdict for one in robyn().channels}
    assert verdicts == {"tv": "ok", "ooh": "no_bend", "print": "no_bend", "facebook": "no_bend", "search": "no_bend"}
    plan = plan_of(robyn().channels, None, Plan(0.0, ()))
    assert plan is not None
    found = allocate(plan)
    assert found.gap == 0 and round(found.money, 2) <= round(plan.money, 2) and plan.money - found.money < 0.05
    assert all(
        one.low <= share.effort <= one.high + 0.005 for one, share in zip(plan.channels, found.shares, strict=True)
    )
    assert found.gain_low is not None and found.gain_low > 0


def told_numbers(language: Language) -> Iterator[tuple[str, list[float]]]:
    for name, *cells in proof.rows("budget", language):
        text = " ".join(cells).replace("\u00a0", " ")
        if language == "de":
            text = text.replace(".", "").replace(",", ".")
        yield name, [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", text.replace(",", "").replace("−", "-"))]


@pytest.mark.heavy
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_budgets_tells_them_too(language: Language) -> None:
    """Intervals are drawn: they may differ in their last digit on another machine."""
    told = list(told_numbers(language))
    curves = dict(told[:2])
    for one, truth in zip(simulated().channels, ((0.4, 3_000, 0.25), (0.2, 2_000, 0.333)), strict=True):
        assert one.curve and one.carry_low and one.carry_high and one.carry
        wanted = [truth[0], one.carry, one.carry_low, one.carry_high, truth[1], one.curve.b, truth[2], one.curve.k]
        assert curves[one.name] == pytest.approx(wanted, abs=0.015, rel=2e-3)
    plan = plan_of(robyn().channels, None, Plan(0.0, ()))
    assert plan is not None
    shares = {share.name: share for share in allocate(plan).shares}
    for one, (name, cells) in zip(robyn().channels, told[2:], strict=True):
        assert name == one.name and one.contribution is not None
        wanted = [100 * (one.contribution or 0), 100 * (one.contribution_low or 0), 100 * (one.contribution_high or 0), one.mean, shares[name].effort]  # fmt: skip
        assert cells == pytest.approx(wanted, abs=0.16, rel=1e-3), name
    text = proof.page("budget", language)
    for error in (robyn().held_out, robyn().base_held_out, simulated().held_out, simulated().base_held_out):
        assert error is not None and plain(100 * error, 1, language) in text
