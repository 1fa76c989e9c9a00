"""Saved customer lists over HTTP. Reading needs scope read, changing admin."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.app import audit
from schwung.app.list_sources import list_from_filter, list_from_lines
from schwung.app.lists import delete_list, list_page, lists, read_list, rename_list, restore_list
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(prefix="/lists", tags=["lists"])
Number = Annotated[int, Field(ge=1, lt=2**53)]


class _New(BaseModel):
    name: str = Field(max_length=200)
    note: str = Field("", max_length=1_000)
    kind: Literal["", "lead", "new", "existing", "won_back", "dormant", "lost"] = ""
    search: str = Field("", max_length=200, description="Beginnings of words of name, e-mail, number.")
    customers: list[str] | None = Field(
        None,
        max_length=100_000,
        description="In place of a filter: `customer:17`, `email:anna@example.com`, or bare values.",
    )


class _Name(BaseModel):
    name: str = Field(max_length=200)
    note: str | None = Field(None, max_length=1_000)


@router.get("", summary="All saved lists")
def show_lists(request: Request, caller: Reader) -> dict[str, Any]:
    """Newest first."""
    return {"lists": [one.to_json() for one in lists(workspace_of(request))]}


@router.post("", summary="Save customers as a list")
def create(asked: _New, request: Request, caller: Admin) -> dict[str, Any]:
    """Those that the filter finds, or those that are named. unknown, ambiguous: names that fit nobody, or several."""
    workspace = workspace_of(request)
    if asked.customers is None:
        found = list_from_filter(
            workspace, asked.name, kind=asked.kind, search=asked.search, note=asked.note, actor=caller.actor
        )
        return found.to_json()
    found, named = list_from_lines(workspace, asked.name, asked.customers, note=asked.note, actor=caller.actor)
    return found.to_json() | {"unknown": list(named.unknown), "ambiguous": list(named.ambiguous)}


@router.get("/{number}", summary="A list and its customers, page by page")
def show(
    number: Number,
    request: Request,
    caller: Reader,
    after: Annotated[int, Query(ge=0, lt=2**53, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
) -> dict[str, Any]:
    """In the order of their numbers. The view is noted in the audit."""
    workspace = workspace_of(request)
    found = read_list(workspace, number)
    rows, following = list_page(workspace, number, after=after, limit=limit)
    audit.note(workspace, caller.actor, "list_viewed", list_no=number)
    return found.to_json() | {"customer_ids": [row["customer_id"] for row in rows], "next": following}


@router.put("/{number}", summary="Rename a list")
def rename(number: Number, asked: _Name, request: Request, caller: Admin) -> dict[str, Any]:
    """And give it another note."""
    return rename_list(workspace_of(request), number, asked.name, asked.note, actor=caller.actor).to_json()


@router.delete("/{number}", summary="Delete a list")
def delete(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """Its customers stay as they are; `restore` brings it back."""
    return delete_list(workspace_of(request), number, actor=caller.actor).to_json()


@router.post("/{number}/restore", summary="Take the deletion of a list back")
def restore(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """InputError where its name was taken meanwhile."""
    return restore_list(workspace_of(request), number, actor=caller.actor).to_json()
