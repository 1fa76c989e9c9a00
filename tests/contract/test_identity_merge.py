"""Merging and separating: events, traits and a person's no follow the identifiers, on both stores."""

import random

import pytest

from schwung.app.audit import entries
from schwung.app.consents import opt_out, permissions, suppress
from schwung.app.facts import open_facts
from schwung.app.merge import merge, merges_of, propose_without_link, unmerge
from schwung.app.resolve import resolve
from schwung.app.wiring import Workspace
from schwung.core.errors import InputError
from tests.contract.test_identity_oracle import mapping, messy_stream, table_of
from tests.people import bring, customer_of, event

DAY = 86_400_000_000


def events_per_customer(workspace: Workspace) -> dict[int, int]:
    with open_facts(workspace) as facts:
        rows = facts.table("events", customer=True)
        return {
            row["customer_id"]: row["n"]
            for row in facts.run(rows.group_by("customer_id").agg(n=rows.count())).to_pylist()
        }


def profiles(workspace: Workspace) -> dict[int, dict[str, object]]:
    with open_facts(workspace) as facts:
        return {row["customer_id"]: row for row in facts.run(facts.table("profiles")).to_pylist()}


@pytest.fixture
def two(each_workspace: Workspace) -> tuple[Workspace, int, int]:
    """Anna at the till (1) and Anna in the shop (2): two customers, three and two events."""
    now = each_workspace.clock() - DAY
    till = [event("page_viewed", now + n, call="page", card="A17") for n in range(3)]
    shop = [event("page_viewed", now + 10, call="page", user_id="anna"),
            event("profile_identified", now + 11, call="identify", user_id="anna", traits={"name": "Anna", "country": "de"})]  # fmt: skip
    bring(each_workspace, *till, *shop)
    one, other = customer_of(each_workspace, "card", "A17"), customer_of(each_workspace, "user_id", "anna")
    assert one and other and one != other
    return each_workspace, one, other


def test_merge_by_hand_moves_events_and_profile(two: tuple[Workspace, int, int]) -> None:
    workspace, one, other = two
    assert merge(workspace, one, other, "cli:test") == one
    assert events_per_customer(workspace) == {one: 5}
    found = profiles(workspace)
    assert found[one]["country"] == "DE" and not found[one]["is_gone"]
    assert found[other]["is_gone"] and found[other]["traits"] is None
    assert {entry.act for entry in entries(workspace, customer_id=one)} == {"merged"}


def test_unmerge_restores_what_was(two: tuple[Workspace, int, int]) -> None:
    workspace, one, other = two
    before = events_per_customer(workspace), {key: {**row, "version": 0} for key, row in profiles(workspace).items()}
    merge(workspace, one, other, "cli:test")
    with workspace.store.read() as tx:
        (undo,) = merges_of(tx, one)
    assert undo.cause == "hand" and undo.from_customer_id == other
    assert unmerge(workspace, one, undo.proposal.leaving, "cli:test") == (one, other)
    after = events_per_customer(workspace), {key: {**row, "version": 0} for key, row in profiles(workspace).items()}
    assert after == before


def test_later_events_with_both_do_not_merge_again(two: tuple[Workspace, int, int]) -> None:
    workspace, one, other = two
    merge(workspace, one, other, "cli:test")
    with workspace.store.read() as tx:
        (undo,) = merges_of(tx, one)
    unmerge(workspace, one, undo.proposal.leaving, "cli:test")
    now = workspace.clock() - DAY // 2
    bring(workspace, event("page_viewed", now, call="page", user_id="anna", card="A17"))
    bring(workspace, event("page_viewed", now, call="page", user_id="anna", email="a@x.de"))
    bring(workspace, event("page_viewed", now, call="page", card="A17", email="a@x.de"))
    assert events_per_customer(workspace) == {one: 3, other: 5}
    merge(workspace, one, other, "cli:test")
    assert events_per_customer(workspace) == {one: 8}


