"""The journey map over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.analyses.journey_map import journey_map
from schwung.web.api.caller import Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["journey map"])
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]


@router.get("/journey-map", summary="Six phases as columns, everything in them measured")
def read_journey_map(
    request: Request,
    caller: Reader,
    list: Annotated[
        str | None, Query(max_length=200, description="Number or name of a customer list; else all.")
    ] = None,
    days: Annotated[int, Query(ge=1, le=731, description="Length of the period, without `since`.")] = 28,
    since: _Day = None,
    until: _Day = None,
    against: Annotated[
        str | None,
        Query(max_length=200, description="What stands beside: before (the period before), all, or another list."),
    ] = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """People in each phase, contacts by channel and touchpoint, the share that went on to the next phase with the wait,
    feeling from 0 to 100 with the number of answers, and the losses: the same money as the flywheel's friction."""
    place = workspace_of(request)
    found = journey_map(
        place, list=list, days=days, since=since or None, until=until or None, against=against or None, engine=engine
    )
    return found.to_json()
