"""Intake over loopback, durable, duplicates looked for: beside the bare chunk writer and a bare app that answers 200.

One server process; the sender is this process, on the same cores. Every event has its own id and time.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figure import Figure, Scale, percentile, seconds
from schwung.app.keys import create_key
from schwung.app.receive import store_events
from schwung.app.wiring import create_workspace, open_workspace
from schwung.collect.wire import Accepted, Reception, read_event
from schwung.unify.identifier import alias_kind, normalize

BATCH = 100
CONNECTIONS = 16
SINGLE_CONNECTIONS = 64
BARE = """
import asyncio, sys
from granian.constants import Interfaces
from granian.server.embed import Server

async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"17"), (b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b'{"success": true}'})

asyncio.run(Server(app, address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.ASGI, log_enabled=False).serve())
"""


def run(repeats: int, scale: Scale) -> list[Figure]:
    batches, singles = (2_000, 20_000) if scale == "full" else (100, 500)
    bare_batches, bare_singles, bare_writer = [], [], []
    ours_batches, ours_singles, late, rest, load = [], [], [], [], []
    for nth in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            bare_writer.append(_bare_writer(Path(folder) / "bare", nth, batches * BATCH))
            with Server([sys.executable, "-c", BARE], "/") as server:
                bare_batches.append(BATCH * _rate(server.port, _batches("none", nth, batches), CONNECTIONS)[0])
                bare_singles.append(_rate(server.port, _singles("none", nth, singles), SINGLE_CONNECTIONS)[0])
            workspace = create_workspace(Path(folder) / "shop", "")
            key = create_key(workspace, "shop")
            workspace.store.close()
            command = [
                sys.executable,
                "-m",
                "schwung",
                "serve",
                "--no-worker",
                "--no-console",
                "-w",
                str(workspace.folder),
                "--port",
            ]
            with Server(command, "/health") as server:
                rest.append(server.memory())
                rate, times = _rate(server.port, _batches(key, nth, batches), CONNECTIONS)
                ours_batches.append(BATCH * rate)
                late.append(1_000 * percentile(times, 0.99))
                ours_singles.append(_rate(server.port, _singles(key, nth, singles), SINGLE_CONNECTIONS)[0])
                load.append(server.peak())
            _check(workspace.folder, batches * BATCH + singles)
    size = f"{batches * BATCH:,} events a run"
    return [
        Figure(
            "batches of 100, 16 connections",
            "events/s",
            ours_batches,
            "higher",
            40_000,
            "bare chunk writer",
            bare_writer,
            0.4,
            size,
        ),
        Figure("the same beside a bare app", "events/s", ours_batches, "higher", None, "bare app", bare_batches),
        Figure("99th percentile of a batch's answer", "ms", late, "lower"),
        Figure("single events, 64 connections", "events/s", ours_singles, "higher", None, "bare app", bare_singles),
        Figure("memory of the server at rest, no console", "MiB", rest, "lower", 250),
        Figure("memory of the server under load, highest", "MiB", load, "lower", 600),
    ]


def event(run_no: int, number: int) -> dict[str, object]:
    """A product view as a server-side client sends it, its id and time its own."""
    at = 1_780_000_000_000 + run_no * 10_000_000 + number // 20
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"{run_no:08x}-0000-4000-8000-{number:012x}",
        "userId": f"user-{number * 7919 % 50_000}",
        "anonymousId": f"{number * 104_729 % 80_000:08x}-aaaa-4bbb-8ccc-0123456789ab",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at // 1_000)) + f".{at % 1_000:03d}Z",
        "properties": {
            "product_id": f"p-{number % 900}",
            "name": "Kaffee, ganze Bohne",
            "category": "coffee",
            "price": number % 4_000 / 100,
            "currency": "EUR",
        },
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "integrations": {},
    }


def _batches(key: str, run_no: int, count: int) -> list[bytes]:
    return [
        _request("batch", key, {"batch": [event(run_no, nth * BATCH + place) for place in range(BATCH)]})
        for nth in range(count)
    ]


def _singles(key: str, run_no: int, count: int) -> list[bytes]:
    return [_request("track", key, event(run_no, 100_000_000 + nth)) for nth in range(count)]


def _request(call: str, key: str, content: dict[str, object]) -> bytes:
    import base64

    body = json.dumps(content, separators=(",", ":")).encode()
    user = base64.b64encode(f"{key}:".encode()).decode()
    head = f"POST /v1/{call} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {user}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _rate(port: int, requests: Sequence[bytes], connections: int) -> tuple[float, list[float]]:
    """Requests a second, and the seconds of each."""
    times: list[float] = []

    async def one(mine: Sequence[bytes]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in mine:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1"))
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            times.append(time.perf_counter() - began)
        writer.close()

    async def everything() -> None:
        await asyncio.gather(*(one(requests[nth::connections]) for nth in range(connections)))

    with seconds() as watch:
        asyncio.run(everything())
    return len(requests) / watch.elapsed, times


def _bare_writer(folder: Path, run_no: int, count: int, size: int = 1_600) -> float:
    """Events a second of the writer alone, in commits of the size that requests make together."""
    workspace = create_workspace(folder, "")
    reception = Reception("shop", workspace.clock(), normalize, alias_kind, str)
    read = [read_event(json.dumps(event(run_no, nth)).encode(), None, reception) for nth in range(count)]
    events = [one for one in read if isinstance(one, Accepted)]
    assert len(events) == count
    with seconds() as watch:
        for start in range(0, count, size):
            assert store_events(workspace, events[start : start + size], ())
    workspace.store.close()
    return count / watch.elapsed


def _check(folder: Path, expected: int) -> None:
    workspace = open_workspace(folder)
    with workspace.store.read() as tx:
        stored = tx.value("store.counter", name="event")
    workspace.store.close()
    if stored != expected:
        raise RuntimeError(f"{stored} events stored, {expected} sent")


class Server:
    """A server process on a free port; ready when `path` answers."""

    def __init__(self, command: Sequence[str], path: str) -> None:
        self._command, self._path = command, path

    def __enter__(self) -> "Server":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._server = subprocess.Popen([*self._command, str(self.port)], stdout=subprocess.DEVNULL, env={**os.environ})
        until = time.monotonic() + 20
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self._path}", timeout=1)
                return self
            except OSError:
                if time.monotonic() > until:
                    self.__exit__()
                    raise
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(20)

    def memory(self) -> float:
        """Resident MiB now."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """Resident MiB at most since the start."""
        return self._status("VmHWM")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self._server.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
