"""A mail server that takes everything as quickly as it can, in a process of its own; what it took stands in a file before it says so."""

import contextlib
import multiprocessing
import os
import re
import socket
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

_ID = re.compile(rb"(?im)^message-id:[ \t\r\n]*<([^>]+)>")


class MailSink:
    """port: on the loopback, the same after it was killed. Speaks ESMTP with PIPELINING and SIZE."""

    def __init__(self, kept: Path, port: int = 0) -> None:
        self.kept = kept
        ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(theirs, str(kept), port), daemon=True
        )
        self._process.start()
        self.port: int = ours.recv()

    def got(self) -> list[str]:
        """Message-ID of every message, in the order in which they came."""
        return self.kept.read_text().split() if self.kept.exists() else []

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def again(self) -> "MailSink":
        return MailSink(self.kept, self.port)


@contextlib.contextmanager
def mail_sink(kept: Path) -> Iterator[MailSink]:
    sink = MailSink(kept)
    try:
        yield sink
    finally:
        sink.kill()


def _serve(pipe: Connection, kept: str, port: int) -> None:
    file = os.open(kept, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    server = socket.create_server(("127.0.0.1", port), backlog=64)
    pipe.send(server.getsockname()[1])
    while True:
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_talk, args=(connection, file), daemon=True).start()


def _talk(connection: socket.socket, file: int) -> None:
    buffer = b""
    with contextlib.suppress(OSError), connection:
        connection.sendall(b"220 sink ESMTP\r\n")
        while True:
            while b"\n" not in buffer:
                more = connection.recv(65_536)
                if not more:
                    return
                buffer += more
            answers = b""
            while b"\n" in buffer:
                line, _, buffer = buffer.partition(b"\n")
                word = line.strip().upper()
                if word.startswith((b"EHLO", b"HELO")):
                    answers += b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 10000000\r\n"
                elif word == b"DATA":
                    connection.sendall(answers + b"354 go on\r\n")
                    answers = b""
                    while b"\r\n.\r\n" not in buffer:
                        more = connection.recv(65_536)
                        if not more:
                            return
                        buffer += more
                    body, _, buffer = buffer.partition(b"\r\n.\r\n")
                    found = _ID.search(body)
                    os.write(file, (found[1] if found else b"?") + b"\n")
                    answers += b"250 taken\r\n"
                elif word == b"QUIT":
                    connection.sendall(answers + b"221 bye\r\n")
                    return
                else:
                    answers += b"250 ok\r\n"
            connection.sendall(answers)
