"""Something that a journey names is gone, such as a column that another release knows no more: it rests and says why; the others go on."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from schwung.app import journeys as saved
from schwung.app.doctor import examine
from schwung.app.journey_status import standing
from schwung.app.journey_tick import tick
from schwung.app.journey_why import why
from schwung.app.segment_tick import tick as segment_tick
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, SECOND
from schwung.core.errors import InputError
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_access_http import sign_in
from tests.letters import write_letters
from tests.people import customer_of

GOOD = {"fact": "orders", "where": [{"property": "discount", "op": ">", "value": 1}]}
GONE = {"fact": "orders", "where": [{"property": "rebate", "op": ">", "value": 1}]}
STEPS: list[Any] = [
    {"wait": "1 day"},
    {"branch": {"if": {"did": GOOD}, "then": [{"send": "a"}]}},
    {"wait_for": GOOD | {"at_most": "1 day"}},
    {"send": "b"},
]
PLACES = {
    "Trigger": ("Trigger: ", "Auslöser: "),
    "Entry": ("Entry rule: ", "Eintrittsregel: "),
    "Goal": ("Goal: ", "Ziel: "),
    "Exit": ("Exit 1: ", "Ausstieg 1: "),
    "Branch": ("Branch (branch1): ", "Verzweigen (branch1): "),
    "Wait": ("Wait for an event or condition (wait_for1): ", "Auf Ereignis oder Bedingung warten (wait_for1): "),
}


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace]) -> Workspace:
    workspace = new_workspace()
    cast.fill(workspace)
    return workspace


def _written(name: str, what: Any) -> dict[str, Any]:
    steps = [dict(one) for one in STEPS]
    if name == "Branch":
        steps[1] = {"branch": {"if": {"did": what}, "then": [{"send": "a"}]}}
    if name == "Wait":
        steps[2] = {"wait_for": what | {"at_most": "1 day"}}
    more = {
        "Trigger": {"trigger": what},
        "Entry": {"entry": {"not": {"did": what}}},
        "Goal": {"goal": what},
        "Exit": {"exit": [{"rule": {"did": what}}]},
    }
    return {"trigger": "manual", "holdout": 0, "re_entry": "each"} | more.get(name, {}) | {"steps": steps}


def _two_days(shop: Workspace, clock: FrozenClock) -> None:
    for _ in range(2):
        clock.advance(DAY / SECOND)
        while tick(shop):
            pass


def test_it_rests_and_names_step_and_column_while_others_go_on(shop: Workspace, clock: FrozenClock) -> None:
    number = customer_of(shop, "user_id", "cem")
    assert number is not None
    for name in (*PLACES, "Well"):
        written = saved.save_journey(shop, name, _written(name, GOOD), actor="cli:test")
        write_letters(shop, written.journey.templates)
        saved.start(shop, name, actor="cli:test")
        saved.enter(shop, name, [number], key="1", actor="cli:test")
    tick(shop)
    with shop.store.write() as tx:
        for one in tx.rows("journeys.all"):
            if one["name"] in PLACES:
                tx.run(
                    "journeys.add_version", journey_no=one["journey_no"], version_no=2, conditions=one["conditions"], edits="[]",
                    definition=one["definition"].replace("discount", "rebate", 1 if one["name"] != "Wait" else 2), saved_by="x", now=0,
                )  # fmt: skip
                tx.run("journeys.set_version", journey_no=one["journey_no"], version_no=2)
    segment_tick(shop)
    for name in PLACES:
        saved.enter(shop, name, [number], key="2", actor="cli:test")
    _two_days(shop, clock)
    assert standing(shop, "Well").states == {"done": 1}, "others go on"
    for name, (en, de) in PLACES.items():
        found = saved.find_journey(shop, name)
        said = found.journey.lapsed_words
        assert said is not None and said.en.startswith(en) and said.de.startswith(de), name
        assert "“rebate”" in said.en and "„rebate“" in said.de, name
        told = standing(shop, name)
        assert told.states == {"active": 1} and told.refused == {"lapsed": 1}, "nobody moves or enters"
        assert json.dumps(found.journey.to_mapping()).count("rebate") == 1 + (name == "Wait"), (
            "it is kept as it was written"
        )
        with pytest.raises(InputError, match="rebate"):
            saved.start(shop, name, actor="cli:test")
    (look,) = [one for one in examine(shop, thorough=False) if one.name == "journeys"]
    assert (
        look.state == "error"
        and "rebate" in look.detail.de
        and "6 rest" in look.detail.en
        and "Trigger, Entry, Goal" in look.detail.en
    )
    assert any("rested" in line.words.en for line in why(shop, "Branch", number).lines)
    client = sign_in(shop, "editor")
    branch = saved.find_journey(shop, "Branch").journey_no
    for path in ("/journeys", f"/journeys/{branch}", f"/journeys/{branch}/edit"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert ("rests" in page.text) if path == "/journeys" else ("rebate" in page.text), path
    saved.save_journey(shop, "Branch", _written("Branch", GOOD), actor="cli:test")
    _two_days(shop, clock)
    assert standing(shop, "Branch").states == {"done": 1}, "mended, it goes on where it was"
    assert [one.state for one in examine(shop, thorough=False) if one.name == "journeys"] == ["error"], (
        "the others still rest"
    )
