"""What strangers name things: files, columns, sources, events. It is shown as text, and lands nowhere else."""

import io
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from schwung.app import keys
from schwung.app.import_uploads import run_next
from schwung.app.settings_file import change_settings
from schwung.app.wiring import Workspace
from tests.contract.test_access_http import csrf_of, sign_in

EVIL = "<img src=x onerror=alert(1)>{{7*7}}"
ROWS = (
    "Bestellnr;Datum;Kunde;Artikel;Menge;Einzelpreis;{evil}\r\n"
    + "".join(f"{number};0{number}.02.2026;K1;A1;2;1,50;{{evil}}\r\n" for number in range(1, 8))
    + "8;nie {evil};K1;A1;2;1,50;x\r\n"
)


@pytest.fixture
def editor(workspace: Workspace) -> TestClient:
    return sign_in(workspace, "editor")


def _upload(client: TestClient, name: str, content: bytes, **more: str) -> tuple[int, str, str]:
    data = {"csrf": csrf_of(client), "kind": "order_lines", "source": "kasse", **more}
    answer = client.post("/imports/new", data=data, files={"file": (name, io.BytesIO(content), "text/csv")})
    return answer.status_code, answer.headers.get("location", ""), answer.text


@pytest.mark.parametrize(
    "name",
    ["../../../etc/cron.d/x.csv", "..\\..\\x.csv", "/abs/olute.csv", ".hidden.csv", "a\nb\r.csv", "x" * 400 + ".csv",
     EVIL + ".csv", "a;rm -rf $(x)`y`.csv", "con.csv", "größe ✂.csv", "%2e%2e%2fx.csv"],
)  # fmt: skip
def test_a_file_lands_in_its_folder_whatever_its_name(workspace: Workspace, editor: TestClient, name: str) -> None:
    status, location, _ = _upload(editor, name, ROWS.format(evil="Bemerkung").encode())
    assert (status, bool(re.fullmatch(r"/imports/\d+/columns", location))) == (303, True)
    uploads = list((workspace.files_folder / "uploads").iterdir())
    assert len(uploads) == 1 and re.fullmatch(r"\d+-[\w .\-]+\.csv", uploads[0].name)
    assert not [path for path in Path(workspace.folder).rglob("*.csv") if path != uploads[0]]
    page = editor.get(location)
    assert page.status_code == 200 and "<img src=x" not in page.text


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", b"MZ"), ("", b"x"), ("noending", b"a;b\n"), ("broken.parquet", b"PAR1no"), ("broken.xlsx", b"PK\x03\x04no"),
     ("empty.csv", b""), ("zeros.csv", b"\x00" * 5_000), ("broken.jsonl", b"{\xff\xfe")],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_reason(
    workspace: Workspace, editor: TestClient, name: str, content: bytes
) -> None:
    status, location, text = _upload(editor, name, content)
    if status == 303:  # a table without rows
        assert editor.get(location).status_code == 200
        return
    assert status == 400 and 'role="alert"' in text
    folder = workspace.files_folder / "uploads"
    assert not folder.exists() or not list(folder.iterdir()), "what was refused is not kept"


@pytest.mark.parametrize("source", ["a b", "../x", EVIL, "x" * 61])
def test_a_source_that_cannot_be_is_refused(editor: TestClient, source: str) -> None:
    status, _, text = _upload(editor, "a.csv", ROWS.format(evil="x").encode(), source=source)
    assert status == 400 and "<img" not in text


def test_names_of_columns_and_content_are_text(workspace: Workspace, editor: TestClient) -> None:
    evil = EVIL.replace(";", "")
    _, location, _ = _upload(editor, f"{evil}.csv", ROWS.format(evil=evil).encode())
    number = location.split("/")[2]
    for path in (location, f"/imports/{number}/dry", "/imports"):
        page = editor.get(path).text
        assert "<img src=x" not in page and "49</" not in page, path
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in editor.get(location).text
    assert editor.post(f"/imports/{number}/start", data={"csrf": csrf_of(editor)}).status_code == 303
    assert run_next(workspace)
    rejects = editor.get(f"/imports/{number}/rejects.csv")
    assert rejects.headers["content-type"].startswith("text/csv")
    assert rejects.headers["content-disposition"].startswith("attachment")
    assert "<img src=x" not in editor.get(f"/imports/{number}").text


