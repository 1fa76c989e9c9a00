"""Takes events in: durable before the answer, each id once, many requests in one commit."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from schwung.app.buried import refused_without_buried
from schwung.app.log import described, log
from schwung.app.ports import Transaction
from schwung.app.quarantine import hold_refused
from schwung.app.recent_ids import RecentIds, hashes_of
from schwung.app.wiring import Workspace
from schwung.collect.chunk import pack
from schwung.collect.event_type import declared
from schwung.collect.wire import Accepted, Refused
from schwung.core.clock import SECOND
from schwung.core.errors import OutsideError, SchwungError
from schwung.core.text import Text

MOST_IN_COMMIT = 5_000
MOST_WAITING = 30_000
MOST_WAITING_BYTES = 64 * 1024 * 1024
_MOST_NAMES = 2_000

Done = Callable[[BaseException | None], None]


class Busy(OutsideError):
    """More events wait than may: the sender should come again shortly."""

    def __init__(self) -> None:
        super().__init__(
            "intake_busy",
            Text(
                en="More events are waiting than can be taken.",
                de="Es warten mehr Ereignisse, als angenommen werden können.",
            ),
            Text(en="Send them again in a second.", de="In einer Sekunde erneut senden."),
        )


@dataclass(slots=True)
class _Delivery:
    accepted: Sequence[Accepted]
    refused: Sequence[Refused]
    done: Done
    byte_count: int = 0
    failure: BaseException | None = None

    @property
    def size(self) -> int:
        return len(self.accepted) + len(self.refused)


@dataclass
class _Names:
    """How often each name came since the last count was written."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    written_at: int = 0

    def add(self, events: Sequence[Accepted]) -> None:
        counts = self.counts
        for _, event in events:
            key = (event.name, event.source)
            if key in counts:
                counts[key] += 1
            elif len(counts) < _MOST_NAMES:
                counts[key] = 1


class Receiver:
    """One writer thread for one workspace.

    `receive` (from a coroutine) and `receive_now` (from a thread) return when the events are on disk.
    """

    def __init__(self, workspace: Workspace, most_waiting: int = MOST_WAITING) -> None:
        self._workspace = workspace
        self._most_waiting = most_waiting
        self._queue: queue.SimpleQueue[_Delivery | None] = queue.SimpleQueue()
        self._waiting = 0
        self._waiting_bytes = 0
        self._lock = threading.Lock()
        self._recent = RecentIds()
        self._names = _Names()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """Events that were taken and are not on disk yet."""
        return self._waiting

    async def receive(self, accepted: Sequence[Accepted], refused: Sequence[Refused] = (), byte_count: int = 0) -> None:
        """Busy where too many wait; the store's SetupError where it cannot be written. byte_count: of the body."""
        if not accepted and not refused:
            return
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def settle(failure: BaseException | None) -> None:
            if future.cancelled():
                return
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(failure)

        def done(failure: BaseException | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is gone, and with it whoever waited
                loop.call_soon_threadsafe(settle, failure)

        self._submit(_Delivery(accepted, refused, done, byte_count))
        await future

    def receive_now(self, accepted: Sequence[Accepted], refused: Sequence[Refused] = ()) -> None:
        """The same, for a thread that may wait."""
        settled = threading.Event()
        failures: list[BaseException | None] = []

        def done(failure: BaseException | None) -> None:
            failures.append(failure)
            settled.set()

        if accepted or refused:
            self._submit(_Delivery(accepted, refused, done))
            settled.wait()
            if failures[0] is not None:
                raise failures[0]

    def _submit(self, delivery: _Delivery) -> None:
        with self._lock:
            if self._closed or self._waiting >= self._most_waiting or self._waiting_bytes >= MOST_WAITING_BYTES:
                raise Busy
            self._waiting += delivery.size
            self._waiting_bytes += delivery.byte_count
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="receive", daemon=True)
                self._thread.start()
            self._queue.put(delivery)

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._lock:
            self._closed = True
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()

    def _write(self) -> None:
        self._remember()
        while True:
            deliveries = self._gather()
            if not deliveries:
                self._write_names()
                if self._closed and self._queue.empty():
                    return
                continue
            try:
                self._commit_each(deliveries)
            except BaseException as error:  # whatever it is, whoever waits must hear of it
                _fail(deliveries, error)
            with self._lock:
                self._waiting -= sum(delivery.size for delivery in deliveries)
                self._waiting_bytes -= sum(delivery.byte_count for delivery in deliveries)
            for delivery in deliveries:
                delivery.done(delivery.failure)

    def _gather(self) -> list[_Delivery]:
        """What waits, up to one commit; empty after a second of silence while counts are unwritten, or at the end."""
        try:
            first = self._queue.get(timeout=1.0 if self._names.counts else None)
        except queue.Empty:
            return []
        if first is None:
            return []
        deliveries, size = [first], first.size
        while size < MOST_IN_COMMIT:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            deliveries.append(following)
            size += following.size
        return deliveries

    def _commit_each(self, deliveries: list[_Delivery]) -> None:
        """All in one commit; where that fails for a reason that is not the store's, each by itself."""
        try:
            self._commit(deliveries)
        except Exception as error:
            if len(deliveries) == 1 or isinstance(error, SchwungError | OSError):
                _fail(deliveries, error)
                return
            for delivery in deliveries:
                self._commit_each([delivery])

    def _commit(self, deliveries: list[_Delivery]) -> None:
        accepted = [event for delivery in deliveries for event in delivery.accepted]
        refused = [event for delivery in deliveries for event in delivery.refused]
        fresh = self._recent.unknown(accepted)
        now = self._workspace.clock()
        # Also where the clock was set back.
        names_due = bool(self._names.counts) and not 0 <= now - self._names.written_at < SECOND
        while not store_events(self._workspace, fresh, refused, self._counts(now) if names_due else ()):
            fresh = unseen(self._workspace, fresh)
        if names_due:
            self._names.counts.clear()
            self._names.written_at = now
        self._names.add(fresh)
        self._recent.add(hashes_of(accepted))

    def _counts(self, now: int) -> list[dict[str, Any]]:
        return [
            {"name": name, "source": source, "is_declared": int(declared(name) is not None), "now": now, "count": count}
            for (name, source), count in sorted(self._names.counts.items())
        ]

    def _write_names(self) -> None:
        if not self._names.counts:
            return
        now = self._workspace.clock()
        try:
            with self._workspace.store.write() as tx:
                tx.run_many("intake.count_name", self._counts(now))
            self._names.counts.clear()
            self._names.written_at = now
        except Exception as error:
            log("name_counts_unwritten", level="warning", **described(error))
            if self._closed:
                self._names.counts.clear()

    def _remember(self) -> None:
        """Ids of the newest chunks: an id that comes again with another time is known across a restart."""
        try:
            self._recent.load(self._workspace.store)
        except Exception as error:
            log("recent_ids_unread", level="warning", **described(error))


