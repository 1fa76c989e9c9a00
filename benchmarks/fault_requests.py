"""Hostile requests: too large, too deep, not text, packed bombs, foreign keys, ids without end, SQL and HTML everywhere."""

import base64
import gzip
import json
import socket
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

import schwung
from benchmarks.fault import Finding, tried
from benchmarks.running import Server, new_workspace, serving, write_key
from schwung.app.keys import revoke_key
from schwung.app.wiring import open_workspace

GREED_MIB = 250
"""The server may grow by so much while it refuses a request, and no more."""
PATIENCE = 60
"""Seconds that an answer may take on a crowded machine; what hangs never comes."""
NASTY = (
    "'; DROP TABLE chunk; --",
    '"><script>alert(1)</script>',
    "{{7*7}}${7*7}",
    "<img src=x onerror=alert(1)>",
    "\u202eevil\u0007\u0000",
    "ğ😀" * 20,
)


def _headers(key: str, **more: str) -> dict[str, str]:
    token = base64.b64encode(f"{key}:".encode()).decode()
    return {"Authorization": f"Basic {token}", "Content-Type": "application/json", **more}


def _event(**more: object) -> dict[str, object]:
    return {
        "event": "Product Viewed",
        "anonymousId": "device-1",
        "messageId": uuid.uuid4().hex,
        "properties": {"product_id": "C1"},
    } | more


def _post(server: Server, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    status, text = server.request("POST", path, body, headers)
    try:
        return status, str(json.loads(text).get("code", ""))
    except ValueError:
        return status, text[:60].decode(errors="replace")


def _refused(server: Server, fault: str, answers: tuple[int, ...], act: Callable[[], tuple[int, str]]) -> Finding:
    """One request: the answer must be among `answers`, the server stays up and small."""
    must = f"{' or '.join(map(str, answers))} with a reason; server stays up, grows less than {GREED_MIB} MiB"

    def request() -> Finding:
        before = server.resident_mib()
        began = time.monotonic()
        status, code = act()
        took = time.monotonic() - began
        grown = server.resident_mib() - before
        up = server.get("/health")[0] == 200 and server.process.poll() is None
        ok = status in answers and up and grown < GREED_MIB and took < PATIENCE
        return Finding(fault, must, f"{status} {code}, {took:.1f} s, {grown:+.0f} MiB, {'up' if up else 'DOWN'}", ok)

    return tried(fault, must, request)


def _pour(server: Server, key: str, size: int, chunked: bool) -> tuple[int, str]:
    """A body of `size` bytes until the server answers or hangs up."""
    lines = [
        "POST /v1/batch HTTP/1.1",
        "Host: localhost",
        *(f"{name}: {value}" for name, value in _headers(key).items()),
    ]
    lines.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}")
    block = b" " * 65_536
    piece = b"10000\r\n" + block + b"\r\n" if chunked else block
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as wire:
        wire.sendall("\r\n".join([*lines, "", ""]).encode())
        sent = 0
        try:
            while sent < size:
                wire.sendall(piece)
                sent += len(block)
        except OSError:
            pass  # it hung up, as it may; the answer may be waiting
        try:
            head = wire.recv(4096).decode(errors="replace")
        except OSError:
            return 0, f"hung up after {sent / 2**20:.0f} MiB"
    status = int(head.split()[1]) if head.startswith("HTTP/") else 0
    return status, f"after {sent / 2**20:.0f} MiB"


