"""A batch that fails again and again: what makes it fail is set aside, everything else goes on; nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from schwung.app import mirror as mirror_module
from schwung.app.facts import open_facts
from schwung.app.lane import lane
from schwung.app.mirror import mirror_next
from schwung.app.quarantine import groups, held_count, replay
from schwung.app.set_aside import MOST, TRIES
from schwung.app.wiring import Workspace
from schwung.collect.projection import Reading
from tests.people import event, receive

REAL = mirror_module.event_rows


def mirror(workspace: Workspace) -> None:
    with lane(workspace) as held:
        mirror_next(workspace, held)


def numbers(workspace: Workspace) -> list[Any]:
    with open_facts(workspace) as facts:
        events = facts.everything("events")
        return facts.run(events.select(number=events["happened_at"]).order_by("number"))["number"].to_pylist()


def failing(at: Callable[[int], bool]) -> Callable[..., Any]:
    """A defect of ours: a projection that fails at some events."""

    def rows(reading: Reading, *rest: Any) -> Any:
        wrong = [one for one in reading.events if at(one.happened_at)]
        if wrong:
            raise ValueError(f"{wrong[0].claims} is too much")
        return REAL(reading, *rest)

    return rows


def test_what_makes_a_batch_fail_is_held_and_the_rest_goes_on(
    each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = {3, 4, 77}
    receive(each_workspace, *(event("page_viewed", nth, call="page", user_id=f"u{nth}") for nth in range(100)))
    monkeypatch.setattr(mirror_module, "event_rows", failing(poison.__contains__))
    for _ in range(TRIES - 1):
        with pytest.raises(ValueError, match="too much"):
            mirror(each_workspace)
        assert held_count(each_workspace) == 0
    mirror(each_workspace)
    assert numbers(each_workspace) == [nth for nth in range(100) if nth not in poison]
    (group,) = groups(each_workspace)
    assert (group.event_count, group.example.code, group.name) == (3, "not_projected", "page_viewed")
    assert "ValueError" in group.example.text.de and "u3" not in group.example.text.en
    with each_workspace.store.read() as tx:
        assert [row["events"] for row in tx.rows("work.event_batches", most=1)] == [97]
    monkeypatch.undo()  # the defect is mended
    assert replay(each_workspace).replayed == 3
    mirror(each_workspace)
    assert numbers(each_workspace) == list(range(100))


def test_a_defect_that_lies_in_no_event_sets_nothing_aside(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(workspace, *(event("page_viewed", nth, call="page") for nth in range(MOST + 30)))
    for wrong in (failing(lambda _: True), lambda *_: (_ for _ in ()).throw(OSError("the disk is away"))):
        monkeypatch.setattr(mirror_module, "event_rows", wrong)
        for _ in range(TRIES + 1):
            with pytest.raises((ValueError, OSError)):
                mirror(workspace)
    assert held_count(workspace) == 0
    monkeypatch.undo()
    mirror(workspace)
    assert len(numbers(workspace)) == MOST + 30


def test_a_product_is_known_only_once_it_is_published(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lake is away at the first try; the second one brings the product all the same."""
    product = {"product_id": "p1", "name": "Espresso", "price": 3.5}
    receive(workspace, event("product_viewed", 1, product))
    with monkeypatch.context() as patched:
        patched.setattr(workspace.lake, "append", lambda *_: (_ for _ in ()).throw(OSError("no space")))
        with pytest.raises(OSError, match="no space"):
            mirror(workspace)
    mirror(workspace)
    with open_facts(workspace) as facts:
        assert facts.run(facts.everything("products"))["name"].to_pylist() == ["Espresso"]
