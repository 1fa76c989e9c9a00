"""Leases: named rights that one process holds at a time. The lane is the one for whoever writes batches."""

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from schwung.app.ports import Row, Store, Transaction
from schwung.app.wiring import Workspace
from schwung.core.errors import SchwungError, SetupError
from schwung.core.text import Text

LANE = "lane"
REFRESH = "refresh"
"""Guards the customer list."""
BEAT_SECONDS = 2.0
EXPIRES_SECONDS = 10.0
_COURTESY_SECONDS = 0.3
_LOOK_SECONDS = 0.02

_Seen = tuple[int, int, float]
"""Token, beats, and when this process first saw them together."""
_seen: WeakKeyDictionary[Store, dict[str, _Seen]] = WeakKeyDictionary()
_abandoned: set[str] = set()
"""Holders of this process that no longer work, though the store may still name them: it was away when they let go."""


@cache
def here() -> str:
    """This machine, since it was started, as its processes see each other: pids are comparable within one place."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def is_gone(place: str | None, pid: int | None) -> bool:
    """True only if that process certainly has ended. False for other machines."""
    if place != here() or not pid:
        return False
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return True
    except (OSError, IndexError):
        return False
    return state in ("Z", "X")


@dataclass(frozen=True, slots=True)
class Held:
    """A lease while it is held. token: higher than that of every holder before."""

    name: str
    holder: str
    token: int

    def fence(self, tx: Transaction) -> None:
        """Within a write that only the holder may do: SetupError if the lease went to another process meanwhile."""
        if not tx.run("work.beat_lease", name=self.name, token=self.token, holder=self.holder):
            raise SetupError(
                "lease_lost",
                Text(
                    en="This process was silent for too long, and another took over; its unfinished work was dropped.",
                    de="Dieser Prozess schwieg zu lange, ein anderer hat übernommen; die angefangene Arbeit ist verworfen.",
                ),
                Text(en="Start it again.", de="Erneut starten."),
            )


@contextmanager
def lane(workspace: Workspace, purpose: str = "work", wait: float = 30.0) -> Iterator[Held]:
    """The right to unify, mirror, import a batch, compact, erase, merge. Take it per batch; not twice in one call.

    purpose: a word for people who wait (`worker`, `import`, `erasure`). wait: seconds.
    SetupError `lease_held` that names the holder when it does not come free in time.
    """
    with lease(workspace, LANE, purpose, wait) as held:
        yield held


@contextmanager
def lease(workspace: Workspace, name: str, purpose: str = "work", wait: float = 30.0) -> Iterator[Held]:
    """Any named lease. No clock is read: a holder that gives no sign of life for 10 s of the waiter's time has lost it.

    The waiter may look in again and again instead of waiting: its process remembers since when nothing moved.
    """
    held = _take(workspace, name, purpose, wait)
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(workspace, held, ended), name=f"lease {name}", daemon=True)
    beating.start()
    try:
        yield held
    finally:
        ended.set()
        _release(workspace, held)


def _release(workspace: Workspace, held: Held) -> None:
    try:
        with workspace.store.write() as tx:
            tx.run("work.release_lease", name=held.name, token=held.token, holder=held.holder)
    except SchwungError:
        _abandoned.add(held.holder)


def is_wanted(workspace: Workspace, held: Held) -> bool:
    """Whether somebody waits for the lease: who holds it for long work lets go of it then."""
    return _look(workspace, held.name)["wanted_by"] not in (None, held.holder)


@contextmanager
def suppress_held() -> Iterator[None]:
    """Go on without what a lease guards while another process holds it."""
    try:
        yield
    except SetupError as error:
        if error.code != "lease_held":
            raise


def _beat(workspace: Workspace, held: Held, ended: threading.Event) -> None:
    while not ended.wait(BEAT_SECONDS):
        with suppress(SchwungError), workspace.store.write() as tx:
            if not ended.is_set() and not tx.run(
                "work.beat_lease", name=held.name, token=held.token, holder=held.holder
            ):
                return


def _take(workspace: Workspace, name: str, purpose: str, wait: float) -> Held:
    holder = uuid.uuid4().hex
    started = time.monotonic()
    while True:
        row = _look(workspace, name)
        now = time.monotonic()
        if _may_take(row, holder, _unchanged_seconds(workspace.store, row, now)):
            token = _try(workspace, row, holder, purpose)
            if token is not None:
                return Held(name, holder, token)
        if now - started >= wait:
            raise _busy(row)
        if row["wanted_by"] is None:
            with workspace.store.write() as tx:
                tx.run("work.want_lease", name=name, holder=holder)
        time.sleep(_LOOK_SECONDS)


def _unchanged_seconds(store: Store, row: Row, now: float) -> float:
    """For how long this process has seen no sign of life."""
    known = _seen.setdefault(store, {})
    token, beats, since = known.get(row["name"], (None, None, now))
    if (token, beats) == (row["token"], row["beats"]):
        return now - since
    known[row["name"]] = (row["token"], row["beats"], now)
    return 0.0


def _try(workspace: Workspace, row: Row, holder: str, purpose: str) -> int | None:
    """The new token; None where another was quicker."""
    try:
        with workspace.store.write() as tx:
            token: int | None = tx.value(
                "work.take_lease", name=row["name"], holder=holder, purpose=purpose, place=here(), pid=os.getpid(),
                now=workspace.clock(), token=row["token"], beats=row["beats"],
            )  # fmt: skip
            return token
    except SchwungError:
        _abandoned.add(holder)  # whether it was committed is not known
        raise


def _may_take(row: Row, holder: str, unchanged_seconds: float) -> bool:
    if row["holder"] is None:
        return row["wanted_by"] in (None, holder) or unchanged_seconds > _COURTESY_SECONDS
    return row["holder"] in _abandoned or unchanged_seconds > EXPIRES_SECONDS or is_gone(row["place"], row["pid"])


def _look(workspace: Workspace, name: str) -> dict[str, Any]:
    with workspace.store.read() as tx:
        row = tx.row("work.lease", name=name)
    if row is None:
        with workspace.store.write() as tx:
            tx.run("work.create_lease", name=name)
        return _look(workspace, name)
    return row


def _busy(row: Row) -> SetupError:
    machine = str(row["place"] or "?").split(" ")[0]
    return SetupError(
        "lease_held",
        Text(
            en="Another process is at work: {purpose} (process {pid} on {machine}).",
            de="Ein anderer Prozess arbeitet gerade: {purpose} (Prozess {pid} auf {machine}).",
        ).fill(purpose=row["purpose"] or "?", pid=row["pid"] or "?", machine=machine),
        Text(en="Wait until it is done, then try again.", de="Abwarten, bis er fertig ist, dann erneut versuchen."),
    )
