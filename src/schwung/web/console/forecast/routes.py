"""The forecast: new customers, orders and revenue of the weeks or months ahead, with the cohorts behind them."""

from functools import partial
from typing import Any

from fastapi.responses import Response

from schwung.app.analyses.forecast import cached_forecast
from schwung.core.errors import InputError
from schwung.core.money import exponent_of
from schwung.predict.forecast.erring import Unit
from schwung.predict.forecast.forecast import MEASURES, Ahead, Forecast
from schwung.renderers import spec
from schwung.web.console.area import Area
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("forecast", path="/forecast", group="measure", icon="hourglass", router=router)


@router.get("/forecast")
def forecast(page: Viewer, unit: str = "week") -> Response:
    chosen = _unit(unit)
    known = data_state(page.workspace).has_orders
    part = inline(partial(_ahead, page, chosen)) if known else None
    return page.render("forecast/forecast.html", known=known, part=part, unit=chosen)


@router.get("/forecast/ahead")
def ahead(page: Viewer, unit: str = "week") -> Response:
    """The figures, for those who wait for them."""
    return page.fragment(_ahead(page, _unit(unit)))


def _unit(text: str) -> Unit:
    return "month" if text == "month" else "week"


def _ahead(page: Page, unit: Unit) -> str:
    found = cached_forecast(page.workspace, unit).value
    if isinstance(found, InputError):
        return page.html("forecast/ahead.html", found=None, error=page.sentence(found))
    cards = [{"name": name, "title": title, **_picture(page, found, name)} for name, title in MEASURES.items()]
    return page.html("forecast/ahead.html", found=found, cards=cards, measures=MEASURES, unit=unit)


def _picture(page: Page, found: Forecast, name: str) -> dict[str, Any]:
    """What came, and what is to come with its interval."""
    scale = 10 ** exponent_of(found.currency) if name == "revenue" else 1
    past = [spec.Point(on, values[name] / scale) for on, values in found.past]
    coming = [
        spec.Point(_starts(one), (at.value or 0.0) / scale, (at.low or 0.0) / scale, (at.high or 0.0) / scale)
        for one in found.periods
        for at in (one.whole[name],)
    ]
    points = [*past, *coming]
    notes = [spec.Note(coming[0].on, page.words("from_here"))]
    drawn = spec.line(
        points, spec.axis_for(points, zero=True), page.language, found.unit, number_format=",d", notes=notes
    )
    begun = found.periods[0].so_far
    return {
        "spec": drawn,
        "total": found.total[name],
        "is_money": name == "revenue",
        "so_far": None if begun is None else begun[name],
    }


def _starts(one: Ahead) -> str:
    """A month that has begun stands in the picture where it began, whole."""
    return one.on if one.so_far is None else f"{one.on[:8]}01"
