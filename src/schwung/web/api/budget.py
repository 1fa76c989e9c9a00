"""Budgets over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.app.analyses.budget import budget
from schwung.web.api.caller import Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["budget"])
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]


class _Plan(BaseModel):
    plan: dict[str, Any] = Field(description="As in docs/how-to/budget.md: money, hours, channels, equity.")


@router.post("/budget", summary="Split the money and hours of a plan so that they bring most")
def ask(asked: _Plan, request: Request, caller: Reader) -> dict[str, Any]:
    """Per channel the best effort with its interval, what the next unit of money brings, scenarios."""
    return budget(workspace_of(request), asked.plan).to_json()


@router.get("/budget", summary="The best split by curves fitted to this workspace")
def read(
    request: Request,
    caller: Reader,
    outcome: Literal["revenue", "margin", "orders", "new_customers"] = "revenue",
    unit: Literal["week", "month"] = "week",
    kind: Literal["exponential", "logistic", "hill", "log"] = "exponential",
    money: Annotated[float | None, Query(ge=0, le=1e12, description="For a period; else what is spent now.")] = None,
    since: _Day = None,
    until: _Day = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """`evidence` says for each channel whether the data support a curve, and why not."""
    return budget(
        workspace_of(request), outcome=outcome, unit=unit, kind=kind, money=money, since=since or None, until=until or None, engine=engine,
    ).to_json()  # fmt: skip
