"""Double opt-in: an address typed into a form is nobody's until its owner confirms from the mailbox; after 14 days it is gone."""

import json
from dataclasses import dataclass

import msgspec

from schwung.app import audit
from schwung.app.buried import is_buried, readmit
from schwung.app.consent_texts import read_text
from schwung.app.customers import known_value
from schwung.app.facts import as_of
from schwung.app.own_event import SOURCE
from schwung.app.ports import Row, Transaction
from schwung.app.publish import newest_snapshot
from schwung.app.receive import add_events
from schwung.app.signed_links import Link as SignedLink
from schwung.app.signed_links import confirm_link, link_expired, token_of
from schwung.app.templates import read_template
from schwung.app.wiring import Workspace
from schwung.collect.arrival import key_of_id
from schwung.collect.event import Claim, Event
from schwung.collect.wire import Accepted
from schwung.core.clock import DAY, MINUTE, Instant, to_datetime
from schwung.core.errors import InputError
from schwung.core.text import LANGUAGES, Language, Text

TEMPLATE = "double_opt_in"
KEPT_DAYS = 14
_PAUSE = 10 * MINUTE
_MOST_A_DAY = 3


@dataclass(frozen=True, slots=True)
class OptIn:
    """A request as its owner sees it. text: what is agreed to."""

    request_no: int
    address: str
    name: str
    version: int
    purposes: tuple[str, ...]
    channel: str
    text: Text
    language: Language
    source: str
    asked_at: Instant
    confirmed_at: Instant | None


def request(workspace: Workspace, address: str, name: str, *, source: str, language: str | None = None) -> bool:
    """Plan the mail that asks for confirmation. False when one went lately: nobody is flooded through a form.

    InputError for what is no e-mail address, an unknown text, or without the template `double_opt_in`.
    """
    value = known_value(workspace, "email", address)
    read_template(workspace, TEMPLATE)
    token_of(workspace, SignedLink("confirm", 0))  # the first key is made here, outside the commit below
    spoken = language if language in LANGUAGES else workspace.settings.workspace.language
    with workspace.store.write() as tx:
        now, text = workspace.clock(), read_text(tx, name)
        if not text.purposes:
            raise InputError(
                "consent_text_grants_nothing",
                Text("“{name}” is a notice, no consent.", "„{name}“ ist ein Hinweis, keine Einwilligung.").fill(
                    name=name
                ),
                Text("Name another text.", "Einen anderen Text nennen."),
            )
        lately = tx.row("law.asked_lately", address=value, name=name, since=now - DAY)
        assert lately is not None
        if lately["asked"] >= _MOST_A_DAY or lately["last_at"] > now - _PAUSE:
            return False
        number = int(tx.value("store.draw", name="double_opt_in", count=1))
        key = f"double_opt_in:{number}"
        tx.run(
            "law.ask", request_no=number, address=value, text_no=text.text_no, language=spoken, source=source[:200], now=now, message_key=key
        )  # fmt: skip
        known = tx.row("identity.one", kind="email", value=value)
        variables = {
            "confirm_url": confirm_link(workspace, number),
            "consent_text": text.text.in_(spoken),
            "language": spoken,
        }
        tx.run(
            "messages.plan", message_key=key, customer_id=known["customer_id"] if known else 0, channel="email",
            purpose="double_opt_in", is_advertising=0, template=TEMPLATE, variables=json.dumps(variables), campaign=None,
            identifier_id=known["identifier_id"] if known else None, planned_at=now, due_at=now, lapses_at=None,
        )  # fmt: skip
    return True


def read_request(workspace: Workspace, request_no: int) -> OptIn:
    """InputError when it is gone: not confirmed within 14 days, or erased."""
    with workspace.store.read() as tx:
        row = tx.row("law.request", request_no=request_no)
    if row is None or (row["confirmed_at"] is None and row["asked_at"] <= workspace.clock() - KEPT_DAYS * DAY):
        raise link_expired()
    return OptIn(
        row["request_no"], row["address"], row["name"], row["version"], tuple(json.loads(row["purposes"])), row["channel"],
        Text(row["en"], row["de"]), row["language"], row["source"], row["asked_at"], row["confirmed_at"],
    )  # fmt: skip


def confirm(workspace: Workspace, request_no: int) -> OptIn:
    """The owner of the address says yes; a second time changes nothing. The consent and its proof are kept, and an event."""
    found = read_request(workspace, request_no)
    if is_buried(workspace, "email", found.address):
        readmit(workspace, "email", found.address, "person")
    with workspace.store.write() as tx:
        now = workspace.clock()
        if tx.run("law.confirm", request_no=request_no, now=now):
            _tell(workspace, tx, found, now)
            settle(tx, now)
    return found


def settle(tx: Transaction, now: Instant) -> int:
    """Confirmed requests whose address has a customer by now become consents; how many."""
    rows = tx.rows("law.confirmed")
    # Marked first, so that of two workers only one goes on.
    mine = [row for row in rows if tx.run("law.settle", request_no=row["request_no"], now=now)]
    for row in mine:
        proof = json.dumps(_proof(row), ensure_ascii=False)
        for purpose in json.loads(row["purposes"]):
            tx.run(
                "law.add_confirmed", identifier_id=row["identifier_id"], purpose=purpose, channel=row["channel"],
                source=row["source"], proof=proof, text_no=row["text_no"], confirmed_at=row["confirmed_at"], now=now,
            )  # fmt: skip
        audit.add(tx, now, "person", "consent_confirmed", row["customer_id"], text=row["name"], version=row["version"])
    return len(mine)


def settle_confirmed(workspace: Workspace) -> bool:
    """What the worker does at each beat. True when somebody's consent was waiting for its customer."""
    with workspace.store.read() as tx:
        if not tx.rows("law.confirmed"):
            return False
    with workspace.store.write() as tx:
        return settle(tx, workspace.clock()) > 0


def drop_unconfirmed(workspace: Workspace) -> int:
    """Addresses that nobody confirmed within 14 days are deleted; how many."""
    with workspace.store.write() as tx:
        settle(tx, workspace.clock())
        return tx.run("law.drop_requests", before=workspace.clock() - KEPT_DAYS * DAY)


def _proof(row: Row) -> dict[str, object]:
    """What shows later that it was given. No IP address: the mailbox that answered proves more."""
    return {
        "how": "double_opt_in",
        "text": f"{row['name']}/{row['version']}",
        "form": row["source"],
        "asked_at": to_datetime(row["asked_at"]).isoformat(),
        "confirmed_at": to_datetime(row["confirmed_at"]).isoformat(),
        "by": "link sent to the address, confirmed on its page",
    }


def _tell(workspace: Workspace, tx: Transaction, one: OptIn, now: Instant) -> None:
    """An event of the person, by which the address gets its customer and journeys may begin."""
    happened_at = (
        now if workspace.settings.workspace.as_of == "now" else min(now, as_of(workspace, newest_snapshot(tx)))
    )
    events = []
    for purpose in one.purposes:
        own_id = f"consent:{one.request_no}:{purpose}"
        told = msgspec.json.encode(
            {"purpose": purpose, "channel": one.channel, "text": one.name, "version": one.version}
        )
        claims = (Claim("email", one.address),)
        event = Event(own_id, "track", "consent_given", happened_at, now, SOURCE, claims, told)
        events.append(Accepted(key_of_id(SOURCE, own_id, one.asked_at // 1_000), event))
    add_events(tx, events, [])
    tx.run("intake.count_name", name="consent_given", source=SOURCE, is_declared=1, now=now, count=len(events))
