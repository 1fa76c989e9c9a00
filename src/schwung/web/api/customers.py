"""Customers over HTTP: find, show, timeline, merge, separate, export, erase. Reading needs scope read, changing admin."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from schwung.app import audit
from schwung.app.audit import entries
from schwung.app.customer_json import (
    audit_json,
    customer_json,
    merge_json,
    page_json,
    read_list_place,
    timeline_json,
    when,
)
from schwung.app.customer_list import list_customers
from schwung.app.customers import find_customer, set_trait, show_customer
from schwung.app.merge import merge, merges_of, propose_without_link, unmerge
from schwung.app.profiles import trait_problems
from schwung.app.timeline import read_place, timeline
from schwung.app.wiring import Workspace
from schwung.web.api.caller import Admin, Reader

router = APIRouter(prefix="/customers", tags=["customers"])
CustomerId = Annotated[int, Field(ge=1, lt=2**53)]


class _Merge(BaseModel):
    other_id: CustomerId = Field(description="The customer who is the same person.")


class _Separation(BaseModel):
    identifier_ids: list[CustomerId] = Field(min_length=1, max_length=1_000, description="Identifiers that leave.")


class _Trait(BaseModel):
    value: Any = Field(description="null takes the trait back.")


def workspace_of(request: Request) -> Workspace:
    found: Workspace = request.app.state.workspace
    return found


@router.get("", summary="Customers, page by page")
def customers(
    request: Request,
    caller: Reader,
    search: Annotated[str, Query(max_length=200, description="Beginnings of words of name, e-mail, number.")] = "",
    kind: Annotated[str | None, Query(max_length=40)] = None,
    sort: Literal["last_order", "revenue", "name"] = "last_order",
    after: Annotated[str | None, Query(max_length=300, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """Newest order first, highest revenue first, or by name."""
    workspace = workspace_of(request)
    place = read_list_place(after, sort)
    page = list_customers(
        workspace, kind=kind, search=search, sort=sort, descending=sort != "name", after=place, limit=limit
    )
    return page_json(page)


@router.get("/find", summary="The customer with an identifier")
def find(request: Request, caller: Reader, identifier: Annotated[str, Query(max_length=300)]) -> dict[str, Any]:
    """identifier: `email:anna@example.com`, `user_id:17`, `customer:4`, or a bare value."""
    return {"customer_id": find_customer(workspace_of(request), identifier)}


@router.get("/trait-problems", summary="Traits that were left out")
def show_trait_problems(request: Request, caller: Reader) -> dict[str, Any]:
    """By name, source and reason: wrong_type, too_long, too_many. The values are not kept."""
    rows = trait_problems(workspace_of(request))
    return {"problems": [{**row, "last_at": when(row["last_at"])} for row in rows]}


@router.get("/{customer_id}", summary="One customer")
def show(customer_id: CustomerId, request: Request, caller: Reader) -> dict[str, Any]:
    """Identifiers, links, merges with what would leave, traits, consents, key figures. The view is noted in the audit."""
    workspace = workspace_of(request)
    return customer_json(show_customer(workspace, customer_id, caller.actor), workspace.clock())


@router.get("/{customer_id}/timeline", summary="Everything that happened with a customer")
def show_timeline(
    customer_id: CustomerId,
    request: Request,
    caller: Reader,
    after: Annotated[str | None, Query(max_length=80, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """Newest first: events, orders, returns, what was received but is not in the lake yet, what operators did."""
    workspace = workspace_of(request)
    page = timeline(workspace, customer_id, after=read_place(after), limit=limit)
    with workspace.store.write() as tx:
        audit.add(tx, workspace.clock(), caller.actor, "viewed", customer_id)
    return timeline_json(page)


@router.get("/{customer_id}/merges", summary="Merges that can be taken back")
def show_merges(customer_id: CustomerId, request: Request, caller: Reader) -> dict[str, Any]:
    """leaving: identifiers that would go; holding: links that would be cut."""
    with workspace_of(request).store.read() as tx:
        return {"merges": [merge_json(one) for one in merges_of(tx, customer_id)]}


@router.get("/{customer_id}/separation", summary="What would leave if one link were cut")
def show_separation(
    customer_id: CustomerId, request: Request, caller: Reader, low_id: CustomerId, high_id: CustomerId
) -> dict[str, Any]:
    """leaving is empty where other links, `holding`, keep both together."""
    with workspace_of(request).store.read() as tx:
        proposal = propose_without_link(tx, customer_id, low_id, high_id)
    return {"leaving": sorted(proposal.leaving), "holding": [list(link) for link in proposal.holding]}


@router.post("/{customer_id}/merge", summary="Declare two customers one person")
def merge_with(customer_id: CustomerId, wanted: _Merge, request: Request, caller: Admin) -> dict[str, Any]:
    """The older customer stays. It can be taken back."""
    return {"customer_id": merge(workspace_of(request), customer_id, wanted.other_id, caller.actor)}


@router.post("/{customer_id}/unmerge", summary="Separate identifiers from a customer")
def separate(customer_id: CustomerId, wanted: _Separation, request: Request, caller: Admin) -> dict[str, Any]:
    """Events, traits and consents follow the identifiers."""
    stays, left = unmerge(workspace_of(request), customer_id, wanted.identifier_ids, caller.actor)
    return {"customer_id": stays, "separated_id": left}


@router.put("/{customer_id}/traits/{name}", summary="Set a trait by hand")
def put_trait(customer_id: CustomerId, name: str, wanted: _Trait, request: Request, caller: Admin) -> dict[str, Any]:
    """The latest observation wins; its source is `by_hand`."""
    set_trait(workspace_of(request), customer_id, caller.actor, name, wanted.value)
    return {"customer_id": customer_id, "trait": name}


@router.get("/{customer_id}/audit", summary="Who saw or changed what about a customer")
def show_audit(
    customer_id: CustomerId,
    request: Request,
    caller: Admin,
    before_no: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> dict[str, Any]:
    """Newest first."""
    found = entries(workspace_of(request), customer_id=customer_id, before_no=before_no, limit=limit)
    return {"entries": [audit_json(one) for one in found]}


@router.get("/{customer_id}/export", summary="Everything about a person, as a ZIP", response_class=FileResponse)
def export(customer_id: CustomerId, request: Request, caller: Admin) -> FileResponse:
    """JSON and CSV per table, and a covering letter after Art. 15 GDPR in German and English."""
    from schwung.app.export_person import export_person

    path = export_person(workspace_of(request), customer_id, caller.actor)
    return FileResponse(path, media_type="application/zip", filename=path.name)


@router.delete("/{customer_id}", summary="Erase a person")
def erase(customer_id: CustomerId, request: Request, caller: Admin, delete_orders: bool = False) -> dict[str, Any]:
    """Art. 17 GDPR. Orders stay without personal data unless `delete_orders`. The report says what was done."""
    from schwung.app.forget import forget, report_json

    return report_json(forget(workspace_of(request), customer_id, caller.actor, delete_orders=delete_orders))
