"""Bounces out of a real IMAP server: many reports, letters that nobody can read, a lost connection, a wrong password."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from schwung.app import returned
from schwung.app.doctor import examine
from schwung.app.returned import Mailbox, Taken, take_mailbox, waiting_in_mailbox
from schwung.app.settings_file import change_settings
from schwung.app.wiring import Workspace
from schwung.channels import mailbox
from schwung.core.errors import SetupError
from tests.conftest import FrozenClock
from tests.imap_server import ImapServer, imap_server
from tests.outbox import Memory, deliverer, people, plan
from tests.stories.test_messages import report
from tests.waiting import until

PERSON = b"From: anna@example.de\r\nSubject: Re: News\r\n\r\nThank you!\r\n"
BOMB = "".join(f'Content-Type: multipart/report; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(3_000)).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imap_server() as one, pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", str(one.here / "cert.pem"))
        yield one


@pytest.fixture
def box(server: ImapServer) -> ImapServer:
    for part in ("new", "cur"):
        for letter in (server.box / part).iterdir():
            letter.unlink()
    return server


def reads(workspace: Workspace, place: str) -> None:
    change_settings(workspace.folder, "deliver", {"mailbox": place})


def sent(workspace: Workspace, count: int) -> list[bytes]:
    """That many messages went out; a bounce for each."""
    plan(workspace, people(workspace, count))
    sender = deliverer(workspace, Memory())
    while sender.run_dry():
        pass
    return [report("5.1.1", f"id-m/{nth}/{1_000 + nth}") for nth in range(count)]


def bounced(workspace: Workspace) -> tuple[int, int]:
    """Messages with a bounce, and what the day counts, on which a new domain's next step depends."""
    with workspace.store.read() as tx:
        rows = tx.rows("messages.fates_of", identifier_ids=list(range(1_000, 1_200)))
        days = tx.rows("messages.days", channel="email", since="2026-01-01")
    return sum(row["state"] == "bounced" for row in rows), sum(day["bounced"] for day in days)


@pytest.mark.parametrize("scheme", ["imaps", "imap"])
def test_many_once_and_what_is_no_report_stays(
    workspace: Workspace, box: ImapServer, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than one window of the mailbox; the same report twice; a letter that breaks whoever reads it."""
    monkeypatch.setattr(mailbox, "_WINDOW", 100)
    bounces = sent(workspace, 60)
    box.deliver(
        [
            *bounces,
            bounces[-1],
            *[report("5.1.1", f"other-{n}") for n in range(200)],
            PERSON,
            BOMB,
            *bounces[:5],
            PERSON,
        ]
    )
    reads(workspace, box.place(scheme))
    assert waiting_in_mailbox(workspace) == 269
    assert take_mailbox(workspace) == Taken(266, 66)
    assert bounced(workspace) == (60, 60)
    assert box.left() == {"S": 3}, "reports are gone; what a person wrote, and the bomb, are marked as seen"
    assert take_mailbox(workspace) == Taken(0, 0)


def test_a_connection_lost_on_the_way_loses_and_doubles_nothing(
    workspace: Workspace, box: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.deliver(sent(workspace, 120))
    reads(workspace, box.place())
    taken = returned.take
    calls = iter(range(9))

    def and_away(*given: object) -> Taken:
        found = taken(*given)  # type: ignore[arg-type]
        if next(calls) == 1:
            box.crash()
        return found

    monkeypatch.setattr(returned, "take", and_away)
    with pytest.raises(SetupError) as lost:
        take_mailbox(workspace)
    assert lost.value.code == "mailbox_unreachable"
    assert bounced(workspace) == (100, 100) and len(list(box.box.glob("*/*.here*"))) == 70
    with pytest.raises(SetupError, match="Connection refused"):
        take_mailbox(workspace)
    box.start()
    assert take_mailbox(workspace).reports == 70
    assert bounced(workspace) == (120, 120), "what was counted already is not counted again"


def refusals(box: ImapServer) -> int:
    return (box.here / "log").read_text().count("auth failed")


def test_a_wrong_password_is_said_and_not_tried_all_the_time(
    workspace: Workspace, box: ImapServer, clock: FrozenClock
) -> None:
    before = refusals(box)
    reads(workspace, box.place(password="wrong"))
    (found,) = [one for one in examine(workspace) if one.name == "mailbox"]
    assert found.state == "error" and found.step is not None
    assert "localhost refuses user or password" in found.detail.en and "weist Benutzer oder Passwort" in found.detail.de
    assert "mailbox in the settings" in found.step.en

    reader = Mailbox(workspace)
    for _ in range(3):
        with pytest.raises(SetupError, match="refuses"):
            reader.take()
    until(lambda: refusals(box) == before + 2)
    clock.advance(16 * 60)
    with pytest.raises(SetupError, match="refuses"):
        reader.take()
    until(lambda: refusals(box) >= before + 3)
    reads(workspace, box.place())
    assert reader.take() == Taken(0, 0), "a new password is tried at once"
    assert refusals(box) == before + 3, "four times it was to read, twice it asked: who asks too often is locked out"
    assert [one.state for one in examine(workspace) if one.name == "mailbox"] == ["ok"]


def test_folders_have_names_of_all_kinds(workspace: Workspace, box: ImapServer) -> None:
    folder = box.box / ".R&APw-ck &- L&AOQ-ufer"
    (folder / "cur").mkdir(parents=True)
    (folder / "tmp").mkdir()
    (folder / "new").mkdir()
    (folder / "new" / "1.M1.here").write_bytes(PERSON)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, box.box.stat().st_uid, box.box.stat().st_gid)
    reads(workspace, box.place(folder="Rück & Läufer"))
    assert waiting_in_mailbox(workspace) == 1
    reads(workspace, box.place(folder="Nirgends"))
    with pytest.raises(SetupError, match="knows no folder “Nirgends”"):
        take_mailbox(workspace)


def test_an_unproved_or_unprotected_server_gets_no_password(
    workspace: Workspace, box: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Path(__file__)))
    reads(workspace, box.place())
    with pytest.raises(SetupError, match="certificate verify failed"):
        take_mailbox(workspace)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.2", 0)) as bare:
        thread = threading.Thread(target=_without_tls, args=(bare, heard))
        thread.start()
        reads(workspace, f"imap://me:secret@127.0.0.2:{bare.getsockname()[1]}")
        with pytest.raises(SetupError) as refused:
            take_mailbox(workspace)
        thread.join(30)
    assert refused.value.code == "mailbox_unprotected"
    assert heard and b"secret" not in b"".join(heard)


def _without_tls(server: socket.socket, heard: list[bytes]) -> None:
    one, _ = server.accept()
    with one, one.makefile("rwb") as lines:
        lines.write(b"* OK ready\r\n")
        lines.flush()
        for line in lines:
            heard.append(line)
            lines.write(b"* CAPABILITY IMAP4rev1\r\n" + line.split()[0] + b" OK done\r\n")
            lines.flush()


@pytest.mark.parametrize("place", ["imaps://me:a/b@mail.example", "imaps://mail.example", "imaps://me:x@h:port/"])
def test_half_an_address(workspace: Workspace, place: str) -> None:
    reads(workspace, place)
    with pytest.raises(SetupError, match=r"imaps://USER:PASSWORD@HOST/FOLDER"):
        take_mailbox(workspace)
