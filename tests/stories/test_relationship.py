"""Facts of the relationship in a workspace: over batches, for one person, and from events that came before there were such facts."""

import json
import zipfile

from schwung.app.doctor import examine
from schwung.app.export_person import export_person
from schwung.app.facts import query
from schwung.app.relationship import fill, forget_carts, is_filled
from schwung.app.retain import retain
from schwung.app.timeline import timeline
from schwung.app.wiring import Workspace
from schwung.collect.projections import NAMES
from schwung.core.clock import DAY
from tests.conftest import FrozenClock
from tests.importing import facts
from tests.people import bring, customer_of, event

NUMBER = ("answers", "messages", "cases", "carts", "subscriptions", "leads", "points", "deliveries")


def tell(workspace: Workspace) -> int:
    """Anna does a little of everything, in three batches; her customer number."""
    now = workspace.clock() - 9 * DAY
    device, who = {"anonymous_id": "d1"}, {"user_id": "anna", "anonymous_id": "d1"}
    bring(workspace, event("product_added", now, {"product_id": "p1", "price": 10}, **device))
    bring(
        workspace,
        event("product_added", now + 60, {"product_id": "p2", "price": 5, "quantity": 2}, **device),
        event("order_completed", now + 120, {"order_id": "A1", "subtotal": 20}, **who),
        event("nps_answered", now + DAY, {"score": 9, "comment": "Gern wieder"}, **who),
        event("nps_answered", now + DAY, {"score": 8.5}, **who),
        event("case_opened", now + DAY, {"case_id": "T1", "subject": "Tasse zerbrochen", "reason": "broken"}, **who),
        event("email_opened", now + DAY, {"campaign_id": "herbst"}, **who),
        event("subscription_started", now + DAY, {"subscription_id": "S1", "price": 9.9, "period": "month"}, **who),
        event("points_earned", now + DAY, {"points": 20, "order_id": "A1"}, **who),
    )
    bring(
        workspace,
        event("case_resolved", now + 2 * DAY, {"case_id": "T1"}, **who),
        event("order_delivered", now + 2 * DAY, {"order_id": "A1"}, **who),
        event("lead_captured", now + 3 * DAY, {"lead_id": "L1"}, user_id="ben"),
    )
    found = customer_of(workspace, "user_id", "anna")
    assert found
    return found


def test_a_cart_goes_on_in_the_next_batch_and_ends_with_its_order(
    each_workspace: Workspace, clock: FrozenClock
) -> None:
    tell(each_workspace)
    rows = {row["state"]: row for row in facts(each_workspace, "carts").to_pylist()}
    assert len({row["cart_key"] for row in rows.values()}) == 1
    assert {state: row["amount_minor"] for state, row in rows.items()} == {"started": 2000, "ordered": 2000}
    assert forget_carts(each_workspace) == 0
    clock.advance(40 * 86_400)
    assert forget_carts(each_workspace) == 1


def test_a_person_sees_and_gets_all_of_it(workspace: Workspace) -> None:
    anna = tell(workspace)
    told = {entry.name: entry.details.get("properties", {}) for entry in timeline(workspace, anna).entries}
    assert told["nps_answered"]["comment"] == "Gern wieder" and told["case_opened"]["subject"] == "Tasse zerbrochen"
    with zipfile.ZipFile(export_person(workspace, anna, "cli:test")) as archive:
        everything = json.loads(archive.read("everything.json"))["tables"]
    assert {name: len(everything[name]) for name in NUMBER if name != "leads"} == {
        "answers": 1,
        "messages": 1,
        "cases": 2,
        "carts": 2,
        "subscriptions": 1,
        "points": 1,
        "deliveries": 1,
    }
    assert "leads" not in everything and everything["answers"][0]["text"] == "Gern wieder"
    (row,) = query(workspace, "SELECT metric, value, customer_id, answered_at FROM answers").to_pylist()
    assert (row["metric"], row["value"], row["customer_id"]) == ("nps", 9.0, anna)
    with workspace.store.read() as tx:
        (held,) = tx.rows("intake.held_groups")
    assert held["reason"] == "answer_not_on_scale"


def test_a_table_may_have_a_period_of_its_own(workspace: Workspace, clock: FrozenClock) -> None:
    tell(workspace)
    kept = workspace.settings.retention.model_copy(update={"facts_days": {"answers": 30}})
    settings = workspace.settings.model_copy(update={"retention": kept})
    clock.advance(60 * 86_400)
    found = {one.what: one.count for one in retain(Workspace(workspace.folder, settings, clock))}
    assert found["answers"] == 1


def test_what_lay_in_the_lake_before_is_filled_in_by_a_repair(workspace: Workspace) -> None:
    """As after an upgrade: the events are there, the tables are not, and the store knows since when."""
    tell(workspace)
    before = {name: facts(workspace, name) for name in NUMBER}
    with workspace.store.write() as tx:
        tx.run("relationship.begin_backfill")
    for name in NUMBER:
        workspace.lake.erase(name, workspace.lake.tables[name].key[0], before[name][0].to_pylist())
    assert not is_filled(workspace)
    (note,) = [one for one in examine(workspace) if one.name == "filled"]
    assert note.state == "note" and note.step is not None
    (done,) = [one for one in examine(workspace, repair=True) if one.name == "filled"]
    assert done.repaired and is_filled(workspace) and fill(workspace) == 0
    for name in set(NUMBER) - {"carts"}:
        keys = [*workspace.lake.tables[name].key, "identifier_id"]
        again = facts(workspace, name).select(keys).sort_by(keys[0]).to_pylist()
        assert sorted(again, key=str) == sorted(before[name].select(keys).to_pylist(), key=str), name
    assert facts(workspace, "carts").num_rows


def test_every_projected_event_is_declared() -> None:
    from schwung.collect.event_type import EVENT_TYPES

    assert {name for name in NAMES if name not in EVENT_TYPES} == set()
