"""A workspace with a running server, for benchmarks and faults: started as a person would, ended whatever happens."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.message import Message
from pathlib import Path
from typing import Any

from schwung.app.keys import Scope, create_key
from schwung.app.simulate_live import Sent, send
from schwung.app.wiring import create_workspace, open_workspace

SCHWUNG = (sys.executable, "-m", "schwung")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def schwung(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """One command of the command line, its output kept."""
    done = subprocess.run([*SCHWUNG, *arguments], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"schwung {' '.join(arguments)} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done


@contextmanager
def new_workspace(store: str = "sqlite:///store.db", as_of: str = "now", folder: Path | None = None) -> Iterator[Path]:
    """A fresh workspace that is removed at the end."""
    content = f'[workspace]\nname = "shop"\nlanguage = "en"\nas_of = "{as_of}"\n\n[store]\nurl = "{store}"\n'
    with tempfile.TemporaryDirectory(prefix="schwung-", dir=folder, ignore_cleanup_errors=True) as holder:
        path = Path(holder) / "shop"
        create_workspace(path, content).store.close()
        yield path


def write_key(workspace: Path, source: str = "shop") -> str:
    return _key(workspace, source, "write")


def read_key(workspace: Path) -> str:
    return _key(workspace, "reader", "read")


def _key(workspace: Path, source: str, scope: Scope) -> str:
    opened = open_workspace(workspace)
    try:
        return create_key(opened, source, scope)
    finally:
        opened.store.close()


class Server:
    """`schwung serve` on a free port of this machine, in a process group of its own."""

    def __init__(
        self, workspace: Path, *options: str, env: Mapping[str, str] | None = None, port: int | None = None
    ) -> None:
        self.workspace = workspace
        self.port = port or free_port()
        self.log = Path(tempfile.mkstemp(prefix="schwung-serve-", suffix=".log")[1])
        self._command = [*SCHWUNG, "serve", "--workspace", str(workspace), "--port", str(self.port), *options]
        self._env = {**os.environ, **(env or {})}
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(self._command, stdout=log, stderr=log, env=self._env, start_new_session=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_ready(self, seconds: float = 120) -> float:
        """Seconds until /health answered 200. RuntimeError with the log's end when the server ends or stays silent."""
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            with suppress(OSError, http.client.HTTPException):
                if self.get("/health")[0] == 200:
                    return time.perf_counter() - began
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"the server did not become ready: {self.log.read_text(errors='replace')[-2000:]}")

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        return self.request("GET", path, None, headers)

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, timeout: float = 60
    ) -> tuple[int, bytes]:
        status, _, content = self.exchange(method, path, body, headers, timeout)
        return status, content

    def exchange(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, timeout: float = 60
    ) -> tuple[int, Message, bytes]:
        """`request` with the headers of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may refuse before all is sent; its answer waits
                connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def kill(self) -> None:
        """kill -9 of server and worker together: nothing gets a chance to tidy up."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        self.process = self._start()

    def stop(self, seconds: float = 30) -> None:
        """As Ctrl-C does; killed when it does not end in time."""
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        self.kill()
        self.log.unlink(missing_ok=True)

    def pids(self) -> list[int]:
        """Server and its children."""
        return pids_of(self.process.pid)

    def cpu_seconds(self) -> float:
        """That the server has used, without its worker."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """Memory of server and worker together."""
        return sum(self.resident_mib_of(pid) for pid in self.pids())

    @staticmethod
    def resident_mib_of(pid: int) -> float:
        """0 for a process that has ended."""
        return resident_mib_of(pid)


def pids_of(pid: int) -> list[int]:
    """A process and its children, of all generations."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                children = (task / "children").read_text().split()
                found += [int(child) for child in children if int(child) not in found]
    return found


def resident_mib_of(pid: int) -> float:
    """0 for a process that has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
    return 0.0


def watched(command: Sequence[str]) -> tuple[bytes, float]:
    """What a command prints, and the most MiB that it and its children held at a time; looked at ten times a second."""
    peak, parts = 0.0, []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        reader = threading.Thread(target=lambda: parts.append(process.communicate()[0]))
        reader.start()
        while reader.is_alive():
            peak = max(peak, sum(resident_mib_of(pid) for pid in pids_of(process.pid)))
            reader.join(0.1)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return parts[0], peak


@contextmanager
def serving(workspace: Path, *options: str, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A ready server that is stopped at the end."""
    server = Server(workspace, *options, env=env)
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


def sending(server: Server, key: str, *, rate: float, seconds: float, seed: int) -> tuple[threading.Thread, list[Sent]]:
    """Simulated events at a steady rate, in a thread that has begun; when it is over the list holds what became of them."""
    sent: list[Sent] = []
    load = threading.Thread(target=lambda: sent.append(send(server.url, key, rate=rate, seconds=seconds, seed=seed)))
    load.start()
    return load, sent
