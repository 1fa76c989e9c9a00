"""Kinds, phases, their rules and the acquisition funnel over HTTP. Reading needs scope read, changing rules admin."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.app.analyses.lifecycle import acquisition, lifecycle, list_from_stage, preview
from schwung.app.phase_rules import phase_rules, save_phase_rules
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["lifecycle"])
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]
_Engine = Literal["duckdb", "spark"] | None


class _Rule(BaseModel):
    phase: str = Field(max_length=40)
    fact: str = Field(max_length=40)
    days: int | None = Field(None, description="How long the fact holds; null: for ever.")
    unless: list[str] = Field([], max_length=40, description="Facts that end it.")


class _Rules(BaseModel):
    preset: str = Field(
        "", max_length=40, description="b2c_shop, store, service, saas, b2b; with rules only their name."
    )
    rules: list[_Rule] | None = Field(None, max_length=40, description="The first that holds decides.")
    otherwise: str = Field("discover", max_length=40)

    def written(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=self.rules is None)


class _List(BaseModel):
    name: str = Field(max_length=200)
    stage: str = Field(max_length=40)
    days: int = Field(90, ge=1, le=731)
    note: str = Field("", max_length=1_000)


@router.get("/lifecycle", summary="Customers by kind and phase, and who moved where, how fast")
def read_lifecycle(
    request: Request,
    caller: Reader,
    days: Annotated[int, Query(ge=1, le=731, description="Length of the period, without `since`.")] = 28,
    since: _Day = None,
    until: _Day = None,
    engine: _Engine = None,
) -> dict[str, Any]:
    """before and after: customers at the start and the end. moves: all pairs; from `arrived`: not known at the start.
    median_days: between entering the one and entering the other; is_longer: longer than is followed back."""
    place = workspace_of(request)
    return lifecycle(place, days=days, since=since or None, until=until or None, engine=engine).to_json()


@router.get("/lifecycle/rules", summary="The rules of the phases")
def read_rules(request: Request, caller: Reader) -> dict[str, Any]:
    """The first rule that holds gives the phase; where none does, it is `otherwise`."""
    return phase_rules(workspace_of(request)).to_json()


@router.post("/lifecycle/preview", summary="What other rules would say of today")
def preview_rules(asked: _Rules, request: Request, caller: Reader) -> dict[str, Any]:
    """Customers per phase as it is (now) and as it would be (then). Nothing is saved."""
    return preview(workspace_of(request), asked.written()).to_json()


@router.put("/lifecycle/rules", summary="Save other rules of the phases")
def save_rules(asked: _Rules, request: Request, caller: Admin) -> dict[str, Any]:
    """A new version; the one before stays and can be taken back."""
    return save_phase_rules(workspace_of(request), asked.written(), actor=caller.actor).to_json()


@router.get("/acquisition", summary="From first contact to first order, stage by stage")
def read_acquisition(
    request: Request,
    caller: Reader,
    days: Annotated[int, Query(ge=1, le=731, description="Days of the first contact, without `since`.")] = 90,
    since: _Day = None,
    until: _Day = None,
    engine: _Engine = None,
) -> dict[str, Any]:
    """At each stage entered = converted + left + under way; by channel and campaign of the first contact too."""
    place = workspace_of(request)
    return acquisition(place, days=days, since=since or None, until=until or None, engine=engine).to_json()


@router.post("/acquisition/lists", summary="Save those who left at a stage as a list")
def save_stage(asked: _List, request: Request, caller: Admin) -> dict[str, Any]:
    place = workspace_of(request)
    return list_from_stage(
        place, asked.stage, asked.name, days=asked.days, note=asked.note, actor=caller.actor
    ).to_json()
