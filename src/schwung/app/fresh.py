"""Answers for pages: at most a minute old, told how old, renewed behind the pages that show them; the last one of before
for pages that do not wait."""

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from schwung.app.facts import Facts, open_facts
from schwung.app.kept import KeptAnswer, is_erased_since, keep, last_kept
from schwung.app.log import described, log
from schwung.app.publish import newest_snapshot
from schwung.app.shared_facts import drop_idle, shared_facts
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND, Instant
from schwung.core.context import during
from schwung.core.errors import OutsideError, SetupError
from schwung.core.period import day_of
from schwung.core.priority import yield_to_others

Compute = Callable[[Facts], Any]
MOST_AGE = 60 * SECOND
SLOW_AGE = 900 * SECOND
"""For what is read once in a while and costs much: it says its age."""
_RENEW = 0.5
"""Share of its greatest age from which an answer is renewed behind the page."""
_WARM = 180 * SECOND
"""An answer that nobody asked for in so long is not renewed any more."""
_MOST_CACHED = 1_024
_BUDGET = 25.0
"""Seconds of work for a round of renewals: what was looked at last comes first, the rest is computed when asked for."""
_LATE = 0.75
"""From that share on it is renewed without a rest before."""
_REST = 0.5
"""Seconds of rest for each second of work, so that requests find a free core."""
_LONGEST_REST = 2.0
_IDLE = 30.0
"""Seconds without work after which the renewing thread ends."""
_KEEP_EVERY = 300 * SECOND
"""So often an answer is put into the store again. Quick ones too: a page with one missing is not whole after a restart."""


@dataclass(frozen=True, slots=True)
class Cached:
    """An answer for a page, and how old it is."""

    value: Any
    age: Instant
    """Microseconds since it was computed or found to be still true."""


class NotAtHand(Exception):
    """An answer would have to be computed, and the page does not wait."""


@dataclass(slots=True)
class Glance:
    """What a page that does not wait was given. since: of the oldest answer of more than a minute. is_due: one of them is
    older than it may be."""

    since: Instant | None = None
    is_due: bool = False

    def note(self, at: Instant) -> None:
        self.since = min(at, self.since or at)


@dataclass(slots=True, eq=False)
class _Entry:
    workspace: Workspace
    compute: Compute
    value: Any
    snapshot_no: int
    at: Instant
    day: date
    asked_at: Instant
    most_age: Instant = MOST_AGE
    alone: bool = False
    took: float = 0.0
    wanted: bool = False
    kept_at: Instant | None = None
    """When it was last put into the store."""

    @property
    def renew_age(self) -> Instant:
        return int(self.most_age * _RENEW)

    @property
    def is_slow(self) -> bool:
        return self.most_age > MOST_AGE


class _Waiting:
    """How many wait for an answer at present; renewals stand back meanwhile."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        with _lock:
            self.count += 1

    def __exit__(self, *_: object) -> None:
        with _lock:
            self.count -= 1


_cache: OrderedDict[Hashable, _Entry] = OrderedDict()
_kept_warm: set[str] = set()
_lock = threading.Lock()
_making: dict[Hashable, threading.Lock] = {}
_turns = threading.Semaphore(2)
_one_alone = threading.Lock()
_waiting = _Waiting()
_glance: ContextVar[Glance | None] = ContextVar("glance", default=None)
_aside: ContextVar[bool] = ContextVar("aside", default=False)


def cached(
    workspace: Workspace, what: Hashable, compute: Compute, most_age: Instant = MOST_AGE, *, alone: bool = False
) -> Cached:
    """`compute(facts)` for pages. what: names the question, and all that the answer depends on but facts and settings.

    An answer of half of `most_age` is given and renewed behind the page; an older one than that is waited for.
    alone: it needs much memory, and nothing of what other figures read: one such at a time.
    """
    if _aside.get():
        return Cached(_computed(workspace, compute, alone)[0], 0)
    key = _key(workspace, what)
    now = workspace.clock()
    entry = _known(key, workspace, compute, most_age, alone)
    if entry is not None and not 0 <= now - entry.at <= entry.renew_age and _still_true(workspace, entry, now):
        entry.at = now
    glance = _glance.get()
    if entry is None or not 0 <= now - entry.at <= entry.most_age:
        if glance is None:
            entry = _made_once(key, workspace, compute, most_age, alone)
        elif entry is None or is_erased_since(workspace, entry.snapshot_no):
            raise NotAtHand
        else:
            glance.is_due = True
        _renewer_of(entry).wake()
    elif now - entry.at > entry.renew_age:
        entry.wanted = True
        _renewer_of(entry).wake()
    age = max(0, now - entry.at)
    if glance is not None and age > MOST_AGE:
        glance.note(entry.at)
    return Cached(entry.value, age)


def only_at_hand() -> AbstractContextManager[Glance]:
    """Within it `cached` gives the last answer, however old, and notes its age; where there is none it raises NotAtHand."""
    return during(_glance, Glance())


def aside() -> AbstractContextManager[bool]:
    """Within it `cached` works out what it is asked and forgets it: for the statements that come to be compiled."""
    return during(_aside, True)


def is_kept(workspace: Workspace, what: Hashable) -> bool:
    """Whether the store holds an answer, however old."""
    return last_kept(workspace, _key(workspace, what)) is not None


def keep_warm(workspace: Workspace) -> None:
    """From now on renew the workspace's answers before they are too old, while people look at them: for servers."""
    _kept_warm.add(str(workspace.folder))


