"""The journey map: six phases as columns, from data; the same as PDF and SVG."""

from functools import partial
from urllib.parse import urlencode

from fastapi.responses import Response
from markupsafe import Markup

from schwung.app.analyses.journey_map import cached_journey_map
from schwung.app.lists import lists
from schwung.measure.friction import HAND_OVERS
from schwung.measure.journey_map.journey_map import LEAST, METRICS, PHASE_OF, JourneyMap
from schwung.measure.phase import EXPLAINED, PHASES, WHEEL_OF
from schwung.renderers import journey_map as drawing
from schwung.web.console.area import Area
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state, list_asked
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("journey_map", path="/journey-map", group="measure", icon="map-2", router=router)
WINDOWS = (7, 28, 90, 365)
DAYS = 28


@router.get("/journey-map")
def journey_map(page: Viewer, days: int = DAYS, list: str = "") -> Response:
    days, chosen = _days(days), list_asked(page.workspace, list)
    known = data_state(page.workspace).published_at is not None
    part = inline(partial(_map, page, days, chosen)) if known else None
    address = _address(days, chosen)
    return page.render(
        "journey_map/journey_map.html", known=known, part=part, days=days, chosen=chosen, lists=lists(page.workspace),
        windows=WINDOWS, address=address,
    )  # fmt: skip


@router.get("/journey-map/map")
def map_of(page: Viewer, days: int = DAYS, list: str = "") -> Response:
    """The map, for those who wait for it."""
    return page.fragment(_map(page, _days(days), list_asked(page.workspace, list)))


@router.get("/journey-map/map.pdf")
def as_pdf(page: Viewer, days: int = DAYS, list: str = "") -> Response:
    found = _found(page, _days(days), list_asked(page.workspace, list))
    content = drawing.pdf(found, page.language, _title(page))
    return Response(content, media_type="application/pdf", headers=_file(page, "pdf"))


@router.get("/journey-map/map.svg")
def as_svg(page: Viewer, days: int = DAYS, list: str = "") -> Response:
    found = _found(page, _days(days), list_asked(page.workspace, list))
    return Response(
        drawing.svg(found, page.language, _title(page)), media_type="image/svg+xml", headers=_file(page, "svg")
    )


def _map(page: Page, days: int, chosen: int | None) -> str:
    found = _found(page, days, chosen)
    values = {
        "phases": PHASES, "explained": EXPLAINED, "wheel": WHEEL_OF, "least": LEAST, "metrics": METRICS, "hand_overs": HAND_OVERS,
        "phase_of": PHASE_OF, "wait": lambda seconds: drawing.shown_wait(seconds, page.language),
        "curve": Markup(drawing.emotion(found.columns, page.language)), "most": max((flow.high for flow in found.losses), default=0),
    }  # fmt: skip
    return page.html("journey_map/map.html", found=found, days=days, **values)


def _found(page: Page, days: int, chosen: int | None) -> JourneyMap:
    found: JourneyMap = cached_journey_map(page.workspace, days=days, list_no=chosen).value
    return found


def _days(days: int) -> int:
    return days if days in WINDOWS else DAYS


def _address(days: int, chosen: int | None) -> str:
    return urlencode({"days": days} | ({"list": chosen} if chosen is not None else {}))


def _title(page: Page) -> str:
    return drawing.title(page.workspace.settings.workspace.name, page.language)


def _file(page: Page, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{page.words("file")}.{kind}"'}
