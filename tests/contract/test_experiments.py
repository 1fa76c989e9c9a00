"""Experiments on both stores: the same lot in Python and SQL, one group for ever, merges and their undo, what is held back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schwung.app.definitions import apply, plan
from schwung.app.experiments import end_experiment, experiments, read_experiment, save_experiment
from schwung.app.exposures import arms, expose, expose_lines, global_holdout, of_journey, of_split
from schwung.app.forget import forget
from schwung.app.merge import merge, merges_of, unmerge
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY
from schwung.core.errors import InputError
from schwung.core.stable_hash import lot_of
from tests import cast
from tests.conftest import FrozenClock
from tests.people import customer_of

WHO = ("anna", "ben", "cem", "dana", "emil")
HALVES = {"arms": {"control": 0.5, "free": 0.5}}
NOBODY_HELD = "[experiments]\nglobal_holdout = 0"


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace], store_url: str) -> Workspace:
    workspace = new_workspace(store=store_url, more=NOBODY_HELD)
    cast.fill(workspace)
    return workspace


def numbers(workspace: Workspace) -> dict[str, int]:
    return {who: customer_of(workspace, "user_id", who) for who in WHO}


def test_the_lot_says_the_group_and_says_it_once(shop: Workspace) -> None:
    ids = list(numbers(shop).values())
    thirds = {"a": 1 / 3, "b": 1 / 3, "c": 1 - 2 / 3}
    found = save_experiment(shop, "thirds", {"arms": thirds}, actor="test")
    with shop.store.write() as tx:
        assert expose(tx, found.experiment_no, ids, shop.clock()) == len(ids)
        assert expose(tx, found.experiment_no, ids, shop.clock() + DAY) == 0
        met = arms(tx, found.experiment_no, ids)
    lots = {who: int(lot_of(who, "thirds"), 16) / 2**32 for who in ids}
    assert met == {who: "a" if lot < 1 / 3 else "b" if lot < 2 / 3 else "c" for who, lot in lots.items()}
    assert sum(one.people for one in read_experiment(shop, "thirds").met.values()) == len(ids)


def test_lots_fall_evenly_and_apart(shop: Workspace) -> None:
    first = [lot_of(who, "one") < "80000000" for who in range(4000)]
    other = [lot_of(who, "two") < "80000000" for who in range(4000)]
    assert abs(sum(first) - 2000) < 110
    assert abs(sum(one == two for one, two in zip(first, other, strict=True)) - 2000) < 110


def test_a_merge_keeps_both_records_and_its_undo_restores(shop: Workspace) -> None:
    who = numbers(shop)
    save_experiment(shop, "own", HALVES, actor="test")
    lines = [
        ("user_id:anna", "control", None),
        ("user_id:ben", "free", shop.clock() - DAY),
        ("user_id:nobody", "free", None),
    ]
    entered = expose_lines(shop, "own", lines, actor="test")
    assert (entered.new, entered.unknown) == (2, ("user_id:nobody",))
    number = read_experiment(shop, "own").experiment_no
    one = merge(shop, who["anna"], who["ben"], "test")
    with shop.store.write() as tx:
        assert expose(tx, number, [one], shop.clock()) == 0, "whoever has a group by any identifier keeps it"
        assert arms(tx, number, [one]) == {one: "free"}, "the first meeting holds"
    assert read_experiment(shop, "own").people == 2
    with shop.store.read() as tx:
        (undo,) = merges_of(tx, one)[:1]
    unmerge(shop, one, undo.proposal.leaving, "test")
    with shop.store.read() as tx:
        assert arms(tx, number, [who["anna"], who["ben"]]) == {who["anna"]: "control", who["ben"]: "free"}


def test_who_is_held_back_from_all_is_in_no_journey(
    new_workspace: Callable[..., Workspace], store_url: str, clock: FrozenClock
) -> None:
    shop = new_workspace(store=store_url, more="[experiments]\nglobal_holdout = 0.4")
    cast.fill(shop)
    ids, now = list(numbers(shop).values()), shop.clock()
    with shop.store.write() as tx:
        met = of_journey(shop, tx, "win-back", 0.5, ids, now, is_advertising=True)
        every = arms(tx, global_holdout(shop, tx, now) or 0, ids)
        again = of_journey(shop, tx, "win-back", 0.5, ids, now, is_advertising=True)
        served = of_journey(shop, tx, "invoice", 0, ids, now, is_advertising=False)
    held = {who for who in ids if lot_of(who, "global:2026-Q4") < f"{round(0.4 * 2**32):08x}"}
    assert {who for who, arm in every.items() if arm == "control"} == held and held
    assert met == again and all(met[who] == "control" for who in held)
    assert set(served.values()) == {"treated"}, "what is no advertising reaches everybody"
    assert {one.name: one.people for one in experiments(shop)} == {
        "journey:win-back": len(ids) - len(held), "global:2026-Q4": len(ids)
    }  # fmt: skip
    clock.advance(60 * 86_400)
    with shop.store.write() as tx:
        global_holdout(shop, tx, shop.clock())
    ended = {one.name: one.ended_at is not None for one in experiments(shop)}
    assert ended == {"global:2027-Q1": False, "journey:win-back": False, "global:2026-Q4": True}


def test_another_share_opens_the_next_with_the_same_lots(shop: Workspace) -> None:
    ids, now = list(numbers(shop).values()), shop.clock()
    with shop.store.write() as tx:
        few = of_journey(shop, tx, "welcome", 0.3, ids, now, is_advertising=True)
        many = of_journey(shop, tx, "welcome", 0.6, ids, now, is_advertising=True)
        ways = of_split(tx, "welcome", "subject", {"a": 0.5, "b": 0.5}, ids, now)
    assert all(many[who] == "control" for who in ids if few[who] == "control")
    assert set(ways) == set(ids) and set(ways.values()) <= {"a", "b"}
    assert [(one.name, one.ended_at is None) for one in experiments(shop)] == [
        ("split:welcome/subject", True), ("journey:welcome#2", True), ("journey:welcome", False)
    ]  # fmt: skip


def test_what_was_decided_before_the_start_holds(shop: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    folder.mkdir()
    file = folder / "free.yaml"
    text = "experiment: free shipping\narms: {control: 0.5, free: 0.5}\ngoal: {event: newsletter_subscribed}\nwindow_days: 14\n"
    file.write_text(text, encoding="utf-8")
    (change,) = [one for one in plan(shop, folder) if one.kind == "experiment"]
    assert change.state == "new" and "14 Tagen" in change.words[0].de
    apply(shop, folder, actor="test")
    assert [one.state for one in plan(shop, folder) if one.kind == "experiment"] == ["same"]
    expose_lines(shop, "free shipping", [("user_id:anna", None, None)], actor="test")
    file.write_text(text.replace("14", "28"), encoding="utf-8")
    with pytest.raises(InputError, match="has begun"):
        plan(shop, folder)
    file.write_text(text + "note: as agreed\n", encoding="utf-8")
    assert [one.state for one in apply(shop, folder, actor="test") if one.kind == "experiment"] == ["changed"]
    end_experiment(shop, "free shipping", actor="test")
    with pytest.raises(InputError, match="Nobody can be put"):
        expose_lines(shop, "free shipping", [("user_id:ben", None, None)], actor="test")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ({"arms": {"control": 1}}, "2 to 10"),
        ({"arms": {"a": 0.5, "b": 0.6}}, "add up"),
        ({"arms": {"a": 0, "b": 1}}, "between 0 and 1"),
        ({"window_days": 0}, "window_days"),
        ({"windows": 3}, "windows"),
    ],
)
def test_a_wrong_design_says_what_is_wrong(shop: Workspace, written: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        save_experiment(shop, "wrong", written, actor="test")
    with pytest.raises(InputError, match="begins with none"):
        save_experiment(shop, "journey:mine", HALVES, actor="test")


def test_erasure_takes_the_records(shop: Workspace) -> None:
    save_experiment(shop, "own", HALVES, actor="test")
    expose_lines(shop, "own", [("user_id:anna", None, None), ("user_id:ben", None, None)], actor="test")
    report = forget(shop, customer_of(shop, "user_id", "anna"), "test")
    assert report.store["exposure"] == 1 and read_experiment(shop, "own").people == 1
