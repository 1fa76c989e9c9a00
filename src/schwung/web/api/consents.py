"""Consents, opt-outs and suppressions over HTTP. Reading needs scope read, recording admin."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from schwung.app import double_opt_in
from schwung.app.consent_texts import counted_texts, read_text, save_text
from schwung.app.consents import lift_opt_out, lift_suppression, opt_out, permissions, record_consent, suppress
from schwung.app.customer_json import both, permissions_json
from schwung.app.law import may_all
from schwung.app.merge import customer_unknown
from schwung.app.own_customers import record_own_customer
from schwung.core.clock import to_instant
from schwung.core.text import Text
from schwung.unify.consent import vocabulary
from schwung.web.api.caller import Admin, Reader, Writer
from schwung.web.api.customers import CustomerId, workspace_of

router = APIRouter(tags=["consents"])
Word = Annotated[str, Field(max_length=40)]


class _Consent(BaseModel):
    purpose: Word
    channel: Word
    state: Word = Field(description="granted, refused, withdrawn.")
    legal_basis: Word = "consent"
    source: str = Field("api", max_length=200)
    proof: str | None = Field(None, max_length=4_000, description="How it was given; needed for a grant.")
    given_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    identifier_id: CustomerId | None = Field(None, description="The address that it speaks of.")
    text: Word | None = Field(
        None, description="Name of the consent text that was agreed to; its newest version is noted."
    )


class _Request(BaseModel):
    email: str = Field(max_length=300)
    text: Word = Field(description="Name of the consent text.")
    source: str = Field("api", max_length=200, description="Where it was entered, such as the form's address.")
    language: str | None = Field(None, max_length=5)


class _ConsentText(BaseModel):
    name: Word
    en: str = Field(max_length=4_000, pattern=r"\S")
    de: str = Field(max_length=4_000, pattern=r"\S")
    purposes: list[Word] = Field(default_factory=list, description="What a yes to it grants; none for a notice.")
    channel: Word = "email"
    kind: Literal["consent", "notice"] = "consent"


class _OwnCustomer(BaseModel):
    email: str = Field(max_length=300)
    order_id: str = Field(min_length=1, max_length=200)
    sold_at: AwareDatetime
    goods: str = Field(
        max_length=500, pattern=r"\S", description="Kind of goods sold; only similar ones may be advertised."
    )
    notice: str = Field(
        max_length=60, description="Wording of the notice when the address was collected: NAME or NAME/VERSION."
    )
    notice_at: AwareDatetime | None = Field(None, description="When it was given; null: at the sale.")


class _OptOut(BaseModel):
    topic: Word = Field(description="`objection` is Art. 21 GDPR: no advertising, training, prediction, personas.")
    channel: Word = "any"
    source: str = Field("api", max_length=200)


class _Suppression(BaseModel):
    identifier_id: CustomerId
    channel: Word
    reason: Word = "by_hand"
    source: str = Field("api", max_length=200)


@router.get("/consents/words", summary="Purposes, channels, states, legal bases, topics")
def words(caller: Reader) -> dict[str, Any]:
    """Every word that the calls below take, with its texts."""
    return {kind: {word: both(text) for word, text in known.items()} for kind, known in vocabulary().items()}


@router.get("/customers/{customer_id}/consents", summary="What a customer allowed and refused")
def show(customer_id: CustomerId, request: Request, caller: Reader) -> dict[str, Any]:
    """in_force: the latest statement per purpose and channel."""
    workspace = workspace_of(request)
    with workspace.store.read() as tx:
        if not tx.rows("identity.members", customer_ids=[customer_id]):
            raise customer_unknown(str(customer_id))
        return permissions_json(permissions(tx, customer_id), workspace.clock())


@router.post("/customers/{customer_id}/consents", summary="Record a consent", status_code=201)
def record(customer_id: CustomerId, wanted: _Consent, request: Request, caller: Admin) -> dict[str, Any]:
    """A grant by consent needs proof (Art. 7(1) GDPR)."""
    workspace = workspace_of(request)
    given = {
        **wanted.model_dump(exclude={"text"}),
        "given_at": _instant(wanted.given_at),
        "expires_at": _instant(wanted.expires_at),
    }
    if wanted.text is not None:
        with workspace.store.read() as tx:
            given["text_no"] = read_text(tx, wanted.text).text_no
    record_consent(workspace, customer_id, caller.actor, **given)
    return {"customer_id": customer_id, "state": wanted.state}


@router.post("/own-customers", summary="Record an own customer (§ 7 (3) UWG)", status_code=201)
def record_own(wanted: _OwnCustomer, request: Request, caller: Admin) -> dict[str, Any]:
    """The sale, the goods and the notice of one address; new: whether it was not recorded yet."""
    told = wanted.model_dump(exclude={"email"})
    told |= {"sold_at": to_instant(wanted.sold_at), "notice_at": to_instant(wanted.notice_at or wanted.sold_at)}
    return {"new": record_own_customer(workspace_of(request), wanted.email, caller.actor, **told)}


@router.get("/customers/{customer_id}/permissions", summary="What may be sent to a customer, and why not")
def may_be_sent(
    customer_id: CustomerId, request: Request, caller: Reader, channel: Annotated[str, Query(max_length=40)] = "email"
) -> dict[str, Any]:
    """For each purpose of advertising, and for messages of a contract: allowed, by what right, or the reason why not."""
    workspace = workspace_of(request)
    with workspace.store.read() as tx:
        found = may_all(tx, customer_id, channel, workspace.clock())
    if found["contract"].reason == "gone":
        raise customer_unknown(str(customer_id))
    return {
        "channel": channel,
        "purposes": {
            name: {
                "allowed": one.is_allowed,
                "basis": one.basis,
                "reason": one.reason or None,
                "words": both(one.words),
                "identifier_id": one.identifier_id,
            }
            for name, one in found.items()
        },
    }


@router.get("/consents/texts", summary="Wordings that people agree to")
def show_texts(request: Request, caller: Reader) -> dict[str, Any]:
    """Every version, by name, the newest first; used: how many statements name it."""
    return {"texts": [one.to_json() for one in counted_texts(workspace_of(request))]}


@router.post("/consents/texts", summary="Save a wording", status_code=201)
def add_text(wanted: _ConsentText, request: Request, caller: Admin) -> dict[str, Any]:
    """As a new version; earlier ones stay. What is the same as before is left alone."""
    found = save_text(
        workspace_of(request), wanted.name, Text(wanted.en, wanted.de), caller.actor,
        purposes=wanted.purposes, channel=wanted.channel, kind=wanted.kind,
    )  # fmt: skip
    return found.to_json()


@router.post("/consents/requests", summary="Ask for confirmation (double opt-in)", status_code=202)
def ask(wanted: _Request, request: Request, caller: Writer) -> dict[str, Any]:
    """What a sign-up form calls, with a key of scope write. The answer is the same whether the address is known here."""
    double_opt_in.request(
        workspace_of(request), wanted.email, wanted.text, source=wanted.source, language=wanted.language
    )
    return {"status": "asked"}


@router.post("/customers/{customer_id}/opt-outs", summary="Record an opt-out or an objection", status_code=201)
def add_opt_out(customer_id: CustomerId, wanted: _OptOut, request: Request, caller: Admin) -> dict[str, Any]:
    """A person's wish, per topic and channel."""
    opt_out(workspace_of(request), customer_id, caller.actor, wanted.topic, wanted.channel, wanted.source)
    return {"customer_id": customer_id, "topic": wanted.topic}


