"""Personas over HTTP. Reading needs scope read, asking for a new run and naming admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from schwung.app.personas import ask_for_personas, personas, rename_persona
from schwung.app.wiring import Workspace
from schwung.web.api.caller import Admin, Reader

router = APIRouter(tags=["personas"])
Number = Annotated[int, Field(ge=1, lt=2**53)]


class _Named(BaseModel):
    name: str = Field(max_length=200)
    note: str = Field("", max_length=1_000)


@router.get("/personas", summary="Groups of customers who buy alike")
def read_personas(request: Request, caller: Reader) -> dict[str, Any]:
    """With size, share of revenue and what sets each apart; money in minor units. Each is a customer list too."""
    return personas(_workspace(request)).to_json()


@router.post("/personas/find", summary="Ask the worker to find them anew", status_code=202)
def find(request: Request, caller: Admin) -> dict[str, Any]:
    """Takes seconds to a minute; `computed_at` tells when it was done."""
    ask_for_personas(_workspace(request), actor=caller.actor)
    return {"asked": True}


@router.post("/personas/{list_no}", summary="Name a persona")
def name(list_no: Number, named: _Named, request: Request, caller: Admin) -> dict[str, Any]:
    """Later runs keep the name and the note."""
    return rename_persona(_workspace(request), list_no, named.name, named.note, actor=caller.actor).to_json()


def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.app.state.workspace
    return workspace
