"""E-mail over a real SMTP server: what arrives, its signature, and what each answer of a server means."""

import email
import email.policy
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from schwung.act.channel import Later, Outcome, Outgoing, Refused, Rendered, Sent, Unknown
from schwung.channels.dkim import Signer
from schwung.channels.email import EmailChannel
from schwung.channels.mime import Sender
from schwung.channels.smtp import Server
from schwung.core.clock import SECOND
from schwung.core.errors import SetupError

NOW = 1_795_000_000 * SECOND
HEADERS = {
    "List-Unsubscribe": "<https://shop.example/u/abc>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-ID": "<marketing.shop.example>",
}
RENDERED = Rendered("Grüße aus dem Kaffeehaus – die längste Betreffzeile, die es jemals gab, und noch ein wenig länger", "<p>Käse</p>\n.\n..x\n" * 30, "Käse \n.\n", HEADERS)  # fmt: skip
SENDER = Sender("hallo@kaffeehaus.example", "Müller & Söhne, Kaffee", "antwort@kaffeehaus.example")


class Inbox:
    def __init__(self) -> None:
        self.got: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.got.append(envelope)
        return "250 OK queued as 7"


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Inbox, int]]:
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox, port
    controller.stop()


def sent(server: tuple[Inbox, int], message: Outgoing, signer: Signer | None = None) -> tuple[Outcome, bytes]:
    inbox, port = server
    channel = EmailChannel(Server("127.0.0.1", port, "none"), SENDER, signer, lambda: NOW)
    outcome = channel.send(message)
    channel.close()
    content = inbox.got[-1].content
    assert isinstance(content, bytes)
    return outcome, content


def opened(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_what_arrives_is_what_was_written(server: tuple[Inbox, int]) -> None:
    outcome, content = sent(server, Outgoing("journey:1/step:a/2", "eva@bücher.example", RENDERED, "Eva Größler"))
    got = opened(content)
    assert isinstance(outcome, Sent) and got["Message-ID"] == f"<{outcome.provider_id}>"
    assert got["Subject"] == RENDERED.subject and got["From"] == '"Müller & Söhne, Kaffee" <hallo@kaffeehaus.example>'
    assert got["To"].addresses[0].display_name == "Eva Größler" and server[0].got[-1].rcpt_tos == [
        "eva@xn--bcher-kva.example"
    ]
    assert got["Reply-To"] == "antwort@kaffeehaus.example" and {name: got[name] for name in HEADERS} == HEADERS
    plain, page = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None and plain.get_content().replace("\r\n", "\n") == RENDERED.text
    assert page is not None and page.get_content().replace("\r\n", "\n") == RENDERED.html
    assert all(len(line) <= 78 for line in content.split(b"\r\n")) and b"\n" not in content.replace(b"\r\n", b"")


def test_the_same_message_has_the_same_number_at_every_try(server: tuple[Inbox, int]) -> None:
    first, second = (sent(server, Outgoing("k", "a@b.example", RENDERED))[0] for _ in range(2))
    assert first == second != sent(server, Outgoing("l", "a@b.example", RENDERED))[0]


def test_nothing_slips_into_headers(server: tuple[Inbox, int]) -> None:
    bad = Rendered("Hallo\r\nBcc: evil@x.example\r\n\r\nx", "<p>x</p>", "x", {"X-Note": "a\r\nBcc: b@x.example", "Bcc": "c@x.example", "To": "d@x.example", "a b:": "x"})  # fmt: skip
    _, content = sent(server, Outgoing("k", "a@b.example", bad, 'Eva" <x@y.example>\r\nCc: z@x.example'))
    got = opened(content)
    assert got["Bcc"] is None and got["Cc"] is None and len(got.get_all("To", [])) == 1
    assert got["Subject"] == "Hallo Bcc: evil@x.example x" and got["To"].addresses[0].addr_spec == "a@b.example"
    assert server[0].got[-1].rcpt_tos == ["a@b.example"]


@pytest.mark.parametrize("address", ["", "a", "a@", "@b.example", "käse@b.example", "a b@c.example", "a@b", "a@b..c", "a@b.example\nx", "a>b@c.example", "..a@c.example"])  # fmt: skip
def test_unusable_addresses_are_refused_in_words(address: str) -> None:
    channel = EmailChannel(Server("127.0.0.1", 1, "none"), SENDER)
    outcome = channel.send(Outgoing("k", address, RENDERED))
    assert isinstance(outcome, Refused) and outcome.reason == "address_unusable" and outcome.detail


def keys() -> list[tuple[str, bytes, bytes]]:
    """(kind, private key, what stands in the DNS)."""
    small, edward = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()
    private = [one.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for one in (small, edward)]
    public = small.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    raw = edward.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    encoded = [email.base64mime.body_encode(one, maxlinelen=10_000, eol="").encode() for one in (public, raw)]
    return [("rsa", private[0], encoded[0]), ("ed25519", private[1], encoded[1])]


@pytest.mark.parametrize(("kind", "private", "public"), keys(), ids=["rsa", "ed25519"])
def test_signatures_hold_and_cover_the_way_out(
    server: tuple[Inbox, int], kind: str, private: bytes, public: bytes
) -> None:
    signer = Signer("kaffeehaus.example", "s1", private)
    _, content = sent(server, Outgoing("k", "eva@b.example", RENDERED, "Eva Größler"), signer)

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"s1._domainkey.kaffeehaus.example."
        return b"v=DKIM1; k=" + kind.encode() + b"; p=" + public

    assert dkim.verify(content, dnsfunc=dns)
    covered = opened(content)["DKIM-Signature"].replace(" ", "")
    assert "list-unsubscribe:list-unsubscribe-post:list-id" in covered and covered.count(":from") == 1
    for changed in (
        content.replace(b"/u/abc", b"/u/abd"),
        content.replace(b"K=C3=A4se", b"Kase"),
        b"From: x@y.example\r\n" + content,
    ):
        assert not dkim.verify(changed, dnsfunc=dns)


def test_a_wrong_key_is_told() -> None:
    with pytest.raises(SetupError) as told:
        Signer("a.example", "s", b"nonsense")
    assert told.value.code == "dkim_key_unusable"


@contextmanager
def scripted(*scripts: dict[str, str]) -> Iterator[tuple[int, list[list[str]]]]:
    """A server that says what a script says, one a connection: by verb, `message` for the end of DATA; `drop` closes."""
    listener, heard = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        for script in scripts:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError):
                talk(connection, script, heard)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.close()


