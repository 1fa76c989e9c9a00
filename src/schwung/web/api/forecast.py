"""The forecast over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.analyses.forecast import forecasted
from schwung.app.wiring import Workspace
from schwung.web.api.caller import Reader

router = APIRouter(tags=["models"])


@router.get("/forecast", summary="New customers, orders and revenue ahead")
def read_forecast(
    request: Request,
    caller: Reader,
    unit: Literal["week", "month"] = "week",
    periods: Annotated[int | None, Query(ge=1, le=104, description="How many ahead.")] = None,
    level: Annotated[float, Query(gt=0, lt=1, description="Of the intervals.")] = 0.8,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """By week, or by calendar month after what is left of this one (`so_far`: what came in it already); by cohort and in
    total. Revenue: minor units sold less returned. `coverage`: share of what came that lay within the intervals of forecasts
    as of earlier days, chosen by what was known then. `left_out`: shares of orders of guests and of who objected."""
    workspace: Workspace = request.app.state.workspace
    return forecasted(workspace, unit=unit, periods=periods, level=level, engine=engine).to_json()
