"""What senders may do wrong, over real HTTP against a real server: a clear problem each time, and the server stays up."""

import gzip
import json
import socket
import zlib
from base64 import b64encode
from collections.abc import Iterator

import httpx
import pytest

from schwung.app.keys import create_key
from schwung.app.wiring import create_workspace, open_workspace
from schwung.collect.chunk import unpack
from schwung.collect.event import Event
from tests.served import Served

SETTINGS = '[serve]\ncors_origins = ["https://shop.example"]\n'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = create_workspace(tmp_path_factory.mktemp("intake") / "shop", SETTINGS)
    made.store.close()
    server = Served(made.folder, "--no-worker", "--no-console")
    yield server.wait()
    server.stop()


@pytest.fixture(scope="module")
def key(served: Served) -> str:
    workspace = open_workspace(served.folder)
    created = create_key(workspace, "shop")
    workspace.store.close()
    return created


@pytest.fixture(scope="module")
def client(served: Served, key: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.address, auth=(key, ""), timeout=90) as opened:
        yield opened


def stored(served: Served, message_id: str) -> list[Event]:
    workspace = open_workspace(served.folder)
    with workspace.store.read() as tx:
        bodies = [row["body"] for row in tx.rows("intake.bodies")]
    workspace.store.close()
    return [event for body in bodies for event in unpack(body) if event.message_id == message_id]


def held(served: Served, code: str) -> int:
    from schwung.app.quarantine import groups

    workspace = open_workspace(served.folder)
    found = sum(group.event_count for group in groups(workspace) if group.example.code == code)
    workspace.store.close()
    return found


def track(message_id: str, **more: object) -> dict[str, object]:
    return {"type": "track", "event": "Product Viewed", "messageId": message_id, "userId": "anna", **more}


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    problem = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"] and problem["step"]


@pytest.mark.parametrize(
    "path", ["/v1/track", "/v1/identify/", "/v1/page", "/v1/screen", "/v1/group", "/v1/alias", "/v1/t"], ids=str
)
def test_every_call_is_stored_before_its_answer(served: Served, client: httpx.Client, path: str) -> None:
    message_id = f"call{path}"
    response = client.post(path, json={"messageId": message_id, "userId": "anna", "event": "Visited", "groupId": "g"})
    assert (response.status_code, response.text) == (200, '{"success": true}')
    assert [event.call[0] for event in stored(served, message_id)] == [path.removeprefix("/v1/")[0]]


def test_an_id_counts_once_within_a_batch_across_requests_and_with_another_time(
    served: Served, client: httpx.Client
) -> None:
    first = track("once", timestamp="2026-01-05T10:00:00Z")
    again = track("once", timestamp="2026-01-05T11:00:00Z")
    for batch in ([first, first], [first], [again], [again, track("beside")]):
        assert client.post("/v1/batch", json={"batch": batch}).status_code == 200
    assert len(stored(served, "once")) == len(stored(served, "beside")) == 1


def test_a_bad_event_is_held_and_the_good_ones_beside_it_are_kept(served: Served, client: httpx.Client) -> None:
    bad = [
        {"type": "dance", "userId": "anna"},
        7,
        "text",
        None,
        track("wrong", userId={"a": 1}),
        track("late", timestamp="soon"),
    ]
    response = client.post("/v1/batch", json={"batch": [track("good-1"), *bad, track("good-2")]})
    assert response.status_code == 200
    assert len(stored(served, "good-1")) == len(stored(served, "good-2")) == 1
    assert (held(served, "unknown_call"), held(served, "wrong_type"), held(served, "time_unreadable")) == (1, 4, 1)
    client.post("/v1/batch", json={"batch": bad})
    assert held(served, "wrong_type") == 4, "the same again is held once"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json_broken"),
        (b"{", "json_broken"),
        (b"[]", "json_broken"),
        (b'{"batch": 5}', "json_broken"),
        (b'{"batch": [{"a": "\xff\xfe"}]}', "json_broken"),
        (b'{"batch": [{"type": "track", "event": "\\ud800"}]}', "json_broken"),
        (b'{"batch": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}", "json_too_deep"),
    ],
    ids=["empty", "cut", "list", "no list", "no UTF-8", "half a character", "deep"],
)
def test_broken_bodies(client: httpx.Client, body: bytes, code: str) -> None:
    assert_problem(client.post("/v1/batch", content=body), 400, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json_broken"),
        (b"[]", "json_broken"),
        (b'{"event": "x"', "json_broken"),
        (b'{"event": "\xff"}', "json_broken"),
        (b'{"properties": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001, "json_too_deep"),
    ],
    ids=["empty", "list", "cut", "no UTF-8", "deep"],
)
def test_broken_single_events(client: httpx.Client, body: bytes, code: str) -> None:
    assert_problem(client.post("/v1/track", content=body), 400, code)


