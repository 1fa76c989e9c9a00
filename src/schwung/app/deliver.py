"""Sends what is due: claimed, called, closed, each step in a commit of its own, so that a crash leaves no doubt but a small one.

A message whose channel was certainly not asked goes back to the queue; one whose channel may have been asked is held as unknown.
Between two commits of a connection the sender's own log knows how far it came (`flight_log.py`).
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from schwung.act.channel import Channel, Outcome, Outgoing, Refused
from schwung.app.claim import Claimed, Lot, claim
from schwung.app.deliver_recover import recover
from schwung.app.flight_log import FlightLog
from schwung.app.message_close import Answered, close
from schwung.app.process import Heartbeat
from schwung.app.wiring import Workspace
from schwung.core.errors import SetupError

T = TypeVar("T")
SLICE = 8
"""So many messages of one connection are called between two commits: no more than these can become unknown, and only where
the log of the sender is lost too."""
_INSIST_SECONDS = 60.0


class Post(Protocol):
    """What a workspace can send with: its channels by name, and the words of messages."""

    @property
    def channels(self) -> Mapping[str, Channel]: ...

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
        self._beats_itself = heartbeat is None
        self._flights: FlightLog | None = None

    @property
    def sender(self) -> str:
        return self._heartbeat.number

    def round(self) -> bool:
        """One claim of every channel. True when something was due."""
        self._begin()
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

    def close(self) -> None:
        self.post.close()
        if self._flights is not None:
            self._flights.close()
            self._flights = None

    def _begin(self) -> FlightLog:
        """Where this sender is known as alive, nothing of it is in flight, and what others left is settled."""
        if self._flights is None:
            if self._beats_itself:
                self._heartbeat.beat({})
            self._flights = FlightLog(self.workspace, self.sender)
        recover(self.workspace, self.sender)
        self._flights.clear()
        return self._flights

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
                        outcome = answers.get(number) or self._sent(channel, token, number, ready[number])
                        answered.append((message, outcome))
        finally:
            if answered:
                self._insist(lambda: self._close(token, answered))

    def _sent(self, channel: Channel, token: int, number: int, message: Outgoing) -> Outcome:
        assert self._flights is not None
        self._flights.begin(token, number)
        outcome = channel.send(message)
        self._flights.end(token, number, outcome)
        return outcome

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
