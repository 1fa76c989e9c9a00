"""The worker: turns what was received into facts, batch by batch, and does the housekeeping beside it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schwung.app.chores import do_due_chores
from schwung.app.forget import finish_erasures
from schwung.app.lane import REFRESH, lane, lease, suppress_held
from schwung.app.log import described, log
from schwung.app.mirror import mirror_next
from schwung.app.process import Heartbeat, forget_the_dead
from schwung.app.publish import finish_open_batch
from schwung.app.refresh import refresh_touched
from schwung.app.wiring import Workspace
from schwung.core.clock import SECOND
from schwung.core.errors import SchwungError

if TYPE_CHECKING:
    from schwung.app.returned import Mailbox
    from schwung.app.send_due import SendDue

BEAT_SECONDS = 2.0
CHORE_SECONDS = 5.0
JOURNEY_EVENT_SECONDS = 3.0
SEGMENT_EVENT_SECONDS = 2.0
IMPORT_SECONDS = 1.0
PERSONA_SECONDS = 5.0
TRAINING_SECONDS = 5.0
REFRESH_SECONDS = 60.0
RETURNED_SECONDS = 60.0
_LONGEST_PAUSE = 30.0
_LANE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one kind of work is done. Seconds.

    idle: pause after nothing was found. spacing: from one start to the next. rest: pause as a multiple of the time that
    the work took, at most `most`: what costs much is done less often, and leaves the processor to the batches.
    """

    idle: float
    spacing: float = 0.0
    rest: float = 0.0
    most: float = 10.0

    def pause(self, found: bool, took: float) -> float:
        return max(0.0, self.spacing - took, min(self.rest * took, self.most)) if found else self.idle


BATCHES = Pace(idle=0.1, spacing=0.4)
"""A batch costs some 60 ms whatever it holds: under load fewer and larger ones leave time for everything else."""
LIST = Pace(idle=0.3, spacing=1.0, rest=4.0)
"""Several batches share one refresh of the customer list."""
MESSAGES = Pace(idle=0.3)
SEGMENTS = Pace(idle=0.1, spacing=0.2, rest=0.1, most=5.0)
JOURNEYS = Pace(idle=0.1, spacing=0.2, rest=0.1, most=1.0)
_TELLS = {"mirror": "segments", "segments": "journeys"}
"""Whose find is work for whom: who has none is woken by it."""


