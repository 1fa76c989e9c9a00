"""What a board shows: figures, judged together, and where their targets stand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from schwung.app.alerts import Alert
from schwung.app.boards import Board
from schwung.app.fresh import Cached
from schwung.app.report import cached_compare
from schwung.measure.inference import corrected
from schwung.measure.metrics import METRICS
from schwung.web.console import figures
from schwung.web.console.page import Page


def tiles(page: Page, board: Board, people: Mapping[int, str]) -> list[dict[str, Any]]:
    """Changes are corrected over the board: “clearly” holds for all of its tiles at once (Holm)."""
    currency = page.workspace.settings.workspace.currency
    known = [tile for tile in board.tiles if tile.metric in METRICS]
    found = [
        cached_compare(page.workspace, one.metric, days=METRICS[one.metric].window_days or one.days) for one in known
    ]
    judged = [place for place, one in enumerate(found) if one.value.difference is not None]
    held = dict(zip(judged, corrected([found[place].value.difference for place in judged]), strict=True))
    rows = []
    for place, (tile, cached) in enumerate(zip(known, found, strict=True)):
        value = replace(cached.value, differences=(held[place],)) if place in held else cached.value
        metric, row = METRICS[tile.metric], cached.value.now.row
        rows.append(
            {
                "tile": tile,
                "figure": figures.figure_of(metric, Cached(value, cached.age), page.language, currency),
                "target": "" if tile.target is None else figures.show(metric, tile.target, page.language, currency),
                "standing": tile.standing(row.estimate) if row and not row.too_few else None,
                "owner": people.get(tile.owner_id or -1, ""),
                "days": metric.window_days or tile.days,
            }
        )
    return rows


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
