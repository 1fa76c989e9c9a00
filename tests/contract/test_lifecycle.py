"""Kinds, phases, moves and the acquisition funnel on every engine, worked out by hand."""

from collections.abc import Iterator
from datetime import date

import pytest
from ibis import _

from schwung.app.ports import Engine
from schwung.core.period import Period
from schwung.measure.acquisition import acquisition, left_at
from schwung.measure.example import PEOPLE, Example, Sale, instant
from schwung.measure.example_facts import Answered, Happened, State
from schwung.measure.moves import Move, lifecycle
from schwung.measure.phase import preset
from schwung.measure.phases.stays import phases_at, stays
from schwung.measure.question import Question
from schwung.measure.reading import Plainly
from schwung.measure.scope import Scope
from tests.engines import ENGINES, start

RULES = preset("b2c_shop")
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), "Europe/Berlin")
SHOP = Example(
    as_of="2026-03-31",
    answers={},
    sales=(Sale("anna", "2026-02-10"), Sale("ben", "2026-03-05"), Sale("cem", "2026-03-10", cancelled=True)),
    leads=(("anna", "2026-02-01"), ("ben", "2026-03-02"), ("cem", "2026-03-03"), ("dana", "2026-03-20"), ("emil", "2026-01-01")),
    happened=(
        Happened("anna", "2026-02-01", "product_viewed"),
        Happened("ben", "2026-03-02", "product_viewed"),
        Happened("ben", "2026-03-04", "product_viewed"),
        Happened("cem", "2026-03-03", "product_viewed"),
        Happened("dana", "2026-03-20", "page_viewed"),
    ),
    states={
        "carts": (
            State("A", "started", "anna", "2026-02-10"),
            State("B", "started", "ben", "2026-03-04"),
            State("C", "started", "cem", "2026-03-10"),
        ),
        "deliveries": (State("A", "delivered", "anna", "2026-02-14"), State("B", "delivered", "ben", "2026-03-08")),
        "cases": (
            State("X", "opened", "anna", "2026-03-03"),
            State("X", "resolved", "anna", "2026-03-05"),
            State("Y", "opened", "ben", "2026-03-30"),
        ),
    },
    answered=(Answered("anna", "2026-03-06", "nps", 9),),
)  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = start(request.param, tmp_path_factory.mktemp("engine"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def scope(engine: Engine) -> Scope:
    shown = {name: engine.memtable(rows, f"lifecycle_{name}") for name, rows in SHOP.tables().items()}
    question = Question(as_of=instant("2026-03-31 23:59"), first_at=instant("2026-01-01"))
    return Scope(question, lambda name, customer: shown[name])


def test_every_profile_goes_through_its_phases(engine: Engine, scope: Scope) -> None:
    """Anna: looks, buys for four days (until delivered), uses, asks for two days, answers, uses again."""
    since, until = instant("2026-01-15 00:00"), scope.question.until_at
    rows = engine.run(stays(scope, RULES, since, until).order_by(["customer_id", "entered_at"])).to_pylist()
    day = {instant(f"2026-{month:02}-{day:02}"): f"{day}.{month}." for month in (1, 2, 3) for day in range(1, 29)}
    day[instant("2026-03-30")] = "30.3."
    told = {
        who: [(row["phase"], day.get(row["entered_at"])) for row in rows if row["customer_id"] == number]
        for who, number in PEOPLE.items()
    }
    assert told == {
        "anna": [("explore", "1.2."), ("buy", "10.2."), ("use", "14.2."), ("ask", "3.3."), ("use", "5.3."), ("engage", "6.3."), ("use", "20.3.")],
        "ben": [("explore", "2.3."), ("buy", "4.3."), ("use", "8.3."), ("ask", "30.3.")],
        "cem": [("explore", "3.3."), ("buy", "10.3."), ("explore", "17.3.")],
        "dana": [("discover", "20.3.")],
        "emil": [("discover", None)],
    }  # fmt: skip
    assert [row["is_older"] for row in rows if row["customer_id"] == PEOPLE["emil"]] == [True]
    moments = [until] if engine.name == "spark" else [instant("2026-03-05 12:00") + 1, instant("2026-03-18"), until]
    for moment in moments:
        now = {row["customer_id"]: row["phase"] for row in engine.run(phases_at(scope, RULES, moment)).to_pylist()}
        there = {r["customer_id"]: r["phase"] for r in rows if r["entered_at"] < moment <= r["left_at"]}
        assert now == there, "the state at a moment is the stay that holds then"


def test_who_moved_where_and_how_fast(engine: Engine, scope: Scope) -> None:
    found = lifecycle(Plainly(scope, engine.run), MARCH, RULES)
    assert found.phases.moves == (
        Move("arrived", "discover", 1), Move("arrived", "explore", 1), Move("arrived", "ask", 1),
        Move("discover", "discover", 1), Move("use", "use", 1),
    )  # fmt: skip
    assert found.phases.before == {"discover": 1, "explore": 0, "buy": 0, "use": 1, "ask": 0, "engage": 0}
    assert found.phases.arrived == 3 and sum(found.phases.after.values()) == 5
    assert found.kinds.moves == (
        Move("arrived", "lead", 2), Move("arrived", "new", 1), Move("lead", "lead", 1), Move("new", "new", 1)
    )  # fmt: skip
    if engine.name == "spark":  # the rest is made of the same parts
        return
    later = Period(date(2026, 3, 5), date(2026, 3, 31), MARCH.zone)
    moved = lifecycle(Plainly(scope, engine.run), later, RULES).phases
    assert moved.of("buy", "ask") == Move("buy", "ask", 1, 25.0), (
        "Ben: from 4 March, 12:00, to 30 March; summer time began"
    )
    assert moved.of("explore", "explore") == Move("explore", "explore", 1)


def test_the_acquisition_funnel_adds_up(engine: Engine, scope: Scope) -> None:
    found = acquisition(Plainly(scope, engine.run), MARCH)
    told = [(one.name, one.entered, one.converted, one.left, one.under_way) for one in found.stages]
    assert told == [
        ("awareness", 3, 2, 0, 1), ("interest", 2, 2, 0, 0), ("consideration", 2, 2, 0, 0),
        ("intent", 2, 1, 0, 1), ("evaluation", 1, 1, 0, 0), ("purchase", 1, 0, 0, 0),
    ]  # fmt: skip
    assert found.stages[1].median == 2 * 86_400, "Ben looked again after two days, Cem filled a cart after seven"
    assert found.stages[1].ninth == 7 * 86_400
    if engine.name == "spark":
        return
    early = Period(date(2026, 1, 1), date(2026, 1, 31), MARCH.zone)
    assert engine.run(left_at(scope, early, "awareness"))["customer_id"].to_pylist() == [PEOPLE["emil"]]
    assert engine.run(left_at(scope, MARCH, "intent").aggregate(n=_.count()))["n"].to_pylist() == [0]
