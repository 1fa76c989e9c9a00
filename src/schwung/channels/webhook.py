"""Webhooks out, signed as Standard Webhooks says: never into the own network, with deadlines and bounds."""

import base64
import hashlib
import hmac
import json
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import httpcore

from schwung.act.channel import Later, Outcome, Outgoing, Refused, Sent, Unknown
from schwung.channels.guarded import Forbidden, Guarded, left
from schwung.core.clock import SECOND, Clock, system_clock, to_instant

MOST_SENT = 256 * 1024
MOST_ANSWER = 64 * 1024
_MOST_HOPS = 3
_MOST_WORDS = 300
_BUSY = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class WebhookChannel:
    """secrets: newest first; a receiver that knows any of them can check. allowed: hosts within the own network that are meant."""

    name = "webhook"

    def __init__(
        self,
        secrets: Sequence[bytes],
        *,
        allowed: Sequence[str] = (),
        timeout_seconds: float = 15.0,
        clock: Clock = system_clock,
    ) -> None:
        self._secrets, self._clock = tuple(secrets), clock
        self._allowed, self._seconds = tuple(one.lower() for one in allowed), timeout_seconds
        self._context = ssl.create_default_context()

    def send(self, message: Outgoing) -> Outcome:
        body = message.rendered.text.encode()
        if len(body) > MOST_SENT:
            return Refused("too_large", f"{len(body)} bytes")
        url, until = message.address, time.monotonic() + self._seconds
        for _hop in range(_MOST_HOPS + 1):
            if why := self._unfit(url):
                return Refused("address_forbidden", why)
            answer = self._ask(url, body, message.key, until)
            if not isinstance(answer, _Answer):
                return answer
            if answer.status not in (307, 308) or "location" not in answer.headers:
                return self._outcome(answer, message.key)
            url = urljoin(url, answer.headers["location"])
        return Refused("turned_away", "too many redirects")

    def close(self) -> None:
        """Nothing is kept open."""

    def _unfit(self, url: str) -> str:
        try:
            parts = urlsplit(url)
            host, _port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return "no address"
        if parts.username or parts.password or not host:
            return "a user name in the address"
        if parts.scheme != "https" and not (parts.scheme == "http" and host in self._allowed):
            return "https is needed"
        return ""

    def _ask(self, url: str, body: bytes, key: str, until: float) -> _Answer | Outcome:
        """One request. Whether it may have arrived is known by what had been written when it failed."""
        began = False
        try:
            with httpcore.ConnectionPool(
                ssl_context=self._context, network_backend=Guarded(self._allowed, until), max_keepalive_connections=0
            ) as pool:
                request = self._headers(key, body)

                def content() -> object:
                    nonlocal began
                    began = True
                    yield body

                with pool.stream("POST", url, headers=request, content=content()) as response:  # type: ignore[arg-type]
                    return _read(response, until)
        except Forbidden:
            return Refused("address_forbidden", "it leads into the own network")
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            ssl.SSLError,
            OSError,
        ) as error:
            told = (str(error) or type(error).__name__)[:_MOST_WORDS]
            return Unknown("answer_lost", told) if began else Later("connection", told)
        except (httpcore.UnsupportedProtocol, UnicodeError, ValueError) as error:
            return Refused("address_forbidden", str(error)[:_MOST_WORDS])

    def _headers(self, key: str, body: bytes) -> list[tuple[str, str]]:
        moment = str(self._clock() // SECOND)
        signed = f"{webhook_id(key)}.{moment}.".encode() + body
        marks = [base64.b64encode(hmac.new(one, signed, hashlib.sha256).digest()).decode() for one in self._secrets]
        return [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("user-agent", "schwung"),
            ("accept", "application/json"),
            ("webhook-id", webhook_id(key)),
            ("webhook-timestamp", moment),
            ("webhook-signature", " ".join(f"v1,{one}" for one in marks)),
        ]

    def _outcome(self, answer: _Answer, key: str) -> Outcome:
        told = f"HTTP {answer.status}"
        if 200 <= answer.status < 300:
            return Sent(webhook_id(key), _object(answer.body))
        if answer.status in _BUSY or answer.status >= 500:
            return Later("temporary", told, self._pause(answer.headers.get("retry-after", "")))
        return Refused("turned_away", told)

    def _pause(self, said: str) -> int:
        """Retry-After, in seconds or as a date; at most a day."""
        if said.isdecimal():
            return min(86_400, int(said[:6]))
        try:
            until = to_instant(parsedate_to_datetime(said))
        except (ValueError, TypeError):
            return 0
        return max(0, min(86_400, (until - self._clock()) // SECOND))


def webhook_id(key: str) -> str:
    """The same at every try, so that receivers can tell a repetition."""
    return f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def shown_secret(secret: bytes) -> str:
    """As receivers enter it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def _read(response: httpcore.Response, until: float) -> _Answer:
    """The answer, as far as it is of use: the rest of a long one is not waited for."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    body = b""
    try:
        for part in response.iter_stream():
            body += part
            left(until, None)
            if len(body) > MOST_ANSWER:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        body = b""  # the status came: it was taken, or was not
    return _Answer(response.status, headers, body[: MOST_ANSWER + 1])


def _object(body: bytes) -> Mapping[str, object] | None:
    """A JSON object, if it is one and not too large."""
    if not body or len(body) > MOST_ANSWER:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
