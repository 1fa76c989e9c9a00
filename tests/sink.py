"""A mail server that keeps what it gets and answers as a test wants."""

import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from schwung.app.wiring import Workspace

SETTINGS = """[email]
sender = "news@shop.example"
server = "127.0.0.1"
port = {port}
security = "none"
timeout_seconds = {seconds}
imprint = "Shop GmbH, Weg 1, 10115 Berlin"
[serve]
public_url = "https://me.example"
"""
NEWS = {
    "purpose": "newsletter", "advertising": True,
    "en": {"subject": "News", "preheader": "What is new", "body": '<mjml><mj-head><mj-preview>What is new</mj-preview></mj-head><mj-body><mj-section><mj-column><mj-text>Hello. <a href="https://shop.example/a">A</a> {{ company.imprint }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text></mj-column></mj-section></mj-body></mjml>'},
}  # fmt: skip


class Sink:
    """answer: what it says to RCPT (`rcpt`) and to the message (`data`) of an address; None: takes it."""

    def __init__(self, answer: Callable[[str, str], str | None] = lambda stage, address: None) -> None:
        self.answer = answer
        self.got: list[tuple[str, bytes]] = []
        self.port = 0
        self._lock = threading.Lock()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        said = self.answer("rcpt", address)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = self.answer("data", envelope.rcpt_tos[0])
        if said is None or said.startswith("drop"):
            with self._lock:
                self.got.append((envelope.rcpt_tos[0], envelope.original_content or envelope.content))
        if said == "drop":
            server.transport.abort()
        return said or "250 OK"

    def mail(self, nth: int) -> EmailMessage:
        return email.message_from_bytes(self.got[nth][1], policy=email.policy.default)  # type: ignore[return-value]


@contextmanager
def running(sink: Sink) -> Iterator[Sink]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        sink.port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def connect(workspace: Workspace, sink: Sink, more: str = "", seconds: int = 5) -> None:
    """The workspace sends to this server from now on."""
    with (workspace.folder / "schwung.toml").open("a") as settings:
        settings.write(SETTINGS.format(port=sink.port, seconds=seconds) + more)