def store_events(
    workspace: Workspace, fresh: Sequence[Accepted], refused: Sequence[Refused], counts: Sequence[dict[str, Any]] = ()
) -> bool:
    """One commit: ids, numbers, chunk, refused events, counts of names. False, and nothing done, where an id is known."""
    body = pack([event for _, event in fresh]) if fresh else b""
    try:
        with workspace.store.write() as tx:
            if fresh:
                if tx.run("intake.see", keys=_keys(fresh), count=len(fresh)) < len(fresh):
                    raise _IdKnown
                _add_chunk(tx, fresh, body)
            hold_refused(tx, refused_without_buried(tx, workspace, refused))
            if counts:
                tx.run_many("intake.count_name", counts)
    except _IdKnown:
        return False
    return True


def add_events(tx: Transaction, fresh: Sequence[Accepted], counted: Sequence[Accepted]) -> int:
    """Within a commit of the caller's: events with distinct keys, and events whose ids were counted before.

    How many of `fresh` were known and left out.
    """
    known = _known_places(tx, fresh)
    fresh = [event for place, event in enumerate(fresh) if place not in known]
    if fresh and tx.run("intake.see", keys=_keys(fresh), count=len(fresh)) < len(fresh):
        raise Busy  # another server took one of them in this very moment
    events = [*fresh, *counted]
    if events:
        _add_chunk(tx, events, pack([event for _, event in events]))
    return len(known)


def _add_chunk(tx: Transaction, events: Sequence[Accepted], body: bytes) -> None:
    last = tx.value("store.draw", name="event", count=len(events))
    tx.run(
        "intake.add_chunk",
        first_event_no=last - len(events) + 1,
        event_count=len(events),
        received_at=max(event.received_at for _, event in events),
        body=body,
        id_hashes=hashes_of(events).tobytes(),
    )


def _keys(events: Sequence[Accepted]) -> bytes:
    return b"".join([key for key, _ in events])


def _known_places(tx: Transaction, events: Sequence[Accepted]) -> set[int]:
    return (
        {row["n"] for row in tx.rows("intake.seen_places", keys=_keys(events), count=len(events))} if events else set()
    )


def unseen(workspace: Workspace, events: Sequence[Accepted]) -> list[Accepted]:
    """Those whose key the store does not know."""
    with workspace.store.read() as tx:
        known = _known_places(tx, events)
    return [event for place, event in enumerate(events) if place not in known]


class _IdKnown(Exception):
    """Takes back the commit: some of its ids came before."""


def _fail(deliveries: list[_Delivery], error: BaseException) -> None:
    for delivery in deliveries:
        delivery.failure = error
    log("events_not_stored", level="error", deliveries=len(deliveries), **described(error))
