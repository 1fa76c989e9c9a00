"""From received events to facts: exactly once, whatever dies in between, and every reader sees one consistent state."""

import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ibis import _

from schwung.app.compact import clean_lake, compact_lake
from schwung.app.facts import Facts, open_facts
from schwung.app.lane import lane
from schwung.app.mirror import mirror_batch, mirror_next
from schwung.app.publish import finish_open_batch, newest_snapshot, open_batch, publish, stage
from schwung.app.quarantine import groups
from schwung.app.receive import store_events
from schwung.app.wiring import Workspace, open_workspace
from schwung.collect.arrow import rows_of
from schwung.collect.event import Claim, Event
from schwung.collect.wire import Accepted
from schwung.core.clock import DAY, SECOND
from schwung.core.errors import InputError
from tests.conftest import FrozenClock, NewWorkspace
from tests.lives import begin

LINES = 3
EVENTS = 720
"""That lives and deaths have to do; `make faults` has more of both."""


def event(number: int, name: str, properties: dict[str, Any], *claims: tuple[str, str], happened_at: int = 0) -> Event:
    body = json.dumps(properties).encode()
    at = happened_at or 1_700_000_000 * SECOND + number
    return Event(f"m{number}", "track", name, at, at, "web", tuple(Claim(*claim) for claim in claims), body)


def order(number: int, amount: int, person: int) -> Event:
    products = [{"product_id": f"p{nth}", "name": "Kaffee", "price": amount, "quantity": 1} for nth in range(LINES)]
    properties = {"order_id": f"o{number}", "currency": "EUR", "products": products}
    return event(number, "order_completed", properties, ("user_id", f"u{person}"), ("anonymous_id", f"d{number % 50}"))


def put(workspace: Workspace, *events: Event) -> None:
    accepted = [Accepted(f"{one.message_id:>14}".encode()[-14:], one) for one in events]
    assert store_events(workspace, accepted, ())


def mirror(workspace: Workspace, most: int = 20_000) -> int:
    """Batches until nothing waits."""
    batches = 0
    while True:
        with lane(workspace) as held:
            if mirror_next(workspace, held, most) is None:
                return batches
        batches += 1


def rows(facts: Facts, name: str, *, customer: bool = False) -> list[dict[str, Any]]:
    return facts.run(facts.table(name, customer=customer)).to_pylist()


def test_what_came_in_is_there(each_workspace: Workspace) -> None:
    workspace = each_workspace
    put(workspace, order(1, 10, 1), event(2, "page_viewed", {}, ("anonymous_id", "d1")), event(3, "page_viewed", {}))
    put(workspace, event(4, "moon_landed", {"crew": 3}, ("user_id", "u2")))
    assert mirror(workspace) == 1
    with open_facts(workspace) as facts:
        events = {row["event_no"]: row for row in rows(facts, "events", customer=True)}
        assert [row["name"] for _, row in sorted(events.items())] == [
            "order_completed",
            "page_viewed",
            "page_viewed",
            "moon_landed",
        ]
        assert events[1]["customer_id"] == events[2]["customer_id"] and events[3]["customer_id"] is None
        assert events[4]["customer_id"] not in (None, events[1]["customer_id"])
        (one,) = rows(facts, "orders", customer=True)
        assert (one["amount_minor"], one["customer_id"]) == (3_000, events[1]["customer_id"])
        assert len(rows(facts, "order_lines")) == LINES and len(rows(facts, "profiles")) == 2
        assert facts.snapshot.last_fact_at == 1_700_000_000 * SECOND + 4
        identifier_id = events[1]["identifier_id"]
        mine = facts.run(
            facts.in_buckets("events", [identifier_id]).filter(_.identifier_id == identifier_id)
        ).to_pylist()
        assert [row["event_no"] for row in mine] == [1]


def test_an_order_that_changes_later_is_one_order(workspace: Workspace) -> None:
    put(workspace, order(1, 10, 1))
    mirror(workspace)
    put(workspace, event(2, "order_updated", {"order_id": "o1", "products": [{"product_id": "p0", "price": 7}]}))
    mirror(workspace)
    compact_lake(workspace, always=True)
    put(workspace, event(3, "order_refunded", {"order_id": "o1"}), event(4, "order_cancelled", {"order_id": "o1"}))
    mirror(workspace)
    with open_facts(workspace) as facts:
        (one,) = rows(facts, "orders")
        assert (one["amount_minor"], one["is_cancelled"], one["ordered_at"]) == (700, True, 1_700_000_000 * SECOND + 1)
        assert sum(line["amount_minor"] for line in rows(facts, "order_lines")) == 700
        assert [row["amount_minor"] for row in rows(facts, "returns")] == [700]


