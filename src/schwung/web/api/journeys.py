"""Journeys over HTTP. Reading needs scope read, changing admin."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from schwung.act.journey import read_journey
from schwung.app import journey_hooks as hooks
from schwung.app import journeys as saved
from schwung.app.journey_dry_run import dry_run
from schwung.app.journey_status import sizes, standing
from schwung.app.journey_why import why
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(prefix="/journeys", tags=["journeys"])
Number = Annotated[int, Path(ge=1, le=2**53)]


class _Definition(BaseModel):
    definition: dict[str, Any] = Field(description="As in docs/how-to/journeys.md: trigger, entry, goal, exit, steps.")


class _Journey(_Definition):
    name: str = Field(max_length=120)


class _Entry(BaseModel):
    customers: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(max_length=10_000)
    key: str = Field("", max_length=200, description="The same key a second time enters nobody twice.")
    variables: dict[str, Any] = Field(default_factory=dict)


@router.get("", summary="All journeys")
def show_journeys(request: Request, caller: Reader) -> dict[str, Any]:
    """With their steps, in words too, and how many customers are within by state."""
    workspace = workspace_of(request)
    counted = sizes(workspace)
    return {
        "journeys": [
            one.to_json() | {"customers": counted.get(one.journey_no, {})} for one in saved.journeys(workspace)
        ]
    }


@router.post("", summary="Save a journey")
def save(asked: _Journey, request: Request, caller: Admin) -> dict[str, Any]:
    """A new one as a draft, or a new version of the one of this name; edits: what changed, and what becomes of those within."""
    workspace = workspace_of(request)
    changes = saved.edits_of(workspace, asked.name, asked.definition)
    found = saved.save_journey(workspace, asked.name, asked.definition, actor=caller.actor)
    return found.to_json() | {"edits": [one.to_json() for one in changes]}


@router.post("/edits", summary="What saving would change")
def show_edits(asked: _Journey, request: Request, caller: Reader) -> dict[str, Any]:
    """In words, with the rule for those within. Nothing is saved."""
    changes = saved.edits_of(workspace_of(request), asked.name, asked.definition)
    return {"edits": [one.to_json() for one in changes]}


@router.post("/dry-run", summary="Walk a journey over the customers as they are")
def walk(
    asked: _Definition, request: Request, caller: Reader, sample: Annotated[int, Query(ge=0, le=100)] = 5
) -> dict[str, Any]:
    """Who would enter, and who would come to each step. Nothing is saved or sent."""
    return dry_run(workspace_of(request), read_journey("dry run", asked.definition), sample=sample).to_json()


@router.post("/stop-all", summary="Hold every journey")
def stop_all(request: Request, caller: Admin) -> dict[str, Any]:
    saved.stop_everything(workspace_of(request), actor=caller.actor)
    return {"stopped": True}


@router.post("/resume-all", summary="Let every journey go on")
def resume_all(request: Request, caller: Admin) -> dict[str, Any]:
    saved.stop_everything(workspace_of(request), actor=caller.actor, is_stopped=False)
    return {"stopped": False}


@router.get("/{number}", summary="A journey and how it stands")
def show(
    number: Number, request: Request, caller: Reader, days: Annotated[int | None, Query(ge=1, le=3_650)] = None
) -> dict[str, Any]:
    """came = left by each way + waiting, at each step; days: counts of so many days back."""
    workspace = workspace_of(request)
    found = standing(workspace, number, days=days)
    return found.saved.to_json() | {"standing": found.to_json()}


@router.post("/{number}/start", summary="Start a journey, or let it go on")
def start(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    return saved.start(workspace_of(request), number, actor=caller.actor).to_json()


@router.post("/{number}/pause", summary="Hold a journey")
def pause(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    return saved.pause(workspace_of(request), number, actor=caller.actor).to_json()


@router.post("/{number}/stop", summary="Stop a journey")
def stop(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """Everybody within leaves, and what is planned for them is cancelled."""
    return {"left": saved.stop(workspace_of(request), number, actor=caller.actor)}


@router.post("/{number}/enter", summary="Let customers enter")
def enter(number: Number, asked: _Entry, request: Request, caller: Admin) -> dict[str, Any]:
    """By the journey's own rules of entry. variables: what its messages may say."""
    count = saved.enter(
        workspace_of(request),
        number,
        asked.customers,
        key=asked.key or uuid.uuid4().hex,
        variables=asked.variables,
        actor=caller.actor,
    )
    return {"asked": count}


@router.post("/{number}/webhook", summary="A webhook that lets a customer enter")
def take_webhook(
    number: Number,
    body: dict[str, Any],
    request: Request,
    caller: Admin,
    key: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """The journey's trigger says where in the JSON the customer is named. The same key a second time enters nobody twice."""
    workspace = workspace_of(request)
    return {"asked": saved.called(workspace, number, body, key=key or uuid.uuid4().hex, actor=caller.actor)}


@router.put("/{number}/hook", summary="A new address for webhooks without a key")
def open_hook(
    number: Number,
    request: Request,
    caller: Admin,
    signed: Annotated[bool, Query(description="Refuse what is not signed.")] = False,
) -> dict[str, Any]:
    """Where to post, and the secret to sign with (Standard Webhooks). An earlier address ends."""
    return hooks.open_hook(workspace_of(request), number, is_signed=signed, actor=caller.actor).to_json()


@router.delete("/{number}/hook", summary="End the address for webhooks without a key")
def close_hook(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    hooks.close_hook(workspace_of(request), number, actor=caller.actor)
    return {"closed": True}


@router.get("/{number}/why/{customer}", summary="Why a customer got it, or did not")
def show_why(number: Number, customer: Number, request: Request, caller: Reader) -> dict[str, Any]:
    return why(workspace_of(request), number, customer).to_json()


@router.delete("/{number}", summary="Delete a journey")
def delete(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """Stops it first; the record of who walked it stays."""
    return saved.delete(workspace_of(request), number, actor=caller.actor).to_json()