def test_ids_of_ten_kilobytes(served: Served, client: httpx.Client) -> None:
    for field in ("messageId", "userId", "anonymousId"):
        assert_problem(client.post("/v1/track", json=track("long", **{field: "x" * 10_000})), 400, "id_too_long")
    assert client.post("/v1/batch", json={"batch": [track("beside-long"), track("x" * 10_000)]}).status_code == 200
    assert len(stored(served, "beside-long")) == 1
    assert held(served, "id_too_long") == 1


def test_limits_of_size(served: Served, client: httpx.Client) -> None:
    assert_problem(
        client.post("/v1/track", json=track("large", properties={"text": "x" * 33_000})), 413, "body_too_large"
    )
    assert_problem(client.post("/v1/batch", content=b" " * (500 * 1024 + 1)), 413, "body_too_large")
    assert client.post(
        "/v1/batch", json={"batch": [track("small"), track("large", properties={"text": "x" * 33_000})]}
    ).is_success
    assert len(stored(served, "small")) == 1
    assert (len(stored(served, "large")), held(served, "event_too_large")) == (0, 1)
    assert_problem(client.post("/v1/batch", content=b'{"batch":[' + b"{}," * 5_000 + b"{}]}"), 413, "body_too_large")


def test_gzip_and_its_abuses(served: Served, client: httpx.Client) -> None:
    packed = {"content-encoding": "gzip"}
    good = gzip.compress(json.dumps({"batch": [track("packed")]}).encode())
    assert client.post("/v1/batch", content=good, headers=packed).status_code == 200
    assert len(stored(served, "packed")) == 1
    before = served.memory("VmHWM")
    bomb = gzip.compress(b" " * 300_000_000, 9)
    assert len(bomb) < 500 * 1024
    assert_problem(client.post("/v1/batch", content=bomb, headers=packed), 413, "body_too_large")
    assert served.memory("VmHWM") - before < 20_000_000, "the bomb was not unpacked"
    assert_problem(client.post("/v1/batch", content=good[:-9], headers=packed), 400, "body_broken")
    assert_problem(client.post("/v1/batch", content=good + b"more", headers=packed), 400, "body_broken")
    assert_problem(client.post("/v1/batch", content=b"no gzip", headers=packed), 400, "body_broken")
    assert_problem(
        client.post("/v1/batch", content=zlib.compress(b"{}"), headers={"content-encoding": "br"}),
        415,
        "encoding_unknown",
    )


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
def test_a_body_of_a_gigabyte_is_refused_and_not_held(served: Served, key: str, declared: bool) -> None:
    before = served.memory("VmHWM")
    basic = b64encode(f"{key}:".encode()).decode()
    head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {basic}\r\n"
    head += "Content-Length: 1000000000\r\n\r\n" if declared else "Transfer-Encoding: chunked\r\n\r\n"
    part = b" " * 65_536 if declared else b"10000\r\n" + b" " * 65_536 + b"\r\n"
    answer, sent = b"", 0
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as line:
        line.sendall(head.encode())
        line.settimeout(0.01)
        while sent < 1_000_000_000 and not answer:
            try:
                sent += line.send(part)
                answer = line.recv(4096)
            except TimeoutError:
                continue
            except ConnectionError:
                break
        line.settimeout(5)
        if not answer:
            answer = line.recv(4096)
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert sent < 100_000_000
    assert served.memory("VmHWM") - before < 40_000_000


