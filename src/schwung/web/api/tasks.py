"""Tasks over HTTP. Reading needs scope read, changing admin."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.tasks import close_task, owners, reopen_task, tasks
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of
from schwung.web.api.lists import Number

router = APIRouter(prefix="/tasks", tags=["tasks"])


@router.get("", summary="Tasks of the team")
def show_tasks(
    request: Request,
    caller: Reader,
    state: Annotated[Literal["open", "done"], Query(description="open or done.")] = "open",
    owner: Annotated[str, Query(description="Whose; default: everybody's.", max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    skip: Annotated[int, Query(ge=0, le=2**31, description="Rows to pass over: the next page.")] = 0,
) -> dict[str, Any]:
    """Open ones by when they are due, done ones the newest first; and how many each owner has."""
    workspace = workspace_of(request)
    found = tasks(workspace, state, owner=owner, most=limit, skip=skip)
    return {"owners": owners(workspace, state), "tasks": [one.to_json() for one in found]}


@router.post("/{number}/done", summary="Mark a task as done")
def close(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """A second time changes nothing."""
    return close_task(workspace_of(request), number, caller.actor).to_json()


@router.post("/{number}/reopen", summary="Open a task again")
def reopen(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """One that was marked as done."""
    return reopen_task(workspace_of(request), number, caller.actor).to_json()
