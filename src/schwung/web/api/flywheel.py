"""The flywheel and the retention chain over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.analyses.flywheel import flywheel
from schwung.app.analyses.retention_chain import retention_chain
from schwung.app.wiring import Workspace
from schwung.web.api.caller import Reader

router = APIRouter(tags=["flywheel"])
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]
_Engine = Literal["duckdb", "spark"] | None


@router.get("/flywheel", summary="Speed, weight, friction and energy of a period")
def read_flywheel(
    request: Request,
    caller: Reader,
    days: Annotated[int, Query(ge=1, le=731, description="Length of the period, without `since`.")] = 28,
    since: _Day = None,
    until: _Day = None,
    engine: _Engine = None,
) -> dict[str, Any]:
    """Each with its 95 % interval, its change against the period before, and what moved it: the parts add up. Money in
    major units. An outflow says what was expected, what happened, and against which comparison; the outflows add up to
    friction. What cannot be known is listed under `missing` with where it is entered."""
    workspace: Workspace = request.app.state.workspace
    return flywheel(workspace, days=days, since=since or None, until=until or None, engine=engine).to_json()


@router.get("/retention-chain", summary="How strongly satisfaction, loyalty, retention and success are linked")
def read_retention_chain(
    request: Request,
    caller: Reader,
    list: Annotated[
        str | None, Query(max_length=200, description="Number or name of a customer list; else all.")
    ] = None,
    until: _Day = None,
    engine: _Engine = None,
) -> dict[str, Any]:
    """Correlations with their 95 % intervals, numbers of linked customers and a word, for all and by kind of customer."""
    workspace: Workspace = request.app.state.workspace
    return retention_chain(workspace, list=list, until=until or None, engine=engine).to_json()
