"""The monthly report over HTTP. Keys of scope read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from schwung.app.analyses.report import report
from schwung.core.text import Language
from schwung.web.api.caller import Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(tags=["report"])
_Month = Annotated[
    str | None, Query(description="A month such as 2026-10; else the last one that is over.", max_length=40)
]
_Day = Annotated[str | None, Query(description="A day such as 2026-01-31, in place of a month.", max_length=40)]
_Engine = Literal["duckdb", "spark"] | None


@router.get("/report", summary="The report of a month, or of other days")
def read_report(
    request: Request,
    caller: Reader,
    month: _Month = None,
    since: _Day = None,
    until: _Day = None,
    language: Language = "en",
    engine: _Engine = None,
) -> dict[str, Any]:
    """Its chapters as sentences, tables and pictures (SVG)."""
    place = workspace_of(request)
    return report(place, month or None, language, since=since or None, until=until or None, engine=engine).to_json()


@router.get("/report.pdf", summary="The same as a PDF", response_class=Response)
def read_pdf(
    request: Request,
    caller: Reader,
    month: _Month = None,
    since: _Day = None,
    until: _Day = None,
    language: Language = "en",
    engine: _Engine = None,
) -> Response:
    """An accessible PDF in German or English."""
    place = workspace_of(request)
    found = report(place, month or None, language, since=since or None, until=until or None, engine=engine)
    return Response(found.to_pdf(), media_type="application/pdf")
