"""From an accepted event to a planned message: by way of a segment and a journey, while 1,000 events/s come in."""

import json
import sqlite3
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure, percentile
from benchmarks.running import Server, new_workspace, sending, serving, write_key
from benchmarks.segments import rules
from schwung.app import journeys
from schwung.app.segments import save_segment
from schwung.app.templates import save_template
from schwung.app.wiring import open_workspace

_RATE = 1_000
_EVERY = 0.4
_PATIENCE = 30.0
_SEGMENTS, _JOURNEYS = 50, 20
_TRIGGERS = ("product_viewed", "product_added", "checkout_started", "page_viewed", "order_completed")


def run(repeats: int, scale: str) -> list[Figure]:
    """Each repeat sends for a minute and asks every 0.4 s for something new; its figure is the 95th percentile."""
    length = 60 if scale == "full" else 8
    found, accepted, planned = [], [], 0
    with new_workspace() as workspace:
        write = write_key(workspace)
        _prepare(workspace)
        with serving(workspace, "--no-console") as server:
            for number in range(repeats):
                load, sent = sending(server, write, rate=_RATE, seconds=length, seed=number)
                time.sleep(2)
                found.append(percentile(_waits(server, workspace, write, load), 0.95))
                load.join()
                accepted.append(sent[0].accepted / sent[0].elapsed)
        with sqlite3.connect(workspace / "store.db") as store:
            planned = store.execute("SELECT count(*) FROM message").fetchone()[0]
    note = (
        f"at {sum(accepted) / len(accepted):,.0f} accepted events/s, {_SEGMENTS} segments, {_JOURNEYS} live journeys; "
        f"{planned:,} messages planned"
    )
    return [Figure("event accepted → segment entered → message planned, p95", "s", found, "lower", bar=3.0, note=note)]


def _prepare(path: Path) -> None:
    with (path / "schwung.toml").open("a") as settings:
        settings.write("\n[experiments]\nglobal_holdout = 0\n")  # every probe gets its message
    workspace = open_workspace(path)
    try:
        save_segment(workspace, "Probe", {"did": {"event": "probe_sent", "within": "1 day"}}, actor="bench")
        for name, rule in list(rules().items())[: _SEGMENTS - 1]:
            save_segment(workspace, name, rule, actor="bench")
        triggers: list[dict[str, Any]] = [{"entered": "Probe"}]
        triggers += [{"entered": f"rule {nth}"} for nth in range(9)]
        triggers += [{"event": _TRIGGERS[nth % len(_TRIGGERS)]} for nth in range(_JOURNEYS - len(triggers))]
        for nth, trigger in enumerate(triggers):
            steps: list[dict[str, Any]] = [{"send": "hello"}]
            if nth:
                steps = [{"branch": {"if": {"kind": ["new"]}, "then": [{"send": "hello"}]}}, {"wait": "2 days"}]
            written = {"trigger": trigger, "holdout": 0, "steps": steps}
            journeys.save_journey(workspace, f"Journey {nth}", written, actor="bench")
        words = {"subject": "Hello", "body": "<p>{{ company.imprint }} <a href='{{ unsubscribe_url }}'>away</a></p>"}
        save_template(workspace, "hello", {"purpose": "advertising", "en": words}, actor="bench")
        for nth in range(_JOURNEYS):
            journeys.start(workspace, f"Journey {nth}", actor="bench")
    finally:
        workspace.store.close()


def _waits(server: Server, path: Path, key: str, load: threading.Thread) -> list[float]:
    """Seconds from the 200 of each probe, of a new person each, until its message is planned."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    began: dict[str, float] = {}
    waits: list[float] = []
    newest = "SELECT max(message_no) FROM message"
    ask = (
        "SELECT i.value FROM message m CROSS JOIN identifier i ON i.customer_id = m.customer_id AND i.kind = 'user_id'"
        " WHERE m.message_no > ? AND m.message_no <= ?"
    )
    seen = 0
    store = sqlite3.connect(path / "store.db")
    following = time.perf_counter()
    while began or load.is_alive():
        now = time.perf_counter()
        if load.is_alive() and now >= following:
            mark, following = f"P{uuid.uuid4().hex[:10]}", now + _EVERY
            moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            event = {"event": "Probe Sent", "userId": mark, "messageId": mark, "timestamp": moment}
            status, text = server.request("POST", "/v1/track", json.dumps(event).encode(), headers)
            if status != 200:
                raise RuntimeError(f"the probe was refused: {status} {text[:300]!r}")
            began[mark] = time.perf_counter()
        last = store.execute(newest).fetchone()[0] or 0
        for (mark,) in store.execute(ask, (seen, last)):
            if mark in began:
                waits.append(time.perf_counter() - began.pop(mark))
        seen = last
        for mark in [mark for mark, at in began.items() if time.perf_counter() - at > _PATIENCE]:
            began.pop(mark)
            waits.append(_PATIENCE)
        time.sleep(0.05)
    store.close()
    return waits
