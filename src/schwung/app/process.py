"""Who lives: each server and worker leaves a sign of life in the store, with numbers that say how it fares."""

import json
import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from schwung.app.lane import here, is_gone
from schwung.app.ports import Row
from schwung.app.wiring import Workspace
from schwung.core.clock import DAY, SECOND, Instant
from schwung.core.errors import SchwungError

SILENT_AFTER = 30 * SECOND


@dataclass(frozen=True, slots=True)
class Process:
    """kind: worker, server. status: numbers and codes. is_alive: gave a sign within half a minute and did not end."""

    kind: str
    pid: int
    machine: str
    started_at: Instant
    beat_at: Instant
    status: Mapping[str, Any]
    is_alive: bool


class Heartbeat:
    """The sign of life of this process."""

    def __init__(self, workspace: Workspace, kind: str) -> None:
        self._workspace, self._kind = workspace, kind
        self._id, self._started_at = uuid.uuid4().hex, workspace.clock()

    @property
    def number(self) -> str:
        return self._id

    def beat(self, status: Mapping[str, Any]) -> None:
        """Never fails: a store that is away is what the worker reports anyway."""
        with suppress(Exception), self._workspace.store.write() as tx:
            tx.run(
                "work.beat_process", process_id=self._id, kind=self._kind, place=here(), pid=os.getpid(),
                started_at=self._started_at, now=self._workspace.clock(), status=json.dumps(dict(status)),
            )  # fmt: skip

    def end(self) -> None:
        with suppress(SchwungError), self._workspace.store.write() as tx:
            tx.run("work.end_process", process_id=self._id)


def processes(workspace: Workspace) -> list[Process]:
    """All that left a sign of life and did not say goodbye."""
    with workspace.store.read() as tx:
        rows = tx.rows("work.processes")
    return [_process(row, workspace.clock()) for row in rows]


def forget_the_dead(workspace: Workspace) -> int:
    """Drop the signs of processes that ended without goodbye. How many."""
    with workspace.store.write() as tx:
        dead = [row["process_id"] for row in tx.rows("work.processes") if is_gone(row["place"], row["pid"])]
        for process_id in dead:
            tx.run("work.end_process", process_id=process_id)
        return len(dead) + tx.run("work.drop_silent_processes", before=workspace.clock() - DAY)


def _process(row: Row, now: Instant) -> Process:
    alive = now - row["beat_at"] < SILENT_AFTER and not is_gone(row["place"], row["pid"])
    machine = str(row["place"]).split(" ")[0]
    return Process(
        row["kind"], row["pid"], machine, row["started_at"], row["beat_at"], json.loads(row["status"]), alive
    )
