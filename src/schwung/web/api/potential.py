"""The customer potential analysis over HTTP. Reading needs scope read, saving a list admin."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.app.analyses.potential import list_from_field, potential
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["predict"])
_Basis = Literal["revenue", "margin"] | None


class _List(BaseModel):
    field: str = Field(max_length=40, description="Level of value, then of potential: high-low.")
    name: str = Field(max_length=200)
    basis: _Basis = None
    note: str = Field("", max_length=1_000)


@router.get("/potential", summary="The customer potential analysis in six steps")
def read_potential(
    request: Request,
    caller: Reader,
    basis: Annotated[_Basis, Query(description="What value means; without it margin where that is known.")] = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """Amounts in minor units. prioritise: the nine fields of value × potential, what is to be won first."""
    return potential(workspace_of(request), basis=basis, engine=engine).to_json()


@router.post("/potential/lists", summary="Save the customers of a field as a list")
def save_field(asked: _List, request: Request, caller: Admin) -> dict[str, Any]:
    place = workspace_of(request)
    return list_from_field(
        place, asked.field, asked.name, basis=asked.basis, note=asked.note, actor=caller.actor
    ).to_json()
