"""The whole way over loopback: receive → unify → mirror, 2 % new people; how fast, how long until visible, does lag grow.

One server process with its worker; the sender is this process, on the same cores. Events are prepared before the clock starts.
"""

import asyncio
import base64
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figure import Figure, Scale, percentile
from benchmarks.intake import Server
from schwung.app.facts import open_facts
from schwung.app.keys import create_key
from schwung.app.wiring import Workspace, create_workspace
from schwung.core.clock import SECOND

BATCH = 100
CONNECTIONS = 16
NEW_SHARE = 0.02
STEADY, FRESH = 15_000, 5_000


class Shop:
    """Makes events: 70 % product views, 25 % pages, 5 % orders with two lines; known people and some new ones."""

    def __init__(self, people: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._people = people
        self._number = seed * 100_000_000

    def event(self, person: int | None = None) -> dict[str, object]:
        chance, self._number = self._chance, self._number + 1
        if person is None:
            is_new = chance.random() < NEW_SHARE
            self._people += is_new
            person = self._people if is_new else chance.randrange(self._people)
        kind = chance.random()
        product = {
            "product_id": f"p-{chance.randrange(900)}",
            "name": "Kaffee, ganze Bohne",
            "price": 9.9,
            "category": "coffee",
        }
        if kind < 0.7:
            name, properties = "Product Viewed", {**product, "currency": "EUR"}
        elif kind < 0.95:
            name, properties = "Page Seen", {"path": "/kaffee", "title": "Kaffee kaufen"}
        else:
            lines = [{**product, "quantity": 2}, {**product, "product_id": "p-1"}]
            name, properties = (
                "Order Completed",
                {"order_id": f"o-{self._number}", "currency": "EUR", "products": lines},
            )
        return {
            "type": "track",
            "event": name,
            "messageId": f"{self._number:032x}",
            "anonymousId": f"device-{person}",
            **({"userId": f"user-{person}"} if person % 3 == 0 else {}),
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{self._number % 1_000:03d}Z",
            "properties": properties,
            "context": {"consent": {"categoryPreferences": {"all": True}}, "library": {"name": "analytics-python"}},
        }

    def requests(self, key: str, count: int, persons: Sequence[int | None] = ()) -> list[bytes]:
        """Batch requests with `count` events in all; `persons` says whose, where it matters."""
        whose = [*persons, *[None] * (count - len(persons))]
        return [_request(key, [self.event(one) for one in whose[at : at + BATCH]]) for at in range(0, count, BATCH)]


def _request(key: str, events: Sequence[dict[str, object]]) -> bytes:
    body = json.dumps({"batch": events}, separators=(",", ":")).encode()
    user = base64.b64encode(f"{key}:".encode()).decode()
    head = "POST /v1/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Authorization: Basic {user}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def run(repeats: int, scale: Scale) -> list[Figure]:
    full = scale == "full"
    people, burst, seconds = (50_000, 300_000, 40) if full else (1_000, 5_000, 2)
    rates, growth, late_steady, late_fresh = [], [], [], []
    for nth in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            workspace = create_workspace(Path(folder) / "shop", "")
            key = create_key(workspace, "shop")
            command = [sys.executable, "-m", "schwung", "serve", "--no-console", "-w", str(workspace.folder), "--port"]
            shop = Shop(people, nth + 1)
            with Server(command, "/health") as server:
                _send(server.port, shop.requests(key, people, range(people)), None)
                _wait(workspace)
                requests = shop.requests(key, burst)
                began = time.perf_counter()
                _send(server.port, requests, None)
                _wait(workspace)
                rates.append(burst / (time.perf_counter() - began))
                waiting = _send(server.port, shop.requests(key, STEADY * seconds), STEADY, workspace)
                _wait(workspace)
                third = len(waiting) // 3
                growth.append((sum(waiting[-third:]) - sum(waiting[third : 2 * third])) / third)
                late_steady.append(_visible(workspace, STEADY * seconds))
                _send(server.port, shop.requests(key, FRESH * seconds), FRESH)
                _wait(workspace)
                late_fresh.append(_visible(workspace, FRESH * seconds))
            workspace.store.close()
    return [
        Figure("receive → unify → mirror, 2 % new people", "events/s", rates, "higher", 15_000, note=f"{burst:,} events, aim 20,000"),
        Figure(f"lag at {STEADY:,} events/s: last third − second", "events", growth, "lower", STEADY / 2, note="below half a second: does not grow"),
        Figure(f"accepted → published, p95, at {STEADY:,} events/s", "s", late_steady, "lower"),
        Figure(f"accepted → published, p95, at {FRESH:,} events/s", "s", late_fresh, "lower", 2.0),
    ]  # fmt: skip


def _send(port: int, requests: Sequence[bytes], rate: int | None, workspace: Workspace | None = None) -> list[int]:
    """Send all, `rate` events a second or as fast as they are taken; events that waited for the lake, twice a second."""
    waiting: list[int] = []

    async def one(mine: Sequence[tuple[int, bytes]], began: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for place, request in mine:
            if rate is not None:
                await asyncio.sleep(max(0.0, began + place * BATCH / rate - time.perf_counter()))
            while True:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                await reader.readexactly(int(length.partition(b":")[2]))
                if head.startswith(b"HTTP/1.1 200"):
                    break
                await asyncio.sleep(0.2)
        writer.close()

    async def watch() -> None:
        while True:
            await asyncio.sleep(0.5)
            if workspace is not None:
                waiting.append(await asyncio.to_thread(_waiting, workspace))

    async def everything() -> None:
        began = time.perf_counter()
        watching = asyncio.create_task(watch())
        numbered = list(enumerate(requests))
        await asyncio.gather(*(one(numbered[nth::CONNECTIONS], began) for nth in range(CONNECTIONS)))
        watching.cancel()

    asyncio.run(everything())
    return waiting


def _waiting(workspace: Workspace) -> int:
    with workspace.store.read() as tx:
        row = tx.row("mirror.lag")
    return int(row["events"]) if row else 0


def _wait(workspace: Workspace, most_seconds: float = 300) -> None:
    """Until everything is published."""
    until = time.monotonic() + most_seconds
    while True:
        with workspace.store.read() as tx:
            if not tx.value("work.is_waiting"):
                return
        if time.monotonic() > until:
            raise RuntimeError("the worker did not come to an end")
        time.sleep(0.05)


def _visible(workspace: Workspace, count: int) -> float:
    """p95 of the seconds from acceptance to publication, over the newest `count` events."""
    with workspace.store.read() as tx:
        published = {row["batch_no"]: row["published_at"] for row in tx.rows("mirror.published")}
    with open_facts(workspace) as facts:
        events = facts.everything("events")
        top = facts.run(events.aggregate(top=events["event_no"].max()))["top"][0].as_py()
        newest = events.filter(events["event_no"] > top - count)
        rows = facts.run(newest.group_by("batch_no", "received_at").agg(events=newest.count())).to_pylist()
    waits = [(published[row["batch_no"]] - row["received_at"]) / SECOND for row in rows for _ in range(row["events"])]
    return percentile(waits, 0.95)