@router.delete("/customers/{customer_id}/opt-outs/{topic}", summary="Lift an opt-out")
def remove_opt_out(
    customer_id: CustomerId,
    topic: str,
    request: Request,
    caller: Admin,
    channel: Annotated[str, Query(max_length=40)] = "any",
) -> dict[str, Any]:
    """lifted: whether there was one."""
    return {"lifted": lift_opt_out(workspace_of(request), customer_id, caller.actor, topic, channel)}


@router.post("/customers/{customer_id}/suppressions", summary="Suppress an address", status_code=201)
def add_suppression(customer_id: CustomerId, wanted: _Suppression, request: Request, caller: Admin) -> dict[str, Any]:
    """No more messages to this identifier on this channel."""
    suppress(
        workspace_of(request),
        customer_id,
        caller.actor,
        wanted.identifier_id,
        wanted.channel,
        wanted.reason,
        wanted.source,
    )
    return {"customer_id": customer_id, "identifier_id": wanted.identifier_id}


@router.delete("/customers/{customer_id}/suppressions/{identifier_id}", summary="Release an address")
def remove_suppression(
    customer_id: CustomerId,
    identifier_id: CustomerId,
    request: Request,
    caller: Admin,
    channel: Annotated[str, Query(max_length=40)],
) -> dict[str, Any]:
    """lifted: whether it was suppressed."""
    return {"lifted": lift_suppression(workspace_of(request), customer_id, caller.actor, identifier_id, channel)}


def _instant(moment: datetime | None) -> int | None:
    return None if moment is None else to_instant(moment)
