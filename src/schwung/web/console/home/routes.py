"""The flywheel: how the customer relationship runs, at one glance; or how to begin where there is no order yet."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from fastapi.responses import Response

from schwung.app.fresh import NotAtHand, only_at_hand
from schwung.app.home_figures import TILES
from schwung.app.report import PAGE_DAYS
from schwung.web.console import figures
from schwung.web.console.area import Area, areas
from schwung.web.console.home import cards, wheelrow
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import DataState, data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("home", path="/", group="home", icon="refresh", router=router)

PERIODS = (7, 28, 90, 365)
AGAINST = ("before", "year")
VIEWS = ("wheel", "funnel")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what it does not know is the usual."""

    days: int
    against: str
    view: str

    @classmethod
    def of(cls, days: int, against: str, view: str) -> "Asked":
        return cls(
            days if days in PERIODS else PAGE_DAYS,
            against if against in AGAINST else AGAINST[0],
            view if view in VIEWS else VIEWS[0],
        )

    @property
    def address(self) -> str:
        """The query that says the same."""
        return f"days={self.days}&against={self.against}"


@router.get("/")
def home(page: Viewer, days: int = PAGE_DAYS, against: str = "", view: str = "") -> Response:
    state = data_state(page.workspace)
    if not state.has_orders:
        return _first_run(page, state)
    asked = Asked.of(days, against, view)
    until = state.until_on
    names = (asked.view, *(f"tile/{name}" for name in TILES), *cards.PARTS)
    parts = {name: inline(partial(_part, page, name, asked)) for name in names}
    return page.render(
        "home/home.html",
        state=state,
        asked=asked,
        days=asked.days,
        since=until - timedelta(days=asked.days - 1),
        until=until,
        periods=PERIODS,
        comparisons=AGAINST,
        parts=parts,
        tiles=TILES,
        has_year_before=_has_year_before(page, until),
    )


def _has_year_before(page: Page, until: date) -> bool:
    """False as long as nobody has asked when the facts begin: the page does not wait for that."""
    try:
        with only_at_hand():
            begins = figures.first_day(page.workspace)
    except NotAtHand:
        return False
    return begins <= date(until.year - 1, until.month, 1) - timedelta(days=31)


@router.get("/home/tile/{name}")
def tile(page: Viewer, name: str, days: int = PAGE_DAYS, against: str = "") -> Response:
    """One tile of the home page, for those who wait for it."""
    return _alone(page, f"tile/{name}" if name in TILES else "", Asked.of(days, against, ""))


@router.get("/home/{name}")
def part(page: Viewer, name: str, days: int = PAGE_DAYS, against: str = "") -> Response:
    """One card of the home page, for those who wait for it."""
    return _alone(page, name if name in {*VIEWS, *cards.PARTS} else "", Asked.of(days, against, ""))


def _alone(page: Page, name: str, asked: Asked) -> Response:
    if not name:
        return page.render("shell/failed_part.html", status=404, code=404, sentence="")
    return page.fragment(inline(lambda: _part(page, name, asked), wait=True) or "")


def _part(page: Page, name: str, asked: Asked) -> str:
    kind, _, metric = name.partition("/")
    if metric:
        return page.html("home/tile.html", **cards.tile(page, metric, asked.days, asked.against))
    if kind in VIEWS:
        return page.html(f"home/{kind}.html", asked=asked, **_row(page, kind, asked))
    return page.html(f"home/{kind}.html", **cards.PARTS[kind](page, asked.days))


def _row(page: Page, view: str, asked: Asked) -> dict[str, Any]:
    apart = wheelrow.against(asked.days, asked.against)
    before = page.words("year") if apart else page.words("before", n=asked.days)
    row = wheelrow.wheelrow(page, asked.days, apart)
    return {**row, "before": before} | ({"funnel": cards.funnel(page, asked.days)} if view == "funnel" else {})


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
