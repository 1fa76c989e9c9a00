"""Experiments over HTTP. Reading needs scope read, changing admin."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.app.analyses.experiment import detectable, experiment_result
from schwung.app.analyses.uplift import uplift
from schwung.app.analyses.value_proved import value_proved
from schwung.app.experiments import end_experiment, experiments, save_experiment
from schwung.app.exposures import expose_lines, expose_list
from schwung.core.clock import to_instant
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(prefix="/experiments", tags=["experiments"])


class _Experiment(BaseModel):
    arms: dict[str, float] | None = Field(None, description="Group → share of all; the first is the control.")
    goal: str | dict[str, Any] | None = Field(None, description="A step as in funnels; null: an order.")
    window_days: int = 28
    before_days: int = 364
    note: str = Field("", max_length=1_000)


class _Exposure(BaseModel):
    customer: str = Field(max_length=300, description="Number, or identifier such as user_id:17.")
    arm: str | None = Field(None, description="Group; null: by lot.")
    exposed_at: datetime | None = None


class _Exposures(BaseModel):
    people: list[_Exposure] | None = Field(None, max_length=100_000)
    list: str | None = Field(None, description="Or a list or segment, by lot.")


@router.get("", summary="All experiments")
def show_experiments(request: Request, caller: Reader) -> dict[str, Any]:
    """With their groups and how many people are in each; results: `/experiments/{name}`."""
    return {"experiments": [one.to_json() for one in experiments(workspace_of(request))]}


@router.get("/size", summary="What an experiment would show")
def size(
    request: Request,
    caller: Reader,
    share: Annotated[float, Query(gt=0, lt=1)] = 0.1,
    people: Annotated[int | None, Query(ge=2, le=10**9)] = None,
    list: str | None = None,
    window_days: Annotated[int | None, Query(ge=1, le=730)] = None,
) -> dict[str, Any]:
    """The least difference of each outcome that is found in four of five cases. share: of the control."""
    found = detectable(workspace_of(request), people_no=people, share=share, of=list, window_days=window_days)
    return {"detectable": [one.to_json() for one in found]}


@router.get("/value", summary="What journeys are proved to have earned")
def value(request: Request, caller: Reader) -> dict[str, Any]:
    """Added margin of all journeys with a holdout, in the last twelve months and by month; null: not known."""
    return value_proved(workspace_of(request)).to_json()


@router.get("/{name}", summary="The result of an experiment")
def show(name: str, request: Request, caller: Reader, by: str | None = None) -> dict[str, Any]:
    """Effects with always valid intervals, in words too. by: kind, channel, or a list or segment."""
    return experiment_result(workspace_of(request), name, by=by).to_json()


@router.get("/{name}/uplift", summary="Whom an experiment moves")
def moved(name: str, request: Request, caller: Reader, arm: str | None = None) -> dict[str, Any]:
    """Qini per person squared of each model with its interval, and whether there is anything to choose people by."""
    return uplift(workspace_of(request), name, arm=arm).to_json()


@router.put("/{name}", summary="Save an experiment")
def save(name: str, asked: _Experiment, request: Request, caller: Admin) -> dict[str, Any]:
    """A new one, or another design of the one with this name; refused once somebody has met it."""
    written = asked.model_dump(exclude_none=True)
    return save_experiment(workspace_of(request), name, written, actor=caller.actor).to_json()


@router.post("/{name}/exposures", summary="Put people into an experiment")
def expose(name: str, asked: _Exposures, request: Request, caller: Admin) -> dict[str, Any]:
    """Who has a group keeps it. unknown, ambiguous: what names nobody, or more than one customer."""
    workspace = workspace_of(request)
    if asked.list is not None:
        found = expose_list(workspace, name, asked.list, actor=caller.actor)
    else:
        told = [
            (one.customer, one.arm, None if one.exposed_at is None else to_instant(one.exposed_at.astimezone()))
            for one in asked.people or []
        ]
        found = expose_lines(workspace, name, told, actor=caller.actor)
    return {"new": found.new, "asked": found.asked, "unknown": found.unknown, "ambiguous": found.ambiguous}


@router.post("/{name}/end", summary="End an experiment")
def end(name: str, request: Request, caller: Admin) -> dict[str, Any]:
    """Nobody enters any more; who is in it is followed to the end."""
    return end_experiment(workspace_of(request), name, actor=caller.actor).to_json()
