"""How the workspace stands: what its data reach to, whether the work runs. Read on every page, so it must be quick."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from schwung.app.facts import as_of
from schwung.app.lists import lists
from schwung.app.process import processes
from schwung.app.publish import newest_snapshot
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.period import day_of


@dataclass(frozen=True, slots=True)
class DataState:
    """until_on: the last local day that figures know. published_at: when the newest facts came; None before the first."""

    until_on: date
    published_at: Instant | None
    tables: frozenset[str]

    @property
    def has_orders(self) -> bool:
        return "orders" in self.tables


@dataclass(frozen=True, slots=True)
class WorkState:
    """word: runs, waits (no facts yet), behind (lag over a minute), stopped (no worker lives)."""

    word: Literal["runs", "waits", "behind", "stopped"]
    lag_seconds: int


def data_state(workspace: Workspace) -> DataState:
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    zone = workspace.settings.workspace.zone
    day = day_of(as_of(workspace, snapshot), zone)
    if snapshot is None:
        return DataState(day, None, frozenset())
    return DataState(day, snapshot.published_at, frozenset(snapshot.tables))


def list_asked(workspace: Workspace, text: str) -> int | None:
    """The saved list of an address, where there is one of that number; else all customers."""
    return next((one.list_no for one in lists(workspace) if str(one.list_no) == text), None)


def work_state(workspace: Workspace) -> WorkState:
    workers = [process for process in processes(workspace) if process.kind == "worker" and process.is_alive]
    lag = max((int(worker.status.get("lag_seconds") or 0) for worker in workers), default=0)
    if not workers:
        return WorkState("stopped", 0)
    if lag > 60:
        return WorkState("behind", lag)
    return WorkState("runs", lag) if data_state(workspace).published_at else WorkState("waits", 0)
