"""Events with known ids under load, remembered when acknowledged, and the check that each of them is there exactly once."""

import base64
import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from schwung.app.publish import newest_snapshot
from schwung.app.wiring import open_workspace

BATCH = 20
EVERY_ORDER = 5


@dataclass(slots=True)
class Load:
    """Posts batches until told to stop. A batch without an answer is sent again with the same ids, as clients do.

    acknowledged: numbers of events for which the server answered 200. answers: status → batches; 0: no answer.
    """

    port: int
    key: str
    connections: int = 2
    pause: float = 0.01
    seed: int = 1
    acknowledged: set[int] = field(default_factory=set)
    given_up: set[int] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    last_problem: dict[str, Any] = field(default_factory=dict)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> "Load":
        self._stop.clear()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(self.connections)]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self, seconds: float = 30) -> None:
        """Waits until what was begun is answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join(seconds)

    def _send(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                numbers = range(self._next, self._next + BATCH)
                self._next += BATCH
            body = self.body(numbers)
            tries = 0
            while self._post(body) != 200:
                tries += 1
                if self._stop.is_set() and tries > 3:
                    with self._lock:
                        self.given_up.update(numbers)
                    return
                time.sleep(0.1)
            with self._lock:
                self.acknowledged.update(numbers)
            if self.pause:
                time.sleep(self.pause)

    def _post(self, body: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        token = base64.b64encode(f"{self.key}:".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/v1/batch", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            status = answer.status
            if status != 200:
                self.last_problem = json.loads(text or b"{}") | {"retry_after": answer.getheader("Retry-After")}
        except (OSError, http.client.HTTPException, ValueError):
            status = 0
        finally:
            connection.close()
        with self._lock:
            self.answers[status] += 1
        return status

    def body(self, numbers: range) -> bytes:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return json.dumps({"batch": [self.event(number, now) for number in numbers], "sentAt": now}).encode()

    def event(self, number: int, now: str) -> dict[str, Any]:
        person = random.Random(f"{self.seed}/{number}").randrange(400)
        event: dict[str, Any] = {
            "type": "track", "event": "Product Viewed", "messageId": f"load-{self.seed}-{number}", "timestamp": now,
            "anonymousId": f"device-{self.seed}-{person}",
            "properties": {"product_id": f"C{number % 50}", "number": number, "seed": self.seed},
        }  # fmt: skip
        if number % 3 == 0:
            event["userId"] = f"K-{self.seed}-{person}"
        if number % EVERY_ORDER == 0:
            event["event"] = "Order Completed"
            event["properties"] |= {"order_id": f"L-{self.seed}-{number}", "subtotal": 12.5, "currency": "EUR"}
        return event


@dataclass(frozen=True, slots=True)
class Tally:
    """lost: acknowledged and not in the lake. doubled: there more than once. strange: never sent."""

    stored: int
    acknowledged: int
    lost: int
    doubled: int
    strange: int
    orders: int
    orders_expected: int

    @property
    def ok(self) -> bool:
        return not self.lost and not self.doubled and not self.strange and self.orders == self.orders_expected

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} acknowledged, {self.stored:,} in the lake, lost {self.lost}, doubled {self.doubled}, "
            f"orders {self.orders:,} of {self.orders_expected:,}"
        )


def column_in_lake(workspace: Path, table: str, column: str) -> list[Any]:
    """All values at the newest snapshot, whatever the clock says; of keyed tables every version."""
    opened = open_workspace(workspace)
    try:
        with opened.store.read() as tx:
            snapshot = newest_snapshot(tx)
        if snapshot is None or table not in snapshot.tables:
            return []
        files = opened.lake.files(table, snapshot.tables[table])
        paths = [*files.base, *files.tail]
        return [
            value
            for path in paths
            for value in pq.read_table(path, columns=[column], partitioning=None)[column].to_pylist()
        ]
    finally:
        opened.store.close()


def numbers_in_lake(workspace: Path, seed: int) -> Counter[int]:
    """Numbers of the load's events, each with how often it is there."""
    found = column_in_lake(workspace, "events", "properties")
    told = (json.loads(text) for text in found if text and '"number"' in text)
    return Counter(one["number"] for one in told if one.get("seed") == seed)


def orders_in_lake(workspace: Path, seed: int) -> int:
    return sum(one.startswith(f"L-{seed}-") for one in set(column_in_lake(workspace, "orders", "order_id")))


def tally(workspace: Path, load: Load, seconds: float = 120) -> Tally:
    """Waits until the worker has brought everything to the lake, then counts."""
    until = time.monotonic() + seconds
    while True:
        found = numbers_in_lake(workspace, load.seed)
        lost = load.acknowledged - found.keys()
        if not lost or time.monotonic() > until:
            break
        time.sleep(0.3)
    return Tally(
        stored=sum(found.values()),
        acknowledged=len(load.acknowledged),
        lost=len(lost),
        doubled=sum(count > 1 for count in found.values()),
        strange=len(found.keys() - load.acknowledged - load.given_up),
        orders=orders_in_lake(workspace, load.seed),
        orders_expected=sum(number % EVERY_ORDER == 0 for number in found),
    )
