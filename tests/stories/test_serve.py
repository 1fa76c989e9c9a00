"""serve and worker as processes: they start, tell their address, survive, and end together."""

import contextlib
import gc
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schwung.app.doctor import examine
from schwung.app.facts import open_facts
from schwung.app.keys import create_key
from schwung.app.process import processes
from schwung.app.wiring import Workspace, open_workspace
from schwung.app.worker import run_worker
from schwung.cli import app
from schwung.cli.output import run
from tests.lives import begin
from tests.served import with_statements
from tests.waiting import until

SCHWUNG = [sys.executable, "-m", "schwung"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """A `schwung serve` of one workspace."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.port = with_statements(folder), free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = (folder / "serve.log").open("w+")
        self.process = subprocess.Popen(
            [*SCHWUNG, "serve", "--workspace", str(folder), "--port", str(self.port), *options],
            stdout=self.log, stderr=self.log, env={**os.environ, "SCHWUNG_LANGUAGE": "en"},
        )  # fmt: skip

    def healthy(self) -> bool:
        assert self.process.poll() is None, self.output()
        try:
            return bool(urllib.request.urlopen(f"{self.address}/health", timeout=10).status == 200)
        except OSError:  # refused, or silent for too long
            return False

    def output(self) -> str:
        self.log.flush()
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def send(self, key: str, events: list[dict[str, object]]) -> int:
        basic = b64encode(f"{key}:".encode()).decode()
        request = urllib.request.Request(
            f"{self.address}/v1/batch",
            json.dumps({"batch": events}).encode(),
            {"Content-Type": "application/json", "Authorization": f"Basic {basic}"},
        )
        return int(urllib.request.urlopen(request, timeout=90).status)

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    served: list[Served] = []

    def start(workspace: Workspace, *options: str) -> Served:
        served.append(Served(workspace.folder, *options))
        return served[-1]

    yield start
    for one in served:
        one.stop(signal.SIGKILL)
        one.log.close()


def live_workers(workspace: Workspace) -> list[int]:
    return [process.pid for process in processes(open_workspace(workspace.folder)) if process.is_alive]


def track(number: int) -> dict[str, object]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"message-{number}",
        "userId": f"person-{number % 7}",
        "timestamp": "2026-11-20T10:00:00Z",
        "properties": {"product_id": "P1", "name": "Espresso"},
    }


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_huge_body_is_refused_a_worker_that_dies_is_started_again_and_ends_when_its_server_is_killed(
    workspace: Workspace, serve: Callable[..., Served]
) -> None:
    served = serve(workspace, "--host", "localhost")
    until(served.healthy)
    key = create_key(workspace, "shop", requires_consent=False)
    for path in ("/v1/batch", "/api/v1/customers/1/consents", "/sign-in"):
        assert answer(served, path, f"Content-Length: {10**9}", b"x" * 10_000) == 413, path
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        assert answer(served, path, "Transfer-Encoding: chunked", chunk * 40) in (400, 413), path
    assert served.healthy()
    assert served.send(key, [track(1)]) == 200
    (first,) = until(lambda: live_workers(workspace))
    os.kill(first, signal.SIGKILL)
    (worker,) = until(lambda: [pid for pid in live_workers(workspace) if pid != first])
    until(served.healthy)
    assert is_running(worker) and not is_running(first)
    served.stop(signal.SIGKILL)
    assert until(lambda: not is_running(worker))


def test_a_busy_port_and_a_missing_workspace_are_told(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [*SCHWUNG, "serve", "-w", str(workspace.folder), "--port", str(port)]
        busy = subprocess.run(command, capture_output=True, text=True, timeout=90)
    assert busy.returncode == 3
    assert str(port) in busy.stderr
    elsewhere = ["serve", "-w", str(workspace.folder), "--port", str(free_port()), "--host", "192.0.2.7"]
    for arguments, word in ((elsewhere, "192.0.2.7"), (["serve", "-w", str(tmp_path)], "schwung init")):
        monkeypatch.setattr(sys, "argv", ["schwung", *arguments])
        with pytest.raises(SystemExit) as left:
            run(app)
        gc.enable()  # `serve` had begun to import
        assert left.value.code == 3 and word in capsys.readouterr().err


def test_events_are_in_the_lake_soon_and_once(each_workspace: Workspace, serve: Callable[..., Served]) -> None:
    """Two workers run, one of them is killed: each event arrives exactly once, and nothing personal is logged.

    The server tells its address and a link to enter, and ends with its worker.
    """
    key = create_key(each_workspace, "shop", requires_consent=False)
    served = serve(each_workspace)
    second = begin(work, each_workspace.folder)
    try:
        until(served.healthy)
        until(lambda: len(live_workers(each_workspace)) == 2)
        for number in range(0, 120, 4):
            assert served.send(key, [track(number + place) for place in range(4)]) == 200
            if number == 60:
                second.kill()
                second.join()
    finally:
        second.kill()
    until(lambda: count_events(each_workspace) == 120, every=0.25)
    assert served.send(key, [track(number) for number in range(10)]) == 200
    assert served.send(key, [track(120)]) == 200
    until(lambda: count_events(each_workspace) == 121, every=0.25)
    assert "person-" not in served.output()
    assert "message-" not in served.output()
    wrong = [found.name for found in examine(open_workspace(each_workspace.folder)) if found.state == "error"]
    # The throw-away PostgreSQL runs without fsync, which doctor rightly calls an error.
    assert wrong == ([] if each_workspace.store.dialect == "sqlite" else ["server"])
    assert served.address.replace("127.0.0.1", "localhost") in served.output()
    assert re.search(r"http://localhost:\d+/enter/\S{20,}", served.output())
    (worker,) = until(lambda: live_workers(each_workspace))
    assert served.stop() == 0
    assert not is_running(worker)
    assert not live_workers(each_workspace)


def work(folder: Path) -> None:
    """Another worker, until it is killed."""
    run_worker(open_workspace(folder), threading.Event())


def count_events(workspace: Workspace) -> int:
    with open_facts(workspace) as facts:
        events = facts.everything("events")
        return int(facts.run(events.aggregate(count=events.count()))["count"][0].as_py())


def answer(served: Served, path: str, header: str, body: bytes) -> int:
    """Status of a request that says more than it sends."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{header}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as connection:
        connection.sendall(head.encode())
        with contextlib.suppress(ConnectionError):
            connection.sendall(body)
        return int(connection.recv(4096).split()[1])
