"""The overview: how the customer relationship runs, at one glance; or how to begin where there is no order yet."""

from datetime import date, timedelta
from functools import partial

from fastapi.responses import Response

from schwung.app.report import PAGE_DAYS
from schwung.web.console import figures
from schwung.web.console.area import Area, areas
from schwung.web.console.home import cards
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import DataState, data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("home", path="/", group="home", icon="layout-dashboard", router=router)

PERIODS = (7, 28, 90, 365)


@router.get("/")
def home(page: Viewer, days: int = PAGE_DAYS) -> Response:
    state = data_state(page.workspace)
    if not state.has_orders:
        return _first_run(page, state)
    days = days if days in PERIODS else PAGE_DAYS
    until = state.until_on
    names = (*(f"tile/{name}" for name in cards.TILES), *cards.PARTS)
    parts = {name: inline(partial(_part, page, name, days)) for name in names}
    since = until - timedelta(days=days - 1)
    return page.render(
        "home/home.html",
        state=state,
        days=days,
        since=since,
        until=until,
        periods=PERIODS,
        parts=parts,
        tiles=cards.TILES,
        has_year_before=figures.first_day(page.workspace) <= date(until.year - 1, until.month, 1) - timedelta(days=31),
    )


@router.get("/home/tile/{name}")
def tile(page: Viewer, name: str, days: int = PAGE_DAYS) -> Response:
    """One tile of the overview, for those who wait for it."""
    return _alone(page, f"tile/{name}" if name in cards.TILES else "", days)


@router.get("/home/{name}")
def part(page: Viewer, name: str, days: int = PAGE_DAYS) -> Response:
    """One card of the overview, for those who wait for it."""
    return _alone(page, name if name in cards.PARTS else "", days)


def _alone(page: Page, name: str, days: int) -> Response:
    days = days if days in PERIODS else PAGE_DAYS
    if not name:
        return page.render("shell/failed_part.html", status=404, code=404, sentence="")
    return page.fragment(inline(lambda: _part(page, name, days), wait=True) or "")


def _part(page: Page, name: str, days: int) -> str:
    kind, _, metric = name.partition("/")
    if metric:
        return page.html("home/tile.html", **cards.tile(page, metric, days))
    return page.html(f"home/{kind}.html", **cards.PARTS[kind](page, days))


def _first_run(page: Page, state: DataState) -> Response:
    known = {area.name: area.path for area in areas() if page.me.may(area.role)}
    done = {
        "workspace": True,
        "account": page.me.has_password,
        "orders": state.has_orders,
        "spend": "spend" in state.tables,
        "products": "products" in state.tables,
    }
    return page.render("home/empty.html", state=state, known=known, done=done)
