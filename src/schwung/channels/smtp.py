"""A connection to a mail server that says of each message how far it came, and several of them to be shared."""

import contextlib
import queue
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schwung.act.channel import Later, Outcome, Refused, Sent, Unknown
from schwung.act.retry import meaning

_IDLE_SECONDS = 20.0
_MOST_PER_CONNECTION = 200
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    timeout_seconds: float = 30.0


class SignInRefused(Exception):
    """The server refuses user or password, or the protection that was asked for."""


class Connection:
    """One connection, for one thread at a time."""

    def __init__(self, server: Server) -> None:
        """OSError or smtplib.SMTPException when it cannot be made, SignInRefused when it is not let in."""
        context = None if server.security == "none" else ssl.create_default_context()  # reads all roots of the machine
        if server.security == "tls":
            self._smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_seconds, context=context
            )
        else:
            self._smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        # Else the last dot waits for the acknowledgement of what went before it: 40 ms a message.
        if self._smtp.sock is not None:
            self._smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if server.security == "starttls":
                self._smtp.starttls(context=context)
            if server.user:
                self._smtp.login(server.user, server.password)
            self._smtp.ehlo_or_helo_if_needed()
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
            self._smtp.close()
            raise SignInRefused(str(error)[:_MOST_WORDS]) from error
        except BaseException:
            self._smtp.close()
            raise
        self.is_open, self.used, self.idle_since = True, 0, time.monotonic()
        self._pipelines = self._smtp.has_extn("pipelining")
        self._takes_size = self._smtp.has_extn("size")

    def send(self, sender: str, recipient: str, data: bytes, provider_id: str) -> Outcome:
        """One message. data: with CRLF line ends; dots at line starts are doubled here."""
        self.used += 1
        stuffed = data.replace(b"\r\n.", b"\r\n..")  # the first line is a header
        try:
            refused = self._envelope(sender, recipient, len(stuffed))
            if refused is not None:
                return refused
            self._smtp.send(stuffed)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Later("connection", _short(error))
        try:
            self._smtp.send(b".\r\n")
            code, words = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Unknown("answer_lost", _short(error))
        if code == 421:
            self.close()
        return Sent(provider_id) if 200 <= code < 300 else _outcome(code, words)

    def close(self) -> None:
        self.is_open = False
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._smtp.close()

    def quit(self) -> None:
        if self.is_open:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self.close()

    def _envelope(self, sender: str, recipient: str, size: int) -> Outcome | None:
        """MAIL, RCPT and DATA, at once where the server takes that; None when it waits for the message."""
        said = f" SIZE={size}" if self._takes_size else ""
        commands = (f"MAIL FROM:<{sender}>{said}\r\n", f"RCPT TO:<{recipient}>\r\n", "DATA\r\n")
        refused: Outcome | None = None
        if self._pipelines:
            self._smtp.send("".join(commands).encode("ascii"))
        for nth, command in enumerate(commands):
            if not self._pipelines:
                self._smtp.send(command.encode("ascii"))
            code, words = self._smtp.getreply()
            if code == 421:
                self.close()
                return refused or Later("temporary", _told(code, words))
            if refused is None and not (code == 354 if nth == 2 else 200 <= code < 300):
                refused = _outcome(code, words, is_recipient=nth == 1)
                if not self._pipelines:
                    break
            elif refused is not None and nth == 2 and code == 354:  # it takes a message that nobody is to get
                self._smtp.send(b".\r\n")
                self._smtp.getreply()
        if refused is not None:
            self._smtp.send(b"RSET\r\n")
            self._smtp.getreply()
        return refused


class Pool:
    """Connections to one server; as many as there are threads that send."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()

    def send(self, sender: str, recipient: str, data: bytes, provider_id: str) -> Outcome:
        """On an idle connection; where that went away meanwhile, on a new one."""
        for connection in self._connections():
            try:
                one = connection or Connection(self.server)
            except SignInRefused as error:
                return Later("connection", _short(error), after_seconds=900)
            except (OSError, smtplib.SMTPException) as error:
                return Later("connection", _short(error))
            outcome = one.send(sender, recipient, data, provider_id)
            if connection is not None and isinstance(outcome, Later) and outcome.reason == "connection":
                continue  # it had gone away while it was idle; nothing was taken
            self._keep(one)
            return outcome
        raise AssertionError("unreachable")

    def close(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().quit()

    def _connections(self) -> Iterator[Connection | None]:
        """Idle ones that are still of use, then a new one."""
        with contextlib.suppress(queue.Empty):
            while True:
                one = self._idle.get_nowait()
                if time.monotonic() - one.idle_since > _IDLE_SECONDS:
                    one.quit()
                else:
                    yield one
        yield None

    def _keep(self, one: Connection) -> None:
        if not one.is_open:
            return
        if one.used >= _MOST_PER_CONNECTION:
            one.quit()
            return
        one.idle_since = time.monotonic()
        self._idle.put(one)


def _outcome(code: int, words: bytes, *, is_recipient: bool = False) -> Outcome:
    """What a refusal means; only of a recipient can it mean the address."""
    told = _told(code, words)
    said = meaning(code, told)
    if said == "temporary":
        return Later("temporary", told)
    if is_recipient and said == "bad_address":
        return Refused("bad_address", told, is_address=True)
    return Refused("turned_away", told)


def _told(code: int, words: bytes) -> str:
    return f"{code} {words.decode('utf-8', 'replace')}"[:_MOST_WORDS]


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:_MOST_WORDS]
