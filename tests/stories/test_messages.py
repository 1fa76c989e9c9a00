"""A newsletter from plan to click: through a real mail server, out of a mailbox, into facts; and away with the person."""

import mailbox
import re
import threading
from email.message import EmailMessage
from typing import Any

from fastapi.testclient import TestClient

from schwung.app.export_person import export_person
from schwung.app.facts import open_facts
from schwung.app.forget import forget
from schwung.app.keys import create_key
from schwung.app.messages import read_message
from schwung.app.process import Heartbeat
from schwung.app.returned import take_mailbox
from schwung.app.send_due import SendDue
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace
from schwung.core.clock import system_clock
from schwung.web.app import create_app
from tests import sender
from tests.conftest import FrozenClock, NewWorkspace
from tests.lives import begin
from tests.outbox import arrivals, people, plan, row_of, states
from tests.people import mirror
from tests.sink import NEWS, Sink, connect, running
from tests.waiting import until

PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"}


def send_due(workspace: Workspace) -> SendDue:
    return SendDue(workspace, threading.Event(), Heartbeat(workspace, "worker"))


def drain(sender: SendDue) -> None:
    while sender():
        pass


def report(status: str, message_id: str) -> bytes:
    """A bounce as a mail server writes it (RFC 3464)."""
    text = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
        "From: mailer-daemon@mx.example\r\nSubject: failed\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; p@example.de\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} unknown\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{message_id}>\r\nSubject: News\r\n\r\n--b--\r\n"
    )
    return text.encode()


def states_in_lake(workspace: Workspace) -> dict[str, int]:
    mirror(workspace)
    with open_facts(workspace) as facts:
        rows = facts.run(facts.table("messages", customer=True))
    found: dict[str, int] = {}
    for state, customer in zip(rows["state"].to_pylist(), rows["customer_id"].to_pylist(), strict=True):
        assert customer is not None
        found[state] = found.get(state, 0) + 1
    return found