def test_misfits_are_held_once_even_after_a_crash(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    put(workspace, order(1, 10, 1), event(2, "order_completed", {"order_id": "o2", "total": "much"}))
    with monkeypatch.context() as patched:
        patched.setattr("schwung.app.publish._last_fact_at", die)
        with lane(workspace) as held, pytest.raises(KeyboardInterrupt):
            mirror_next(workspace, held)
    with open_facts(workspace) as facts:
        assert facts.snapshot_no == 0 and rows(facts, "orders") == [], "not published yet"
    with lane(workspace) as held:
        assert finish_open_batch(workspace, held) and not finish_open_batch(workspace, held)
        mirror_batch(workspace, held, 1)
    assert [(group.name, group.event_count) for group in groups(workspace)] == [("order_completed", 1)]
    with open_facts(workspace) as facts:
        assert [row["order_id"] for row in rows(facts, "orders")] == ["o1"]
        assert len(rows(facts, "events")) == 1 and facts.snapshot_no == 1


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_staged_batch_is_finished_by_whoever_comes_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend = rows_of(
        workspace.lake.tables["spend"],
        {
            "spend_key": [1],
            "source": ["f"],
            "spent_on": ["2026-11-01"],
            "channel": ["email"],
            "amount_minor": [5],
            "version": [1],
        },
    )
    with lane(workspace) as held:
        stage(workspace, "import-1", {"spend": spend})
        with workspace.store.write() as tx:
            batch_no = open_batch(tx, held, "import", workspace.clock(), staging="import-1")
        with monkeypatch.context() as patched:
            patched.setattr(workspace.lake, "versions", die)
            with pytest.raises(KeyboardInterrupt):
                publish(workspace, held, batch_no, {"spend": spend})
    put(workspace, order(1, 10, 1))
    assert mirror(workspace) == 1
    with open_facts(workspace) as facts:
        assert [row["amount_minor"] for row in rows(facts, "spend")] == [5]
        assert facts.snapshot_no == 2
    assert not (workspace.files_folder / "staging" / "import-1").exists()


def test_as_of_hides_what_came_later(new_workspace: NewWorkspace, clock: FrozenClock) -> None:
    early = clock.now - 10 * DAY
    future = event(2, "page_viewed", {}, happened_at=clock.now + DAY)
    for setting, expected in {"now": [1, 3], "last_fact": [1, 3], "2026-11-15": [1]}.items():
        workspace = new_workspace(name=setting, as_of=setting)
        put(workspace, event(1, "page_viewed", {}, happened_at=early), future)
        put(workspace, event(3, "page_viewed", {}, happened_at=clock.now - SECOND))
        mirror(workspace)
        with open_facts(workspace) as facts:
            assert sorted(row["event_no"] for row in rows(facts, "events")) == expected, setting
            assert facts.snapshot.last_fact_at == clock.now - SECOND
            assert facts.run(facts.everything("events")).num_rows == 3


def test_a_batch_is_bounded_and_never_empty(workspace: Workspace) -> None:
    for start in range(0, 100, 10):
        put(workspace, *(event(number, "page_viewed", {}) for number in range(start, start + 10)))
    assert mirror(workspace, most=25) == 5
    put(workspace, *(event(number, "page_viewed", {}) for number in range(100, 140)))
    assert mirror(workspace, most=25) == 1, "one chunk at least"
    assert mirror(workspace) == 0
    with workspace.store.read() as tx:
        assert [tuple(tx.row("mirror.lag").values())] == [(0, None)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "sql",
    ["select * from orders; select 2", "drop view orders", "copy orders to 'x'",
     "select * from orders, read_text('schwung.toml')", "select * from orders, 'store.db'", "set threads = 1",
     "attach 'orders.db'", "install httpfs; select * from orders", "selec orders", "", "select * from no_orders"],
)  # fmt: skip
def test_a_query_from_outside_may_only_read_facts(
    sql: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from schwung.app.facts import query

    monkeypatch.chdir(workspace.folder)
    with pytest.raises(InputError):
        query(workspace, sql)


def test_a_query_from_outside_sees_timestamps_and_customers(workspace: Workspace) -> None:
    from schwung.app.facts import query

    assert query(workspace, "select count(*) as n from Orders").to_pylist() == [{"n": 0}]
    listed = query(workspace, "select table_name from information_schema.tables")["table_name"].to_pylist()
    assert {*listed} >= {*workspace.lake.tables}
    others = "select table_name from information_schema.tables where table_name <> 'orders'"
    assert {*query(workspace, others)["table_name"].to_pylist()} >= {*workspace.lake.tables} - {"orders"}
    put(workspace, order(1, 10, 1))
    mirror(workspace)
    (row,) = query(
        workspace, "select customer_id, year(ordered_at) as y, sum(amount_minor) as m from orders group by all"
    ).to_pylist()
    assert row == {"customer_id": 1, "y": 2023, "m": 3_000}


# Crashes.


def live(folder: Path, seed: int) -> None:
    """A worker's life: batches of 30 events, now and then a fold, until it is killed or nothing waits."""
    workspace = open_workspace(folder)
    chance = random.Random(seed)
    while True:
        with lane(workspace) as held:
            if mirror_next(workspace, held, 30) is None:
                return
        if chance.random() < 0.15:
            compact_lake(workspace, always=True)
        if chance.random() < 0.05:
            clean_lake(workspace)


def facts_agree(facts: Facts) -> tuple[int, int]:
    """Orders = order events, lines = 3 × orders, sums equal, every identifier has a customer. (orders, events)."""
    events, orders, lines = (facts.everything(name) for name in ("events", "orders", "order_lines"))
    bought = events.filter(events["name"] == "order_completed")
    owners = facts.everything("identities")
    (found,) = facts.run(
        orders.aggregate(orders=orders.count(), total=orders["amount_minor"].sum().fill_null(0))
        .cross_join(bought.aggregate(order_events=bought.count()))
        .cross_join(events.aggregate(events=events.count(), numbers=events["event_no"].nunique()))
        .cross_join(lines.aggregate(lines=lines.count(), line_total=lines["amount_minor"].sum().fill_null(0)))
        .cross_join(events.anti_join(owners, "identifier_id").aggregate(strangers=_.count()))
    ).to_pylist()
    assert found["orders"] == found["order_events"] and found["lines"] == LINES * found["orders"]
    assert found["events"] == found["numbers"] and found["total"] == found["line_total"]
    assert found["strangers"] == 0
    return found["orders"], found["events"]


@pytest.fixture
def watched(new_workspace: NewWorkspace) -> Iterator[tuple[Workspace, list[Any]]]:
    """A workspace that a reader looks at all the time; what it found wrong."""
    workspace = new_workspace(clock=lambda: time.time_ns() // 1_000)
    wrong: list[Any] = []
    stop = threading.Event()
    reads = [0]

    def look() -> None:
        newest = (0, 0)
        while not stop.is_set():
            try:
                with open_facts(workspace) as facts:
                    found = facts_agree(facts)
                assert found >= newest, "facts went away"
                newest = found
                reads[0] += 1
            except Exception as error:
                wrong.append(repr(error))
                return
            stop.wait(0.3)

    reader = threading.Thread(target=look)
    reader.start()
    yield workspace, wrong
    stop.set()
    reader.join()
    assert not wrong and reads[0] > 3


def test_killed_at_any_point_nothing_is_lost_or_double(watched: tuple[Workspace, list[Any]]) -> None:
    workspace, wrong = watched
    chance = random.Random(7)
    total = 0
    for start in range(1, EVENTS, 30):
        put(workspace, *(order(number, number % 90 + 1, number % 40) for number in range(start, start + 30)))
        total += sum(LINES * 100 * (number % 90 + 1) for number in range(start, start + 30))
    kills = 0
    for seed in range(200):
        life = begin(live, workspace.folder, seed)
        life.join(chance.uniform(0.05, 0.3) if kills < 12 else None)
        if life.exitcode == 0:
            break
        life.kill()
        life.join()
        kills += 1
    assert kills >= 5, f"only {kills} kills"
    assert not wrong
    with workspace.store.read() as tx:
        assert tx.row("mirror.unfinished") is None
        snapshot = newest_snapshot(tx)
    assert snapshot is not None
    with open_facts(workspace) as facts:
        assert facts_agree(facts) == (EVENTS, EVENTS)
        orders = facts.everything("orders")
        assert facts.run(orders.aggregate(total=orders["amount_minor"].sum()))["total"].to_pylist() == [total]
        owners = {row["identifier_id"]: row["customer_id"] for row in rows(facts, "identities")}
        assert all(owners[customer] == customer for customer in owners.values())
        profiles = {row["customer_id"] for row in rows(facts, "profiles") if not row["is_gone"]}
        assert profiles == set(owners.values())
    compact_lake(workspace, always=True)
    with open_facts(workspace) as facts:
        assert facts_agree(facts) == (EVENTS, EVENTS)
