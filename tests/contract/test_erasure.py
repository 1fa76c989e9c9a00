"""An erased person leaves no byte: files are read raw, decoded, unpacked; totals stay; a crash is finished; nobody returns."""

import io
import json
import signal
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest

from schwung.app.buried import is_buried, readmit
from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.lane import lane
from schwung.app.publish import finish_open_batch
from schwung.app.quarantine import reception
from schwung.app.receive import store_events
from schwung.app.refresh import refresh_touched
from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from schwung.collect.wire import Refused, read_event
from schwung.core.errors import InputError
from tests.contract.forget_and_die import forget_and_die
from tests.importing import run, write_csv
from tests.lives import live
from tests.people import bring, customer_of, event, mirror, receive

DAY = 86_400_000_000
MARKERS = (
    "Zorbania",
    "zorba@marker.example",
    "4915112349876",
    "Markerweg",
    "device-zorba-77",
    "zorbanote",
    "CARD-ZRB-1",
)
# Rows and sums that an erasure leaves as they were.
TOTALS = {
    **dict.fromkeys(("orders", "order_lines", "returns", "carts"), "amount_minor"),
    **dict.fromkeys(("messages", "cases", "leads", "deliveries"), "happened_at"),
    "answers": "value",
    "subscriptions": "monthly_minor",
    "points": "points",
}


def shop(workspace: Workspace) -> tuple[int, int]:
    """Zorba with two orders and a return, Ben with one; a page view, an unfit event, an upload, rejects, a backup, a log."""
    now = workspace.clock() - 5 * DAY
    lines = [{"product_id": "p1", "quantity": 2, "price": 10.0}]
    who = {"user_id": "zorba-1", "email": "zorba@marker.example"}
    traits = {"name": "Zorbania Marker", "phone": "+4915112349876", "address": {"street": "Markerweg 1"}}
    bring(
        workspace,
        event("profile_identified", now, traits=traits, call="identify", phone="+4915112349876", **who),
        event("page_viewed", now + 1, {"title": "zorbanote"}, call="page", anonymous_id="device-zorba-77", user_id="zorba-1"),
        event("order_completed", now + 2, {"order_id": "O1", "total": 20, "currency": "EUR", "products": lines,
              "note": "zorbanote", "address": "Markerweg 1"}, **who),
        event("order_completed", now + 3, {"order_id": "O2", "total": 20, "currency": "EUR", "products": lines}, **who),
        event("order_completed", now + 4, {"order_id": "O3", "total": 20, "currency": "EUR", "products": lines}, user_id="ben"),
        event("order_completed", now + 5, {"note": "zorbanote without an order number"}, **who),
        event("nps_answered", now + 6, {"score": 3, "comment": "zorbanote", "order_id": "O1"}, **who),
        event("case_opened", now + 7, {"case_id": "Z1", "subject": "zorbanote", "reason": "Zorbania is angry"}, **who),
        event("case_resolved", now + 8, {"case_id": "Z1", "subject": "solved"}),
        event("email_opened", now + 9, {"campaign_id": "autumn", "message_id": "to-zorba@marker.example"}, **who),
        event("product_added", now + 10, {"product_id": "p1", "price": 10, "cart_id": "c1"}, anonymous_id="device-zorba-77"),
        event("subscription_started", now + 11, {"subscription_id": "S-zorbanote", "price": 9, "period": "month"}, **who),
        event("lead_captured", now + 12, {"source": "zorbanote"}, **who),
        event("points_earned", now + 13, {"points": 20, "order_id": "O1"}, **who),
        event("order_delivered", now + 14, {"order_id": "O1"}, **who),
    )  # fmt: skip
    refresh_touched(workspace)
    files = workspace.files_folder
    for name in ("uploads", "rejects", "exports", "backups"):
        (files / name).mkdir(parents=True, exist_ok=True)
    zorba, ben = customer_of(workspace, "user_id", "zorba-1"), customer_of(workspace, "user_id", "ben")
    assert zorba and ben
    (files / "uploads" / "list.csv").write_text("mail,name\nZorba@marker.example,Zorbania\nben@x.de,Ben\n")
    (files / "uploads" / "others.csv").write_text("mail\nben@x.de\n")
    (files / "rejects" / "orders-rejects.csv").write_text("line,mail,why\n1,zorba@marker.example,bad\n2,ben@x.de,bad\n")
    with zipfile.ZipFile(files / "exports" / f"customer-{zorba}-20261120.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", '{"name": "Zorbania"}')
    (files / "backups" / "store-0001.db").write_bytes(b"zorba@marker.example")
    (workspace.folder / "server.log").write_text("ok\nfailed for zorba@marker.example\n")
    return zorba, ben


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file raw, and decoded: Parquet values and footers, Arrow, ZIP members, chunk bodies of SQLite."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name == "secret.key":
            continue
        name, raw = str(path.relative_to(folder)), path.read_bytes()
        yield name, raw
        if path.suffix == ".parquet":
            yield (
                f"{name} values",
                json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode(),
            )
            yield f"{name} footer", str(pq.read_metadata(path).to_dict()).encode()
        elif path.suffix == ".arrow":
            yield f"{name} values", str(ipc.open_file(path).read_all().to_pylist()).encode()
        elif path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                yield from ((f"{name} {member}", archive.read(member)) for member in archive.namelist())
        elif raw.startswith(b"SQLite format 3"):
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
                for (body,) in connection.execute("SELECT body FROM chunk"):
                    yield f"{name} chunk", str(msgspec.msgpack.decode(zlib.decompress(body))).encode()