def test_from_plan_to_click_and_away(each_workspace: Workspace, clock: FrozenClock) -> None:
    workspace = each_workspace
    with running(Sink()) as sink:
        connect(workspace, sink, '[deliver]\nmailbox = "bounces"\n')
        save_template(workspace, "Hello", NEWS, actor="test")
        agreed = arrivals(workspace, [f"p{number}@example.de" for number in (1_000, 1_001, 1_002)])
        silent = arrivals(workspace, ["p2000@example.de"], consents=("newsletter",))
        numbers = plan(workspace, [*agreed, *silent])
        sender = send_due(workspace)
        drain(sender)
        assert states(workspace) == {"sent": 4}
        mails = {str(sink.mail(nth)["To"]): sink.mail(nth) for nth in range(4)}
    page = _html(mails["p1000@example.de"])
    links = re.findall(r"https://me\.example(/m/[\w-]+)", page)
    assert len(links) == 2 and "https://shop.example/a" not in page
    assert mails["p1000@example.de"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = _html(mails["p2000@example.de"])
    assert "/m/" not in plain and "https://shop.example/a" in plain, "who did not agree is not measured"

    client = TestClient(create_app(workspace, console=False), follow_redirects=False)
    clock.advance(60)
    followed = client.get(links[0], headers=PERSON)
    assert (followed.status_code, followed.headers["location"]) == (302, "https://shop.example/a")
    assert client.get(links[1], headers={"user-agent": "Mozilla/5.0"}).headers["content-type"] == "image/gif"
    assert client.get("/m/bm9uc2Vuc2Vub25zZW5zZQ", headers=PERSON).status_code == 404
    clock.advance(20)
    drain(sender)
    what = [one.what for one in read_message(workspace, numbers[0]).chapters]
    assert {"opened", "clicked", "machine_opened"} <= set(what)

    box = mailbox.Maildir(workspace.folder / "bounces")
    box.add(report("5.1.1", str(row_of(workspace, numbers[1])["provider_id"])))
    box.add(b"From: anna@example.de\r\nSubject: Re: News\r\n\r\nThank you!\r\n")
    assert (take_mailbox(workspace).known, take_mailbox(workspace).reports) == (1, 0)
    assert len(box) == 1, "what a person wrote stays"
    key = create_key(workspace, "provider", "write")
    told = {"events": [{"state": "complained", "message": f"<{row_of(workspace, numbers[2])['provider_id']}>"}]}
    for _ in range(2):
        assert client.post("/api/v1/messages/returned/plain", json=told, auth=(key, "")).json() == {
            "reports": 1,
            "known": 1,
        }
    assert client.post("/api/v1/messages/returned/ses", json=told, auth=(key, "")).status_code == 400
    assert states_in_lake(workspace) == {"sent": 4, "opened": 1, "clicked": 1, "bounced": 1, "complained": 1}
    plan(workspace, [agreed[1], agreed[2]], key="more")
    drain(sender)
    assert states(workspace) == {"sent": 4, "blocked": 2}, "neither is written to again"
    sender.close()

    _away(workspace, agreed[0], numbers[0])


def _away(workspace: Workspace, customer: int, number: int) -> None:
    path = export_person(workspace, customer, "test")
    import zipfile

    with zipfile.ZipFile(path) as archive:
        assert any("planned_messages" in name for name in archive.namelist())
    forget(workspace, customer, "test")
    with workspace.store.read() as tx:
        assert tx.row("messages.one", message_no=number) is None
        assert tx.rows("messages.fates", message_no=number) == []


def test_answers_of_a_server(workspace: Workspace, clock: FrozenClock) -> None:
    """4xx then 5xx, a connection that breaks after the message, an address that does not exist."""
    said: dict[str, list[str | None]] = {
        "p1000@example.de": ["451 4.7.1 greylisted", "550 5.7.1 no"], "p1001@example.de": ["drop"],
        "p1002@example.de": ["550 5.1.1 unknown"], "p1003@example.de": ["451 later", None],
    }  # fmt: skip

    def answer(stage: str, address: str) -> str | None:
        wanted = said[address][0] if said[address] else None
        at = "data" if wanted in ("drop", None) else "rcpt"
        return said[address].pop(0) if stage == at and said[address] else None

    with running(Sink(answer)) as sink:
        connect(workspace, sink, "[deliver]\nconnections = 1\n")
        save_template(workspace, "Hello", NEWS, actor="test")
        numbers = plan(workspace, people(workspace, 4))
        sender = send_due(workspace)
        drain(sender)
        assert states(workspace) == {"planned": 2, "unknown": 1, "failed": 1}
        clock.advance(80)
        drain(sender)
        sender.close()
    found: list[Any] = [(row_of(workspace, one)["state"], row_of(workspace, one)["reason"]) for one in numbers]
    assert found == [("failed", "turned_away"), ("unknown", "answer_lost"), ("failed", "bad_address"), ("sent", None)]
    assert sorted(address for address, _ in sink.got) == ["p1001@example.de", "p1003@example.de"]


def _html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_a_killed_sender_sends_nothing_twice(new_workspace: NewWorkspace, store_url: str) -> None:
    """kill -9 while it sends; another goes on: planned = sent + unknown, and no more in doubt than were being sent."""
    workspace = new_workspace(store=store_url, clock=system_clock)
    with running(Sink()) as sink:
        connect(workspace, sink, '[deliver]\nquiet_from = "00:00"\nquiet_to = "00:00"\nholidays = ""\n')
        save_template(workspace, "Hello", NEWS, actor="test")
        plan(workspace, people(workspace, 240))
        first = begin(sender.main, str(workspace.folder))
        try:
            until(lambda: len(sink.got) >= 60, every=0.002)
        finally:
            first.kill()
            first.join()
        sender.main(str(workspace.folder))
        got = [str(sink.mail(nth)["Message-ID"]).strip("<>") for nth in range(len(sink.got))]
    found = states(workspace)
    assert found.get("sent", 0) + found.get("unknown", 0) == 240 and set(found) <= {"sent", "unknown"}
    assert found.get("unknown", 0) <= workspace.settings.deliver.connections, "one for each connection"
    assert len(set(got)) == len(got), "nothing arrives twice"
    assert found.get("sent", 0) <= len(got) <= 240
