"""Messages over HTTP. Reading needs scope read, changing admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from schwung.app.customer_json import when
from schwung.app.messages import cancel_message, counts, mark_sent, messages, plan_message, read_message, resend
from schwung.app.returned import take_posted
from schwung.app.stops import lift, stop, stops
from schwung.core.clock import to_instant
from schwung.web.api.caller import Admin, Reader, Writer
from schwung.web.api.customers import workspace_of
from schwung.web.api.lists import Number

router = APIRouter(prefix="/messages", tags=["messages"])


class _Plan(BaseModel):
    customer_id: int = Field(ge=1, le=2**62, description="Number of the customer.")
    template: str = Field(max_length=200, description="Name of the template.")
    variables: dict[str, Any] = Field(default_factory=dict, description="What the template expects.")
    key: str | None = Field(None, max_length=150, description="The same key a second time gives the first message.")
    due_at: AwareDatetime | None = Field(None, description="ISO 8601 with its zone; default: now.")


class _Scope(BaseModel):
    scope: str = Field(max_length=60, description="all, channel:email or journey:7.")


@router.get("", summary="Messages by state")
def show_messages(
    request: Request,
    caller: Reader,
    status: Annotated[
        str | None, Query(description="unknown, failed, planned, …; default: all.", max_length=40)
    ] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="Numbers below this: the next page.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """The newest first, and how many there are of each state."""
    workspace = workspace_of(request)
    found = messages(workspace, status, before=before, most=limit)
    return {"counts": counts(workspace), "messages": [one.to_json() for one in found]}


@router.post("", summary="Plan a message")
def plan(asked: _Plan, request: Request, caller: Admin) -> dict[str, Any]:
    """One message of a template to one customer. It goes out if law, caps and quiet hours let it."""
    return plan_message(
        workspace_of(request), asked.customer_id, asked.template, caller.actor, variables=asked.variables, key=asked.key,
        due_at=None if asked.due_at is None else to_instant(asked.due_at),
    ).to_json()  # fmt: skip


@router.get("/stops", summary="What is stopped")
def show_stops(request: Request, caller: Reader) -> dict[str, Any]:
    found = stops(workspace_of(request))
    return {"stops": [{"scope": one.scope, "by": one.stopped_by, "at": when(one.stopped_at)} for one in found]}


@router.post("/stops", summary="Stop sending")
def add_stop(asked: _Scope, request: Request, caller: Admin) -> dict[str, Any]:
    """Everything, one channel or one journey; what is due waits."""
    return {"stopped": stop(workspace_of(request), asked.scope, caller.actor)}


@router.post("/stops/lift", summary="Go on sending")
def lift_stop(asked: _Scope, request: Request, caller: Admin) -> dict[str, Any]:
    return {"lifted": lift(workspace_of(request), asked.scope, caller.actor)}


@router.post("/returned/{provider}", summary="Report what came back")
def returned(
    provider: Annotated[str, Path(max_length=60, description="plain, postmark, ses or mailgun.")],
    body: dict[str, Any],
    request: Request,
    caller: Writer,
) -> dict[str, Any]:
    """Bounces, complaints and deliveries as a provider posts them; the key goes as Basic user name into the address.

    plain: `{"events": [{"state": "bounced", "message": "<Message-ID>", "permanent": true, "detail": "550 5.1.1 …"}]}`
    """
    taken = take_posted(workspace_of(request), provider, body)
    return {"reports": taken.reports, "known": taken.known}


@router.get("/{number}", summary="One message and its story")
def show(number: Number, request: Request, caller: Reader) -> dict[str, Any]:
    """When it was planned, sent, opened, clicked, and why not."""
    return read_message(workspace_of(request), number).to_json()


@router.post("/{number}/resend", summary="Send a message again")
def send_again(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """One that failed, or whose outcome is not known."""
    return resend(workspace_of(request), number, caller.actor).to_json()


@router.post("/{number}/mark-sent", summary="Mark a message as sent")
def mark(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """One whose outcome was not known."""
    return mark_sent(workspace_of(request), number, caller.actor).to_json()


@router.post("/{number}/cancel", summary="Cancel a message")
def cancel(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """One that has not been sent."""
    return cancel_message(workspace_of(request), number, caller.actor).to_json()
