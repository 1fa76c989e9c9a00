"""Models and predictions over HTTP. Reading needs scope read, training admin."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.backtest import backtest
from schwung.app.customers import find_customer
from schwung.app.model_versions import latest_versions, newest_version, versions
from schwung.app.predictions import of_customer, predict
from schwung.app.train import ask_training
from schwung.app.wiring import Workspace
from schwung.predict.model import TimeUnit
from schwung.predict.models import MODELS
from schwung.web.api.caller import Admin, Reader

router = APIRouter(tags=["models"])
Engine = Literal["duckdb", "spark"] | None
_Horizon = Annotated[int | None, Query(ge=1, le=3_650, description="Days ahead; without it as set.")]
MOST_ROWS = 100_000


@router.get("/models", summary="All models with their newest version")
def read_models(request: Request, caller: Reader) -> list[dict[str, Any]]:
    """What each says and predicts; of the newest version, whatever became of it, state, quality and drift."""
    latest = latest_versions(_workspace(request))
    return [
        {
            "model": name,
            "title": _text(model.title),
            "says": _text(model.says),
            "reading": _text(model.reading),
            "source": model.source,
            "targets": [{"name": one.name, "title": _text(one.title), "unit": one.unit} for one in model.targets],
            "latest": latest[name].details() if name in latest else None,
        }
        for name, model in MODELS.items()
    ]


@router.post("/models/train", summary="Ask the worker to train all models", status_code=202)
def train_all(request: Request, caller: Admin) -> dict[str, Any]:
    """`GET /models` tells how far they are."""
    return {"asked": list(ask_training(_workspace(request), actor=caller.actor))}


@router.get("/models/{model}", summary="The version of a model that holds")
def read_model(model: str, request: Request, caller: Reader) -> dict[str, Any]:
    """Parameters with standard errors, quality on held-out data, rows of the check pictures."""
    return newest_version(_workspace(request), MODELS.find(model).name).details()


@router.get("/models/{model}/versions", summary="Versions of a model, newest first")
def read_versions(model: str, request: Request, caller: Reader) -> list[dict[str, Any]]:
    """At most 50, failed ones too, without rows of pictures."""
    return [one.details() for one in versions(_workspace(request), MODELS.find(model).name)]


@router.post("/models/{model}/train", summary="Ask the worker to train a model", status_code=202)
def train(model: str, request: Request, caller: Admin) -> dict[str, Any]:
    """Takes seconds to minutes; the newest of its versions tells how far it is."""
    return {"asked": list(ask_training(_workspace(request), model, actor=caller.actor))}


@router.get("/models/{model}/predictions", summary="What a model predicts for every customer")
def read_predictions(
    model: str, request: Request, caller: Reader, horizon_days: _Horizon = None,
    level: Annotated[float, Query(gt=0, lt=1, description="Of the intervals.")] = 0.8,
    discount_rate: Annotated[float | None, Query(ge=0, le=1, description="A year; without it as set.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 10_000,
    after: Annotated[int, Query(ge=0, description="Rows that were read already.")] = 0, engine: Engine = None,
) -> dict[str, Any]:  # fmt: skip
    """Worked out now, for any horizon, with the sums over all customers; one row per customer, target and rank, in their order. Money in minor units, dates as
    UTC microseconds. `clv`, where later money is discounted, also says what the base is worth without an end
    (`totals.customer_equity_without_end`). `next`: where the next page begins, null at the end."""
    found = predict(
        _workspace(request), model, horizon_days=horizon_days, level=level, discount_rate=discount_rate, engine=engine
    )
    end = after + limit
    return {**found.slice(after, limit).to_json(), "next": end if end < found.rows.num_rows else None}


@router.get("/models/{model}/backtest", summary="Walk forward in time, beside a naive rule")
def read_backtest(
    model: str, request: Request, caller: Reader, horizon_days: _Horizon = None,
    since: Annotated[date | None, Query(description="Only customers whose first order lies on that day or later.")] = None,
    until: Annotated[date | None, Query(description="Last day that it sees.")] = None,
    time_unit: Annotated[TimeUnit, Query(description="Clock of the parameters.")] = "day", engine: Engine = None,
) -> dict[str, Any]:  # fmt: skip
    """Fitted on what was known at `cut_at`, judged on what came until `until_at`."""
    asked: dict[str, Any] = {"since": since, "until": until, "time_unit": time_unit, "horizon_days": horizon_days}
    return backtest(_workspace(request), model, engine=engine, **asked).to_json()


@router.get("/customers/{customer}/predictions", summary="What the models say of a customer")
def read_of_customer(customer: str, request: Request, caller: Reader) -> list[dict[str, Any]]:
    """`customer`: a number, or an identifier such as `email:anna@example.com`. Nothing of who objected (Art. 21 GDPR)."""
    workspace = _workspace(request)
    return [one.to_json() for one in of_customer(workspace, find_customer(workspace, customer))]


def _text(text: Any) -> dict[str, str]:
    return {"en": text.en, "de": text.de}


def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.app.state.workspace
    return workspace