def _bomb() -> bytes:
    """10 GiB of spaces in 10 MB of gzip, built from one member repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    member = packer.compress(b" " * (4 << 20)) + packer.flush()
    return member * 2_500


def _requests(server: Server, key: str, revoked: str) -> Iterator[Finding]:
    def batch(body: bytes, used: str = key, **more: str) -> Callable[[], tuple[int, str]]:
        return lambda: _post(server, "/v1/batch", body, _headers(used, **more))

    yield _refused(server, "1 GB body", (400, 413, 0), lambda: _pour(server, key, 1 << 30, False))
    yield _refused(server, "endless chunked body", (400, 413, 0), lambda: _pour(server, key, 1 << 30, True))
    deep = (
        b'{"batch":[{"type":"track","event":"x","anonymousId":"a","properties":'
        + b'{"a":' * 60_000
        + b"1"
        + b"}" * 60_000
        + b"}]}"
    )
    yield _refused(server, "deep JSON", (200, 400, 413), batch(deep))
    yield _refused(server, "deep lists", (400, 413), batch(b"[" * 200_000 + b"]" * 200_000))
    yield _refused(
        server, "invalid UTF-8", (200, 400), batch(b'{"batch":[{"type":"track","event":"\xff\xfe","anonymousId":"a"}]}')
    )
    yield _refused(server, "broken JSON", (400,), batch(b'{"batch":[{"type":'))
    bomb = _bomb()
    yield _refused(server, "gzip bomb", (400, 413), batch(bomb[: 490 << 10], **{"Content-Encoding": "gzip"}))
    yield _refused(server, "gzip bomb, 10 MB", (400, 413), batch(bomb, **{"Content-Encoding": "gzip"}))
    yield _refused(
        server, "cut gzip", (400,), batch(gzip.compress(b'{"batch":[]}')[:10], **{"Content-Encoding": "gzip"})
    )
    small = json.dumps({"batch": [{"type": "track"} | _event()]}).encode()
    yield _refused(server, "wrong key", (401,), batch(small, "sw_nobody_" + "0" * 40))
    yield _refused(
        server, "no key", (401,), lambda: _post(server, "/v1/batch", small, {"Content-Type": "application/json"})
    )
    yield _refused(server, "revoked key", (401,), batch(small, revoked))
    yield _refused(server, "key of 100 kB", (400, 401, 413, 431), batch(small, "k" * 100_000))
    long = json.dumps(_event(anonymousId="x" * 10_240)).encode()
    yield _refused(server, "ids of 10 kB", (200, 400), lambda: _post(server, "/v1/track", long, _headers(key)))
    long = json.dumps(_event(messageId="x" * 10_240)).encode()
    yield _refused(server, "message id of 10 kB", (200, 400), lambda: _post(server, "/v1/track", long, _headers(key)))
    numbers = b'{"type":"track","event":"x","anonymousId":"a","properties":{"a":1e999,"b":-0,"c":123456789012345678901234567890}}'
    yield _refused(
        server, "numbers without end", (200, 400), lambda: _post(server, "/v1/track", numbers, _headers(key))
    )


def _nasty_texts(server: Server, key: str) -> Finding:
    """SQL, HTML, template marks and control characters in every text: accepted or refused, stored as they are, harmless."""
    must = "no 5xx; a good event sent after them arrives; tables and pages stay whole"
    answers: dict[int, int] = {}
    for text in NASTY:
        for path in ("track", "identify", "page", "screen", "group", "alias"):
            event = {
                "event": text, "name": text, "userId": text, "anonymousId": text, "previousId": text, "groupId": text,
                "messageId": text + uuid.uuid4().hex, "traits": {"email": text, "first_name": text, text: text},
                "properties": {"product_id": text, "order_id": text, "currency": text, "name": text, text: [text, {text: text}]},
                "context": {"campaign": {"name": text, "source": text, "medium": text}, "page": {"url": text, "referrer": text}},
            }  # fmt: skip
            status, _ = _post(server, f"/v1/{path}", json.dumps(event).encode(), _headers(key))
            answers[status] = answers.get(status, 0) + 1
    good = uuid.uuid4().hex
    status, _ = _post(server, "/v1/track", json.dumps(_event(properties={"product_id": good})).encode(), _headers(key))
    arrived = status == 200 and _arrives(server, good)
    ok = arrived and not [status for status in answers if status >= 500 or status == 0]
    return Finding(
        "SQL and HTML in every text field",
        must,
        f"answers {answers}, the good event {'arrived' if arrived else 'DID NOT ARRIVE'}",
        ok,
    )


def _arrives(server: Server, product_id: str, seconds: float = PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        shop = schwung.open(str(server.workspace))
        if product_id in set(shop.table("events").product_id.execute()):
            return True
        time.sleep(0.3)
    return False


def hostile_requests() -> list[Finding]:
    """All of them against one server, which must be the same process at the end."""
    with new_workspace() as workspace:
        key, revoked = write_key(workspace), write_key(workspace, "old")
        opened = open_workspace(workspace)
        revoke_key(opened, revoked)
        opened.store.close()
        with serving(workspace) as server:
            pid = server.process.pid
            found = [*_requests(server, key, revoked)]
            found.append(tried("SQL and HTML in every text field", "no 5xx", lambda: _nasty_texts(server, key)))
            same = server.process.pid == pid and server.process.poll() is None
            found.append(
                Finding(
                    "the server after all of this", "the same process, healthy", "the same" if same else "gone", same
                )
            )
    return found