def test_identifiers_learnt_later_follow_their_side(two: tuple[Workspace, int, int]) -> None:
    workspace, one, other = two
    merge(workspace, one, other, "cli:test")
    now = workspace.clock() - DAY // 2
    bring(workspace, event("page_viewed", now, call="page", user_id="anna", anonymous_id="phone-of-anna"))
    bring(workspace, event("page_viewed", now, call="page", card="A17", anonymous_id="till-4"))
    with workspace.store.read() as tx:
        (undo,) = merges_of(tx, one)
    unmerge(workspace, one, undo.proposal.leaving, "cli:test")
    assert customer_of(workspace, "anonymous_id", "phone-of-anna") == other
    assert customer_of(workspace, "anonymous_id", "till-4") == one


def test_a_no_survives_on_both_sides(two: tuple[Workspace, int, int]) -> None:
    workspace, one, other = two
    merge(workspace, one, other, "cli:test")
    opt_out(workspace, one, "cli:test", "newsletter", "email")
    opt_out(workspace, one, "cli:test", "objection")
    suppress(workspace, one, "cli:test", one, "email", "bounced")
    assert profiles(workspace)[one]["has_objected"]
    with workspace.store.read() as tx:
        (undo,) = merges_of(tx, one)
    unmerge(workspace, one, undo.proposal.leaving, "cli:test")
    for customer in (one, other):
        with workspace.store.read() as tx:
            said = permissions(tx, customer)
        assert [row["topic"] for row in said.opt_outs] == ["newsletter", "objection"]
        assert [row["reason"] for row in said.suppressions] == ["bounced"]
        assert profiles(workspace)[customer]["has_objected"]


def test_cutting_one_link_proposes_the_parts(each_workspace: Workspace) -> None:
    now = each_workspace.clock() - DAY
    bring(each_workspace, event("page_viewed", now, call="page", user_id="u", email="u@x.de"),
          event("page_viewed", now, call="page", email="u@x.de", anonymous_id="d"))  # fmt: skip
    with each_workspace.store.read() as tx:
        assert propose_without_link(tx, 1, 1, 2).leaving == {2, 3}
        assert propose_without_link(tx, 1, 2, 3).leaving == {3}
    bring(each_workspace, event("page_viewed", now, call="page", user_id="u", anonymous_id="d"))
    with each_workspace.store.read() as tx:
        held = propose_without_link(tx, 1, 1, 2)
    assert not held.leaving and held.holding == ((1, 3), (2, 3))


def test_wrong_demands_are_refused(two: tuple[Workspace, int, int]) -> None:
    workspace, one, _ = two
    with pytest.raises(InputError, match="one customer already"):
        merge(workspace, one, one, "cli:test")
    with pytest.raises(InputError, match="no customer"):
        merge(workspace, one, 999, "cli:test")
    with pytest.raises(InputError, match="not all"):
        unmerge(workspace, one, [one], "cli:test")
    assert events_per_customer(workspace)[one] == 3


def test_any_merge_taken_back_restores_the_mapping(workspace: Workspace) -> None:
    """Random people, random merges by hand, each taken back: every identifier is where it was, and its customer the smallest."""
    draw = random.Random(11)
    resolve(workspace, 0, table_of(messy_stream(11, 400, 60)))
    for _ in range(12):
        before, _links = mapping(workspace)
        one, other = draw.sample(sorted(set(before.values())), 2)
        stays = merge(workspace, one, other, "cli:test")
        joined, _links = mapping(workspace)
        assert {joined[key] for key, customer in before.items() if customer in (one, other)} == {stays}
        with workspace.store.read() as tx:
            undo = next(found for found in merges_of(tx, stays) if found.from_customer_id == max(one, other))
        unmerge(workspace, stays, undo.proposal.leaving, "cli:test")
        after, _links = mapping(workspace)
        assert after == before
        assert all(customer == min(key for key, its in after.items() if its == customer) for customer in after.values())