def forget_cached() -> None:
    """Empties the cache: after an erasure, and between tests."""
    with _lock:
        _cache.clear()
    drop_idle()


def renewed() -> None:
    """Returns when what was wanted is renewed: for tests."""
    _renewer.finish()
    _slow_renewer.finish()


def _key(workspace: Workspace, what: Hashable) -> Hashable:
    return what, str(workspace.folder), repr(workspace.settings)


def _known(key: Hashable, workspace: Workspace, compute: Compute, most_age: Instant, alone: bool) -> _Entry | None:
    """The answer of this process, else that of one before it."""
    now = workspace.clock()
    with _lock:
        entry = _cache.get(key)
        if entry is not None:
            _cache.move_to_end(key)
            entry.asked_at = now
            return entry
    kept = last_kept(workspace, key)
    if kept is None:
        return None
    day = day_of(kept.at, workspace.settings.workspace.zone)
    entry = _Entry(
        workspace, compute, kept.value, kept.snapshot_no, kept.at, day, now, most_age, alone, kept_at=kept.at
    )
    with _lock:
        return _cache.setdefault(key, entry)


def _still_true(workspace: Workspace, entry: _Entry, now: Instant) -> bool:
    """Nothing was published since, and the day is the same: the answer would come out as it is."""
    with workspace.store.read() as tx:
        snapshot = newest_snapshot(tx)
    number = 0 if snapshot is None else snapshot.batch_no
    return number == entry.snapshot_no and day_of(now, workspace.settings.workspace.zone) == entry.day


def _made_once(key: Hashable, workspace: Workspace, compute: Compute, most_age: Instant, alone: bool) -> _Entry:
    """Computed by the first who asks, a page or the renewing thread; the others wait for it."""
    with _lock:
        making = _making.setdefault(key, threading.Lock())
        before = _cache.get(key)
    try:
        with making:
            with _lock:
                found = _cache.get(key)
            if found is not None and found is not before:
                return found
            with nullcontext() if alone else _turns, nullcontext() if alone else _waiting:
                return _make(key, workspace, compute, most_age, alone)
    finally:
        with _lock:
            _making.pop(key, None)


def _make(key: Hashable, workspace: Workspace, compute: Compute, most_age: Instant, alone: bool) -> _Entry:
    began = time.monotonic()
    value, snapshot_no, at = _computed(workspace, compute, alone)
    day = day_of(at, workspace.settings.workspace.zone)
    took = time.monotonic() - began
    entry = _Entry(workspace, compute, value, snapshot_no, at, day, at, most_age, alone, took)
    with _lock:
        if key in _cache:
            entry.asked_at, entry.kept_at = _cache[key].asked_at, _cache[key].kept_at
        _cache[key] = entry
        while len(_cache) > _MOST_CACHED:
            _cache.popitem(last=False)
    if entry.kept_at is None or at - entry.kept_at >= _KEEP_EVERY:
        entry.kept_at = at
        keep(workspace, key, KeptAnswer(value, snapshot_no, at))
    return entry


def _computed(workspace: Workspace, compute: Compute, alone: bool) -> tuple[Any, int, Instant]:
    try:
        return _compute(workspace, compute, alone)
    except OutsideError:  # files were replaced meanwhile; the newest snapshot has the new ones
        return _compute(workspace, compute, alone)
    except SetupError as error:  # more than pages have: alone there is the memory of the settings
        if alone or error.code != "memory_short":
            raise
        return _compute(workspace, compute, True)


