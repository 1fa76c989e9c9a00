"""Segments on both stores: kept true by facts, by time, by merges and erasure; what enters and leaves is an event; previews."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from ibis import _

from schwung.app import segment_tick
from schwung.app.doctor import examine
from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.lane import lane
from schwung.app.lists import read_list
from schwung.app.merge import merge, unmerge
from schwung.app.segment_past import past
from schwung.app.segment_tell import tell
from schwung.app.segment_tick import look, tick, work_out_all
from schwung.app.segments import delete_segment, preview, read_segment, save_segment, segments
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, MINUTE, SECOND, Instant
from schwung.core.errors import InputError
from tests import cast
from tests.conftest import FrozenClock
from tests.contract.test_access_http import sign_in
from tests.people import customer_of

RECENT = {"did": {"fact": "orders", "within": "30 days"}}
LOYAL = {"all": [{"did": {"fact": "orders", "at_least": 2}}, {"not": {"kind": "lost"}}]}


@pytest.fixture
def shop(new_workspace: Callable[..., Workspace], store_url: str) -> Workspace:
    workspace = new_workspace(store=store_url)
    cast.fill(workspace)
    return workspace


def named(workspace: Workspace, name: str) -> set[str]:
    """Who of the cast is in a segment, by the store."""
    known = {customer_of(workspace, "user_id", who): who for who in ("anna", "ben", "cem", "dana", "emil")}
    with workspace.store.read() as tx:
        rows = tx.rows("lists.members", list_no=read_segment(workspace, name).list.list_no)
    return {known[row["identifier_id"]] for row in rows}


def in_lake(workspace: Workspace, name: str) -> int:
    number = read_list(workspace, name).list_no
    with open_facts(workspace) as facts:
        rows = facts.table("memberships", customer=True)
        rows = rows.filter(rows.segment_id == number, rows.left_at.isnull(), rows.customer_id.notnull())
        return facts.run(rows).num_rows


def told(workspace: Workspace, event: str) -> list[Instant]:
    with open_facts(workspace) as facts:
        rows = facts.table("events", customer=True)
        return sorted(facts.run(rows.filter(rows["name"] == event))["happened_at"].to_pylist())


def test_facts_and_time_move_customers_in_and_out(shop: Workspace, clock: FrozenClock) -> None:
    saved = save_segment(shop, "Recent", RECENT, actor="cli:test")
    assert named(shop, "Recent") == {"anna", "ben"} and saved.list.size == 2 == in_lake(shop, "Recent")
    assert len(told(shop, "segment_entered")) == 2
    assert not tick(shop), "what was written by itself is not looked at for ever"
    bought_at = clock.now
    cast.send(shop, [cast.order("D1", "2026-11-20 13:00", 5, user="dana")])
    cast.mirror(shop)
    assert tick(shop)
    assert named(shop, "Recent") == {"anna", "ben", "dana"} and in_lake(shop, "Recent") == 3
    clock.now = bought_at + 30 * DAY - SECOND
    assert tick(shop)
    assert named(shop, "Recent") == {"dana"}, "Anna and Ben have left, Dana is in until the last moment"
    clock.advance(1)
    assert tick(shop)
    assert named(shop, "Recent") == set() and in_lake(shop, "Recent") == 0
    assert len(told(shop, "segment_entered")) == len(told(shop, "segment_left")) == 3
    assert not tick(shop)


def test_of_more_than_a_look_takes_who_was_due_first_is_first(
    shop: Workspace, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.send(shop, [cast.order("D1", "2026-11-20 13:00", 5, user="dana")])
    cast.mirror(shop)
    save_segment(shop, "Recent", RECENT, actor="cli:test")
    assert named(shop, "Recent") == {"anna", "ben", "dana"}
    monkeypatch.setattr(segment_tick, "FEW", 1)
    clock.now += 90 * DAY
    left = []
    while before := named(shop, "Recent"):
        assert look(shop)
        left += before - named(shop, "Recent")
    assert len(left) == 3 and left[-1] == "dana"
    assert not look(shop)


def test_the_store_knows_at_once_and_the_lake_each_change_once(shop: Workspace, clock: FrozenClock) -> None:
    save_segment(shop, "Recent", RECENT, actor="cli:test")
    cast.send(shop, [cast.order("D1", "2026-11-20 13:00", 5, user="dana")])
    cast.mirror(shop)
    with lane(shop, "import"):
        assert look(shop) and named(shop, "Recent") == {"anna", "ben", "dana"}, (
            "it does not wait for who writes batches"
        )
    clock.now += 40 * DAY
    assert look(shop) and named(shop, "Recent") == set() and in_lake(shop, "Recent") == 2
    assert tell(shop) and not tell(shop)
    assert in_lake(shop, "Recent") == 0, "Dana came and went between two batches"
    assert len(told(shop, "segment_entered")) == len(told(shop, "segment_left")) == 3
    with open_facts(shop) as facts:
        rows = facts.run(facts.table("memberships"))
    assert rows.num_rows == 3 and all(left > joined for joined, left in zip(rows["joined_at"].to_pylist(), rows["left_at"].to_pylist(), strict=True))  # fmt: skip


def test_a_segment_that_names_another_follows_it(shop: Workspace) -> None:
    save_segment(shop, "Recent", RECENT, actor="cli:test")
    save_segment(shop, "Quiet", {"all": [{"not": {"member": "Recent"}}, LOYAL]}, actor="cli:test")
    assert named(shop, "Quiet") == {"cem"}
    save_segment(shop, "Recent", {"did": {"fact": "orders", "within": "10 days"}}, actor="cli:test")
    assert named(shop, "Recent") == {"anna"} and named(shop, "Quiet") == {"cem"}
    with pytest.raises(InputError) as circle:
        save_segment(shop, "Recent", {"member": "Quiet"}, actor="cli:test")
    assert circle.value.code == "rule_wrong" and named(shop, "Recent") == {"anna"}
    with pytest.raises(InputError) as used:
        delete_segment(shop, "Recent", actor="cli:test")
    assert used.value.code == "segment_used" and "Quiet" in used.value.message.en
    delete_segment(shop, "Quiet", actor="cli:test")
    delete_segment(shop, "Recent", actor="cli:test")
    assert segments(shop) == [] and not tick(shop)


def test_a_merge_leaves_one_and_a_separation_two(shop: Workspace) -> None:
    save_segment(shop, "Recent", RECENT, actor="cli:test")
    anna, ben = (customer_of(shop, "user_id", who) for who in ("anna", "ben"))
    assert anna is not None and ben is not None
    with shop.store.read() as tx:
        own = [row["identifier_id"] for row in tx.rows("lists.identifiers", customer_ids=[ben])]
    merge(shop, anna, ben, actor="cli:test")
    assert tick(shop) and len(named(shop, "Recent")) == 1 == in_lake(shop, "Recent")
    unmerge(shop, anna, own, actor="cli:test")
    assert tick(shop) and named(shop, "Recent") == {"anna", "ben"} and in_lake(shop, "Recent") == 2
    assert not work_out_all(shop) or named(shop, "Recent") == {"anna", "ben"}, "the nightly pass finds the same"


def test_an_erased_customer_is_in_no_segment(shop: Workspace) -> None:
    save_segment(shop, "Recent", RECENT, actor="cli:test")
    ben = customer_of(shop, "user_id", "ben")
    assert ben is not None
    forget(shop, ben, actor="cli:test")
    tick(shop)
    assert read_segment(shop, "Recent").list.size == 1 == in_lake(shop, "Recent")
    with shop.store.read() as tx:
        assert ben not in {row["customer_id"] for row in tx.rows("segments.changes", after=0, lists=[1], most=99)}


def test_consent_that_is_given_and_expires(shop: Workspace, clock: FrozenClock) -> None:
    from schwung.app.consents import record_consent

    save_segment(shop, "May write", {"consent": {"purpose": "newsletter", "channel": "email"}}, actor="cli:test")
    assert named(shop, "May write") == set()
    ben = customer_of(shop, "user_id", "ben")
    assert ben is not None
    record_consent(
        shop,
        ben,
        "cli:test",
        purpose="newsletter",
        channel="email",
        state="granted",
        proof="by hand",
        expires_at=clock.now + 90 * MINUTE,
    )
    assert tick(shop) and named(shop, "May write") == {"ben"}
    clock.advance(90 * 60)
    assert tick(shop) and named(shop, "May write") == set()


def test_a_preview_counts_each_part_and_saves_nothing(shop: Workspace) -> None:
    found = preview(shop, {"any": [RECENT, {"not": LOYAL}]})
    assert found.nodes == {
        "": found.size,
        "0": 2,
        "1": found.nodes["1"],
        "1.0": 2,
        "1.0.0": 2,
        "1.0.1": 4,
        "1.0.1.0": 1,
    }
    assert found.customers == 5 and found.size == 4 and len(found.sample) == 4
    assert segments(shop) == []
    with pytest.raises(InputError):
        preview(shop, {"member": "nobody"})
    with pytest.raises(InputError) as taken:
        cast_list(shop)
    assert taken.value.code == "list_exists"


def cast_list(workspace: Workspace) -> None:
    from schwung.app.list_sources import list_from_filter

    list_from_filter(workspace, "Fresh", kind="new", actor="cli:test")
    save_segment(workspace, "Fresh", RECENT, actor="cli:test")


def test_a_folder_of_definitions_is_planned_in_words_and_applied_once(shop: Workspace, tmp_path: Path) -> None:
    from schwung.app.definitions import apply, plan

    folder = tmp_path / "definitions"
    folder.mkdir()
    (folder / "a.yaml").write_text(
        "segment: Quiet\nrule: {all: [{not: {member: Recent}}, {kind: [won_back, dormant]}]}\n", "utf-8"
    )
    (folder / "b.yml").write_text(
        "segment: Recent\nnote: bought lately\nrule: {did: {fact: orders, within: 30 days}}\n", "utf-8"
    )
    assert [(one.name, one.state) for one in plan(shop, folder)] == [("Recent", "new"), ("Quiet", "new")]
    assert segments(shop) == []
    apply(shop, folder, actor="cli:test")
    assert named(shop, "Recent") == {"anna", "ben"} and named(shop, "Quiet") == {"cem"}
    assert {one.state for one in apply(shop, folder, actor="cli:test")} == {"same"}
    (folder / "b.yml").write_text("segment: Recent\nrule: {did: {fact: orders, within: 60 days}}\n", "utf-8")
    changed = {one.name: one for one in plan(shop, folder)}["Recent"]
    assert changed.state == "changed" and "60 days" in changed.words[0].en and "60 Tagen" in changed.words[0].de
    (folder / "b.yml").write_text("segment: Recent\nrule: {did: {fact: orders, within: soon}}\n", "utf-8")
    with pytest.raises(InputError) as wrong:
        apply(shop, folder, actor="cli:test")
    assert "b.yml" in wrong.value.message.en and named(shop, "Recent") == {"anna", "ben"}


def test_a_training_changes_who_is_in(shop: Workspace) -> None:
    from schwung.app.lane import lane
    from schwung.app.publish import open_batch, publish, stage
    from schwung.collect.arrow import rows_of
    from schwung.core.stable_hash import bucket_of
    from schwung.predict.tables import PREDICTIONS

    save_segment(
        shop, "Likely", {"prediction": {"model": "clv", "target": "p_alive", "op": "≥", "value": 0.5}}, actor="cli:test"
    )
    assert named(shop, "Likely") == set()
    ids = [customer_of(shop, "user_id", who) for who in ("anna", "ben")]
    columns = {
        "model": ["clv"] * 2, "target": ["p_alive"] * 2, "rank": [0, 0], "identifier_id": ids, "value": [0.9, 0.2],
        "bucket": [bucket_of(one or 0) for one in ids], "horizon_days": [365] * 2, "predicted_at": [1] * 2, "model_version": [1] * 2,
    }  # fmt: skip
    tables = {"predictions": rows_of(PREDICTIONS, columns)}
    with lane(shop, "test") as held:
        with shop.store.write() as tx:
            batch_no = open_batch(tx, held, "manual", shop.clock(), staging="test")
            stage(shop, "test", tables)
        publish(shop, held, batch_no, tables)
    assert tick(shop) and named(shop, "Likely") == {"anna"}
    assert not tick(shop)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the past is counted in the lake
def test_how_large_a_rule_would_have_been(shop: Workspace) -> None:
    with open_facts(shop) as facts:
        orders = facts.run(
            facts.table("orders", customer=True).filter(_.customer_id.notnull() & ~_.is_cancelled)
        ).to_pylist()
        now = facts.as_of
    moments = [now - 7 * DAY * back for back in range(12, -1, -1)]
    wanted = [len({one["customer_id"] for one in orders if at - 30 * DAY < one["ordered_at"] <= at}) for at in moments]
    told = past(shop, RECENT)
    assert [one.customers for one in told.sizes] == wanted and len(set(wanted)) > 1
    save_segment(shop, "Recent", RECENT, actor="cli:test")
    assert past(shop, {"member": "Recent"}).sizes == told.sizes, "a segment that is named has its own past"
    nobody = past(shop, {"not": {"did": {"fact": "orders"}}}).sizes
    assert nobody[0].customers < nobody[-1].customers, "who was not known then does not count then"
    country = past(shop, {"all": [RECENT, {"trait": {"name": "country", "op": "known"}}]})
    assert not country.sizes and [one.en for one in country.lacking] == ["trait"]


def test_a_rule_over_a_column_that_went_away_holds_up_nobody_else(shop: Workspace, clock: FrozenClock) -> None:
    """Another release knows the column no more: that segment and what names it stay as they were; the others go on."""
    for name, rule in (("Recent", RECENT), ("Old", RECENT), ("Of old", {"member": "Old"})):
        save_segment(shop, name, rule, actor="cli:test")
    gone = {
        "rule": {
            "did": {"fact": "orders", "within": "30 days", "where": [{"property": "rebate", "op": ">", "value": 1}]}
        }
    }
    with shop.store.write() as tx:
        tx.run("segments.set_rule", list_no=read_segment(shop, "Old").list.list_no, basis=json.dumps(gone), note="")
    clock.advance(60 * DAY / SECOND)
    assert tick(shop)
    assert named(shop, "Recent") == set(), "by time alone nobody is in it any more"
    assert named(shop, "Old") == named(shop, "Of old") == {"anna", "ben"}
    (found,) = [one for one in examine(shop, thorough=False) if one.name == "segments"]
    assert found.state == "error" and "Old, Of old" in found.detail.en and "rebate" in found.detail.de
    client, number = sign_in(shop, "editor"), read_segment(shop, "Old").list.list_no
    for path in ("/segments", f"/segments/{number}", f"/segments/{number}/edit"):
        page = client.get(path)
        assert page.status_code == 200 and "rebate" in page.text, path
    for part in ("past", "reach"):
        assert client.get(f"/segments/{number}/{part}").status_code in (200, 400)
    save_segment(shop, "Old", RECENT, actor="cli:test")
    assert named(shop, "Old") == named(shop, "Of old") == set()
    assert [one.state for one in examine(shop, thorough=False) if one.name == "segments"] == ["ok"]


def test_a_property_that_comes_no_more_holds_for_nobody(shop: Workspace) -> None:
    asked = {"did": {"event": "product_viewed", "where": [{"property": "shelf", "op": "=", "value": "3"}]}}
    save_segment(shop, "Shelf", asked, actor="cli:test")
    assert named(shop, "Shelf") == set()
