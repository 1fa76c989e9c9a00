"""Attribution over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.analyses.attribution import LOOKBACK_DAYS, MOST_LOOKBACK, attribution
from schwung.predict.attribution.rules import HALF_LIFE_DAYS
from schwung.web.api.caller import Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["attribution"])
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]


@router.get("/attribution", summary="Orders credited to the touches before them")
def read_attribution(
    request: Request,
    caller: Reader,
    model: Annotated[
        str,
        Query(
            max_length=40, description="markov, shapley, shapley_coalition, first, last, linear, position, time_decay."
        ),
    ] = "markov",
    order: Annotated[int, Query(ge=1, le=3, description="Of the Markov chain.")] = 1,
    by: Literal["channel", "campaign"] = "channel",
    lookback_days: Annotated[int, Query(ge=1, le=MOST_LOOKBACK)] = LOOKBACK_DAYS,
    half_life_days: Annotated[float, Query(gt=0, le=3650, description="Of time decay.")] = HALF_LIFE_DAYS,
    only_new: Annotated[bool, Query(description="First orders alone.")] = False,
    since: _Day = None,
    until: _Day = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """Conversions, value, margin, spend per channel or campaign. Description, not effect: see `remark`."""
    return attribution(
        workspace_of(request), model=model, order=order, by=by, since=since or None, until=until or None,
        lookback_days=lookback_days, half_life_days=half_life_days, only_new=only_new, engine=engine,
    ).to_json()  # fmt: skip
