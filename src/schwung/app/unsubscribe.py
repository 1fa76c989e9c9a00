"""What a person decides without sign-in, by a signed link: unsubscribing, the preference centre. A no acts at once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from schwung.act.legality import ADVERTISING, Verdict, purposes_of, topic_of
from schwung.app import audit
from schwung.app.consent_texts import newest_texts
from schwung.app.consents import opt_out
from schwung.app.double_opt_in import request
from schwung.app.law import cancel, may_all, standing
from schwung.app.message_events import Fate, tell
from schwung.app.ports import Transaction
from schwung.app.profiles import traits_of
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.text import LANGUAGES, Language
from schwung.unify.consent import OBJECTION, in_force

ACTOR = "person"
CHOICES = (*ADVERTISING, "tracking")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose address a link speaks of. masked: so much of it that its owner knows it, and nobody else."""

    customer_id: int
    identifier_id: int
    channel: str
    masked: str
    address: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the preference centre. can_be_asked_for: there is a text by which a yes can be given again."""

    purpose: str
    is_on: bool
    can_be_asked_for: bool


def holder(tx: Transaction, identifier_id: int) -> Holder | None:
    """None: the person was erased, or the address changed hands."""
    row = tx.row("law.address", identifier_id=identifier_id)
    if row is None:
        return None
    channel = "email" if row["kind"] == "email" else "any"
    return Holder(row["customer_id"], row["identifier_id"], channel, masked(row["value"]), row["value"])


def language_of(workspace: Workspace, tx: Transaction, who: Holder | None) -> Language | None:
    """What the person speaks, where it is known."""
    told = traits_of(tx, [who.customer_id]).get(who.customer_id, {}).get("language", '""') if who else '""'
    spoken = str(json.loads(told))[:2].lower()
    return spoken if spoken in LANGUAGES else None


def unsubscribe(workspace: Workspace, identifier_id: int, purpose: str) -> None:
    """No more messages of this purpose: kept, what was planned is cancelled, an event tells it. A second time changes nothing."""
    topic = topic_of(purpose or "advertising")
    with workspace.store.write() as tx:
        who = holder(tx, identifier_id)
        if who is None:
            return
        now = workspace.clock()
        cancel(tx, who.customer_id, topic, who.channel, now)
        if tx.value("law.is_opted_out", customer_id=who.customer_id, topic=topic, channel=who.channel):
            return
        _say_no(tx, who, topic, now)
        number = tx.value(
            "law.last_sent", customer_id=who.customer_id, identifier_id=who.identifier_id, purpose=purpose
        )
        message = tx.row("messages.one", message_no=number) if number is not None else None
        if message is not None:
            tell(workspace, tx, [Fate(message, "unsubscribed", now)])


def choices(workspace: Workspace, who: Holder) -> list[Choice]:
    """What the preference centre shows: each purpose that is allowed now, or could be asked for."""
    askable = {purpose for one in newest_texts(workspace) if one.channel == "email" for purpose in one.purposes}
    with workspace.store.read() as tx:
        now = workspace.clock()
        verdicts: Mapping[str, Verdict] = may_all(tx, who.customer_id, "email", now)
        consents = in_force(standing(tx, who.customer_id).consents)
    tracking = [
        one for (purpose, channel), one in consents.items() if purpose == "tracking" and channel in ("any", "email")
    ]
    on = {purpose: verdicts[purpose].is_allowed for purpose in ADVERTISING}
    on["tracking"] = any(one.holds(now) for one in tracking) and all(one.state == "granted" for one in tracking)
    return [
        Choice(purpose, on[purpose], purpose in askable and who.channel == "email")
        for purpose in CHOICES
        if on[purpose] or purpose in askable
    ]


def choose(workspace: Workspace, who: Holder, wanted: frozenset[str], language: Language) -> bool:
    """The purposes that the person wants: others end at once; new ones are asked for by a mail to the address, since a
    link may have been forwarded. True when such a mail was planned."""
    before = {one.purpose: one for one in choices(workspace, who)}
    for purpose, one in before.items():
        if one.is_on and purpose not in wanted:
            unsubscribe(workspace, who.identifier_id, purpose) if purpose in ADVERTISING else _withdraw(
                workspace, who, purpose
            )
    new = {purpose for purpose in wanted if purpose in before and not before[purpose].is_on}
    asked = False
    for text in newest_texts(workspace) if who.channel == "email" else ():
        if new & set(text.purposes) and text.channel == "email":
            asked = request(workspace, who.address, text.name, source="preference centre", language=language) or asked
            new -= set(text.purposes)
    return asked


def end_all(workspace: Workspace, who: Holder) -> None:
    """No advertising at all any more."""
    unsubscribe(workspace, who.identifier_id, "advertising")


def object_to_all(workspace: Workspace, who: Holder) -> None:
    """Art. 21 GDPR: no advertising, and no predictions about the person."""
    end_all(workspace, who)
    with workspace.store.read() as tx:
        objected = tx.value("law.is_opted_out", customer_id=who.customer_id, topic=OBJECTION, channel="any")
    if not objected:
        opt_out(workspace, who.customer_id, ACTOR, OBJECTION, source="preference centre")


def masked(value: str) -> str:
    """`anna@example.de` → `a•••@e•••.de`; of other addresses the last two signs."""
    local, at, domain = value.rpartition("@")
    if not at:
        return "•••" + value[-2:]
    return f"{local[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"


def _withdraw(workspace: Workspace, who: Holder, purpose: str) -> None:
    with workspace.store.write() as tx:
        now = workspace.clock()
        tx.run(
            "law.withdraw", identifier_id=who.identifier_id, customer_id=who.customer_id, purposes=[purpose], channel="any",
            source="preference centre", now=now,
        )  # fmt: skip
        audit.add(
            tx, now, ACTOR, "consent_recorded", who.customer_id, purpose=purpose, channel="any", state="withdrawn"
        )


def _say_no(tx: Transaction, who: Holder, topic: str, now: Instant) -> None:
    """The opt-out, and what was granted for it is withdrawn."""
    tx.run(
        "consent.opt_out",
        identifier_id=who.identifier_id,
        topic=topic,
        channel=who.channel,
        source="link",
        opted_out_at=now,
    )
    tx.run(
        "law.withdraw", identifier_id=who.identifier_id, customer_id=who.customer_id, purposes=list(purposes_of(topic)),
        channel=who.channel, source="link", now=now,
    )  # fmt: skip
    audit.add(tx, now, ACTOR, "opted_out", who.customer_id, topic=topic, channel=who.channel)
