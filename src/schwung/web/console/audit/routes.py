"""The customer-base audit: five views of one base, each with the sentence that reads it."""

import csv
import io
from datetime import date
from functools import partial
from typing import Any

from fastapi.responses import Response

from schwung.app.analyses.audit import cached_audit, usual_days
from schwung.core.errors import InputError
from schwung.measure.audit.views import VIEWS, Audit
from schwung.web.console.area import Area
from schwung.web.console.audit import cards
from schwung.web.console.page import Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("audit", path="/audit", group="measure", icon="stack-2", router=router)


@router.get("/audit")
def audit(page: Viewer, since: str = "", until: str = "", cohort: str = "") -> Response:
    state = data_state(page.workspace)
    part = inline(partial(_views, page, since, until, cohort)) if state.has_orders else None
    usual = usual_days(page.workspace, state.until_on) if state.has_orders else None
    shown = (
        {"since": since, "until": until}
        if since or until or usual is None
        else dict(zip(("since", "until"), usual, strict=True))
    )
    asked = {"since": since, "until": until, "cohort": cohort}
    return page.render("audit/audit.html", known=state.has_orders, part=part, asked=asked, shown=shown)


@router.get("/audit/views")
def views(page: Viewer, since: str = "", until: str = "", cohort: str = "") -> Response:
    """The five views, for those who wait for them."""
    return page.fragment(_views(page, since, until, cohort))


@router.get("/audit/cohorts.csv")
def cohorts_csv(page: Viewer, since: str = "", until: str = "") -> Response:
    """Cohort × age: active customers, orders, revenue in minor units."""
    found = _found(page, since, until, "")
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("cohort", "size", "age", "period", "active", "orders", "revenue_minor"))
    for one in found.cohorts if found else ():
        for age in one.ages:
            writer.writerow((one.name, one.size, age.age, age.period, age.active, age.orders, age.minor))
    head = {"Content-Disposition": 'attachment; filename="cohorts.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=head)


def _found(page: Page, since: str, until: str, cohort: str) -> Audit | None:
    found: Audit | None = cached_audit(page.workspace, _day(since), _day(until), cohort or None).value
    return found


def _views(page: Page, since: str, until: str, cohort: str) -> str:
    try:
        found = _found(page, since, until, cohort)
    except InputError as error:
        return page.html("audit/views.html", found=None, error=page.sentence(error))
    if found is None:
        return page.html("audit/views.html", found=None, error="")
    values: dict[str, Any] = {
        "found": found,
        "titles": VIEWS,
        "since_on": date.fromisoformat(found.since),
        "until_on": date.fromisoformat(found.until),
        "cohort": found.cohort,
    }
    return page.html("audit/views.html", **values, **cards.cards(page, found))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
