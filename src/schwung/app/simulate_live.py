"""Sends simulated events to a running server at a steady rate, as a shop's Segment client would."""

import base64
import http.client
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from urllib.parse import urlsplit

from schwung.core.errors import InputError, OutsideError
from schwung.core.text import Text
from schwung.simulation.laws import kaffeehaus
from schwung.simulation.messages import Message, messages

BATCH_EVENTS = 100
_TICK = 0.05
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_END = date(2026, 11, 20)


@dataclass(slots=True)
class Sent:
    """accepted: events that the server answered with 200 for. refused: all others. answers: status → requests.

    latencies: seconds from sending to the answer, one a request.
    """

    accepted: int = 0
    refused: int = 0
    elapsed: float = 0.0
    answers: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        return {
            "accepted": self.accepted,
            "refused": self.refused,
            "seconds": round(self.elapsed, 3),
            "answers": {str(status): count for status, count in sorted(self.answers.items())},
        }


def send(
    url: str,
    key: str,
    *,
    rate: float,
    seconds: float,
    seed: int = 1,
    customers: int = 8_192,
    connections: int = 2,
    allow_remote: bool = False,
    stop: threading.Event | None = None,
) -> Sent:
    """Events a second for some seconds or until told to stop, in batches over kept connections, each sent once.

    InputError for a key that is missing or refused and, unless allowed, for a server on another machine; OutsideError when
    nothing answers.
    """
    _check(url, key, allow_remote)
    stream = messages(kaffeehaus(seed, customers, 365, _END), f"{uuid.uuid4().hex[:8]}-")
    sent, lock, ended = Sent(), threading.Lock(), stop or threading.Event()
    started = time.monotonic()
    senders = [
        threading.Thread(
            target=_sender, args=(url, key, rate / connections, seconds, stream, sent, lock, ended), daemon=True
        )
        for _ in range(connections)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    sent.elapsed = time.monotonic() - started
    if sent.answers.get(401) or sent.answers.get(403):
        raise InputError(
            "key_refused",
            Text(en="The server refuses the write key.", de="Der Server lehnt den Schreibschlüssel ab."),
            Text(
                en="Create one with: schwung key create --source shop",
                de="Anlegen mit: schwung key create --source shop",
            ),
        )
    if not sent.answers:
        raise OutsideError(
            "nothing_answers",
            Text(en="Nothing answers at {url}.", de="Unter {url} antwortet nichts.").fill(url=url),
            Text(en="Start the server with: schwung serve", de="Den Server starten mit: schwung serve"),
        )
    return sent


def _check(url: str, key: str, allow_remote: bool) -> None:
    host = urlsplit(url).hostname
    if host not in _LOOPBACK and not allow_remote:
        raise InputError(
            "not_this_machine",
            Text(en="{url} is not on this machine.", de="{url} liegt nicht auf diesem Rechner.").fill(url=url),
            Text(
                en="Simulated events belong into a test shop. Add --allow-remote if that one is.",
                de="Simulierte Ereignisse gehören in einen Testbestand. Ist es einer: --allow-remote ergänzen.",
            ),
        )
    if not key:
        raise InputError(
            "key_missing",
            Text(en="A write key is needed.", de="Ein Schreibschlüssel fehlt."),
            Text(
                en="Create one with: schwung key create --source shop; then pass it with --key.",
                de="Anlegen mit: schwung key create --source shop; dann mit --key übergeben.",
            ),
        )


def _sender(
    url: str,
    key: str,
    rate: float,
    seconds: float,
    stream: Iterator[Message],
    sent: Sent,
    lock: threading.Lock,
    ended: threading.Event,
) -> None:
    parts = urlsplit(url)
    connection = _connect(parts.scheme, parts.hostname or "", parts.port)
    headers = {
        "Content-Type": "application/json",
        "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
    }
    started, done = time.monotonic(), 0
    while (passed := time.monotonic() - started) < seconds and not ended.is_set():
        due = min(int(rate * min(passed + _TICK, seconds)) - done, BATCH_EVENTS)
        if due <= 0:
            time.sleep(_TICK / 2)
            continue
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with lock:
            batch = list(islice(stream, due))
        body = f'{{"batch":[{",".join(one.at(now, uuid.uuid4().hex) for one in batch)}],"sentAt":"{now}"}}'
        sending = time.monotonic()
        try:
            connection.request("POST", "/v1/batch", body.encode(), headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            status = 0
            connection.close()
            time.sleep(0.2)
        _note(sent, lock, status, len(batch), time.monotonic() - sending)
        done += len(batch)


def _connect(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    return kind(host, port, timeout=10)


def _note(sent: Sent, lock: threading.Lock, status: int, events: int, latency: float) -> None:
    with lock:
        if status:
            sent.answers[status] = sent.answers.get(status, 0) + 1
            sent.latencies.append(latency)
        if status == 200:
            sent.accepted += events
        else:
            sent.refused += events
