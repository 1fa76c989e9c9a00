"""Boards with targets and owners, alerts, annotations, and the monthly report as a file."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from schwung.app.access import operators
from schwung.app.alerts import (
    add_alert,
    alerts,
    annotate,
    annotations,
    check_alerts,
    mark_alert,
    mark_annotation,
    raised_count,
)
from schwung.app.boards import (
    Aim,
    Tile,
    add_board,
    add_tile,
    boards,
    mark_board,
    read_board,
    read_tile,
    remove_tile,
    rename_board,
    set_tile,
)
from schwung.app.report import PAGE_DAYS
from schwung.core.errors import InputError
from schwung.measure.metrics import METRICS
from schwung.web.console.area import Area
from schwung.web.console.boards.cards import alert_rows, tiles
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("boards", path="/boards", group="measure", icon="layout-dashboard", router=router, waiting=raised_count)
_Name = Annotated[str, Form(max_length=300)]
_Text = Annotated[str, Form(max_length=200)]
METRIC_NAMES = [one for one in METRICS.values() if one.parts is None and one.shape != "matrix"]


@router.get("/boards")
def overview(page: Viewer) -> Response:
    last = data_state(page.workspace).until_on.replace(day=1) - timedelta(days=1)
    months = [last.replace(day=1)]
    while len(months) < 12:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return page.render(
        "boards/boards.html",
        boards=boards(page.workspace),
        alerts=alert_rows(page, alerts(page.workspace)),
        annotations=annotations(page.workspace),
        metrics=METRIC_NAMES,
        day_of=date.fromisoformat,
        months=months,
        today=data_state(page.workspace).until_on.isoformat(),
        known=data_state(page.workspace).has_orders,
    )


@router.post("/boards")
def create(page: Editor, name: _Name) -> Response:
    try:
        board = add_board(page.workspace, name, actor=page.actor)
    except InputError as error:
        return page.go("/boards", toast=page.sentence(error), bad=True)
    return page.go(f"/boards/{board.board_no}", toast=page.text("created_name", name=board.name))


@router.get("/boards/{board_no}")
def one(page: Viewer, board_no: int) -> Response:
    try:
        board = read_board(page.workspace, board_no)
    except InputError as error:
        return page.go("/boards", toast=page.sentence(error), bad=True)
    part = inline(lambda: _tiles(page, board_no))
    values: dict[str, Any] = {
        "known": METRICS,
        "written": lambda tile: _written(page, tile),
        "people": operators(page.workspace),
    }
    return page.render("boards/one.html", board=board, part=part, metrics=METRIC_NAMES, **values)


@router.get("/boards/{board_no}/tiles")
def board_tiles(page: Viewer, board_no: int) -> Response:
    """The board's figures, for those who wait for them."""
    return page.fragment(_tiles(page, board_no))


@router.post("/boards/{board_no}/rename")
def rename(page: Editor, board_no: int, name: _Name) -> Response:
    try:
        board = rename_board(page.workspace, board_no, name)
    except InputError as error:
        return page.go(f"/boards/{board_no}", toast=page.sentence(error), bad=True)
    return page.go(f"/boards/{board_no}", toast=page.text("renamed", name=board.name))


@router.post("/boards/{board_no}/delete")
def delete(page: Editor, board_no: int) -> Response:
    mark_board(page.workspace, board_no, deleted=True)
    return page.go("/boards", toast=page.text("deleted"), undo=f"/boards/{board_no}/restore")


@router.post("/boards/{board_no}/restore")
def restore(page: Editor, board_no: int) -> Response:
    mark_board(page.workspace, board_no, deleted=False)
    return page.go("/boards", toast=page.text("restored"))


@router.post("/boards/{board_no}/tiles")
def create_tile(
    page: Editor,
    board_no: int,
    metric: _Name,
    target: _Text = "",
    direction: _Text = "",
    due_on: _Text = "",
    owner: _Text = "",
) -> Response:
    def put() -> None:
        add_tile(page.workspace, board_no, metric, _aim(metric, target, direction, due_on, owner))

    return _put(page, board_no, put, target, "tile_added")


@router.post("/boards/{board_no}/tiles/{tile_no}")
def change_tile(
    page: Editor,
    board_no: int,
    tile_no: int,
    target: _Text = "",
    direction: _Text = "",
    due_on: _Text = "",
    owner: _Text = "",
) -> Response:
    def put() -> None:
        metric = read_tile(page.workspace, board_no, tile_no).metric
        set_tile(page.workspace, board_no, tile_no, _aim(metric, target, direction, due_on, owner))

    return _put(page, board_no, put, target, "tile_changed")


