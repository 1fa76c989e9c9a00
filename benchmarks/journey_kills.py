"""kill -9 of a real worker in the middle of journey ticks: each way walks each step exactly once, nothing is planned twice or lost."""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.fault import Finding, tried
from schwung.app import journeys
from schwung.app.facts import open_facts
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace, create_workspace
from tests.outbox import people
from tests.sink import NEWS

_PEOPLE = 3_000
"""Who enters before each kill; one commit moves all of them by a step."""
STEPS = [
    {"task": {"title": "Call"}},
    {"send": "Hello"},
    {"split": {"shares": {"A": 1, "B": 1}, "ways": {"A": [{"task": {"title": "Card"}}], "B": [{"send": "Hello"}]}}},
    {"send": "Hello"},
]
_WAYS = {("task1", "send1", "split1", "task2", "send3"), ("task1", "send1", "split1", "send2", "send3")}
_MOST_SECONDS = 600.0


def journey_kills(store: str, url: str, times: int, seed: int = 1) -> Finding:
    """Each time some thousand customers enter, and the worker is killed at a random moment while it moves them."""
    name = f"kill -9 of the worker while journeys move, {store}"
    must = "each way walks each step once; one message and one task for each; each is told once; the counts agree"
    return tried(name, must, lambda: _tried(name, must, url, times, random.Random(seed)))


def _tried(name: str, must: str, url: str, times: int, chance: random.Random) -> Finding:
    with tempfile.TemporaryDirectory() as folder:
        content = f'[workspace]\nname = "shop"\n[store]\nurl = "{url}"\n[experiments]\nglobal_holdout = 0\n'
        workspace = create_workspace(Path(folder) / "shop", content)
        save_template(workspace, "Hello", NEWS, actor="bench")
        customers = people(workspace, _PEOPLE)
        with workspace.store.write() as tx:
            tx.value("store.draw", name="identifier", count=max(customers))
        written = {"trigger": "manual", "holdout": 0, "re_entry": "each", "steps": STEPS}
        journeys.save_journey(workspace, "Kills", written, actor="bench")
        number = journeys.start(workspace, "Kills", actor="bench").journey_no
        worker, during = _worker(workspace), 0
        try:
            for nth in range(times):
                _enter(workspace, number, customers, nth)
                _wait(workspace, number, entered=nth * _PEOPLE + 1)
                time.sleep(chance.uniform(0, 0.8))
                worker.kill()
                worker.wait()
                during += _active(workspace) > 0
                worker = _worker(workspace)
            _wait(workspace, number, entered=times * _PEOPLE, is_over=True)
            worker.terminate()
            worker.wait(60)
            happened, ok = _judged(workspace, number, times * _PEOPLE)
        finally:
            worker.kill()
            workspace.store.close()
    return Finding(name, must, f"{times} kills, {during} of them with customers on their way: {happened}", ok)


def _judged(workspace: Workspace, number: int, entered: int) -> tuple[str, bool]:
    with workspace.store.read() as tx:
        ways = tx.rows("journeys.ways", journey_no=number)
        messages = Counter(
            (row["enrollment_no"], row["step_id"]) for row in tx.rows("journeys.messages_of", journey_no=number)
        )
        counts = {
            (row["step_id"], row["outcome"]): int(row["customers"])
            for row in tx.rows("journeys.counts", journey_no=number, since="")
        }
        tasks = sum(int(row["tasks"]) for row in tx.rows("tasks.owners", state="open"))
    walked = [
        (row["enrollment_no"], tuple(line.partition(">")[0] for line in row["trail"].splitlines())) for row in ways
    ]
    wanted = Counter((way, step) for way, steps in walked for step in steps if step.startswith("send"))
    wanted_tasks = sum(step.startswith("task") for _, steps in walked for step in steps)
    wrong = sum(steps not in _WAYS for _, steps in walked) + sum(row["state"] != "done" for row in ways)
    with open_facts(workspace) as facts:
        events = Counter(facts.run(facts.everything("events").select("name"))["name"].to_pylist())
    told = {one: events[one] for one in ("journey_entered", "journey_completed")}
    lost, twice = sum((wanted - messages).values()), sum((messages - wanted).values())
    happened = (
        f"{len(ways):,} of {entered:,} ways, {wrong} not walked once; {sum(messages.values()):,} messages, {lost} lost, "
        f"{twice} twice; {tasks:,} tasks of {wanted_tasks:,}; told {told}; counted {counts[('entry', 'entered')]:,} in, {counts[('*', 'done')]:,} done"
    )
    same = {len(ways), *told.values(), counts["entry", "entered"], counts["*", "done"]} == {entered}
    return happened, same and not (wrong or lost or twice) and tasks == wanted_tasks


def _enter(workspace: Workspace, number: int, customers: list[int], nth: int) -> None:
    now = workspace.clock()
    with workspace.store.write() as tx:
        heard = [(number, "hand", one, now, f"kill {nth}", "{}") for one in customers]
        tx.load("heard", ("journey_no", "ear", "customer_id", "happened_at", "entry_key", "variables"), heard)


def _wait(workspace: Workspace, number: int, *, entered: int, is_over: bool = False) -> None:
    """Until so many have entered; is_over: and nobody is on the way, and all of it is told."""
    until = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < until:
        with workspace.store.read() as tx:
            rows = tx.rows("journeys.counts", journey_no=number, since="")
            done = sum(
                int(row["customers"]) for row in rows if (row["step_id"], row["outcome"]) == ("entry", "entered")
            )
            is_told = not is_over or (not tx.value("journeys.is_untold") and not _active(workspace))
        if done >= entered and is_told:
            return
        time.sleep(0.01 if not is_over else 0.5)
    raise AssertionError(f"only {done:,} of {entered:,} entered, or they do not come to the end")


def _active(workspace: Workspace) -> int:
    from schwung.app.journey_status import sizes

    return sum(one.get("active", 0) for one in sizes(workspace).values())


def _worker(workspace: Workspace) -> "subprocess.Popen[bytes]":
    """As people start it, with what it logs thrown away."""
    command = [sys.executable, "-m", "schwung", "worker", "--workspace", str(workspace.folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
