"""The journey map: six phases as columns, from data; the same as PDF, PNG and SVG; notes beside the phases."""

from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Form
from fastapi.responses import Response
from markupsafe import Markup

from schwung.app.alerts import annotate
from schwung.app.analyses.journey_map import cached_journey_map
from schwung.app.lists import lists
from schwung.core.errors import InputError
from schwung.measure.friction import HAND_OVERS
from schwung.measure.journey_map.journey_map import LEAST, METRICS, PHASE_OF, JourneyMap
from schwung.measure.phase import EXPLAINED, PHASES, WHEEL_OF
from schwung.renderers import journey_map as drawing
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state, list_asked
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("journey_map", path="/journey-map", group="measure", icon="map-2", router=router)
WINDOWS = (7, 28, 90, 365)
DAYS = 28
_Text = Annotated[str, Form(max_length=200)]


@router.get("/journey-map")
def journey_map(page: Viewer, days: int = DAYS, list: str = "", against: str = "") -> Response:
    days, chosen = _days(days), list_asked(page.workspace, list)
    beside = _against(page, against)
    known = data_state(page.workspace).published_at is not None
    part = inline(partial(_map, page, days, chosen, beside)) if known else None
    return page.render(
        "journey_map/journey_map.html", known=known, part=part, days=days, chosen=chosen, lists=lists(page.workspace),
        windows=WINDOWS, address=_address(days, chosen, beside), against=beside, phases=PHASES,
        today=data_state(page.workspace).until_on.isoformat(),
    )  # fmt: skip


@router.get("/journey-map/map")
def map_of(page: Viewer, days: int = DAYS, list: str = "", against: str = "") -> Response:
    """The map, for those who wait for it."""
    return page.fragment(_map(page, _days(days), list_asked(page.workspace, list), _against(page, against)))


@router.get("/journey-map/map.{kind}")
def as_file(
    page: Viewer, kind: Literal["pdf", "png", "svg"], days: int = DAYS, list: str = "", against: str = ""
) -> Response:
    """The map in the reader's language."""
    found = _found(page, _days(days), list_asked(page.workspace, list), _against(page, against))
    draw, media = {
        "pdf": (drawing.pdf, "application/pdf"),
        "png": (drawing.png, "image/png"),
        "svg": (drawing.svg, "image/svg+xml"),
    }[kind]
    name = f"{page.words('file')}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(draw(found, page.language, _title(page)), media_type=media, headers=headers)


@router.post("/journey-map/notes")
def note(
    page: Editor,
    noted_on: _Text,
    phase: _Text = "",
    text_en: _Text = "",
    text_de: _Text = "",
    back: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """An annotation of a phase; charts show it too."""
    address = f"/journey-map?{back}" if back else "/journey-map"
    try:
        annotate(page.workspace, noted_on, text_en, text_de, phase=phase or None, actor=page.actor)
    except InputError as error:
        return page.go(address, toast=page.sentence(error), bad=True)
    return page.go(address, toast=page.text("noted"))


def _map(page: Page, days: int, chosen: int | None, against: str) -> str:
    found = _found(page, days, chosen, against)
    values = {
        "phases": PHASES, "explained": EXPLAINED, "wheel": WHEEL_OF, "least": LEAST, "metrics": METRICS, "hand_overs": HAND_OVERS,
        "phase_of": PHASE_OF, "wait": lambda seconds: drawing.shown_wait(seconds, page.language),
        "curve": Markup(drawing.emotion(found, page.language)), "beside": found.beside, "beside_what": drawing.beside(found, page.language),
        "then": {one.phase: one for one in found.compared.columns} if found.compared else {},
        "lost": {flow.name: flow.amount for flow in found.compared.losses} if found.compared else {},
    }  # fmt: skip
    return page.html("journey_map/map.html", found=found, days=days, **values)


def _found(page: Page, days: int, chosen: int | None, against: str) -> JourneyMap:
    found: JourneyMap = cached_journey_map(page.workspace, days=days, list_no=chosen, against=against or None).value
    return found


def _against(page: Page, text: str) -> str:
    """What stands beside, where the address names something that is there."""
    return text if text in ("before", "all") or list_asked(page.workspace, text) is not None else ""


def _days(days: int) -> int:
    return days if days in WINDOWS else DAYS


def _address(days: int, chosen: int | None, against: str) -> str:
    asked = {"days": days} | ({"list": chosen} if chosen is not None else {})
    return urlencode(asked | ({"against": against} if against else {}))


def _title(page: Page) -> str:
    return drawing.title(page.workspace.settings.workspace.name, page.language)
