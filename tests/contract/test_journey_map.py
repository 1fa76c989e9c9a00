"""The journey map on every engine, worked out by hand; on the simulated shop it agrees with flywheel and lifecycle."""

import json
import re
from datetime import date

import pytest

from schwung.app.analyses.flywheel import flywheel
from schwung.app.analyses.journey_map import journey_map
from schwung.app.ports import Engine
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.period import Period
from schwung.measure.example import Example, Sale, Touch, instant
from schwung.measure.example_facts import Answered, Happened, State
from schwung.measure.friction import Friction
from schwung.measure.journey_map.journey_map import columns
from schwung.measure.journey_map.rows import answers, by_channel, onward
from schwung.measure.phase import PHASES, preset
from schwung.measure.phases.stays import stays
from schwung.measure.question import Question
from schwung.measure.scope import Scope
from schwung.renderers.journey_map import pdf, png, svg
from schwung.renderers.numbers import number

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), "Europe/Berlin")
SHOP = Example(
    as_of="2026-03-31",
    answers={},
    leads=(("anna", "2026-03-01"), ("ben", "2026-03-02"), ("cem", "2026-02-01")),
    touches=(Touch("anna", "2026-03-01", "organic_search"), Touch("ben", "2026-03-02", "offline")),
    happened=(Happened("anna", "2026-03-03", "product_viewed"), Happened("ben", "2026-03-04", "product_viewed")),
    sales=(Sale("anna", "2026-03-05"), Sale("ben", "2026-03-04 13:00", channel="offline")),
    states={
        "carts": (State("A", "started", "anna", "2026-03-04"),),
        "deliveries": (State("A", "delivered", "anna", "2026-03-09"), State("B", "delivered", "ben", "2026-03-04 13:00")),
        "cases": (State("X", "opened", "anna", "2026-03-15"), State("X", "resolved", "anna", "2026-03-16")),
        "messages": (State("M", "sent", "ben", "2026-03-20"),),
    },
    answered=(
        Answered("cem", "2026-03-03", "csat", 4, 1, 5, phase="attract"),
        Answered("anna", "2026-03-10", "stars", 5, 1, 5, phase="interact"),
        Answered("anna", "2026-03-16", "ces", 7, 1, 7, "lower"),
        Answered("ben", "2026-03-21", "nps", 10),
    ),
)  # fmt: skip


def test_a_small_journey(engine: Engine) -> None:
    """Anna goes through all phases; Ben buys in a store; Cem is only known."""
    shown = {name: engine.memtable(rows, f"map_{name}") for name, rows in SHOP.tables().items()}
    scope = Scope(
        Question(as_of=instant("2026-03-31 23:59"), first_at=instant("2026-01-01")), lambda name, _: shown[name]
    )
    until = scope.question.until_at
    rows = stays(scope, preset("b2c_shop"), MARCH.since_at - 90 * DAY, until)
    inside = engine.memtable(engine.run(rows), "stays_of_map")
    found = columns(
        engine.run(onward(inside, (MARCH, MARCH.before()), until)).to_pylist(),
        engine.run(by_channel(scope, inside, MARCH.since_at)).to_pylist(),
        engine.run(answers(scope, inside, MARCH.since_at)).to_pylist(),
        Friction(()),
    )
    told = {one.phase: (one.people, one.onward and one.onward.value, one.median) for one in found}
    assert told == {
        "discover": (3, pytest.approx(2 / 3), 2 * 86_400),
        "explore": (2, 0.5, 86_400),
        "buy": (1, 1, 5 * 86_400),
        "use": (2, 0.5, 6 * 86_400),
        "ask": (1, 1, 86_400),
        "engage": (3, None, None),
    }
    assert {one.phase: [(part.name, part.contacts) for part in one.channels] for one in found} == {
        "discover": [("offline", 1), ("organic_search", 1)],
        "explore": [("website", 2)],
        "buy": [("website", 1)],
        "use": [("parcel", 2), ("email", 1), ("offline", 1)],
        "ask": [("email", 1)],
        "engage": [("survey", 4)],
    }
    assert [(one.phase, one.emotion.value, one.emotion.n) for one in found if one.emotion.n] == [
        ("discover", 75, 1), ("use", 100, 1), ("ask", 0, 1), ("engage", 100, 1)
    ], "each in the phase right before it; the effort in Ask; high effort is bad"  # fmt: skip


def test_the_map_of_a_shop_agrees_with_the_flywheel(simulated_workspace: Workspace) -> None:
    found = journey_map(simulated_workspace, days=90, against="before")
    assert found.friction == flywheel(simulated_workspace, days=90).friction, "the same money"
    assert [one.phase for one in found.columns] == [*PHASES] and found.columns[0].people > 0
    assert {flow.name for one in found.columns for flow in one.losses} == {flow.name for flow in found.losses}
    assert all(
        abs(sum(part.share for part in one.channels) - 1) < 1e-9 or len(one.channels) == 3 for one in found.columns
    )
    assert found.sentences and json.dumps(found.to_json())
    assert found.compared is not None and found.compared.period == found.period.before()
    assert [one.before for one in found.columns] == [one.people for one in found.compared.columns]
    picture = svg(found, "de", "Kundenreise")
    assert f"davor {number(found.compared.columns[0].people, 'count', 'de')}" in picture
    assert png(found, "de", "Kundenreise").startswith(b"\x89PNG")
    assert "Entdecken" in picture and "style=" not in picture and not re.search(r"\bnan\b", picture)
    assert pdf(found, "de", "Kundenreise").startswith(b"%PDF")
