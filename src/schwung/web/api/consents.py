"""Consents, opt-outs and suppressions over HTTP. Reading needs scope read, recording admin."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from schwung.app.consents import lift_opt_out, lift_suppression, opt_out, permissions, record_consent, suppress
from schwung.app.customer_json import both, permissions_json
from schwung.app.merge import customer_unknown
from schwung.core.clock import to_instant
from schwung.unify.consent import vocabulary
from schwung.web.api.caller import Admin, Reader
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
    given = {**wanted.model_dump(), "given_at": _instant(wanted.given_at), "expires_at": _instant(wanted.expires_at)}
    record_consent(workspace_of(request), customer_id, caller.actor, **given)
    return {"customer_id": customer_id, "state": wanted.state}


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