def _compute(workspace: Workspace, compute: Compute, alone: bool) -> tuple[Any, int, Instant]:
    if alone:
        with _one_alone:
            at = workspace.clock()
            with open_facts(workspace, lone=True) as own:
                return compute(own), own.snapshot_no, at
    with shared_facts(workspace) as (facts, at):
        return compute(facts), facts.snapshot_no, at


class _Renewer:
    """One thread that renews one answer after the other, more patiently than those who wait for a page."""

    def __init__(self, *, is_slow: bool) -> None:
        self._is_slow = is_slow
        self._bell = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()
        self._busy = False

    def wake(self) -> None:
        with self._bell:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._work, name="figures", daemon=True)
                self._thread.start()
            self._bell.notify_all()

    def finish(self) -> None:
        with self._bell:
            while self._thread is not None and (
                self._busy or any(one.wanted and one.is_slow == self._is_slow for one in list(_cache.values()))
            ):
                self._bell.wait(0.05)

    def end(self) -> None:
        """At the end of the process: no engine may be at work then."""
        with self._bell:
            self._ended.set()
            thread = self._thread
            self._bell.notify_all()
        if thread is not None:
            thread.join(10)
        drop_idle()

    def _work(self) -> None:
        yield_to_others()
        idle = 0.0
        while not self._ended.is_set() and idle < _IDLE:
            if _waiting.count:
                self._ended.wait(0.2)
                continue
            due = _due(is_slow=self._is_slow)
            if due is None:
                _drop_idle()
                with self._bell:
                    self._busy = False
                    self._bell.notify_all()
                    self._bell.wait(1.0)
                idle += 1.0
                continue
            idle, self._busy = 0.0, True
            is_late = _age(due[1]) > _LATE * due[1].most_age
            took = _renew(*due)
            self._ended.wait(0 if is_late else min(_LONGEST_REST, took * _REST))
        with self._bell:
            self._thread, self._busy = None, False
            self._bell.notify_all()


def _due(*, is_slow: bool = False) -> tuple[Hashable, _Entry] | None:
    """The oldest answer that is wanted, or that will be too old soon and was asked for lately."""
    with _lock:
        entries = [one for one in _cache.items() if one[1].is_slow == is_slow]
    lately = sorted((one for one in entries if _is_warm(one[1])), key=lambda one: -one[1].asked_at)
    spent = list(accumulate(entry.took * MOST_AGE / entry.most_age for _, entry in lately))
    found = [one for one in entries if one[1].wanted]
    found += [
        one for one, sum_ in zip(lately, spent, strict=True) if sum_ <= _BUDGET and _age(one[1]) > one[1].renew_age
    ]
    return max(found, key=lambda one: _age(one[1]) / one[1].most_age, default=None)


def _is_warm(entry: _Entry) -> bool:
    return str(entry.workspace.folder) in _kept_warm and entry.workspace.clock() - entry.asked_at <= _WARM


def _age(entry: _Entry) -> Instant:
    return entry.workspace.clock() - entry.at


def _renew(key: Hashable, entry: _Entry) -> float:
    """Seconds that it took. An answer that fails is dropped: whoever asks next is told why."""
    began = time.monotonic()
    try:
        now = entry.workspace.clock()
        if _still_true(entry.workspace, entry, now):
            entry.at = now
        else:
            _made_once(key, entry.workspace, entry.compute, entry.most_age, entry.alone)
    except Exception as error:
        log("figure_failed", level="warning", **described(error))
        with _lock:
            _cache.pop(key, None)
    finally:
        entry.wanted = False
    return time.monotonic() - began


def _drop_idle() -> None:
    with _lock:
        workspaces = {str(entry.workspace.folder): entry.workspace for entry in _cache.values()}
    for workspace in workspaces.values():
        drop_idle(workspace)


def _renewer_of(entry: _Entry) -> _Renewer:
    return _slow_renewer if entry.is_slow else _renewer


_renewer, _slow_renewer = _Renewer(is_slow=False), _Renewer(is_slow=True)
"""What takes long must not keep what has to be young from being renewed."""
atexit.register(_renewer.end)
atexit.register(_slow_renewer.end)
