"""Set-up that breaks under the system: disk full, database gone, folder read-only, a second worker, the clock set back."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.fault import Finding
from benchmarks.load import Load, tally
from benchmarks.running import SCHWUNG, Server, new_workspace, schwung, serving, write_key

DISK_MIB = 96


class NotHere(Exception):
    """This machine does not let us try it."""


@contextmanager
def small_disk(mib: int = DISK_MIB) -> Iterator[Path]:
    """A file system of that size. NotHere without the right to mount one."""
    folder = Path(tempfile.mkdtemp(prefix="schwung-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        folder.rmdir()
        raise NotHere(f"a file system cannot be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        with suppress(OSError):
            folder.rmdir()


def disk_full() -> Finding:
    """Fill the disk under load, wait for the refusal, make room, go on."""
    must = "503 that says so, nothing acknowledged is lost, work goes on when there is room again"
    fault = "disk full"
    try:
        with small_disk() as disk, new_workspace(folder=disk) as workspace:
            key = write_key(workspace)
            ballast = disk / "ballast"
            with serving(workspace, "--no-console") as server:
                load = Load(server.port, key, seed=3).start()
                time.sleep(1.5)
                _fill(ballast)
                refused = _waits(lambda: load.answers[503] > 3, 30)
                problem = dict(load.last_problem)
                up = server.process.poll() is None and server.get("/health")[0] in (200, 503)
                before = len(load.acknowledged)
                ballast.unlink()
                goes_on = _waits(lambda: len(load.acknowledged) > before + 100, 90)
                load.stop()
                found = tally(workspace, load)
    except NotHere as why:
        return _file_limit(fault, must, str(why))
    told = (
        f"answers {dict(load.answers)}, code {problem.get('code')}, Retry-After {problem.get('retry_after')}; {found}"
    )
    return Finding(fault, must, told, refused and up and goes_on and found.ok)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)


def _file_limit(fault: str, must: str, why: str) -> Finding:
    """Where no disk can be mounted: no file of the server may grow beyond 6 MiB."""
    with new_workspace() as workspace:
        key = write_key(workspace)
        limited = f"ulimit -f 6144; exec {' '.join(SCHWUNG)} serve --no-console --workspace {workspace} --port "
        server = Server(workspace)
        server.kill()
        server._command = ["bash", "-c", limited + str(server.port)]
        server.restart()
        try:
            server.wait_ready()
            load = Load(server.port, key, seed=3, pause=0).start()
            refused = _waits(lambda: load.answers[503] > 3, 60)
            up = server.process.poll() is None
            load.stop()
            server.kill()
            with serving(workspace, "--no-console"):
                found = tally(workspace, load)
        finally:
            server.stop()
    told = f"by file-size limit ({why}): answers {dict(load.answers)}, code {load.last_problem.get('code')}; {found}"
    return Finding(fault, must, told, refused and up and found.ok)


def database_gone() -> Finding:
    """Stop PostgreSQL under load, start it again."""
    from tests.postgres import PostgresServer, binaries

    fault, must = "database gone and back", "503 with Retry-After meanwhile, the same process goes on, nothing lost"
    if binaries() is None:
        return Finding(fault, must, "PostgreSQL's server binaries are not installed", None)
    postgres = PostgresServer()
    try:
        with new_workspace(postgres.new_database()) as workspace:
            key = write_key(workspace)
            with serving(workspace, "--no-console") as server:
                load = Load(server.port, key, seed=4).start()
                time.sleep(2)
                postgres.stop()
                refused = _waits(lambda: load.answers[503] > 3, 30)
                problem, health = dict(load.last_problem), server.get("/health")[0]
                before = len(load.acknowledged)
                postgres.start()
                goes_on = _waits(lambda: len(load.acknowledged) > before + 100, 90)
                load.stop()
                up = server.process.poll() is None
                found = tally(workspace, load)
    finally:
        postgres.close()
    told = f"answers {dict(load.answers)}, health {health}, code {problem.get('code')}, Retry-After {problem.get('retry_after')}; {found}"
    return Finding(
        fault,
        must,
        told,
        bool(refused and goes_on and up and health == 503 and problem.get("retry_after") and found.ok),
    )


def read_only_folder() -> Finding:
    """Commands in a folder that cannot be written end with a sentence and exit code 3, not with a traceback."""
    fault, must = "read-only folder", "exit code 3 and a sentence that names the folder, no traceback"
    try:
        with small_disk() as disk, new_workspace(folder=disk) as workspace:
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
            told = []
            for command in (["serve"], ["worker"], ["init", str(disk / "other")], ["key", "create", "--source", "x"]):
                where = [] if command[0] == "init" else ["--workspace", str(workspace)]
                done = subprocess.run(
                    [*SCHWUNG, *command, *where],
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=30,
                    stdin=subprocess.DEVNULL,
                )
                told.append((command[0], done.returncode, "Traceback" in done.stderr, done.stderr.strip()[-160:]))
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    except NotHere as why:
        return Finding(fault, must, str(why), None)
    ok = all(code == 3 and not traceback for _, code, traceback, _ in told)
    return Finding(fault, must, "; ".join(f"{name}: exit {code}, {text!r}" for name, code, _, text in told), ok)


def two_workers(store: str = "sqlite:///store.db") -> Finding:
    """A second and a third worker beside the server's own."""
    with new_workspace(store) as workspace:
        key = write_key(workspace)
        with serving(workspace, "--no-console") as server:
            others = [
                subprocess.Popen(
                    [*SCHWUNG, "worker", "--workspace", str(workspace)],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                for _ in range(2)
            ]
            load = Load(server.port, key, seed=5).start()
            time.sleep(6)
            others[0].kill()
            time.sleep(2)
            load.stop()
            found = tally(workspace, load)
            alive = others[1].poll() is None and server.process.poll() is None
            for other in others:
                other.terminate()
                other.wait(20)
    return Finding(
        "three workers on one store, one of them killed",
        "each acknowledged event exactly once",
        f"{found}",
        found.ok and alive,
    )


def clock_set_back() -> Finding:
    """The server's and worker's clock jumps a day back and then an hour ahead under load."""
    fault, must = (
        "clock set back by a day, then an hour ahead",
        "each acknowledged event exactly once; the worker goes on",
    )
    with new_workspace() as workspace:
        key = write_key(workspace)
        offset = workspace / "offset"
        offset.write_text("0")
        server = Server(workspace)
        server.kill()
        server._command = [
            sys.executable,
            "-m",
            "benchmarks.crooked_clock",
            str(workspace),
            str(server.port),
            str(offset),
        ]
        server.restart()
        try:
            server.wait_ready()
            load = Load(server.port, key, seed=6).start()
            for seconds in (-86_400, 3_600, -3_600):
                time.sleep(2)
                offset.write_text(str(seconds))
            time.sleep(3)
            load.stop()
            found = tally(workspace, load)
            up = server.process.poll() is None
        finally:
            server.stop()
    return Finding(fault, must, f"answers {dict(load.answers)}; {found}", found.ok and up)


def disk_gone_before_start() -> Finding:
    """A workspace whose lake folder was removed: doctor says so."""
    fault, must = "lake folder removed", "doctor fails and names it; no traceback"
    with new_workspace() as workspace:
        key = write_key(workspace)
        with serving(workspace, "--no-console") as server:
            load = Load(server.port, key, seed=7).start()
            time.sleep(1.5)
            load.stop()
            tally(workspace, load)
        shutil.rmtree(workspace / "lake")
        done = schwung("doctor", "--workspace", str(workspace), "--json", check=False)
    ok = done.returncode not in (0, 1) or (done.returncode == 1 and "Traceback" not in done.stderr)
    return Finding(
        fault,
        must,
        f"exit {done.returncode}: {done.stdout[-200:]}{done.stderr[-200:]}",
        ok and "Traceback" not in done.stderr,
    )


def _waits(condition: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False
