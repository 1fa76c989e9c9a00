"""Receiving on both stores: once each, numbered without gaps, together in commits, across servers and restarts."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from schwung.app.quarantine import drop, groups, held, held_count, hold_misfits, reception, replay
from schwung.app.receive import Busy, Receiver
from schwung.app.recent_ids import RecentIds, hashes_of
from schwung.app.wiring import Workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from schwung.collect.event_type import validate
from schwung.collect.wire import Accepted, Refused, read_batch, read_event, read_events
from schwung.core.errors import SetupError
from schwung.core.text import Text
from tests.conftest import FrozenClock


def run_apart(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: a browser test before may have left an event loop running in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()


def read(
    workspace: Workspace, *events: dict[str, object], source: str = "shop"
) -> tuple[list[Accepted], list[Refused]]:
    batch = read_batch(json.dumps({"batch": events}).encode())
    found = read_events(batch.batch, None, batch.context, reception(workspace, source, workspace.clock()))
    return [one for one in found if isinstance(one, Accepted)], [one for one in found if isinstance(one, Refused)]


def track(message_id: str, event: str = "Visited", **more: object) -> dict[str, object]:
    return {
        "type": "track",
        "event": event,
        "messageId": message_id,
        "userId": "anna",
        "timestamp": "2026-11-20T09:00:00Z",
        **more,
    }


def stored(workspace: Workspace) -> list[tuple[int, Event]]:
    with workspace.store.read() as tx:
        chunks = tx.rows("intake.bodies")
    return [numbered for chunk in chunks for numbered in enumerate(unpack(chunk["body"]), chunk["first_event_no"])]


def ids(workspace: Workspace) -> Counter[str]:
    return Counter(event.message_id for _, event in stored(workspace))


def test_many_senders_with_the_same_ids(each_workspace: Workspace) -> None:
    """27 senders at once, each id from several of them and some twice in one request: every id once, no gap in numbers."""
    receiver = Receiver(each_workspace)

    async def send(nth: int) -> None:
        for part in range(10):
            events = [track(f"m-{(nth * 7 + part * 13 + place) % 300}") for place in range(22)]
            await receiver.receive(*read(each_workspace, *events, events[0]))

    async def everyone() -> None:
        await asyncio.gather(*(send(nth) for nth in range(27)))

    run_apart(everyone())
    receiver.close()
    assert ids(each_workspace) == Counter(f"m-{nth}" for nth in range(300))
    assert [number for number, _ in stored(each_workspace)] == list(range(1, 301))
    with each_workspace.store.read() as tx:
        assert len(tx.rows("intake.bodies")) < 100, "requests share commits"
        (name,) = tx.rows("intake.names")
    assert (name["name"], name["is_declared"], name["event_count"]) == ("visited", 0, 300)


def test_two_servers_on_one_store(each_workspace: Workspace) -> None:
    """Neither remembers what the other took: the store itself refuses the second."""
    servers = [Receiver(each_workspace), Receiver(each_workspace)]

    def send(server: Receiver, start: int) -> None:
        for part in range(20):
            server.receive_now(
                *read(each_workspace, *(track(f"m-{(start + part * 5 + place) % 100}") for place in range(10)))
            )

    threads = [threading.Thread(target=send, args=(server, start)) for server in servers for start in (0, 50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for server in servers:
        server.close()
    assert ids(each_workspace) == Counter(f"m-{nth}" for nth in range(100))
    assert [number for number, _ in stored(each_workspace)] == list(range(1, 101))


def test_an_id_with_another_time_is_known_across_a_restart(each_workspace: Workspace) -> None:
    first = Receiver(each_workspace)
    first.receive_now(*read(each_workspace, track("m-1"), track("m-2")))
    first.close()
    second = Receiver(each_workspace)
    later = track("m-1", timestamp="2026-11-20T11:00:00Z")
    second.receive_now(*read(each_workspace, later, track("m-3")))
    second.close()
    assert ids(each_workspace) == Counter(["m-1", "m-2", "m-3"])


def test_beyond_the_recent_ids_the_same_id_with_another_time_counts_twice(workspace: Workspace) -> None:
    """How far uniqueness reaches, as the docs say: (id, own time) for ever, the id alone among the recent ones."""
    first, _ = read(workspace, track("m-1"))
    again, _ = read(workspace, track("m-1", timestamp="2026-11-20T11:00:00Z"))
    others, _ = read(workspace, *(track(f"o-{nth}") for nth in range(20)))
    recent = RecentIds(most=10)
    recent.add(hashes_of(first))
    assert recent.unknown(again) == []
    recent.add(hashes_of(others))
    recent.settle()
    assert recent.unknown(again) == again
    assert recent.unknown(others[-10:]) == []


def test_ids_are_told_apart_by_source(each_workspace: Workspace) -> None:
    receiver = Receiver(each_workspace)
    receiver.receive_now(*read(each_workspace, track("m-1"), source="shop"))
    receiver.receive_now(*read(each_workspace, track("m-1"), source="app"))
    receiver.close()
    assert sorted(event.source for _, event in stored(each_workspace)) == ["app", "shop"]


def test_too_many_waiting_is_busy_and_nothing_is_lost(workspace: Workspace) -> None:
    receiver = Receiver(workspace, most_waiting=100)
    outcomes: Counter[str] = Counter()

    async def send(nth: int) -> None:
        try:
            await receiver.receive(*read(workspace, *(track(f"m-{nth}-{place}") for place in range(60))))
            outcomes["stored"] += 60
        except Busy:
            outcomes["busy"] += 60

    async def everyone() -> None:
        await asyncio.gather(*(send(nth) for nth in range(20)))

    sender = threading.Thread(target=lambda: asyncio.run(everyone()))
    with workspace.store.write():  # the receiver's writer waits for its turn, while all of them send
        sender.start()
        while sender.is_alive() and outcomes["busy"] < 18 * 60:
            threading.Event().wait(0.01)
    sender.join()
    receiver.close()
    assert outcomes == {"stored": 2 * 60, "busy": 18 * 60}
    assert len(stored(workspace)) == 2 * 60
    assert receiver.waiting == 0


def test_too_many_bytes_waiting_is_busy_too(workspace: Workspace) -> None:
    receiver = Receiver(workspace)

    async def everyone() -> list[BaseException | None]:
        sent = (receiver.receive(*read(workspace, track(f"m-{nth}")), byte_count=30_000_000) for nth in range(6))
        return await asyncio.gather(*sent, return_exceptions=True)

    outcomes: list[BaseException | None] = []
    sender = threading.Thread(target=lambda: outcomes.extend(asyncio.run(everyone())))
    with workspace.store.write():  # the receiver's writer waits for its turn
        sender.start()
        while receiver.waiting < 3:
            threading.Event().wait(0.01)
    sender.join()
    receiver.close()
    assert Counter(type(outcome).__name__ for outcome in outcomes) == {"NoneType": 3, "Busy": 3}
    assert len(stored(workspace)) == 3


def test_a_store_that_fails_is_told_to_every_sender_and_works_again_after(
    each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(each_workspace)
    receiver.receive_now(*read(each_workspace, track("m-1")))
    failing = SetupError("disk_full", Text("Full.", "Voll."), Text("Free space.", "Platz schaffen."))

    def refuse() -> None:
        raise failing

    with monkeypatch.context() as broken:
        broken.setattr(each_workspace.store, "write", refuse)
        with pytest.raises(SetupError, match=r"Full\."):
            receiver.receive_now(*read(each_workspace, track("m-2")))
    receiver.receive_now(*read(each_workspace, track("m-2"), track("m-1")))
    receiver.close()
    assert ids(each_workspace) == Counter(["m-1", "m-2"])


def test_refused_events_are_held_once_and_replayed_after_a_fix(
    each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(each_workspace)
    bad = [track("m-1", timestamp="gestern"), track("m-2", timestamp="gestern"), {"type": "dance"}]
    for _ in range(2):
        receiver.receive_now(*read(each_workspace, *bad))
    assert [(group.name, group.example.code, group.event_count) for group in groups(each_workspace)] == [
        ("visited", "time_unreadable", 2),
        (None, "unknown_call", 1),
    ]
    assert held(each_workspace, reason="time_unreadable")[0].reason.text.de.startswith(
        "„gestern“ in timestamp ist kein Zeitpunkt"
    )
    assert replay(each_workspace).held == 3, "nothing was mended yet"
    receiver.receive_now(*read(each_workspace, track("m-2")))
    from schwung.collect import wire

    genuine = wire.read_instant  # the fix: a word that is understood from now on
    at_nine = "2026-11-20T09:00:00Z"
    monkeypatch.setattr(
        wire, "read_instant", lambda field, value: genuine(field, at_nine if value == "gestern" else value)
    )
    done = replay(each_workspace)
    assert (done.replayed, done.known, done.held) == (1, 1, 1)
    assert (replay(each_workspace).replayed, held_count(each_workspace)) == (0, 1)
    assert ids(each_workspace) == Counter(["m-1", "m-2"])
    assert drop(each_workspace) == 1
    receiver.close()


def test_what_is_held_is_shown_whatever_it_holds(each_workspace: Workspace) -> None:
    receiver = Receiver(each_workspace)
    deep = "[" * 700 + "]" * 700
    numbers = ["1e400", "1" + "0" * 5_000]
    parts = [f'"timestamp": "gestern", "properties": {{"x": {bad}}}' for bad in (*numbers, deep)]
    parts += [f'"properties": {{"ip": "192.0.2.1", "x": {deep}}}']
    for number, part in enumerate(parts):
        event = f'{{"type": "track", "event": "Visited", "messageId": "m-{number}", {part}}}'
        found = read_event(event.encode(), None, reception(each_workspace, "shop", each_workspace.clock()))
        assert isinstance(found, Refused)
        receiver.receive_now([], [found])
    shown = held(each_workspace)
    assert len(shown) == 4 and shown[0].body["properties"] == {"x": "1e400"}
    assert json.dumps([one.body for one in shown], indent=2)
    receiver.close()


def test_misfits_of_the_mirror_come_back_as_new_events(
    each_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(each_workspace)
    order = track(
        "m-1",
        "Order Completed",
        properties={"order_id": "o-1", "total": "12,90"},
        context={"campaign": {"medium": "email"}},
    )
    receiver.receive_now(*read(each_workspace, order))
    ((event_no, event),) = stored(each_workspace)
    reason = validate(event)
    assert reason is not None
    for _ in range(2):
        with each_workspace.store.write() as tx:
            hold_misfits(tx, 1, [(event_no, event, reason)])
    (one,) = held(each_workspace)
    assert (one.event_no, one.body["properties"]) == (event_no, {"order_id": "o-1", "total": "12,90"})
    assert replay(each_workspace).held == 1
    from schwung.app import quarantine

    monkeypatch.setattr(quarantine, "validate", lambda _: None)
    with ThreadPoolExecutor(4) as pool:
        replays = [pool.submit(replay, each_workspace) for _ in range(4)]
    results = sorted(one.result().replayed for one in replays)
    assert results == [0, 0, 0, 1], "four replays at once bring it back once"
    assert [(number, again) for number, again in stored(each_workspace)] == [(1, event), (2, event)]
    receiver.close()


def test_an_answer_means_on_disk(each_workspace: Workspace) -> None:
    """What another connection sees right after the answer, before the receiver is closed."""
    receiver = Receiver(each_workspace)
    for nth in range(5):
        receiver.receive_now(*read(each_workspace, track(f"m-{nth}")))
        assert ids(each_workspace)[f"m-{nth}"] == 1
    receiver.close()


def test_one_poisonous_request_harms_no_other(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect that only one request triggers fails that request alone, though they share a commit."""
    from schwung.app import receive

    genuine = receive.pack

    def pack(events: Sequence[Event]) -> bytes:
        if any(event.message_id == "poison" for event in events):
            raise ZeroDivisionError
        return genuine(events)

    monkeypatch.setattr(receive, "pack", pack)
    receiver = Receiver(workspace)

    async def everyone() -> list[BaseException | None]:
        names = ["a", "poison", "b"]
        return await asyncio.gather(
            *(receiver.receive(*read(workspace, track(name))) for name in names), return_exceptions=True
        )

    outcomes = run_apart(everyone())
    receiver.close()
    assert [type(outcome) for outcome in outcomes] == [type(None), ZeroDivisionError, type(None)]
    assert ids(workspace) == Counter(["a", "b"])


