"""From a planned message to a mailbox: rendered for the person, signed, with one click to be rid of the next one."""

import threading
from collections.abc import Callable

from schwung.app.process import Heartbeat
from schwung.app.send_due import SendDue
from schwung.app.signed_links import unsubscribe_link
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace
from tests.outbox import people, plan
from tests.unit.app.test_post import inbox
from tests.unit.app.test_templates import FOOT
from tests.unit.channels.test_email import Inbox, keys, opened

__all__ = ["inbox"]


def test_planned_messages_arrive_each_in_its_words(
    new_workspace: Callable[..., Workspace], inbox: tuple[Inbox, int]
) -> None:
    received, port = inbox
    email = f'server = "127.0.0.1"\nport = {port}\nsecurity = "none"\ndkim_domain = "kaffeehaus.example"\n'
    shop = new_workspace(
        more=f'[email]\nsender = "hallo@kaffeehaus.example"\nimprint = "Kaffeehaus GmbH"\n{email}[deliver]\nquiet_from = "00:00"\nquiet_to = "00:00"\n'
    )
    (shop.folder / "dkim.pem").write_bytes(keys()[1][1])
    with shop.store.write() as tx:  # a trait is known once anybody has it
        tx.run("profile.observe", identifier_id=1, name="nr", source="shop", value="1", observed_at=1)
    body = "<p>{% if customer.nr == 3 %}{{ customer.nr.x.y }}{% endif %}</p>" + FOOT
    words = {"subject": "Nr. {{ customer.nr }}", "preheader": "x", "body": body}
    save_template(shop, "Hello", {"purpose": "newsletter", "de": words, "en": words}, actor="test")
    numbers = plan(shop, people(shop, 5))
    with shop.store.write() as tx:
        rows = [
            {"identifier_id": 1_000 + nth, "name": "nr", "source": "shop", "value": str(nth), "observed_at": 1}
            for nth in range(5)
        ]
        tx.run_many("profile.observe", rows)
    sending = SendDue(shop, threading.Event(), Heartbeat(shop, "sender"))
    while sending():
        pass
    sending.close()
    with shop.store.read() as tx:
        states = [tx.row("messages.one", message_no=number)["state"] for number in numbers]  # type: ignore[index]
    assert states == ["sent", "sent", "sent", "failed", "sent"], "one that cannot be made holds up no other"
    got = {one.rcpt_tos[0]: opened(one.content) for one in received.got}  # type: ignore[arg-type]
    assert sorted(got) == [f"p100{nth}@example.de" for nth in (0, 1, 2, 4)]
    mail = got["p1002@example.de"]
    assert mail["Subject"] == "Nr. 2" and mail["List-Unsubscribe"] == f"<{unsubscribe_link(shop, 1_002, 'newsletter')}>"
    assert (
        mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        and "list-unsubscribe-post" in mail["DKIM-Signature"]
    )
