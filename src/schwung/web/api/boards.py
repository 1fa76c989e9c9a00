"""Boards, alerts and annotations over HTTP. Reading needs scope read, changing admin."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from schwung.app.alerts import (
    add_alert,
    alerts,
    annotate,
    annotations,
    mark_alert,
    mark_annotation,
    read_alert,
    read_annotation,
)
from schwung.app.analyses.board import board_figures
from schwung.app.boards import (
    Aim,
    add_board,
    add_tile,
    boards,
    mark_board,
    read_board,
    remove_tile,
    rename_board,
    set_tile,
)
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["boards"])
Number = Annotated[int, Field(ge=1, lt=2**53)]
_Engine = Literal["duckdb", "spark"] | None
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Named(BaseModel):
    name: str = Field(max_length=300)


class _Aim(BaseModel):
    target: _Finite | None = Field(None, description="In the metric's unit; shares from 0 to 1, money in major units.")
    direction: Literal["", "at_least", "at_most"] = Field("", description="Empty: as the metric is better.")
    due_on: str = Field("", max_length=40, description="A day such as 2026-12-31.")
    owner_id: Number | None = Field(None, description="Operator who answers for it.")

    def read(self) -> Aim:
        return Aim(self.target, self.direction, self.due_on, self.owner_id)


class _Tile(_Aim):
    metric: str = Field(max_length=100)
    days: int = Field(28, ge=1, le=731, description="Days that it covers, where the metric has no window of its own.")


class _Alert(BaseModel):
    metric: str = Field(max_length=100)
    direction: Literal["above", "below"]
    bound: _Finite = Field(description="In the metric's unit.")
    days: int = Field(28, ge=1, le=731)


class _Note(BaseModel):
    noted_on: str = Field(max_length=40, description="A day such as 2026-10-12.")
    text_en: str = Field("", max_length=200)
    text_de: str = Field("", max_length=200, description="One text stands for both languages where one is empty.")
    phase: Literal["discover", "explore", "buy", "use", "ask", "engage"] | None = Field(
        None, description="The journey map shows it there."
    )


@router.get("/boards", summary="All boards with their targets")
def list_boards(request: Request, caller: Reader) -> dict[str, Any]:
    """By name, without figures."""
    return {"boards": [one.to_json() for one in boards(workspace_of(request))]}


@router.post("/boards", summary="Create a board")
def create(asked: _Named, request: Request, caller: Admin) -> dict[str, Any]:
    """It is empty; tiles are added."""
    return add_board(workspace_of(request), asked.name, actor=caller.actor).to_json()


@router.get("/boards/{board_no}", summary="A board: values against targets")
def show(board_no: Number, request: Request, caller: Reader, engine: _Engine = None) -> dict[str, Any]:
    """Each tile with value, interval, the value before, the word for the change (corrected for all tiles at once) and where
    its target stands: reached, not_reached, or open where the interval holds it."""
    workspace = workspace_of(request)
    return board_figures(workspace, board_no, engine=engine).to_json()


@router.put("/boards/{board_no}", summary="Rename a board")
def rename(board_no: Number, asked: _Named, request: Request, caller: Admin) -> dict[str, Any]:
    """Its tiles stay."""
    read_board(workspace_of(request), board_no)
    return rename_board(workspace_of(request), board_no, asked.name).to_json()


@router.delete("/boards/{board_no}", summary="Delete a board")
def delete(board_no: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """`restore` brings it back."""
    read_board(workspace_of(request), board_no)
    mark_board(workspace_of(request), board_no, deleted=True)
    return {"board_no": board_no}


@router.post("/boards/{board_no}/restore", summary="Take the deletion of a board back")
def restore(board_no: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """With its tiles."""
    mark_board(workspace_of(request), board_no, deleted=False)
    return read_board(workspace_of(request), board_no).to_json()


@router.post("/boards/{board_no}/tiles", summary="Put a metric on a board")
def create_tile(board_no: Number, asked: _Tile, request: Request, caller: Admin) -> dict[str, Any]:
    """One that comes as a single number."""
    return add_tile(workspace_of(request), board_no, asked.metric, asked.read(), days=asked.days).to_json()


@router.put("/boards/{board_no}/tiles/{tile_no}", summary="Give a tile another target")
def change_tile(board_no: Number, tile_no: Number, asked: _Aim, request: Request, caller: Admin) -> dict[str, Any]:
    """Target, direction, day and owner; what is left out is taken away."""
    return set_tile(workspace_of(request), board_no, tile_no, asked.read()).to_json()


@router.delete("/boards/{board_no}/tiles/{tile_no}", summary="Take a metric off a board")
def drop_tile(board_no: Number, tile_no: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """The board as it is then."""
    remove_tile(workspace_of(request), board_no, tile_no)
    return read_board(workspace_of(request), board_no).to_json()


@router.get("/alerts", summary="All alerts, raised ones first")
def list_alerts(request: Request, caller: Reader) -> dict[str, Any]:
    """Checked every night; one that begins to stand becomes an event `alert_raised`."""
    return {"alerts": [one.to_json() for one in alerts(workspace_of(request))]}


@router.post("/alerts", summary="Add an alert")
def create_alert(asked: _Alert, request: Request, caller: Admin) -> dict[str, Any]:
    """Its next check is tonight's."""
    workspace = workspace_of(request)
    return add_alert(
        workspace, asked.metric, asked.direction, asked.bound, days=asked.days, actor=caller.actor
    ).to_json()


@router.delete("/alerts/{alert_no}", summary="Delete an alert")
def delete_alert(alert_no: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """`restore` brings it back."""
    read_alert(workspace_of(request), alert_no)
    mark_alert(workspace_of(request), alert_no, deleted=True)
    return {"alert_no": alert_no}


@router.post("/alerts/{alert_no}/restore", summary="Take the deletion of an alert back")
def restore_alert(alert_no: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """As it was."""
    mark_alert(workspace_of(request), alert_no, deleted=False)
    return read_alert(workspace_of(request), alert_no).to_json()


@router.get("/annotations", summary="All annotations, newest first")
def list_annotations(request: Request, caller: Reader) -> dict[str, Any]:
    """What happened on a day, shown in charts."""
    return {"annotations": [one.to_json() for one in annotations(workspace_of(request))]}


@router.post("/annotations", summary="Note what happened on a day")
def create_annotation(asked: _Note, request: Request, caller: Admin) -> dict[str, Any]:
    """In English, in German, or one text for both."""
    workspace = workspace_of(request)
    return annotate(
        workspace, asked.noted_on, asked.text_en, asked.text_de, phase=asked.phase, actor=caller.actor
    ).to_json()


@router.delete("/annotations/{annotation_no}", summary="Delete an annotation")
def delete_annotation(annotation_no: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """`restore` brings it back."""
    read_annotation(workspace_of(request), annotation_no)
    mark_annotation(workspace_of(request), annotation_no, deleted=True)
    return {"annotation_no": annotation_no}


@router.post("/annotations/{annotation_no}/restore", summary="Take the deletion of an annotation back")
def restore_annotation(annotation_no: Number, request: Request, caller: Admin) -> dict[str, Any]:
    """As it was."""
    mark_annotation(workspace_of(request), annotation_no, deleted=False)
    return read_annotation(workspace_of(request), annotation_no).to_json()
