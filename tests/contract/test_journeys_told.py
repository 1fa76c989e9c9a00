"""Journeys on both stores, told: files, commands and API do the same; why, and counts that add up."""

from pathlib import Path

import pytest

from schwung.app import journeys as saved
from schwung.app.definitions import apply, plan
from schwung.app.journey_dry_run import dry_run
from schwung.app.journey_status import standing
from schwung.app.journey_why import why
from schwung.app.segments import delete_segment
from schwung.app.wiring import Workspace
from schwung.core.clock import HOUR, MINUTE
from schwung.core.errors import InputError
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_journeys import added, happen, later, live, number, shop
from tests.letters import write_letters

__all__ = ["shop"]

CART = """
journey: Cart
trigger: {event: product_added}
entry: {member: Buyers}
goal: {fact: orders, within: 7 days}
holdout: 0
state: live
steps:
  - wait: 3 hours
  - branch: {if: {did: {fact: orders, at_least: 2}}, then: [{send: regulars}], else: [{send: others}]}
"""


def test_files_commands_and_api_do_the_same(shop: Workspace, clock: FrozenClock, tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "a_cart.yaml").write_text(CART)
    with pytest.raises(InputError) as missing:
        plan(shop, folder)
    assert "a_cart.yaml" in missing.value.message.en and "Buyers" in missing.value.message.en
    (folder / "buyers.yaml").write_text("segment: Buyers\nrule: {did: {fact: orders}}\n")
    with pytest.raises(InputError, match="regulars"):
        plan(shop, folder)
    write_letters(shop, ["regulars", "others"])
    (planned,) = [one for one in plan(shop, folder) if one.kind == "journey"]
    assert planned.state == "new" and [text.en for text in planned.words][-1] == "is started"
    assert "    wait 3 hours" in [f"    {text.en.strip()}" for text in planned.words]
    apply(shop, folder, actor="cli:test")
    assert saved.find_journey(shop, "Cart").state == "live"
    assert {one.state for one in plan(shop, folder)} == {"same", "elsewhere"}, (
        "twice is once; the templates are in no file"
    )
    (folder / "a_cart.yaml").write_text(CART.replace("3 hours", "4 hours"))
    (changed,) = [one for one in plan(shop, folder) if one.kind == "journey"]
    assert changed.words[0].en.startswith("wait 4 hours (was: wait 3 hours) – holds for who arrives from now on")
    with pytest.raises(InputError) as used:
        delete_segment(shop, "Buyers", actor="cli:test")
    assert "Cart" in used.value.message.en


def test_why_and_the_counts_tell_the_whole_story(shop: Workspace, clock: FrozenClock) -> None:
    live(
        shop, "Cart", trigger={"event": "product_added"}, entry={"did": {"fact": "orders"}}, goal={"fact": "orders"},
        steps=[{"wait": "3 hours"}, {"branch": {"if": {"did": {"fact": "orders", "at_least": 2}}, "then": [{"send": "a"}]}}],
    )  # fmt: skip
    happen(shop, *(added(who) for who in ("anna", "ben", "cem", "dana")))
    clock.now += MINUTE
    happen(shop, cast.order("X1", "2026-11-20 13:01", 5, user="ben"))
    later(shop, clock, 3 * HOUR)

    def told(who: str) -> list[str]:
        return [line.words.en for line in why(shop, "Cart", number(shop, who)).lines]

    assert told("dana") == ["did not enter: the entry rule was not met"]
    assert told("ben") == ["entered", "wait 3 hours: goal reached", "left with the goal reached"]
    assert told("anna")[:3] == ["entered", "wait 3 hours: done", "if Orders: at least 2 ever: yes"]
    assert "walked to the end" in told("anna")
    assert any(line.startswith("message “a” by e-mail: waiting") for line in told("anna"))
    assert told("emil")[0].startswith("did not enter: since the start there was no")
    found = standing(shop, "Cart")
    assert found.entered == {"treated": 3} and found.refused == {"entry_rule": 1}
    by_id = {one.step_id: one for one in found.steps}
    assert by_id["wait1"].came == 3 == sum(found.entered.values())
    assert by_id["branch1"].came == by_id["wait1"].left["next"] == 2
    assert by_id["send1"].came == by_id["branch1"].left["yes"]
    assert sum(found.states.values()) == 3
    walked = dry_run(shop, saved.find_journey(shop, "Cart").journey)
    assert (walked.customers, walked.triggered, walked.entered) == (5, 4, 3)
    assert walked.visits["wait1"] == 3 and set(walked.people) <= {number(shop, who) for who in ("anna", "ben", "cem")}
