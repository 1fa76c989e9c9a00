"""Webhooks out: signed so that others' libraries agree, kept out of the own network, bounded in time and size."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from schwung.act.channel import Later, Outcome, Outgoing, Refused, Rendered, Sent, Unknown
from schwung.channels import guarded
from schwung.channels.guarded import is_public
from schwung.channels.webhook import MOST_SENT, WebhookChannel, shown_secret

SECRETS = (b"new" * 8, b"old" * 8)
BODY = json.dumps({"name": "Jürgen"})


class Receiver(BaseHTTPRequestHandler):
    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        Receiver.got.append((dict(self.headers), body))
        kind, _, rest = self.path.strip("/").partition("/")
        if kind == "hang":
            time.sleep(3)
            return
        if kind == "drip":
            self._drip()
            return
        self.send_response(int(kind))
        if kind.startswith("3"):
            self.send_header("location", {"": "/200", "loop": self.path}.get(rest, rest.replace("~", "/")))
        if kind == "503":
            self.send_header("retry-after", "120")
        told = b"x" * 300_000 if rest == "long" else b"no json" if rest == "text" else b'{"points": 5}'
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nx-a: ")
        for _ in range(40):
            self.wfile.write(b"y")
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def sent(url: str, body: str = BODY, seconds: float = 5.0, allowed: tuple[str, ...] = ("127.0.0.1",)) -> Outcome:
    channel = WebhookChannel(SECRETS, allowed=allowed, timeout_seconds=seconds)
    return channel.send(Outgoing("journey:1/a/2", url, Rendered("", "", body)))


def test_others_can_check_the_signature_with_either_secret(base: str) -> None:
    first, second = sent(f"{base}/200"), sent(f"{base}/200")
    headers, body = Receiver.got[-1]
    assert isinstance(first, Sent) and first == second and first.answer == {"points": 5}
    for secret in SECRETS:
        assert Webhook(shown_secret(secret)).verify(body, headers) == {"name": "Jürgen"}
    with pytest.raises(WebhookVerificationError):
        Webhook(shown_secret(SECRETS[0])).verify(body.replace(b"J", b"K"), headers)


@pytest.mark.parametrize(
    ("path", "kind", "reason"),
    [
        ("204/", Sent, None), ("307/", Sent, None), ("302/", Refused, "turned_away"), ("404/", Refused, "turned_away"),
        ("410/", Refused, "turned_away"), ("429/", Later, "temporary"), ("500/", Later, "temporary"), ("308/loop", Refused, "turned_away"),
    ],
)  # fmt: skip
def test_what_an_answer_means(base: str, path: str, kind: type, reason: str | None) -> None:
    outcome = sent(f"{base}/{path}")
    assert isinstance(outcome, kind) and getattr(outcome, "reason", None) == reason


def test_a_receiver_says_when_to_come_again(base: str) -> None:
    outcome = sent(f"{base}/503")
    assert isinstance(outcome, Later) and outcome.after_seconds == 120


def test_only_a_short_json_object_is_an_answer(base: str) -> None:
    for rest in ("long", "text"):
        outcome = sent(f"{base}/200/{rest}")
        assert isinstance(outcome, Sent) and outcome.answer is None


@pytest.mark.parametrize("path", ["hang", "drip"])
def test_who_hangs_or_drips_is_left_and_the_outcome_is_unknown(base: str, path: str) -> None:
    started = time.monotonic()
    outcome = sent(f"{base}/{path}", seconds=0.6)
    assert isinstance(outcome, Unknown) and time.monotonic() - started < 2.5


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost:8080/", "https://10.0.0.8/", "https://192.168.1.1/", "https://169.254.169.254/latest",
        "https://[::1]/", "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/",
        "https://2130706433/", "https://0x7f.1/", "https://100.64.0.1/", "https://[fd00::1]/", "https://[2002:7f00:1::]/",
        "http://example.org/", "ftp://example.org/", "https://user:pass@example.org/", "https:///x", "https://a:99999/",
    ],
)  # fmt: skip
def test_nothing_goes_into_the_own_network(url: str) -> None:
    outcome = sent(url, allowed=())
    assert isinstance(outcome, Refused) and outcome.reason == "address_forbidden"


def test_a_redirect_leads_nowhere_inside_either(base: str) -> None:
    for target in ("https:~~127.0.0.2~", "http:~~127.0.0.2:1~", "https:~~[::1]~"):
        outcome = sent(f"{base}/307/{target}")
        assert isinstance(outcome, Refused) and outcome.reason == "address_forbidden"


def test_a_name_is_looked_up_once_and_all_its_addresses_count(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def look(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(guarded.socket, "getaddrinfo", look)
    outcome = sent("https://rebound.example/", allowed=())
    assert isinstance(outcome, Refused) and asked == ["rebound.example"]


def test_public_addresses_are_public() -> None:
    assert is_public("93.184.215.14") and is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert (
        is_public("64:ff9b::5db8:d70e")
        and not is_public("224.0.0.1")
        and not is_public("240.0.0.1")
        and not is_public("::")
    )


def test_nobody_there_means_later_and_too_much_is_refused() -> None:
    assert isinstance(sent("http://127.0.0.1:1/"), Later)
    assert sent("http://127.0.0.1:1/", "x" * (MOST_SENT + 1)) == Refused("too_large", f"{MOST_SENT + 1} bytes")
