"""Boards: metrics side by side, each with a target, a date and somebody who answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, get_args

from schwung.app.lists import MOST_LETTERS, checked
from schwung.app.report import PAGE_DAYS, read_day
from schwung.app.wiring import Workspace
from schwung.core.clock import Instant
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.inference import Estimate
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS

Direction = Literal["at_least", "at_most"]
Standing = Literal["reached", "not_reached", "open"]
STANDINGS: Mapping[Standing, Text] = {
    "reached": Text("reached", "erreicht"),
    "not_reached": Text("not reached", "nicht erreicht"),
    "open": Text("open: the interval holds the target", "offen: Das Intervall enthält das Ziel"),
}
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

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "board_no"}

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
        return {"board_no": self.board_no, "name": self.name, "tiles": [one.to_json() for one in self.tiles]}


def boards(workspace: Workspace) -> list[Board]:
    """By name."""
    with workspace.store.read() as tx:
        return [_read(row, tx.rows("boards.tiles", board_no=row["board_no"])) for row in tx.rows("boards.all")]


def read_board(workspace: Workspace, named: int | str) -> Board:
    """A board by number or name. InputError when there is none."""
    with workspace.store.read() as tx:
        number = int(named) if str(named).isdecimal() and len(str(named)) < 16 else None
        row = tx.row("boards.one", board_no=number) if number is not None else None
        row = row or tx.row("boards.by_name", name=" ".join(str(named).split()))
        if row is None:
            raise InputError(
                "unknown_board",
                Text("There is no board “{name}”.", "Eine Tafel „{name}“ gibt es nicht.").fill(
                    name=str(named)[:MOST_LETTERS]
                ),
                Text("See them with: schwung board ls", "Sie zeigt: schwung board ls"),
            )
        return _read(row, tx.rows("boards.tiles", board_no=row["board_no"]))


def add_board(workspace: Workspace, name: str, *, actor: str) -> Board:
    """InputError for an empty name."""
    with workspace.store.write() as tx:
        number = tx.value("boards.add", name=checked(name), created_by=actor, now=workspace.clock())
    return read_board(workspace, int(number))


def mark_board(workspace: Workspace, board_no: int, *, deleted: bool) -> None:
    """Delete, or take the deletion back."""
    with workspace.store.write() as tx:
        tx.run("boards.set_deleted", board_no=board_no, deleted_at=workspace.clock() if deleted else None)


def rename_board(workspace: Workspace, board_no: int, name: str) -> Board:
    """InputError for an empty name."""
    with workspace.store.write() as tx:
        tx.run("boards.rename", board_no=board_no, name=checked(name))
    return read_board(workspace, board_no)


@dataclass(frozen=True, slots=True)
class Aim:
    """What a tile aims at. target: in the metric's unit; direction: else as the metric is better; due_on: ISO day."""

    target: float | None = None
    direction: str = ""
    due_on: str = ""
    owner_id: int | None = None

    def row(self, metric: Metric) -> dict[str, Any]:
        """InputError for a date that is none."""
        day = read_day(self.due_on or None, "due")
        known = self.direction in get_args(Direction)
        way = self.direction if known else "at_most" if metric.better == "lower" else "at_least"
        return {
            "target": self.target,
            "direction": way if self.target is not None else None,
            "due_on": day.isoformat() if day else None,
            "owner_id": self.owner_id,
        }


def add_tile(workspace: Workspace, board_no: int, metric: str, aim: Aim = Aim(), *, days: int = PAGE_DAYS) -> Tile:
    """InputError for an unknown metric, one that is no single number, a date that is none, or a board that is full."""
    found = one_number(metric)
    if len(read_board(workspace, board_no).tiles) >= MOST_TILES:
        raise InputError(
            "board_full",
            Text("A board holds at most {most} metrics.", "Eine Tafel fasst höchstens {most} Kennzahlen.").fill(most=MOST_TILES),
            Text("Begin another board.", "Eine weitere Tafel anlegen."),
        )  # fmt: skip
    row = aim.row(found)
    with workspace.store.write() as tx:
        number = tx.value("boards.add_tile", board_no=board_no, metric=metric, days=max(1, min(days, 731)), **row)
    return read_tile(workspace, board_no, number)


def set_tile(workspace: Workspace, board_no: int, tile_no: int, aim: Aim) -> Tile:
    """Another target, direction, day and owner. InputError for a tile that the board does not have."""
    row = aim.row(METRICS.find(read_tile(workspace, board_no, tile_no).metric))
    with workspace.store.write() as tx:
        tx.run("boards.set_tile", board_no=board_no, tile_no=tile_no, **row)
    return read_tile(workspace, board_no, tile_no)


def remove_tile(workspace: Workspace, board_no: int, tile_no: int) -> None:
    with workspace.store.write() as tx:
        tx.run("boards.remove_tile", board_no=board_no, tile_no=tile_no)


def one_number(name: str) -> Metric:
    """A metric that a tile or an alert can show. InputError for an unknown one, or one that is no single number."""
    found = METRICS.find(name)
    if found.parts is None and found.shape != "matrix":
        return found
    raise InputError(
        "not_one_number",
        Text("{title} is no single number.", "{title} ist keine einzelne Zahl.").fill(title=found.title),
        Text("Choose another metric.", "Eine andere Kennzahl wählen."),
    )


def in_unit(text: str, metric: str) -> float:
    """What somebody wrote, in the metric's unit: 0.25, 0,25 or 25%. InputError for what is no number."""
    written = text.strip()
    percent = written.endswith("%")
    try:
        found = float(written.rstrip("% \u00a0").replace(",", "."))
        if not isfinite(found):
            raise ValueError(text)
    except ValueError:
        raise InputError(
            "number_unreadable",
            Text("“{text}” is no number.", "„{text}“ ist keine Zahl.").fill(text=text[:40]),
            Text("Write it like 0.25 or 25%.", "So schreiben: 0,25 oder 25%."),
        ) from None
    return found / 100 if percent and METRICS.find(metric).unit == "share" else found


def read_tile(workspace: Workspace, board_no: int, tile_no: int) -> Tile:
    """InputError for a tile that the board does not have."""
    for one in read_board(workspace, board_no).tiles:
        if one.tile_no == tile_no:
            return one
    raise InputError(
        "unknown_tile",
        Text("The board has no tile {no}.", "Die Tafel hat keine Kachel {no}.").fill(no=tile_no),
        Text("See them with: schwung board show BOARD", "Sie zeigt: schwung board show TAFEL"),
    )


def _read(row: Mapping[str, Any], tiles: Sequence[Mapping[str, Any]]) -> Board:
    made = tuple(Tile(**{name: one[name] for name in Tile.__slots__}) for one in tiles)
    return Board(row["board_no"], row["name"], made, row["created_by"], row["created_at"])
