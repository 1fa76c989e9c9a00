"""From a form to the newsletter and away again: through a real mail server, by the links in the mails themselves."""

import re
from email.message import EmailMessage

from fastapi.testclient import TestClient

from schwung.app.consent_start import start
from schwung.app.double_opt_in import request
from schwung.app.facts import open_facts
from schwung.app.templates import save_template
from schwung.app.wiring import Workspace
from schwung.web.app import create_app
from tests.conftest import FrozenClock
from tests.outbox import plan, states
from tests.people import customer_of, mirror
from tests.sink import NEWS, Sink, connect, running
from tests.stories.test_messages import drain, send_due

ADDRESS = "ben@example.de"


def body(mail: EmailMessage, kind: str = "html") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_from_form_to_newsletter_and_away(workspace: Workspace, clock: FrozenClock) -> None:
    with running(Sink()) as sink:
        connect(workspace, sink)
        start(workspace, "cli:test")
        save_template(workspace, "Hello", NEWS, actor="cli:test")
        client = TestClient(create_app(workspace, intake=False, console=False), follow_redirects=False)
        sender = send_due(workspace)
        assert request(workspace, ADDRESS, "newsletter", source="https://shop.example/footer", language="de")
        drain(sender)
        asked = sink.mail(0)
        assert asked["To"] == ADDRESS and asked["Subject"] == "Bitte bestätigen Sie Ihre Anmeldung"
        assert asked["List-Unsubscribe"] is None and "/m/" not in body(asked), "no advertising, nothing measured"
        assert "darf mir E-Mails mit Neuigkeiten" in body(asked) and "darf mir" in body(asked, "plain")
        (link,) = set(re.findall(r"/p/confirm/[\w-]+", body(asked)))
        clock.advance(60)
        assert client.get(link).status_code == 200 and customer_of(workspace, "email", ADDRESS) is None
        assert client.post(link).status_code == 200
        mirror(workspace)
        ben = customer_of(workspace, "email", ADDRESS)
        assert ben is not None
        plan(workspace, [ben])
        drain(sender)
        news = sink.mail(1)
        assert news["To"] == ADDRESS and news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        away = re.fullmatch(r"<https?://[^/]+(/p/unsubscribe/[\w-]+)>", str(news["List-Unsubscribe"]))
        assert away and away[1] in body(news), "the link in the mail is the same"
        plan(workspace, [ben], key="next")
        clock.advance(60)
        assert client.post(away[1], data={"List-Unsubscribe": "One-Click"}).status_code == 200
        plan(workspace, [ben], key="after")
        drain(sender)
        sender.close()
    assert states(workspace) == {"sent": 2, "cancelled": 1, "blocked": 1}
    mirror(workspace)
    with open_facts(workspace) as facts:
        rows = facts.run(facts.table("messages", customer=True).select("state", "customer_id")).to_pylist()
    told = sorted((row["state"], row["customer_id"]) for row in rows if row["customer_id"] is not None)
    assert told == [("sent", ben), ("unsubscribed", ben)], "the mail that asked was nobody's yet"
