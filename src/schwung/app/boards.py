"""Boards: metrics side by side, each with a target, a date and somebody who answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from schwung.app.lists import checked
from schwung.app.report import PAGE_DAYS, read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.measure.metrics import METRICS

Direction = Literal["at_least", "at_most"]
Standing = Literal["reached", "not_reached", "open"]
MOST_TILES = 24


@dataclass(frozen=True, slots=True)
class Tile:
    """target: in the metric's unit, shares from 0 to 1, money in major units; None: none set."""

    tile_no: int
    board_no: int
    metric: str
    days: int
    target: float | None
    direction: Direction | None
    due_on: str | None
    owner_id: int | None

    def standing(self, now: Estimate) -> Standing | None:
        """Where the target stands: decided only where the whole interval lies on one side."""
        if self.target is None or now.value is None:
            return None
        low = now.value if now.low is None else now.low
        high = now.value if now.high is None else now.high
        if self.direction == "at_most":
            return "reached" if high <= self.target else "not_reached" if low > self.target else "open"
        return "reached" if low >= self.target else "not_reached" if high < self.target else "open"


@dataclass(frozen=True, slots=True)
class Board:
    board_no: int
    name: str
    tiles: tuple[Tile, ...]
    created_by: str
    created_at: Instant

    def to_json(self) -> dict[str, Any]:
        tiles = [{name: getattr(one, name) for name in Tile.__slots__ if name != "board_no"} for one in self.tiles]
        return {"board_no": self.board_no, "name": self.name, "tiles": tiles}


def boards(workspace: Workspace) -> list[Board]:
    """By name."""
    with workspace.store.read() as tx:
        return [_read(row, tx.rows("boards.tiles", board_no=row["board_no"])) for row in tx.rows("boards.all")]


def read_board(workspace: Workspace, board_no: int) -> Board:
    """InputError when there is none."""
    with workspace.store.read() as tx:
        row = tx.row("boards.one", board_no=board_no)
        if row is None:
            raise InputError(
                "unknown_board",
                Text("There is no board {no}.", "Eine Tafel {no} gibt es nicht.").fill(no=board_no),
                Text("The console lists them under Boards.", "Die Konsole zeigt sie unter Tafeln."),
            )
        return _read(row, tx.rows("boards.tiles", board_no=board_no))


def add_board(workspace: Workspace, name: str, *, actor: str) -> Board:
    """InputError for an empty name."""
    with workspace.store.write() as tx:
        number = tx.value("boards.add", name=checked(name), created_by=actor, now=workspace.clock())
    return read_board(workspace, int(number))


def mark_board(workspace: Workspace, board_no: int, *, deleted: bool) -> None:
    """Delete, or take the deletion back."""
    with workspace.store.write() as tx:
        tx.run("boards.set_deleted", board_no=board_no, deleted_at=workspace.clock() if deleted else None)


def add_tile(
    workspace: Workspace,
    board_no: int,
    metric: str,
    *,
    days: int = PAGE_DAYS,
    target: float | None = None,
    direction: str = "",
    due_on: str = "",
    owner_id: int | None = None,
) -> None:
    """InputError for an unknown metric, one that is no single number, a date that is none, or a board that is full."""
    found = METRICS.find(metric)
    if found.parts is not None or found.shape == "matrix":
        raise InputError(
            "not_one_number",
            Text("{title} is no single number.", "{title} ist keine einzelne Zahl.").fill(title=found.title),
            Text("Choose another metric.", "Eine andere Kennzahl wählen."),
        )
    if len(read_board(workspace, board_no).tiles) >= MOST_TILES:
        raise InputError(
            "board_full",
            Text("A board holds at most {most} metrics.", "Eine Tafel fasst höchstens {most} Kennzahlen.").fill(most=MOST_TILES),
            Text("Begin another board.", "Eine weitere Tafel anlegen."),
        )  # fmt: skip
    day = read_day(due_on or None, "due")
    way = direction if direction in ("at_least", "at_most") else "at_most" if found.better == "lower" else "at_least"
    with workspace.store.write() as tx:
        tx.run(
            "boards.add_tile", board_no=board_no, metric=metric, days=max(1, min(days, 731)), target=target,
            direction=way if target is not None else None, due_on=day.isoformat() if day else None, owner_id=owner_id,
        )  # fmt: skip


def remove_tile(workspace: Workspace, board_no: int, tile_no: int) -> None:
    with workspace.store.write() as tx:
        tx.run("boards.remove_tile", board_no=board_no, tile_no=tile_no)


def _read(row: Mapping[str, Any], tiles: Sequence[Mapping[str, Any]]) -> Board:
    made = tuple(Tile(**{name: one[name] for name in Tile.__slots__}) for one in tiles)
    return Board(row["board_no"], row["name"], made, row["created_by"], row["created_at"])