def leaks(folder: Path) -> list[str]:
    return [
        f"{name}: {marker}"
        for name, content in contents(folder)
        for marker in MARKERS
        if marker.lower().encode() in content.lower()
    ]


def totals(workspace: Workspace) -> dict[str, tuple[int, int]]:
    with open_facts(workspace) as facts:
        found = {}
        for name, column in TOTALS.items():
            rows = facts.table(name)
            (row,) = facts.run(rows.agg(n=rows.count(), total=rows[column].sum())).to_pylist()
            found[name] = (row["n"], row["total"])
        return found


def test_nothing_is_left(workspace: Workspace) -> None:
    zorba, ben = shop(workspace)
    seen = " ".join(leaks(workspace.folder))
    kinds = (
        "events",
        "orders",
        "profiles",
        "answers",
        "cases",
        "subscriptions",
        "store.db-wal:",
        "store.db chunk",
        "uploads",
        "rejects",
        "exports",
        "backups",
        "server.log",
    )
    assert [kind for kind in kinds if kind not in seen] == [], "the test must be able to see them"
    before = totals(workspace)
    report = forget(workspace, zorba, "cli:test")
    workspace.store.close()
    assert not leaks(workspace.folder)
    assert report.identifiers == 4 and report.events_emptied == 13 and report.lake_kept["orders"] == 2
    assert {name: report.lake_kept[name] for name in ("answers", "cases", "points")} == {
        "answers": 1,
        "cases": 1,
        "points": 1,
    }
    assert report.files["uploads"] == 1 and report.files["rejects"] == 1 and report.files["backups"] == 1
    again = Workspace(workspace.folder, workspace.settings, workspace.clock)
    assert totals(again) == before
    with open_facts(again) as facts:
        orders = facts.run(facts.table("orders", customer=True)).to_pylist()
    fresh = {row["customer_id"] for row in orders} - {ben}
    assert len(fresh) == 1 and min(fresh) >= 2**52
    assert (workspace.files_folder / "uploads" / "others.csv").exists()
    assert "ben@x.de" in (workspace.files_folder / "rejects" / "orders-rejects.csv").read_text()
    again.store.close()


def test_orders_go_too_when_wanted(each_workspace: Workspace) -> None:
    zorba, _ = shop(each_workspace)
    report = forget(each_workspace, zorba, "cli:test", delete_orders=True)
    assert totals(each_workspace)["orders"][0] == 1
    assert not report.lake_kept
    if each_workspace.store.dialect == "postgres":
        assert {"write_ahead_log", "backups"} <= set(report.notes)


def test_the_person_does_not_come_back(each_workspace: Workspace) -> None:
    zorba, _ = shop(each_workspace)
    forget(each_workspace, zorba, "cli:test")
    assert is_buried(each_workspace, "email", "zorba@marker.example")
    now = each_workspace.clock() - DAY
    bring(
        each_workspace,
        event("profile_identified", now, traits={"name": "Zorbania"}, call="identify", email="zorba@marker.example", user_id="new"),
        event("order_completed", now + 1, {"order_id": "O9", "total": 5, "currency": "EUR", "note": "zorbanote",
              "products": [{"product_id": "p", "quantity": 1, "price": 5}]}, user_id="zorba-1"),
    )  # fmt: skip
    assert customer_of(each_workspace, "email", "zorba@marker.example") is None
    assert customer_of(each_workspace, "user_id", "new") is None
    with open_facts(each_workspace) as facts:
        orders = facts.table("orders")
        (row,) = facts.run(orders.filter(orders["order_id"] == "O9")).to_pylist()
        names = facts.run(facts.table("profiles"))["traits"].to_pylist()
    assert row["identifier_id"] is None and row["note"] is None and row["amount_minor"] == 500
    assert not any("Zorbania" in (traits or "") for traits in names)


