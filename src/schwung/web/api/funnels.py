"""Funnels, paths and visits over HTTP. Asking needs scope read, saving admin."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.app.analyses.funnel import funnel as compute
from schwung.app.analyses.funnel import list_from_funnel
from schwung.app.saved_funnels import SavedFunnel, mark_funnel, save_funnel, saved_funnel, saved_funnels
from schwung.measure.funnel import Funnel
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["funnels"])
Number = Annotated[int, Field(ge=1, lt=2**53)]
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]
_Engine = Literal["duckdb", "spark"] | None


class _Definition(BaseModel):
    definition: dict[str, Any] = Field(description="As in docs/how-to/funnels.md: steps, window, order, exclude, by.")
    since: str | None = Field(None, max_length=40, description="First day on which step 1 counts.")
    until: str | None = Field(None, max_length=40, description="Last day on which step 1 counts.")
    engine: _Engine = None


class _Named(BaseModel):
    name: str = Field(max_length=200)
    definition: dict[str, Any]


class _List(BaseModel):
    name: str = Field(max_length=200)
    definition: dict[str, Any]
    step: int = Field(ge=1, le=100, description="From 1.")
    which: Literal["dropped", "reached"] = "dropped"
    since: str | None = Field(None, max_length=40)
    until: str | None = Field(None, max_length=40)
    note: str = Field("", max_length=1_000)


@router.get("/funnels", summary="Saved funnels")
def list_funnels(request: Request, caller: Reader) -> dict[str, Any]:
    """By name, with their definitions."""
    return {"funnels": [_shown(one) for one in saved_funnels(workspace_of(request))]}


@router.post("/funnels", summary="Ask a funnel")
def ask(asked: _Definition, request: Request, caller: Reader) -> dict[str, Any]:
    """Customers per step with conversion, interval, times between steps; by slice where `by` is given."""
    return compute(workspace_of(request), asked.definition, since=asked.since, until=asked.until, engine=asked.engine).to_json()  # fmt: skip


@router.post("/funnels/saved", summary="Save a funnel under a name")
def save(asked: _Named, request: Request, caller: Admin) -> dict[str, Any]:
    """The console shows it under Funnels."""
    return _shown(save_funnel(workspace_of(request), asked.name, Funnel.read(asked.definition), actor=caller.actor))


@router.post("/funnels/lists", summary="Save who dropped after a step as a customer list")
def save_list(asked: _List, request: Request, caller: Admin) -> dict[str, Any]:
    """`reached`: those who came to the step, whether or not further."""
    return list_from_funnel(
        workspace_of(request), asked.name, asked.definition, asked.step, asked.which,
        since=asked.since, until=asked.until, note=asked.note, actor=caller.actor,
    ).to_json()  # fmt: skip


@router.get("/funnels/{number}", summary="A saved funnel and its figures")
def read(
    number: Number,
    request: Request,
    caller: Reader,
    by: Annotated[str | None, Query(max_length=300, description="Another breakdown.")] = None,
    since: _Day = None,
    until: _Day = None,
    engine: _Engine = None,
) -> dict[str, Any]:
    """As `POST /funnels` answers."""
    workspace = workspace_of(request)
    found = saved_funnel(workspace, number)
    answer = compute(workspace, found.funnel, by=by, since=since or None, until=until or None, engine=engine)
    return {**_shown(found), **answer.to_json()}


@router.delete("/funnels/{number}", summary="Delete a saved funnel")
def delete(number: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """Facts and lists stay."""
    workspace = workspace_of(request)
    found = saved_funnel(workspace, number)
    mark_funnel(workspace, number, deleted=True)
    return {"number": found.funnel_no}


def _shown(one: SavedFunnel) -> dict[str, Any]:
    return {"number": one.funnel_no, "name": one.name, "definition": one.funnel.to_json()}


@router.get("/paths", summary="The most frequent sequences from or to an event")
def read_paths(
    request: Request,
    caller: Reader,
    anchor: Annotated[str, Query(min_length=1, max_length=300, description="Name of the event.")],
    direction: Literal["from", "to"] = "from",
    length: Annotated[int, Query(ge=2, le=8, description="Events of a sequence.")] = 5,
    collapse: Annotated[bool, Query(description="The same event several times in a row counts once.")] = True,
    since: _Day = None,
    until: _Day = None,
    engine: _Engine = None,
) -> dict[str, Any]:
    """One sequence per visit in which the event occurs; at most 50, the most frequent first."""
    from schwung.app.analyses.paths import paths

    return paths(
        workspace_of(request), anchor, direction=direction, length=length, collapse=collapse,
        since=since or None, until=until or None, engine=engine,
    ).to_json()  # fmt: skip


@router.get("/visits", summary="Visits by channel, with conversion")
def read_visits(
    request: Request, caller: Reader, since: _Day = None, until: _Day = None, engine: _Engine = None
) -> dict[str, Any]:
    """A visit ends after a pause of `visits.gap_minutes`."""
    from schwung.app.analyses.visits import visit_figures

    return visit_figures(workspace_of(request), since=since or None, until=until or None, engine=engine).to_json()