@router.post("/boards/{board_no}/tiles/{tile_no}/remove")
def drop_tile(page: Editor, board_no: int, tile_no: int) -> Response:
    remove_tile(page.workspace, board_no, tile_no)
    return page.go(f"/boards/{board_no}", toast=page.text("tile_removed"))


@router.post("/boards-alerts")
def create_alert(page: Editor, metric: _Name, direction: _Text, bound: _Text) -> Response:
    try:
        value = _number(bound, metric)
        if value is None:
            raise ValueError(bound)
        add_alert(page.workspace, metric, direction, value, days=PAGE_DAYS, actor=page.actor)
    except InputError as error:
        return page.go("/boards", toast=page.sentence(error), bad=True)
    except ValueError:
        return page.go("/boards", toast=page.text("no_number", text=bound), bad=True)
    check_alerts(page.workspace)
    return page.go("/boards", toast=page.text("alert_added"))


@router.post("/boards-alerts/{alert_no}/delete")
def delete_alert(page: Editor, alert_no: int) -> Response:
    mark_alert(page.workspace, alert_no, deleted=True)
    return page.go("/boards", toast=page.text("deleted"), undo=f"/boards-alerts/{alert_no}/restore")


@router.post("/boards-alerts/{alert_no}/restore")
def restore_alert(page: Editor, alert_no: int) -> Response:
    mark_alert(page.workspace, alert_no, deleted=False)
    return page.go("/boards", toast=page.text("restored"))


@router.post("/boards-annotations")
def create_annotation(page: Editor, noted_on: _Text, text_en: _Text = "", text_de: _Text = "") -> Response:
    try:
        annotate(page.workspace, noted_on, text_en, text_de, actor=page.actor)
    except InputError as error:
        return page.go("/boards", toast=page.sentence(error), bad=True)
    return page.go("/boards", toast=page.text("annotated"))


@router.post("/boards-annotations/{annotation_no}/delete")
def delete_annotation(page: Editor, annotation_no: int) -> Response:
    mark_annotation(page.workspace, annotation_no, deleted=True)
    return page.go("/boards", toast=page.text("deleted"), undo=f"/boards-annotations/{annotation_no}/restore")


@router.post("/boards-annotations/{annotation_no}/restore")
def restore_annotation(page: Editor, annotation_no: int) -> Response:
    mark_annotation(page.workspace, annotation_no, deleted=False)
    return page.go("/boards", toast=page.text("restored"))


@router.get("/boards-report/{month}.pdf")
def report(page: Viewer, month: str) -> Response:
    """The monthly report as a file, in the reader's language."""
    from schwung.app.analyses.report import report as compute

    try:
        pdf = compute(page.workspace, month, page.language).to_pdf()
    except InputError as error:
        return page.go("/boards", toast=page.sentence(error), bad=True)
    name = f"schwung-{month}-{page.language}.pdf"
    return Response(
        pdf, media_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _tiles(page: Page, board_no: int) -> str:
    board = read_board(page.workspace, board_no)
    return page.html("boards/tiles.html", board=board, tiles=tiles(page, board), day_of=date.fromisoformat)


def _put(page: Page, board_no: int, put: Callable[[], None], target: str, done: str) -> Response:
    """Back to the board after `put`, which may find something wrong; done: key of what is said then."""
    try:
        put()
    except InputError as error:
        return page.go(f"/boards/{board_no}", toast=page.sentence(error), bad=True)
    except ValueError:
        return page.go(f"/boards/{board_no}", toast=page.text("no_number", text=target), bad=True)
    return page.go(f"/boards/{board_no}", toast=page.text(done))


def _aim(metric: str, target: str, direction: str, due_on: str, owner: str) -> Aim:
    """ValueError for a target that is no number."""
    return Aim(_number(target, metric), direction, due_on, int(owner) if owner.isdecimal() else None)


def _written(page: Page, tile: Tile) -> str:
    """The target as a person would type it: shares in percent, German with a comma."""
    if tile.target is None:
        return ""
    text = f"{tile.target * (100 if METRICS.find(tile.metric).unit == 'share' else 1):.10g}"
    return text.replace(".", ",") if page.language == "de" else text


def _number(text: str, metric: str) -> float | None:
    """What somebody wrote, in the metric's unit; empty: None. ValueError for what is no number."""
    text = text.strip().rstrip("%").strip().replace(",", ".")
    if not text:
        return None
    return float(text) / (100 if METRICS.find(metric).unit == "share" else 1)
