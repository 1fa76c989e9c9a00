"""What figures share of each customer, beside the lake: whatever became of customers since, it is as if worked out anew."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.lasting import LASTING, lasting, make_lasting
from schwung.app.merge import merge, merges_of, unmerge
from schwung.app.shared_facts import drop_idle, shared_facts
from schwung.app.wiring import Workspace
from tests import cast
from tests.importing import counts, facts, run, write_csv
from tests.people import customer_of

_SEARCH = {"page": {"url": "https://shop.example/", "referrer": "https://www.google.com/"}}


@pytest.fixture
def workspace(new_workspace: Callable[..., Workspace]) -> Iterator[Workspace]:
    workspace = new_workspace()
    cast.fill(workspace)
    cast.send(workspace, [_cart("c1", "2026-10-01 10:00", "anna"), _cart("c2", "2026-10-20 10:00", "cem"),
                          _delivered("A2", "2026-10-20 10:00"), _answered("r1", "2026-10-21 10:00", "anna", 9),
                          _answered("r2", "2026-10-21 11:00", "cem", 3), _referred("2026-10-21 12:00", "anna")])  # fmt: skip
    cast.mirror(workspace)
    assert make_lasting(workspace)
    yield workspace
    drop_idle()


def _cart(cart: str, day: str, user: str) -> dict[str, Any]:
    goods = {"cart_id": cart, "product_id": "mug", "price": 5, "quantity": 1, "currency": "EUR"}
    return cast.track("Product Added", day, goods, user=user)


def _delivered(order: str, day: str) -> dict[str, Any]:
    """As carriers tell it: of an order, not of a person."""
    return cast.track("Order Delivered", day, {"order_id": order})


def _answered(response: str, day: str, user: str, score: int) -> dict[str, Any]:
    return cast.track("NPS Answered", day, {"response_id": response, "score": score}, user=user)


def _referred(day: str, user: str | None) -> dict[str, Any]:
    return cast.track("Referral Converted", day, {"order_id": "A2"}, user=user, device=None if user else "unknown")


def _shared(workspace: Workspace) -> dict[str, list[str]]:
    drop_idle()
    with shared_facts(workspace) as (facts, _):
        tables = {"orders": facts.kept["orders"]}
        for what in (*LASTING, "cart_days", "referrals"):
            rows = facts.at_hand(what) if facts.at_hand else None
            assert rows is not None
            tables[what] = rows
        return {name: sorted(map(repr, facts.run(rows).to_pylist())) for name, rows in tables.items()}


def _is_true(workspace: Workspace) -> int:
    """How many customers were worked out anew; all tables are as if none lay there."""
    with open_facts(workspace) as facts, lasting(facts) as found:
        assert found is not None
        touched = facts.run(found.touched).num_rows
    since, folder = _shared(workspace), workspace.beside_lake("_worked_out")
    folder.rename(folder.with_name("_away"))
    try:
        assert since == _shared(workspace)
    finally:
        folder.with_name("_away").rename(folder)
    assert all(since.values())
    return touched


def test_newer_facts_of_all_sorts(workspace: Workspace) -> None:
    assert _is_true(workspace) == 0
    cast.send(workspace, [
        cast.order("A3", "2026-11-19 10:00", 15, user="anna"),
        cast.order("G2", "2026-11-19 11:00", 17),
        cast.visit("2026-11-10 09:00", user="cem", context=_SEARCH),
        _cart("c4", "2026-11-02 10:00", "dana"),
        _delivered("E1", "2026-02-20 10:00"),
    ])  # fmt: skip
    cast.mirror(workspace)
    assert _is_true(workspace) == 4
    cast.send(workspace, [
        cast.track("Order Cancelled", "2026-11-19 12:00", {"order_id": "A3"}, user="anna"),
        cast.order("B1", "2026-11-01 08:00", 41, user="dana"),  # it was Ben's
        _cart("c3", "2026-11-02 10:00", "ben"),
        cast.order("C4", "2026-11-19 13:00", 9, user="cem"),
        _delivered("C2", "2026-06-20 10:00"),
        _answered("r1", "2026-11-19 15:00", "dana", 7),  # it was Anna's
        _answered("r3", "2026-11-19 15:00", "ben", 10),
        _referred("2026-11-19 16:00", None),
        cast.refund("A1", "2026-11-19 14:00", 5, user="anna", products=(("mug", 5),)),
    ])  # fmt: skip
    cast.mirror(workspace)
    assert _is_true(workspace) == 5  # those four, and Ben
    assert make_lasting(workspace)
    assert _is_true(workspace) == 0


def test_a_return_of_an_order_that_nobody_knows(workspace: Workspace, tmp_path: Path) -> None:
    """By import, so that no event tells it; the second one brings nothing else that is new."""
    for order in ("C77", "C78"):
        assert make_lasting(workspace)
        lines = write_csv(tmp_path / f"{order}.csv", [(order, "2026-11-18 10:00", "anna", "mug", -1, 5)])
        assert run(workspace, lines, source="till", return_prefix="C") == counts(imported=1)
    assert any(row["order_key"] is None for row in facts(workspace, "returns").to_pylist())
    assert _is_true(workspace) == 1


def test_merges_and_what_is_taken_back(workspace: Workspace) -> None:
    one, other = customer_of(workspace, "user_id", "anna"), customer_of(workspace, "user_id", "cem")
    assert one and other
    left = merge(workspace, one, other, "cli:test")
    assert _is_true(workspace) >= 1
    assert make_lasting(workspace)
    with workspace.store.read() as tx:
        (undo,) = (found for found in merges_of(tx, left) if found.cause == "hand")
    unmerge(workspace, left, undo.proposal.leaving, "cli:test")
    assert _is_true(workspace) >= 2


def test_an_erasure_leaves_nothing(workspace: Workspace) -> None:
    anna = customer_of(workspace, "user_id", "anna")
    assert anna
    forget(workspace, anna, "cli:test")
    assert not list(workspace.beside_lake("_worked_out").rglob("*.*"))
    with open_facts(workspace) as facts, lasting(facts) as found:
        assert found is None
    _shared(workspace)
