"""schwung board: metrics side by side, each with a target, a date and who answers for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.customers import opened, say
from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.app.analyses.board import BoardFigures
    from schwung.app.boards import Aim

app = typer.Typer(no_args_is_help=True, help="Boards: metrics with targets, dates and who answers for them.")
BoardArgument = Annotated[str, typer.Argument(metavar="BOARD", help="Number or name of the board.")]
NumberArgument = Annotated[int, typer.Argument(help="Number of the board.")]
TileArgument = Annotated[int, typer.Argument(metavar="TILE", help="Number of the tile, as `show` lists it.")]
TargetOption = Annotated[str, typer.Option(help="Target in the metric's unit; a share as 0.25 or 25%.")]
AimOption = Annotated[str, typer.Option(help="at_least or at_most.", show_default="as the metric is better")]
DueOption = Annotated[str, typer.Option(help="Day by which it should be reached, such as 2026-12-31.")]
OwnerOption = Annotated[str, typer.Option(help="E-mail of the operator who answers for it.")]


@app.command("ls")
def ls(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all boards by name."""
    from schwung.app.boards import boards

    found = boards(opened(workspace))
    if json:
        print_json([one.to_json() for one in found])
        return
    print_table(
        ("number", "name", "metrics"), [(one.board_no, one.name, len(one.tiles)) for one in found], right=("number", "metrics")
    )  # fmt: skip


@app.command("show")
def show(
    named: BoardArgument,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show a board: each metric's value with its interval, the change, and where its target stands.

    Changes are judged against the period before and corrected for all tiles at once.
    Example: schwung board show "Team Delight"
    """
    from schwung.app.analyses.board import board_figures

    found = board_figures(opened(workspace), named, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
    else:
        _print(found)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Name of the new board.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Create an empty board."""
    from schwung.app.boards import add_board
    from schwung.cli.customers import actor

    found = add_board(opened(workspace), name, actor=actor())
    if json:
        print_json(found.to_json())
    else:
        say("Board {no} “{name}”.", "Tafel {no} „{name}“.", no=found.board_no, name=found.name)


@app.command("rename")
def rename(
    named: BoardArgument,
    name: Annotated[str, typer.Argument(help="New name.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Give a board another name."""
    from schwung.app.boards import read_board, rename_board

    place = opened(workspace)
    found = rename_board(place, read_board(place, named).board_no, name)
    if json:
        print_json(found.to_json())
    else:
        say("Board {no} “{name}”.", "Tafel {no} „{name}“.", no=found.board_no, name=found.name)


@app.command("delete")
def delete(named: BoardArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Delete a board. `restore` brings it back."""
    from schwung.app.boards import mark_board, read_board

    place = opened(workspace)
    found = read_board(place, named)
    mark_board(place, found.board_no, deleted=True)
    if json:
        print_json({"board_no": found.board_no})
    else:
        say(
            "Deleted. Back with: schwung board restore {no}",
            "Gelöscht. Zurück mit: schwung board restore {no}",
            no=found.board_no,
        )


@app.command("restore")
def restore(number: NumberArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Take the deletion of a board back."""
    from schwung.app.boards import mark_board, read_board

    place = opened(workspace)
    mark_board(place, number, deleted=False)
    found = read_board(place, number)
    if json:
        print_json(found.to_json())
    else:
        say("Board {no} “{name}”.", "Tafel {no} „{name}“.", no=found.board_no, name=found.name)


@app.command("add")
def add(
    named: BoardArgument,
    metric: Annotated[str, typer.Argument(help="Name of the metric; `schwung measure --list` shows them.")],
    target: TargetOption = "",
    aim: AimOption = "",
    due: DueOption = "",
    owner: OwnerOption = "",
    days: Annotated[int, typer.Option(min=1, max=731, help="Days that it covers, without a window of its own.")] = 28,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Put a metric on a board, with a target where there is one.

    Example: schwung board add "Team Delight" nps --target 40 --due 2026-12-31
    """
    from schwung.app.boards import add_tile, read_board

    place = opened(workspace)
    board = read_board(place, named)
    tile = add_tile(place, board.board_no, metric, _aim(place.folder, metric, target, aim, due, owner), days=days)
    _told(tile.to_json(), tile.tile_no, json)


@app.command("set")
def set_(
    named: BoardArgument,
    tile: TileArgument,
    target: TargetOption = "",
    aim: AimOption = "",
    due: DueOption = "",
    owner: OwnerOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Give a tile another target, direction, day and owner; what is left out is taken away."""
    from schwung.app.boards import read_board, read_tile, set_tile

    place = opened(workspace)
    board = read_board(place, named)
    metric = read_tile(place, board.board_no, tile).metric
    found = set_tile(place, board.board_no, tile, _aim(place.folder, metric, target, aim, due, owner))
    _told(found.to_json(), tile, json)


@app.command("remove")
def remove(
    named: BoardArgument, tile: TileArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False
) -> None:
    """Take a metric off a board."""
    from schwung.app.boards import read_board, read_tile, remove_tile

    place = opened(workspace)
    board = read_board(place, named)
    found = read_tile(place, board.board_no, tile)
    remove_tile(place, board.board_no, tile)
    _told(found.to_json(), tile, json)


def _aim(folder: Path, metric: str, target: str, aim: str, due: str, owner: str) -> "Aim":
    from schwung.app.access import find_operator
    from schwung.app.boards import Aim, in_unit

    place = opened(folder)
    owner_id = find_operator(place, owner).operator_id if owner else None
    return Aim(in_unit(target, metric) if target else None, aim, due, owner_id)


def _told(tile: object, number: int, json: bool) -> None:
    if json:
        print_json(tile)
    else:
        say("Tile {no}.", "Kachel {no}.", no=number)


def _print(found: "BoardFigures") -> None:
    from schwung.app.boards import STANDINGS
    from schwung.measure.inference import WORDS
    from schwung.renderers.numbers import number

    spoken = language()
    heads = ("Kachel", "Kennzahl", "Wert", "Veränderung", "Ziel", "Stand") if spoken == "de" else (
        "tile", "metric", "value", "change", "target", "standing")  # fmt: skip
    rows = []
    for one in found.tiles:
        unit, tile, estimate = one.compared.now.unit, one.tile, one.estimate
        value = number(estimate.value if estimate else None, unit, spoken)
        if estimate and estimate.low is not None:
            value += f"\n{number(estimate.low, unit, spoken)} – {number(estimate.high, unit, spoken)}"
        sign = "≤" if tile.direction == "at_most" else "≥"
        aim = (
            (f"{sign} {number(tile.target, unit, spoken)}", tile.due_on, one.owner)
            if tile.target is not None
            else (one.owner,)
        )
        rows.append(
            (
                tile.tile_no, one.metric.title.in_(spoken), value,
                WORDS[change.word].in_(spoken) if (change := one.compared.difference) else "",
                "\n".join(filter(None, aim)), STANDINGS[one.standing].in_(spoken) if one.standing else "",
            )
        )  # fmt: skip
    print_table(heads, rows, title=found.board.name, right=heads[2:3], as_named=True)
