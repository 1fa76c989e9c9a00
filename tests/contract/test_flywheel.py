"""The flywheel on every engine: figures worked out by hand; parts that add up to the change."""

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from schwung.app.ports import Engine
from schwung.core.period import Period
from schwung.measure.example import instant
from schwung.measure.flywheel import Flywheel, flywheel
from schwung.measure.question import Question
from schwung.measure.reading import Plainly
from schwung.measure.scope import Scope
from tests.engines import ENGINES, start
from tests.unit.measure import wheel_example

PERIOD = Period(date(2026, 12, 4), date(2026, 12, 31), "Europe/Berlin")
Z = 1.959963984540054


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = start(request.param, tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def wheel(engine: Engine) -> Flywheel:
    shown = {name: engine.memtable(rows, f"wheel_{name}") for name, rows in wheel_example.tables().items()}
    question = Question(as_of=instant(f"{wheel_example.AS_OF} 23:59"), until_on=PERIOD.until_on)
    scope = Scope(question, lambda name, customer: shown[name])
    return flywheel(Plainly(scope, engine.run), PERIOD, ("friends",))


def test_speed(wheel: Flywheel) -> None:
    """320 in the base; 10 ordered, 2 came back after 193 days, 213 brought somebody (201 too, but has ordered)."""
    speed = wheel.speed
    assert speed.estimate.value == pytest.approx(13 / 320) and speed.estimate.n == 320
    assert [(part.name, part.value) for part in speed.moves] == [
        ("repeat", 10 / 320),
        ("reactivated", 2 / 320),
        ("referral", 1 / 320),
    ]
    assert speed.before is not None and speed.before.value == 4 / 320
    assert speed.difference is not None and speed.difference.value == pytest.approx(9 / 320)
    assert sum(part.change or 0 for part in speed.moves) == pytest.approx(9 / 320, abs=1e-12)
    assert speed.trend[-1] == speed.estimate.value and speed.trend[-5] == speed.before.value
    assert speed.trend[0] is None, "nobody had ordered yet"


def test_weight(wheel: Flywheel) -> None:
    """Worth 40: two orders, 35 with 5 returned, else 20. 200 promoters at 90; then 100, 80, a CSAT of 3 (50), a CES of 2 where low is good."""
    weight = wheel.weight
    old = 30 * 40 + 90 * 20 + 80 * 40
    now = (old * 90 + 20 * 100 + 35 * 80 + 35 * 50 + 35 * (100 - 100 / 6)) / (old + 20 + 3 * 35)
    before = (old * 90 + 20 * 100 + 35 * 80) / (old + 20 + 35)
    assert weight.estimate.value == pytest.approx(now, rel=1e-9) and weight.estimate.n == 204
    assert weight.before is not None and weight.before.value == pytest.approx(before, rel=1e-9)
    assert sum(part.change or 0 for part in weight.moves) == pytest.approx(now - before, abs=1e-9)
    assert {part.name for part in weight.moves} == {"nps", "delivery", "effort"}
    assert wheel.phases["interact"].value == pytest.approx(50) and wheel.phases["attract"].value is None
    assert weight.difference is not None
    low, high = weight.difference.low, weight.difference.high
    assert low is not None and high is not None and low < now - before < high
    assert high - low < 4 * weight.estimate.value - 4 * (weight.estimate.low or 0), "paired: most answers are the same"


def test_friction(wheel: Flywheel) -> None:
    """Late: 10 × (80 ÷ 200 − 30 ÷ 120) × 20. Returned: 1 × 80 ÷ 100 × 20. Carts: 4 × 100 ÷ 200 × 50. Not asked: 1 × 10 % × 20."""
    friction = wheel.friction
    assert not friction.missing
    flows = {flow.name: flow for flow in friction.outflows}
    assert {name: flow.amount for name, flow in flows.items()} == {
        "carts": pytest.approx(100),
        "late": pytest.approx(30),
        "returned": pytest.approx(16),
        "not_asked": pytest.approx(2),
    }
    assert {name: flow.customers for name, flow in flows.items()} == {
        "carts": 4,
        "late": 10,
        "returned": 1,
        "not_asked": 1,
    }
    error = 10 * 20 * math.sqrt(0.25 * 0.75 / 120 + 0.4 * 0.6 / 200)
    assert (flows["late"].low, flows["late"].high) == (pytest.approx(30 - Z * error), pytest.approx(30 + Z * error))
    assert friction.estimate.value == pytest.approx(148) == sum(flow.amount for flow in friction.outflows)
    assert friction.before == pytest.approx(0)
    assert friction.lost_at("interact_delight") == pytest.approx(46)
    assert flows["late"].waiting is not None and flows["late"].waiting.days == 10
    assert flows["late"].basis.en == "10 late deliveries × 15.0 points fewer next orders × €20.00"
    assert flows["carts"].trend[-1] == pytest.approx(100)


def test_energy(wheel: Flywheel) -> None:
    put = wheel.energy.by_phase
    assert (put["attract"].amount, put["attract"].amount_before, put["attract"].hours) == (500, 400, 10)
    assert (put["delight"].amount, put["delight"].hours) == (0, 3)


def test_without_facts_it_says_what_lacks(tmp_path: Path) -> None:
    """Orders alone, as an imported list has them: no number is made up."""
    engine = start("duckdb", tmp_path)
    full = wheel_example.tables()
    some = {name: rows if name == "orders" else rows.slice(0, 0) for name, rows in full.items()}
    shown = {name: engine.memtable(rows, f"bare_{name}") for name, rows in some.items()}
    question = Question(as_of=instant(f"{wheel_example.AS_OF} 23:59"), until_on=PERIOD.until_on)
    found = flywheel(Plainly(Scope(question, lambda name, customer: shown[name]), engine.run), PERIOD)
    assert found.weight.estimate.value is None and found.weight.missing[0].name == "answers"
    assert found.friction.estimate.value is None
    assert {lack.name for lack in found.friction.missing} == {"carts", "deliveries", "returns", "answers"}
    assert all(lack.where.startswith("/imports/new?kind=") for lack in found.friction.missing)
    assert found.energy.missing[0].name == "spend"
    engine.close()