def test_who_comes_back_by_their_own_will_is_admitted(workspace: Workspace) -> None:
    zorba, _ = shop(workspace)
    forget(workspace, zorba, "cli:test")
    assert readmit(workspace, "email", "Zorba@Marker.example", "operator:1")
    assert not readmit(workspace, "email", "zorba@marker.example", "operator:1")
    bring(workspace, event("page_viewed", workspace.clock() - DAY, call="page", email="zorba@marker.example"))
    assert customer_of(workspace, "email", "zorba@marker.example") not in (None, zorba)


def test_twice_is_refused(workspace: Workspace) -> None:
    zorba, _ = shop(workspace)
    forget(workspace, zorba, "cli:test")
    with pytest.raises(InputError, match="no customer"):
        forget(workspace, zorba, "cli:test")


@pytest.mark.parametrize("after", ["request", "facts", "chunks", "files", "strike"])
def test_killed_midway_it_is_finished_by_the_next(workspace: Workspace, after: str, tmp_path: Path) -> None:
    """Kill -9 after each step, in a process of its own; the next holder of the lane finishes."""
    zorba, _ = shop(workspace)
    before = totals(workspace)
    workspace.store.close()
    assert live(forget_and_die, workspace.folder, zorba, after) == -signal.SIGKILL
    again = Workspace(workspace.folder, workspace.settings, workspace.clock)
    with lane(again, "test") as held:
        finish_open_batch(again, held)
    if after == "strike":
        from schwung.app.forget import finish_erasures

        with lane(again, "test") as held:
            assert finish_erasures(again, held) == 1
    assert totals(again) == before
    again.store.close()
    assert not leaks(workspace.folder)


def test_events_that_arrive_meanwhile_become_a_guests(workspace: Workspace) -> None:
    zorba, _ = shop(workspace)
    receive(workspace, event("page_viewed", workspace.clock() - DAY, call="page", user_id="zorba-1"))
    report = forget(workspace, zorba, "cli:test")
    assert report.events_emptied == 14


def test_who_sends_again_leaves_nothing(each_workspace: Workspace, tmp_path: Path) -> None:
    """In the log of received events, in quarantine, among rows that wait for their order."""
    zorba, _ = shop(each_workspace)
    forget(each_workspace, zorba, "cli:test")
    now = each_workspace.clock() - DAY
    page = {"title": "zorbanote"}
    lines = write_csv(
        tmp_path / "lines.csv",
        [("W1", "Zorba@Marker.example", "p1", 1, "5.00"), ("W2", "ben@x.de", "p1", 1, "5.00")],
        ("order", "email", "product", "quantity", "price"),
    )
    assert run(each_workspace, lines, source="till")["imported"] == 2
    own = [event("page_viewed", now, page, call="page", email="zorba@marker.example") for _ in range(2)]
    bens = event("page_viewed", now, {"title": "bread"}, call="page", user_id="ben")
    receive(each_workspace, own[0], bens, own[1])
    body = {"type": "track", "messageId": "m1", "timestamp": "nonsense"}
    held = reception(each_workspace, "shop", each_workspace.clock())
    refused = [
        read_event(json.dumps({**body, "context": {"traits": {"email": f" {one}"}}}).encode(), None, held)
        for one in ("Zorba@marker.example", "ben@x.de")
    ]
    store_events(each_workspace, [], [one for one in refused if isinstance(one, Refused)])
    mirror(each_workspace)
    with each_workspace.store.read() as tx:
        events = [one for row in tx.rows("intake.bodies") for one in unpack(bytes(row["body"]))]
        quarantined = [
            bytes(row["body"]) for row in tx.rows("intake.held", after=0, most=9, reason="", source="", name="")
        ]
    waiting = [
        pq.read_table(path).to_pylist() for path in sorted(each_workspace.files_folder.rglob("waiting/**/*.parquet"))
    ]
    assert [one.claims for one in events[-3:]] == [(), bens.claims, ()]
    assert len(quarantined) == 2 and b"{}" in quarantined and any(b"ben@x.de" in one for one in quarantined)
    assert [[row["email"] for row in rows] for rows in waiting] == [[None, "ben@x.de"]]
    assert not [marker for marker in MARKERS if marker.lower() in f"{events}{quarantined}{waiting}".lower()]
