"""Journeys on both stores: crashes at every commit, and a step that fails."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from schwung.app.journey_steps import WORK
from schwung.app.journey_tick import tick
from schwung.app.segment_tick import tick as segment_tick
from schwung.app.wiring import Workspace
from schwung.core.clock import HOUR, MINUTE
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_journeys import added, enter, live, messages, rows, shop, ways

__all__ = ["shop"]


class Broken(Exception):
    """The process dies here."""


def test_a_crash_at_any_commit_doubles_and_loses_nothing(
    shop: Workspace, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same beat dies at its first, second, third … commit, just before it and just after, and is begun again."""
    monkeypatch.setattr("schwung.app.journey_tick.lease", lambda *asked, **more: nullcontext())  # a test of its own
    wait = {"wait_for": {"rule": {"share": {"of": 1}}, "at_most": "1 day"}}  # over at once, in another commit
    live(
        shop, "J", trigger={"event": "product_added"}, re_entry="each", goal={"fact": "orders"},
        steps=[
            wait, {"send": "a"}, wait, {"split": {"shares": {"A": 1, "B": 1}, "ways": {"A": [{"send": "b"}]}}}, wait,
            {"task": "t"}, wait, {"set_trait": {"name": "x", "value": 1}}, wait,
        ],
    )  # fmt: skip
    people, entries = ("anna", "ben", "cem", "dana"), 0
    nth, is_after = 0, True
    while True:
        nth, is_after = (nth, True) if not is_after else (nth + 1, False)
        minute = f"13:{entries // 4:02d}"
        clock.now += MINUTE
        cast.send(shop, [added(who, minute) for who in people])
        cast.mirror(shop)
        segment_tick(shop)
        entries += 4
        try:
            tick(dying(shop, nth, is_after))
        except Broken:
            tick(shop)
        else:
            break
    assert nth > 5
    found = rows(shop, "journeys.ways", journey_no=1)
    assert len(found) == entries and {row["state"] for row in found} == {"done"}
    sent = [one[1] for one in messages(shop)]
    in_a = sum("split1>A@" in row["trail"] for row in found)
    assert sent.count("a") == entries and sent.count("b") == in_a and 0 < in_a < entries
    assert len(rows(shop, "tasks.open")) == entries
    counts = {
        (row["step_id"], row["outcome"]): row["customers"]
        for row in rows(shop, "journeys.counts", journey_no=1, since="")
    }
    assert counts["entry", "entered"] == counts["send1", "next"] == counts["set_trait1", "next"] == entries
    assert counts["split1", "A"] == counts["send2", "next"] == in_a == entries - counts["split1", "B"]


def test_a_step_that_fails_holds_up_nobody_before_it(
    shop: Workspace, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(due: Any) -> Any:
        raise Broken

    live(shop, "J", steps=[{"wait": "1 hour"}, {"send": "a"}, {"task": "t"}, {"send": "b"}])
    enter(shop, "J", "anna", "ben")
    clock.now += HOUR
    with monkeypatch.context() as patched:
        patched.setitem(WORK, "task", fail)
        with pytest.raises(Broken):
            tick(shop)
        assert ways(shop, "J") == {"anna": ("active", "task1"), "ben": ("active", "task1")}
        assert messages(shop) == [("anna", "a", "planned"), ("ben", "a", "planned")]
    tick(shop)
    assert sorted(one[1] for one in messages(shop)) == list("aabb")
    assert set(ways(shop, "J").values()) == {("done", "send2")}
    (trail,) = {row["trail"] for row in rows(shop, "journeys.ways", journey_no=1)}
    assert [line.partition("@")[0] for line in trail.split()] == [
        "wait1>next",
        "send1>next",
        "task1>next",
        "send2>next",
    ]


def dying(workspace: Workspace, nth: int, is_after: bool) -> Workspace:
    """The same workspace, whose store raises at its nth commit, just before it or just after."""
    counted = [0]

    class Dying:
        def __getattr__(self, name: str) -> Any:
            return getattr(workspace.store, name)

        @contextmanager
        def write(self) -> Iterator[Any]:
            counted[0] += 1
            is_last = counted[0] == nth
            with workspace.store.write() as tx:
                yield tx
                if is_last and not is_after:
                    raise Broken
            if is_last:
                raise Broken

    dead = replace(workspace)
    dead.__dict__.update(workspace.__dict__, store=Dying())
    return dead