def test_the_command_line_lists_replays_and_drops(workspace: Workspace) -> None:
    from typer.testing import CliRunner

    from schwung.cli import app

    receiver = Receiver(workspace)
    receiver.receive_now(
        *read(workspace, track("m-1", timestamp="gestern"), track("m-2", timestamp="gestern"), {"type": "dance"})
    )
    receiver.close()

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["quarantine", *words, "--workspace", str(workspace.folder)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert [(row["event"], row["reason"], row["events"]) for row in json.loads(run("list", "--json"))] == [
        ("visited", "time_unreadable", 2), (None, "unknown_call", 1),
    ]  # fmt: skip
    (single,) = json.loads(run("list", "--single", "--json", "--reason", "unknown_call"))
    assert single["body"] == {"type": "dance"}
    assert "unknown_call" in run("list") and "dance" in run("list", "--single")
    assert json.loads(run("replay", "--json")) == {"replayed": 0, "known": 0, "held": 3}
    assert json.loads(run("drop", str(single["number"]), "--json")) == {"dropped": 1}
    assert CliRunner().invoke(app, ["quarantine", "drop", "--workspace", str(workspace.folder)]).exit_code == 2
    assert json.loads(run("drop", "--all", "--json")) == {"dropped": 2}
    assert held_count(workspace) == 0


def test_a_clock_that_is_set_back(each_workspace: Workspace, clock: FrozenClock) -> None:
    """Events keep their order of arrival and their ids; nothing waits for the clock to catch up."""
    receiver = Receiver(each_workspace)
    receiver.receive_now(*read(each_workspace, track("m-1", timestamp=None)))
    clock.advance(-30 * 86_400)
    receiver.receive_now(*read(each_workspace, track("m-1", timestamp=None), track("m-2", timestamp=None)))
    receiver.receive_now(*read(each_workspace, track("m-3", timestamp=None)))
    receiver.close()
    assert [(number, event.message_id) for number, event in stored(each_workspace)] == [
        (1, "m-1"),
        (2, "m-2"),
        (3, "m-3"),
    ]
    with each_workspace.store.read() as tx:
        (name,) = tx.rows("intake.names")
    assert name["event_count"] == 3
    assert name["first_seen_at"] <= name["last_seen_at"]
