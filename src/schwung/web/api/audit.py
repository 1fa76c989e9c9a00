"""The customer-base audit over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.analyses.audit import audit
from schwung.app.wiring import Workspace
from schwung.web.api.caller import Reader

router = APIRouter(tags=["audit"])
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]


@router.get("/audit", summary="The customer base in five views")
def read_audit(
    request: Request,
    caller: Reader,
    since: _Day = None,
    until: _Day = None,
    cohort: Annotated[str | None, Query(max_length=10, description="Of view 3, such as 2026-Q1.")] = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """Money in minor units: the views add up to the same revenue exactly. Without dates: the last whole year, quarter or
    month that has a whole one before it."""
    workspace: Workspace = request.app.state.workspace
    return audit(workspace, since=since or None, until=until or None, cohort=cohort or None, engine=engine).to_json()
