"""What a board shows: figures, judged together, and where their targets stand."""

from collections.abc import Sequence
from typing import Any

from schwung.app.alerts import Alert
from schwung.app.analyses.board import days_of, judged, owners, shown
from schwung.app.boards import Board
from schwung.app.fresh import Cached
from schwung.app.report import cached_compare
from schwung.measure.metrics import METRICS
from schwung.web.console import figures
from schwung.web.console.page import Page


def tiles(page: Page, board: Board) -> list[dict[str, Any]]:
    currency = page.workspace.settings.workspace.currency
    found = [cached_compare(page.workspace, one.metric, days=days_of(one)) for one in shown(board)]
    figured = judged(board, [one.value for one in found], owners(page.workspace)).tiles
    return [
        {
            "tile": one.tile,
            "figure": figures.figure_of(one.metric, Cached(one.compared, cached.age), page.language, currency),
            "target": "" if one.tile.target is None else figures.show(one.metric, one.tile.target, page.language, currency),
            "standing": one.standing,
            "owner": one.owner,
            "days": one.days,
        }
        for one, cached in zip(figured, found, strict=True)
    ]  # fmt: skip


def alert_rows(page: Page, known: Sequence[Alert]) -> list[dict[str, Any]]:
    currency = page.workspace.settings.workspace.currency
    return [
        {
            "alert": one,
            "title": METRICS[one.metric].title,
            "bound": figures.show(METRICS[one.metric], one.bound, page.language, currency),
            "value": figures.show(METRICS[one.metric], one.value, page.language, currency),
        }
        for one in known
        if one.metric in METRICS
    ]