def test_a_stranger_cannot_fill_the_disk(workspace: Workspace) -> None:
    """Whoever may not import is turned away before the body is read."""
    from tests.contract.test_access_http import client_of

    read = []

    def body() -> object:
        for _ in range(50):
            read.append(1)
            yield b"x" * 10_000

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for client, status in ((client_of(workspace), 303), (sign_in(workspace, "viewer"), 403)):
        answer = client.post("/imports/new", content=body(), headers=kind)  # type: ignore[arg-type]
        assert answer.status_code == status
    assert not (workspace.files_folder / "uploads").exists()


def test_names_of_sources_are_text(workspace: Workspace) -> None:
    owner = sign_in(workspace, "owner")
    made = owner.post("/sources", data={"csrf": csrf_of(owner), "name": EVIL})
    assert made.status_code == 200 and "<img src=x" not in made.text
    for path in ("/sources", "/live", "/health-check/audit"):
        page = owner.get(path).text
        assert "<img src=x" not in page, path
        assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in page, path


def test_a_secret_is_shown_to_owners_once(workspace: Workspace) -> None:
    owner = sign_in(workspace, "owner")
    made = owner.post("/sources", data={"csrf": csrf_of(owner), "name": "shop"}).text
    secret = re.search(r"sw_[0-9a-f]{8}_[0-9a-f]{40}", made)
    assert secret is not None
    assert keys.authenticate(workspace, secret.group(), "write")
    for role in ("viewer", "editor"):
        lesser = sign_in(workspace, role)  # type: ignore[arg-type]
        page = lesser.get("/sources/shop").text
        assert secret.group()[:11] in page and not re.search(r"sw_[0-9a-f]{8}_[0-9a-f]", page)
        assert "/sources/keys/" not in page and "/sources/webhook" not in page
        assert 'action="/sources"' not in lesser.get("/sources").text
    assert secret.group() not in owner.get("/sources/shop").text


def test_a_password_within_an_address_is_not_shown_and_stays(workspace: Workspace) -> None:
    change_settings(workspace.folder, "deliver", {"mailbox": "imaps://me:geheim@old.example/INBOX"})
    owner = sign_in(workspace, "owner")
    page = owner.get("/settings?section=deliver").text
    assert "geheim" not in page and "imaps://me:…@old.example/INBOX" in page
    csrf = {"csrf": csrf_of(owner)}
    owner.post("/settings/deliver", data={**csrf, "mailbox": "imaps://me:…@old.example/INBOX"})
    assert workspace.settings.deliver.mailbox == "imaps://me:geheim@old.example/INBOX", "sent back as shown"
    owner.post("/settings/deliver", data={**csrf, "mailbox": "imaps://me:…@new.example/INBOX"})
    assert workspace.settings.deliver.mailbox == "imaps://me:geheim@new.example/INBOX", "another server, same password"


def test_what_an_owner_does_is_on_record(workspace: Workspace) -> None:
    owner = sign_in(workspace, "owner")
    csrf = {"csrf": csrf_of(owner)}
    owner.post("/sources", data={**csrf, "name": "shop"})
    owner.post("/settings/workspace", data={**csrf, "name": "Neuer Name"})
    owner.post("/settings/rates/set", data={**csrf, "currency": "usd", "rate": "0,92", "since": "2026-01-01"})
    owner.post("/settings/rates/remove", data={**csrf, "currency": "USD", "since": "2026-01-01"})
    owner.post("/sources/webhook", data={**csrf, "source": "shop", "mapping": "event: type"})
    page = owner.get("/health-check/audit").text
    for said in (
        "Key created",
        "Settings changed",
        "Exchange rate entered",
        "Exchange rate removed",
        "Mapping of a webhook",
    ):
        assert said in page, said
    assert page.count("<td>owner</td>") >= 5, "by the name of who did it"
    assert "Neuer Name" not in page.split("<main", 1)[1], "values are not written down"
