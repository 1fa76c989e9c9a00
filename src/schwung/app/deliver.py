"""Sends what is due: claimed, called, closed, each step in a commit of its own, so that a crash leaves no doubt but a small one.

A message whose channel was certainly not asked goes back to the queue; one whose channel may have been asked is held as unknown.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from schwung.act.channel import Channel, Outcome, Outgoing, Refused
from schwung.app.claim import Claimed, Lot, claim
from schwung.app.lane import is_gone
from schwung.app.log import log
from schwung.app.message_close import Answered, close
from schwung.app.process import SILENT_AFTER, Heartbeat
from schwung.app.wiring import Workspace
from schwung.core.errors import SetupError

T = TypeVar("T")
SLICE = 8
"""So many messages of one connection are called between two commits: no more than these can become unknown."""
_INSIST_SECONDS = 60.0


class Post(Protocol):
    """What a workspace can send with: its channels by name, and the words of messages."""

    channels: Mapping[str, Channel]

    def render(self, messages: Sequence[Claimed]) -> Mapping[int, Outgoing | Refused]:
        """Each message by its number: ready to be sent, or why it cannot be made."""

    def close(self) -> None: ...


class Deliverer:
    """One sender. Any number may work on one store."""

    def __init__(
        self, workspace: Workspace, post: Post, stop: threading.Event, heartbeat: Heartbeat | None = None
    ) -> None:
        self.workspace, self.post, self._stop = workspace, post, stop
        self._heartbeat = heartbeat or Heartbeat(workspace, "sender")
        self._has_beaten = False

    @property
    def sender(self) -> str:
        return self._heartbeat.number

    def round(self) -> bool:
        """One claim of every channel. True when something was due."""
        self._recover()
        found = False
        for name, channel in self.post.channels.items():
            lot = None if self._stop.is_set() else claim(self.workspace, name, self.sender)
            if lot is not None:
                found = found or lot.looked_at > 0
                self._send(channel, lot)
        return found

    def run_dry(self, most: int = 10_000) -> None:
        """Until nothing is due."""
        for _ in range(most):
            if not self.round():
                return

    def _recover(self) -> None:
        """Claims of senders that are gone, and those that a failed round of one's own left."""
        with self.workspace.store.read() as tx:
            claimers = {row["claimed_by"] for row in tx.rows("messages.claimers")}
            rows = tx.rows("work.processes") if claimers else []
        if not self._has_beaten:
            self._heartbeat.beat({})
            self._has_beaten = True
        if not claimers:
            return
        now = self.workspace.clock()
        alive = [
            row["process_id"]
            for row in rows
            if row["process_id"] != self.sender
            and now - row["beat_at"] < SILENT_AFTER
            and not is_gone(row["place"], row["pid"])
        ]
        if claimers <= set(alive):
            return
        with self.workspace.store.write() as tx:
            lost = tx.run("messages.lost", alive=alive, now=now)
        if lost:
            log("messages_recovered", level="warning", messages=lost)

    def _send(self, channel: Channel, lot: Lot) -> None:
        if not lot.messages:
            return
        slices = iter([lot.messages[at : at + SLICE] for at in range(0, len(lot.messages), SLICE)])
        turn = threading.Lock()

        def following() -> Sequence[Claimed] | None:
            with turn:
                return None if self._stop.is_set() else next(slices, None)

        connections = min(self.workspace.settings.deliver.connections, -(-len(lot.messages) // SLICE))
        try:
            if connections == 1:
                self._connection(channel, lot.token, following)
            else:
                with ThreadPoolExecutor(connections, thread_name_prefix="send") as pool:
                    for done in [
                        pool.submit(self._connection, channel, lot.token, following) for _ in range(connections)
                    ]:
                        done.result()
        finally:
            self._insist(lambda: self._give_back(lot.token))

    def _connection(self, channel: Channel, token: int, following: Callable[[], Sequence[Claimed] | None]) -> None:
        """Slice by slice: what the last one brought is closed in the commit that calls the next."""
        answered: list[Answered] = []
        try:
            while messages := following():
                ready, answers = self._rendered(messages)
                called = self._insist(lambda: self._call(token, answered, messages, ready))  # noqa: B023
                answered = []
                for message in messages:
                    if message.message_no in called:
                        number = message.message_no
                        answered.append((message, answers.get(number) or channel.send(ready[number])))
        finally:
            if answered:
                self._insist(lambda: self._close(token, answered))

    def _rendered(self, messages: Sequence[Claimed]) -> tuple[dict[int, Outgoing], dict[int, Outcome]]:
        made = self.post.render(messages)
        ready = {number: one for number, one in made.items() if isinstance(one, Outgoing)}
        return ready, {number: one for number, one in made.items() if isinstance(one, Refused)}

    def _call(
        self, token: int, answered: Sequence[Answered], messages: Sequence[Claimed], ready: Mapping[int, Outgoing]
    ) -> set[int]:
        with self.workspace.store.write() as tx:
            close(self.workspace, tx, token, answered)
            numbers = [message.message_no for message in messages]
            rows = tx.rows("messages.call", numbers=numbers, token=token, now=self.workspace.clock())
        return {row["message_no"] for row in rows}

    def _close(self, token: int, answered: Sequence[Answered]) -> None:
        with self.workspace.store.write() as tx:
            close(self.workspace, tx, token, answered)

    def _give_back(self, token: int) -> None:
        """What was not called: this process ends, or somebody stopped it meanwhile."""
        with self.workspace.store.write() as tx:
            tx.run("messages.give_back", token=token)

    def _insist(self, write: Callable[[], T]) -> T:
        """Again while the store is away: an answer that is not written down would have to be held as unknown."""
        until = time.monotonic() + _INSIST_SECONDS
        while True:
            try:
                return write()
            except SetupError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)
