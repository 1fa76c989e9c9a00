"""Metrics over HTTP: what there is, and each number with its cuts and interval. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from schwung.app.report import measure
from schwung.app.wiring import Workspace
from schwung.core.text import Text
from schwung.measure.metric import Metric
from schwung.measure.metrics import METRICS
from schwung.web.api.caller import Reader

router = APIRouter(tags=["metrics"])
_By = Annotated[
    list[str] | None,
    Query(description="Cuts: day, week, month, quarter, year, channel, country …; repeated or with commas."),
]
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31.", max_length=40)]


@router.get("/metrics", summary="All metrics with their definitions")
def list_metrics(caller: Reader) -> dict[str, Any]:
    """Name, unit, direction, cuts, and the texts in English and German."""
    return {"metrics": [_described(metric) for metric in METRICS.values()]}


@router.get("/metrics/{name}", summary="One metric, with its cuts and intervals")
def read_metric(
    name: str,
    request: Request,
    caller: Reader,
    by: _By = None,
    since: _Day = None,
    until: _Day = None,
    engine: Literal["duckdb", "spark"] | None = None,
) -> dict[str, Any]:
    """Rows of value, low, high (95 %; null for what is exact) and n. Money in major units, shares from 0 to 1, times in
    seconds. Where an input lacks, no rows, and under `missing` which one it is and where it is entered.

    Without `since`: the metric's own window; with a calendar unit in `by`: all facts.
    """
    workspace: Workspace = request.app.state.workspace
    cuts = [cut for part in by or () for cut in part.split(",") if cut]
    return measure(workspace, name, by=cuts, since=since or None, until=until or None, engine=engine).to_json()


def _described(metric: Metric) -> dict[str, Any]:
    def both(text: Text) -> dict[str, str]:
        return {"en": text.en, "de": text.de}

    return {
        "name": metric.name,
        "subject": metric.subject,
        "unit": metric.unit,
        "better": metric.better,
        "cuts": metric.cuts,
        "window_days": metric.window_days,
        "title": both(metric.title),
        "definition": both(metric.definition),
        "leaves_out": both(metric.leaves_out),
        "reading": both(metric.reading),
    }
