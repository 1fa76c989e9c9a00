"""A customer over HTTP, from the first event to the erasure, while server and worker run."""

import base64
import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schwung.app.keys import create_key
from schwung.app.wiring import create_workspace
from tests.served import Served


class Client:
    def __init__(self, address: str, key: str) -> None:
        self._address, self._key = address, key

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        token = base64.b64encode(f"{self._key}:".encode()).decode()
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._address}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        found, content = self.call(method, path, body)
        assert found == status, content
        return json.loads(content)


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Client]]:
    folder = tmp_path_factory.mktemp("person") / "shop"
    workspace = create_workspace(folder, "")
    keys = {scope: create_key(workspace, "shop", scope, requires_consent=False) for scope in ("write", "read", "admin")}  # type: ignore[arg-type]
    workspace.store.close()
    server = Served(folder)
    try:
        server.wait()
        yield {scope: Client(server.address, key) for scope, key in keys.items()} | {"folder": folder}  # type: ignore[dict-item]
    finally:
        server.stop()


def find(client: Client, identifier: str) -> int:
    until = time.monotonic() + 90
    while True:
        status, content = client.call("GET", f"/api/v1/customers/find?identifier={identifier}")
        if status == 200:
            return int(json.loads(content)["customer_id"])
        assert status == 404 and time.monotonic() < until, content
        time.sleep(0.05)


def test_a_customer_over_http(clients: dict[str, Client]) -> None:
    write, read, admin = clients["write"], clients["read"], clients["admin"]
    write.json("POST", "/v1/identify", {"userId": "anna", "traits": {"email": "anna@x.de", "name": "<b>Anna</b>"}})
    write.json("POST", "/v1/track", {"userId": "anna", "event": "Order Completed", "properties": {
        "order_id": "1", "total": 10, "currency": "EUR", "products": [{"product_id": "p", "price": 10, "quantity": 1}]}})  # fmt: skip
    write.json("POST", "/v1/page", {"anonymousId": "device-1", "name": "Home"})
    anna, device = find(read, "email:anna@x.de"), find(read, "device-1")
    shown = read.json("GET", f"/api/v1/customers/{anna}")
    assert shown["traits"]["name"]["value"] == "<b>Anna</b>" and len(shown["identities"]) == 2

    read.json("POST", f"/api/v1/customers/{anna}/merge", {"other_id": device}, status=403)
    assert admin.json("POST", f"/api/v1/customers/{anna}/merge", {"other_id": device}) == {"customer_id": anna}
    assert find(read, "device-1") == anna
    (merge,) = read.json("GET", f"/api/v1/customers/{anna}/merges")["merges"]
    separated = admin.json("POST", f"/api/v1/customers/{anna}/unmerge", {"identifier_ids": merge["leaving"]})
    assert separated == {"customer_id": anna, "separated_id": device}

    until = time.monotonic() + 90
    while True:
        kinds = [one["kind"] for one in read.json("GET", f"/api/v1/customers/{anna}/timeline")["entries"]]
        if kinds.count("order") == 1:
            break
        assert time.monotonic() < until, kinds
        time.sleep(0.1)

    consent = {"purpose": "newsletter", "channel": "email", "state": "granted"}
    assert (
        admin.json("POST", f"/api/v1/customers/{anna}/consents", consent, status=400)["code"] == "consent_without_proof"
    )
    admin.json("POST", f"/api/v1/customers/{anna}/consents", {**consent, "proof": "double opt-in"}, status=201)
    admin.json("POST", f"/api/v1/customers/{anna}/opt-outs", {"topic": "objection"}, status=201)
    said = read.json("GET", f"/api/v1/customers/{anna}/consents")
    assert said["has_objected"] and said["in_force"][0]["state"] == "granted"
    assert "advertising" in read.json("GET", "/api/v1/consents/words")["purposes"]

    status, content = admin.call("GET", f"/api/v1/customers/{anna}/export")
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "Anschreiben.pdf" in archive.namelist()
    acts = {entry["act"] for entry in admin.json("GET", f"/api/v1/customers/{anna}/audit")["entries"]}
    assert {"viewed", "merged", "unmerged", "consent_recorded", "opted_out", "exported"} <= acts

    report = admin.json("DELETE", f"/api/v1/customers/{anna}")
    assert report["lake_kept"]["orders"] == 1 and "tombstones" in report["notes"]
    assert read.json("GET", f"/api/v1/customers/{anna}", status=404)["code"] == "unknown_customer"
    folder: Any = clients["folder"]
    assert isinstance(folder, Path)
    assert not [path for path in folder.rglob("*") if path.is_file() and b"anna@x.de" in path.read_bytes()]
