"""Findings over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.analyses.diagnosis import diagnose
from schwung.app.wiring import Workspace
from schwung.web.api.caller import Reader

router = APIRouter(tags=["findings"])
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]


@router.get("/findings", summary="What the numbers mean together, by money")
def read_findings(
    request: Request,
    caller: Reader,
    days: Annotated[int, Query(ge=1, le=731, description="Length of the period, without `since`.")] = 28,
    since: _Day = None,
    until: _Day = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """Each with its claim, the numbers that it rests on, money with basis and 95 % interval, phase, an action and a look.
    `standing`: a state; `change`: worse than the periods before, corrected over all that is looked at."""
    workspace: Workspace = request.app.state.workspace
    return diagnose(workspace, days=days, since=since or None, until=until or None, engine=engine).to_json()
