"""Segments over HTTP. Reading needs scope read, changing admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.app.segment_past import past
from schwung.app.segment_reach import reach
from schwung.app.segments import delete_segment, overlap, preview, read_segment, save_segment, segments
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of
from schwung.web.api.lists import Number

router = APIRouter(prefix="/segments", tags=["segments"])


class _Rule(BaseModel):
    rule: dict[str, Any] = Field(description="As in docs/how-to/segments.md: all, any, not, or a condition.")


class _Segment(_Rule):
    name: str = Field(max_length=200)
    note: str = Field("", max_length=1_000)


@router.get("", summary="All segments")
def show_segments(request: Request, caller: Reader) -> dict[str, Any]:
    """With their rules, in words too, and their sizes; a size of null is still being worked out."""
    return {"segments": [one.to_json() for one in segments(workspace_of(request))]}


@router.post("", summary="Save a segment")
def save(asked: _Segment, request: Request, caller: Admin) -> dict[str, Any]:
    """A new one, or a new rule for the one of this name. Who is in it is worked out at once."""
    return save_segment(workspace_of(request), asked.name, asked.rule, note=asked.note, actor=caller.actor).to_json()


@router.post("/preview", summary="Count who fits a rule")
def count(
    asked: _Rule, request: Request, caller: Reader, sample: Annotated[int, Query(ge=0, le=100)] = 5
) -> dict[str, Any]:
    """size: customers who fit; nodes: who fits each part alone, by its place in the rule (`0.1`). Nothing is saved."""
    return preview(workspace_of(request), asked.rule, sample=sample).to_json()


@router.get("/{number}", summary="A segment, its size and overlap")
def show(number: Number, request: Request, caller: Reader) -> dict[str, Any]:
    """Its customers: `/lists/{number}`."""
    workspace = workspace_of(request)
    found = read_segment(workspace, number)
    return found.to_json() | {"overlap": [one.to_json() for one in overlap(workspace, found)]}


@router.get("/{number}/reach", summary="Whom of a segment one may reach")
def show_reach(number: Number, request: Request, caller: Reader) -> dict[str, Any]:
    """With advertising on each channel now; why_not: reason → customers."""
    workspace = workspace_of(request)
    return {"channels": [one.to_json() for one in reach(workspace, read_segment(workspace, number).list)]}


@router.get("/{number}/past", summary="How large a segment would have been")
def show_past(number: Number, request: Request, caller: Reader) -> dict[str, Any]:
    """At the end of each of the past twelve weeks; lacking: conditions of which only today's state is known, then no sizes."""
    workspace = workspace_of(request)
    return past(workspace, read_segment(workspace, number).rule.to_json()).to_json()


@router.delete("/{number}", summary="Delete a segment")
def delete(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """Refused while another segment names it."""
    return delete_segment(workspace_of(request), number, actor=caller.actor).to_json()
