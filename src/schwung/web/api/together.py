"""Products that are bought together over HTTP. Reading needs scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.analyses.together import together
from schwung.web.api.caller import Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["predict"])


@router.get("/bought-together", summary="Products that stand in the same orders more often than by chance")
def read_together(
    request: Request,
    caller: Reader,
    product: Annotated[
        str | None, Query(max_length=200, description="Number or whole name; without it all pairs.")
    ] = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """confidence: of the orders with `first`, the share that hold `second` too. lift: times as many as by chance."""
    return together(workspace_of(request), product or None, engine=engine).to_json()
