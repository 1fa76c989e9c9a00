"""What a board shows: each metric's figure beside the period before, judged together, and where its target stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schwung.app.access import operators
from schwung.app.boards import Board, Standing, Tile, read_board
from schwung.app.facts import open_facts
from schwung.app.ports import EngineName
from schwung.app.report import Comparison, compare_with
from schwung.app.wiring import Workspace
from schwung.measure.inference import Estimate, corrected
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS


@dataclass(frozen=True, slots=True)
class TileFigure:
    """owner: name of who answers for it, or empty. days: that the figure covers: the metric's own window, else the tile's."""

    tile: Tile
    compared: Comparison
    owner: str

    @property
    def metric(self) -> Metric:
        return METRICS[self.tile.metric]

    @property
    def days(self) -> int:
        return days_of(self.tile)

    @property
    def estimate(self) -> Estimate | None:
        """None where there is no number, or it rests on too few."""
        row = self.compared.now.row
        return row.estimate if row and not row.too_few else None

    @property
    def standing(self) -> Standing | None:
        return self.tile.standing(self.estimate) if self.estimate else None

    def to_json(self) -> dict[str, Any]:
        """The tile with value, interval and n, the value before, the word for the change, and its standing."""
        now, before = self.estimate or Estimate(None), self.compared.before
        then = before.row.estimate.value if before and before.row and not before.row.too_few else None
        change = self.compared.difference
        period = self.compared.period
        found = self.tile.to_json() | {
            "owner": self.owner, "unit": self.compared.now.unit, "days": self.days,
            "since": period.since_on.isoformat(), "until": period.until_on.isoformat(),
            "value": now.value, "low": now.low, "high": now.high, "n": now.n, "before": then,
            "change": change.word if change else None, "standing": self.standing,
        }  # fmt: skip
        missing = [one.to_json() for one in self.compared.now.missing]
        return found | ({"missing": missing} if missing else {})


@dataclass(frozen=True, slots=True)
class BoardFigures:
    board: Board
    tiles: tuple[TileFigure, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "board_no": self.board.board_no,
            "name": self.board.name,
            "tiles": [one.to_json() for one in self.tiles],
        }


def board_figures(workspace: Workspace, named: int | str, *, engine: EngineName | None = None) -> BoardFigures:
    """A board by number or name, with all its figures from one snapshot. InputError when there is none."""
    board = read_board(workspace, named)
    with open_facts(workspace, engine) as facts:
        compared = [compare_with(facts, one.metric, days=days_of(one)) for one in shown(board)]
    return judged(board, compared, owners(workspace))


def judged(board: Board, compared: Sequence[Comparison], people: Mapping[int, str]) -> BoardFigures:
    """Changes are corrected over the board: “clearly” holds for all of its tiles at once (Holm). compared: as `shown`."""
    places = [place for place, one in enumerate(compared) if one.difference is not None]
    held = dict(zip(places, corrected([compared[place].differences[0] for place in places]), strict=True))
    figures = (
        TileFigure(tile, replace(one, differences=(held[place],)) if place in held else one, people.get(tile.owner_id or -1, ""))
        for place, (tile, one) in enumerate(zip(shown(board), compared, strict=True))
    )  # fmt: skip
    return BoardFigures(board, tuple(figures))


def shown(board: Board) -> list[Tile]:
    """Tiles whose metric this version knows."""
    return [tile for tile in board.tiles if tile.metric in METRICS]


def days_of(tile: Tile) -> int:
    return METRICS[tile.metric].window_days or tile.days


def owners(workspace: Workspace) -> dict[int, str]:
    """Names of those who can answer for a metric."""
    return {one.operator_id: one.name for one in operators(workspace)}
