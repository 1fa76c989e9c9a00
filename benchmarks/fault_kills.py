"""kill -9 under load: server and worker, again and again, on both stores."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.fault import Finding
from benchmarks.load import Load, tally
from benchmarks.running import Server, new_workspace, write_key
from schwung.app.doctor import examine
from schwung.app.wiring import open_workspace
from schwung.core.errors import SchwungError


def kills(store: str, url: str, times: int, seed: int = 1, checks_every: int = 10, pause: float = 0.01) -> Finding:
    """Kill both, the server or the worker at random moments; at the end each acknowledged event is there exactly once."""
    chance = random.Random(seed)
    with new_workspace(url) as workspace:
        key = write_key(workspace)
        server = Server(workspace, "--no-console")
        load = Load(server.port, key, pause=pause, seed=seed)
        try:
            server.wait_ready()
            load.start()
            for number in range(times):
                time.sleep(chance.uniform(0.05, 0.9))
                _strike(server, chance)
                if number % checks_every == checks_every - 1:
                    _doctor(workspace, f"after kill {number + 1}")
            server.wait_ready()
            time.sleep(0.5)
            load.stop()
            found = tally(workspace, load)
            _doctor(workspace, "at the end")
        finally:
            load.stop(1)
            server.stop()
    told = f"{times} kills; {found}; batches without an answer {load.answers[0]}"
    return Finding(f"kill -9 × {times} under load, {store}", "each acknowledged event exactly once", told, found.ok)


def _strike(server: Server, chance: random.Random) -> None:
    """One of three: everything at once, the worker alone (the server starts it again), everything while it starts."""
    kind = chance.choice(("all", "worker", "starting"))
    children = server.pids()[1:]
    if kind == "worker" and children:
        with suppress(ProcessLookupError):
            os.kill(children[0], signal.SIGKILL)
        return
    server.kill()
    server.restart()
    if kind == "starting":
        time.sleep(chance.uniform(0.1, 1.5))
        server.kill()
        server.restart()
    server.wait_ready()


def _doctor(folder: Path, when: str) -> None:
    """Store and lake agree, says the doctor; waits for a batch that is under way."""
    until = time.monotonic() + 90
    while found := _wrong(folder):
        if time.monotonic() > until:
            raise AssertionError(f"doctor {when}: {found}")
        time.sleep(1)


def _wrong(folder: Path) -> list[object]:
    """The checks that failed, or why the doctor could not look."""
    try:
        workspace = open_workspace(folder)
        findings = examine(workspace)
        workspace.store.close()
    except SchwungError as error:
        return [error.message.en]
    # "server": the throw-away PostgreSQL of the tests runs without fsync, which the doctor rightly refuses.
    return [one.to_json("en") for one in findings if one.state not in ("ok", "note") and one.name != "server"]