def talk(connection: socket.socket, script: dict[str, str], heard: list[list[str]]) -> None:
    said: list[str] = []
    heard.append(said)
    with connection, connection.makefile("rb") as lines:
        connection.sendall(script.get("banner", "220 hello").encode() + b"\r\n")
        in_data = False
        for raw in lines:
            line = raw.decode().rstrip("\r\n")
            if in_data and line != ".":
                continue
            verb = "message" if in_data else line.split()[0].upper()
            said.append(verb)
            ehlo = (
                "250-hello\r\n250-SIZE 1000000\r\n250 PIPELINING"
                if script.get("pipelining", "yes") == "yes"
                else "250 hello"
            )
            answer = script.get(verb, {"EHLO": ehlo, "DATA": "354 go", "QUIT": "221 bye"}.get(verb, "250 ok"))
            if answer == "drop":
                return
            if answer.startswith("late "):
                time.sleep(LATE)
                answer = answer.removeprefix("late ")
            in_data = verb == "DATA" and answer.startswith("354")
            connection.sendall(answer.encode() + b"\r\n")


LATE = 0.6
"""Seconds; longer than who waits for it is ready to."""


def answer_of(*scripts: dict[str, str], tries: int = 1, between: Callable[[], None] = lambda: None) -> list[Outcome]:
    with scripted(*scripts) as (port, _):
        channel = EmailChannel(Server("127.0.0.1", port, "none", timeout_seconds=5), SENDER)
        found = []
        for nth in range(tries):
            found.append(channel.send(Outgoing(f"k{nth}", "a@b.example", RENDERED)))
            between()
        channel.close()
    return found


@pytest.mark.parametrize("pipelining", ["yes", "no"])
@pytest.mark.parametrize(
    ("script", "kind", "reason"),
    [
        ({"message": "250 ok"}, Sent, None),
        ({"message": "451 try later"}, Later, "temporary"),
        ({"message": "554 spam"}, Refused, "turned_away"),
        ({"message": "drop"}, Unknown, "answer_lost"),
        ({"RCPT": "550 5.1.1 no such user"}, Refused, "bad_address"),
        ({"RCPT": "550 5.7.1 policy"}, Refused, "turned_away"),
        ({"RCPT": "550 no such user", "DATA": "503 no"}, Refused, "bad_address"),
        ({"RCPT": "452 4.2.2 full"}, Later, "temporary"),
        ({"MAIL": "550 go away"}, Refused, "turned_away"),
        ({"MAIL": "421 busy"}, Later, "temporary"),
        ({"DATA": "drop"}, Later, "connection"),
        ({"banner": "554 no"}, Later, "connection"),
    ],
)  # fmt: skip
def test_what_an_answer_means(script: dict[str, str], kind: type, reason: str | None, pipelining: str) -> None:
    [outcome] = answer_of(script | {"pipelining": pipelining})
    assert isinstance(outcome, kind) and getattr(outcome, "reason", None) == reason
    assert getattr(outcome, "is_address", False) == (reason == "bad_address")


def test_a_refusal_does_not_spoil_the_next_message() -> None:
    with scripted({"RCPT": "550 5.1.1 no"}) as (port, heard):
        channel = EmailChannel(Server("127.0.0.1", port, "none", timeout_seconds=5), SENDER)
        assert [channel.send(Outgoing("k", "a@b.example", RENDERED)).reason for _ in range(2)] == ["bad_address"] * 2  # type: ignore[union-attr]
        channel.close()
    assert len(heard) == 1 and heard[0].count("RSET") == 2, "one connection, taken back each time"


def test_an_answer_after_the_time_out_is_nobodys() -> None:
    """What became of the message is not known; the next one goes another way, and is not told the answer of the one before."""
    late = {"message": "late 250 ok", "pipelining": "no"}
    with scripted(late, {"message": "554 spam"}) as (port, heard):
        channel = EmailChannel(Server("127.0.0.1", port, "none", timeout_seconds=LATE / 3), SENDER)
        first = channel.send(Outgoing("k0", "a@b.example", RENDERED))
        time.sleep(LATE)
        second = channel.send(Outgoing("k1", "a@b.example", RENDERED))
        channel.close()
    assert isinstance(first, Unknown) and first.reason == "answer_lost"
    assert isinstance(second, Refused) and second.reason == "turned_away"
    assert [said.count("message") for said in heard] == [1, 1], "neither goes twice"


def test_a_connection_that_went_away_meanwhile_is_replaced() -> None:
    first = {"MAIL": "250 ok", "RSET": "drop", "message": "250 ok\r\n421 bye"}
    outcomes = answer_of(first, {}, tries=2)
    assert [type(one) for one in outcomes] == [Sent, Sent] or isinstance(outcomes[1], Later)


def test_no_server_means_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = EmailChannel(Server("127.0.0.1", port, "none", timeout_seconds=2), SENDER).send(
        Outgoing("k", "a@b.example", RENDERED)
    )
    assert isinstance(outcome, Later) and outcome.reason == "connection"
