"""Facts of one snapshot for all figures that pages ask for within some seconds: what many of them read is read once."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import ibis.expr.types as ir

from schwung.app.facts import Facts, Remembered, as_of, newest
from schwung.app.lasting import Lasting, lasting
from schwung.app.ports import Engine
from schwung.app.publish import Snapshot
from schwung.app.rates import Rate
from schwung.app.settings import Settings
from schwung.app.wiring import Workspace, patient_engine
from schwung.app.worked_out import WORKED_OUT, orders_with_course, worked_out
from schwung.collect.files import Files
from schwung.core.clock import SECOND, Instant
from schwung.core.errors import OutsideError
from schwung.core.period import day_of

AGE = 15 * SECOND
"""So long figures are taken from one snapshot: those of a page agree, and what they share is worked out once."""


@dataclass(eq=False)
class _Shared:
    """users: how many ask at present; the last one to leave after another took its place clears the memory."""

    snapshot: Snapshot | None
    listed: dict[str, Files]
    rates: list[Rate]
    settings: Settings
    as_of: Instant
    opened_at: Instant
    kept: dict[str, ir.Table] = field(default_factory=dict)
    remembered: Remembered = field(default_factory=Remembered)
    stack: ExitStack = field(default_factory=ExitStack)
    users: int = 0
    used_at: Instant = 0
    is_current: bool = True
    worked_out: dict[str, ir.Table] = field(default_factory=dict)
    lasting: Lasting | None = None
    working: Mapping[str, threading.Lock] = field(
        default_factory=lambda: {name: threading.Lock() for name in WORKED_OUT}
    )

    def facts(self, workspace: Workspace, reader: Engine) -> Facts:
        return Facts(
            workspace, reader, self.snapshot, self.as_of, self.listed, self.rates, self.kept, self.remembered,
            partial(self.work_out, workspace),
        )  # fmt: skip

    def work_out(self, workspace: Workspace, what: str) -> ir.Table | None:
        """Of all orders and events at once, since many figures of a page read it. None where only a few do."""
        if what not in WORKED_OUT:
            return None
        with self.working[what]:
            if what not in self.worked_out:
                reader = patient_engine(workspace)  # its own: it lives as long as what it keeps
                self.stack.callback(reader.close)
                facts = self.facts(workspace, reader)
                rows = worked_out(facts, what) if self.lasting is None else self.lasting.worked_out(facts, what)
                self.worked_out[what] = self.stack.enter_context(rows)
            return self.worked_out[what]


_current: dict[str, _Shared] = {}
_lock = threading.Lock()
_opening = threading.Lock()


@contextmanager
def shared_facts(workspace: Workspace) -> Iterator[tuple[Facts, Instant]]:
    """Facts for a page's figures, and the moment at which their snapshot was the newest one."""
    shared = _enter(workspace)
    reader = patient_engine(workspace)
    try:
        yield shared.facts(workspace, reader), shared.opened_at
    except OutsideError:
        _leave_behind(str(workspace.folder), shared)
        raise
    finally:
        reader.close()
        _release(workspace, shared)


def drop_idle(workspace: Workspace | None = None) -> None:
    """Clear what nobody asked of lately; all of it where no workspace is named."""
    for folder, shared in list(_current.items()):
        if workspace is None or (folder == str(workspace.folder) and _is_idle(workspace, shared)):
            _leave_behind(folder, shared)


def _enter(workspace: Workspace) -> _Shared:
    folder = str(workspace.folder)
    with _opening:
        with _lock:
            known = _current.get(folder)
            if known is not None:
                known.users += 1  # at once: nobody clears it while it is looked at
        if known is not None:
            try:
                if workspace.settings == known.settings and (
                    _is_fresh(workspace, known) or _is_newest(workspace, known)
                ):
                    return known
            except BaseException:
                _release(workspace, known)
                raise
            _leave_behind(folder, known)
            _release(workspace, known)
        known = _open(workspace)
        with _lock:
            known.users += 1
            _current[folder] = known
    return known


def _release(workspace: Workspace, shared: _Shared) -> None:
    with _lock:
        shared.users -= 1
        shared.used_at = workspace.clock()
        done = not shared.users and not shared.is_current
    if done:
        shared.stack.close()


def _is_fresh(workspace: Workspace, shared: _Shared) -> bool:
    return 0 <= workspace.clock() - shared.opened_at <= AGE


def _is_idle(workspace: Workspace, shared: _Shared) -> bool:
    return not shared.users and not 0 <= workspace.clock() - shared.used_at <= AGE


def _is_newest(workspace: Workspace, shared: _Shared) -> bool:
    """Nothing was published since, and the day is the same: what is at hand holds from now on again."""
    at = workspace.clock()
    snapshot, _, known = newest(workspace)
    zone = workspace.settings.workspace.zone
    same = snapshot == shared.snapshot and known == shared.rates
    if not same or day_of(at, zone) != day_of(shared.opened_at, zone):
        return False
    shared.opened_at = at
    return True


def _leave_behind(folder: str, shared: _Shared) -> None:
    with _lock:
        shared.is_current = False
        if _current.get(folder) is shared:
            del _current[folder]
        done = not shared.users
    if done:
        shared.stack.close()


def _open(workspace: Workspace) -> _Shared:
    at = workspace.clock()
    snapshot, listed, known = newest(workspace)
    reader = patient_engine(workspace)
    shared = _Shared(snapshot, listed, known, workspace.settings, as_of(workspace, snapshot), at)
    shared.stack.callback(reader.close)
    try:
        if "orders" in listed:
            facts = shared.facts(workspace, reader).unkept()
            shared.lasting = shared.stack.enter_context(lasting(facts))
            rows = orders_with_course(facts) if shared.lasting is None else shared.lasting.orders(facts)
            shared.kept["orders"] = shared.stack.enter_context(rows)
    except BaseException:
        with suppress(Exception):
            shared.stack.close()
        raise
    return shared
