"""Memory of server and worker: at rest and under intake load."""

import threading
import time

from benchmarks.figure import Figure
from benchmarks.running import Server, new_workspace, serving, write_key
from schwung.app.simulate_live import send

_RATE = 5_000


def _most(server: Server, stop: threading.Event, pid: int, found: list[float]) -> None:
    while not stop.is_set():
        found.append(server.resident_mib_of(pid))
        time.sleep(0.1)


def run(repeats: int, scale: str) -> list[Figure]:
    """The server's own process is what the bar speaks of; the worker is reported beside it."""
    length = 20 if scale == "full" else 3
    rest, load, worker = [], [], []
    with new_workspace() as workspace:
        key = write_key(workspace)
        for _ in range(repeats):
            with serving(workspace) as server:
                time.sleep(1)
                rest.append(server.resident_mib_of(server.process.pid))
                found: list[float] = []
                stop = threading.Event()
                watcher = threading.Thread(target=_most, args=(server, stop, server.process.pid, found))
                watcher.start()
                send(server.url, key, rate=_RATE, seconds=length)
                stop.set()
                watcher.join()
                load.append(max(found))
                worker.append(max((server.resident_mib_of(pid) for pid in server.pids()[1:]), default=0.0))
    note = f"{_RATE:,} events/s for {length} s"
    return [
        Figure("memory of the server at rest", "MiB", rest, "lower", bar=250),
        Figure("memory of the server under intake load, peak", "MiB", load, "lower", bar=600, note=note),
        Figure("memory of the worker after that load", "MiB", worker, "lower", note=note),
    ]