def test_keys(served: Served, client: httpx.Client, key: str) -> None:
    anyone = httpx.Client(base_url=served.address, timeout=90)
    body = {"batch": [track("keyed")]}
    for auth in (None, ("wrong", ""), ("x" * 10_000, ""), ("", key)):
        response = anyone.post("/v1/batch", json=body, auth=auth)
        assert_problem(response, 401, "key_wrong")
        assert response.headers["www-authenticate"].startswith("Basic")
    assert_problem(anyone.post("/v1/batch", json={**body, "writeKey": "wrong"}), 401, "key_wrong")
    assert not stored(served, "keyed")
    assert anyone.post("/v1/batch", json={**body, "writeKey": key}).status_code == 200
    assert anyone.post("/v1/track", json={**track("keyed-alone"), "writeKey": key}).status_code == 200
    assert len(stored(served, "keyed")) == len(stored(served, "keyed-alone")) == 1


def test_a_read_key_may_not_write(served: Served) -> None:
    workspace = open_workspace(served.folder)
    reader, admin = create_key(workspace, "reports", "read"), create_key(workspace, "operations", "admin")
    workspace.store.close()
    answer = httpx.post(f"{served.address}/v1/track", json=track("read"), auth=(reader, ""))
    assert_problem(answer, 401, "key_wrong")
    assert httpx.post(f"{served.address}/v1/track", json=track("admin"), auth=(admin, "")).status_code == 200


def test_browsers(served: Served, client: httpx.Client, key: str) -> None:
    asked = client.options(
        "/v1/track", headers={"origin": "https://shop.example", "access-control-request-method": "POST"}
    )
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "https://shop.example"
    assert "content-type" in asked.headers["access-control-allow-headers"]
    beacon = json.dumps({**track("beacon"), "writeKey": key})
    sent = httpx.post(
        f"{served.address}/v1/track/",
        content=beacon,
        headers={"content-type": "text/plain", "origin": "https://shop.example"},
    )
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, "https://shop.example")
    assert len(stored(served, "beacon")) == 1
    stranger = client.post("/v1/track", json=track("stranger"), headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in stranger.headers


def test_other_addresses_and_methods(client: httpx.Client) -> None:
    assert_problem(client.post("/v1/nothing", json={}), 404, "not_found")
    assert_problem(client.post("/v1/x/track", json={}), 404, "not_found")
    assert_problem(client.get("/v1/track"), 405, "method_wrong")
    assert (
        client.get("/v1/track", headers={"accept-language": "de-DE,de"}).json()["title"]
        == "Ereignisse werden mit POST gesendet."
    )


def test_sql_and_markup_are_text(served: Served, client: httpx.Client) -> None:
    nasty = "'; DROP TABLE chunk; -- <script>alert(1)</script> \x00 \u202e"
    body = track(
        "nasty'; --", event=nasty, userId="o'neil", properties={nasty: nasty}, context={"campaign": {"name": nasty}}
    )
    assert client.post("/v1/track", json=body).status_code == 200
    assert (
        client.post("/v1/track", json={**body, "type": nasty, "messageId": nasty, "timestamp": nasty}).status_code
        == 200
    )
    (event,) = stored(served, "nasty'; --")
    assert json.loads(event.properties) == {nasty: nasty}
    assert event.name == "drop_table_chunk_script_alert_1_script"


def test_no_network_address_is_kept(served: Served, client: httpx.Client) -> None:
    marker = "203.0.113.77"
    context = {"ip": marker, "library": {"name": "x"}}
    body = track(
        "addressed", context=context, properties={"ip": marker, "deep": [{"ip_address": marker}]}, traits={"ip": marker}
    )
    assert client.post("/v1/track", json=body, headers={"x-forwarded-for": marker}).status_code == 200
    assert client.post("/v1/batch", json={"batch": [{**body, "type": "none"}]}).status_code == 200
    workspace = open_workspace(served.folder)
    with workspace.store.read() as tx:
        everything = b"".join(zlib.decompress(row["body"]) for row in tx.rows("intake.bodies"))
    workspace.store.close()
    assert b"addressed" in everything
    assert marker.encode() not in everything
    assert all(marker.encode() not in path.read_bytes() for path in served.folder.rglob("*") if path.is_file())


def test_the_server_is_still_there_and_its_log_says_nothing_personal(served: Served, client: httpx.Client) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert all(word not in served.log for word in ("anna", "203.0.113", "Traceback"))
