"""A real server process of one workspace, for tests that speak HTTP."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from schwung.lake.shelf import FOLDER

STATEMENTS = "SCHWUNG_TEST_STATEMENTS"
"""Names the folder of what this run of the tests has compiled."""


def with_statements(folder: Path) -> Path:
    """The workspace's folder; a process that opens it finds there what the tests have compiled, and adds to it."""
    own = folder / "lake" / FOLDER
    if STATEMENTS in os.environ and not own.exists():
        own.parent.mkdir(parents=True, exist_ok=True)
        own.symlink_to(os.environ[STATEMENTS])
    return folder


class Served:
    """`schwung serve` with options; ready after `wait`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = (folder / "serve.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "schwung", "serve", "-w", str(folder), "--port", str(self.port), *options],
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "SCHWUNG_LANGUAGE": "en"},
        )

    def wait(self, seconds: float = 90) -> "Served":
        until = time.monotonic() + seconds
        while True:
            assert self.process.poll() is None, self.log
            try:
                urllib.request.urlopen(f"{self.address}/health", timeout=10).close()
                return self
            except OSError:  # refused, or silent for too long
                assert time.monotonic() < until, "the server did not answer in time"
                time.sleep(0.05)

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def memory(self, name: str = "VmRSS") -> int:
        """Resident bytes now (VmRSS) or at most so far (VmHWM)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        self._log.close()