class Worker:
    """One worker process. Any number may run on one store: the lane lets one of them write batches at a time."""

    def __init__(self, workspace: Workspace, stop: threading.Event) -> None:
        self.workspace = workspace
        self.stop = stop
        self.status: dict[str, Any] = {}
        self._heartbeat = Heartbeat(workspace, "worker")
        self._refreshed = time.monotonic()
        self._send_due: SendDue | None = None
        self._mailbox: Mailbox | None = None
        self._news = {name: threading.Event() for name in _TELLS.values()}

    def run(self) -> None:
        """Until told to stop; what was begun is finished. Errors are recorded and tried again, ever less often."""
        log("worker_started")
        beside: dict[str, tuple[Callable[[], bool], Pace]] = {
            "refresh": (self._refresh, LIST),
            "segments": (self._segments, SEGMENTS),
            "journeys": (self._journeys, JOURNEYS),
            "journey_calls": (self._journey_calls, Pace(IMPORT_SECONDS)),
            "journey_events": (self._journey_events, Pace(JOURNEY_EVENT_SECONDS)),
            "segment_events": (self._segment_events, Pace(SEGMENT_EVENT_SECONDS, spacing=SEGMENT_EVENT_SECONDS)),
            "messages": (self._messages, MESSAGES),
            "returned": (self._returned, Pace(RETURNED_SECONDS)),
            "chores": (self._chores, Pace(CHORE_SECONDS)),
            "imports": (self._imports, Pace(IMPORT_SECONDS)),
            "personas": (self._personas, Pace(PERSONA_SECONDS)),
            "models": (self._models, Pace(TRAINING_SECONDS)),
            "heartbeat": (self._beat, Pace(BEAT_SECONDS)),
        }
        threads = [
            threading.Thread(target=self._repeat, args=(name, work, pace), name=name)
            for name, (work, pace) in beside.items()
        ]
        for thread in threads:
            thread.start()
        try:
            self._repeat("mirror", self._mirror, BATCHES)
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()
            if self._send_due is not None:
                self._send_due.close()
            self._heartbeat.end()
            log("worker_stopped")

    def _repeat(self, name: str, work: Callable[[], bool], pace: Pace) -> None:
        """`work` says whether it found something."""
        failures, news, told = 0, self._news.get(name), self._news.get(_TELLS.get(name, ""))
        while not self.stop.is_set():
            started, found = time.monotonic(), False
            if news is not None:
                news.clear()
            try:
                found = work()
                if found and told is not None:
                    told.set()
                pause = pace.pause(found, time.monotonic() - started)
                if failures:
                    self._recovered(name)
                failures = 0
            except Exception as error:
                failures += 1
                pause = min(0.5 * 2**failures, _LONGEST_PAUSE)
                self._failed(name, error, failures)
            if pause and news is not None and not found and not failures:
                news.wait(pause)
            elif pause:
                self.stop.wait(pause)

    def _mirror(self) -> bool:
        """Finish what a crash left open, then bring one batch to the lake."""
        if not self._asks("work.is_waiting"):
            return False
        started = time.monotonic()
        with suppress_held(), lane(self.workspace, "worker", wait=_LANE_SECONDS) as held:
            finished = finish_open_batch(self.workspace, held) or finish_erasures(self.workspace, held) > 0
            batch_no = mirror_next(self.workspace, held)
            if batch_no is not None:
                self.status["batch_no"] = batch_no
                self.status["batch_ms"] = round((time.monotonic() - started) * 1000)
            return finished or batch_no is not None
        return False  # an import or an erasure is at work

    def _refresh(self) -> bool:
        """The customer list after each batch, whoever published it, and once a minute what time alone changed in it."""
        if not self._asks("work.is_list_behind") and time.monotonic() < self._refreshed + REFRESH_SECONDS:
            return False
        with suppress_held(), lease(self.workspace, REFRESH, "worker", wait=0):
            refresh_touched(self.workspace)
            self._refreshed = time.monotonic()
            return True
        return False

    def _asks(self, question: str) -> bool:
        with self.workspace.store.read() as tx:
            return bool(tx.value(question))

    def _chores(self) -> bool:
        return do_due_chores(self.workspace, self.stop)

    def _imports(self) -> bool:
        """Files that were uploaded in the console."""
        from schwung.app.import_uploads import run_next

        return bool(self._asks("imports.next_waiting")) and run_next(self.workspace)

    def _segments(self) -> bool:
        from schwung.app.segment_tick import look

        with suppress_held():
            return look(self.workspace)
        return False

    def _segment_events(self) -> bool:
        from schwung.app.segment_tell import tell

        with suppress_held():
            return tell(self.workspace, wait=1.0)
        return False

    def _messages(self) -> bool:
        if self._send_due is None:
            from schwung.app.send_due import SendDue

            self._heartbeat.beat(self.status)
            self._send_due = SendDue(self.workspace, self.stop, self._heartbeat)
        return self._send_due()

    def _returned(self) -> bool:
        if not self.workspace.settings.deliver.mailbox:
            return False
        if self._mailbox is None:
            from schwung.app.returned import Mailbox

            self._mailbox = Mailbox(self.workspace)
        self._mailbox.take()
        return False

    def _journeys(self) -> bool:
        from schwung.app.journey_tick import tick

        return tick(self.workspace, lambda: not self.stop.is_set())

    def _journey_calls(self) -> bool:
        from schwung.app.journey_calls import call_due

        return call_due(self.workspace)

    def _journey_events(self) -> bool:
        from schwung.app.journey_tell import tell

        with suppress_held():
            return tell(self.workspace)
        return False

    def _personas(self) -> bool:
        from schwung.app.personas import find_due_personas

        return find_due_personas(self.workspace)

    def _models(self) -> bool:
        from schwung.app.train import train_due

        return train_due(self.workspace)

    def _beat(self) -> bool:
        with self.workspace.store.read() as tx:
            lag = tx.row("mirror.lag") or {}
        self.status["lag_events"] = lag.get("events") or 0
        oldest = lag.get("oldest_at")
        self.status["lag_seconds"] = 0 if oldest is None else max(0, self.workspace.clock() - oldest) // SECOND
        self._heartbeat.beat(self.status)
        return False

    def _failed(self, name: str, error: Exception, failures: int) -> None:
        """Kept for the health page; texts only of our own errors, since others may quote data."""
        if failures == 1 or failures % 10 == 0:
            log("work_failed", level="error", work=name, failures=failures, **described(error))
        told: dict[str, Any] = {"code": "defect", "kind": type(error).__name__}
        if isinstance(error, SchwungError):
            told = {
                "code": error.code,
                "message": {"en": error.message.en, "de": error.message.de},
                "step": {"en": error.step.en, "de": error.step.de},
            }
        self.status.setdefault("errors", {})[name] = {**told, "failures": failures, "failed_at": self.workspace.clock()}
        if name != "heartbeat":
            self._heartbeat.beat(self.status)

    def _recovered(self, name: str) -> None:
        self.status.get("errors", {}).pop(name, None)
        log("work_recovered", work=name)


def run_worker(workspace: Workspace, stop: threading.Event) -> None:
    """Work until `stop` is set."""
    forget_the_dead(workspace)
    Worker(workspace, stop).run()
