"""Findings: what the numbers mean together, by money; and the rules, each with a threshold of one's own."""

from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from schwung.app.analyses.diagnosis import cached_diagnosis, open_findings
from schwung.app.finding_rules import finding_rules, set_finding_rule
from schwung.app.report import PAGE_DAYS
from schwung.core.errors import InputError
from schwung.measure.diagnosis.diagnose import ALARMS
from schwung.measure.diagnosis.finding import PHASES, SORTS
from schwung.web.console.area import Area
from schwung.web.console.findings.cards import cards
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("findings", path="/findings", group="measure", icon="flag", router=router, waiting=open_findings)
_PERIODS = (7, 28, 91)


@router.get("/findings")
def findings(page: Viewer, days: int = PAGE_DAYS) -> Response:
    days = days if days in _PERIODS else PAGE_DAYS
    state = data_state(page.workspace)
    part = inline(partial(_found, page, days)) if state.has_orders else None
    since = state.until_on - timedelta(days=days - 1)
    return page.render(
        "findings/findings.html", known=state.has_orders, part=part, days=days, periods=_PERIODS, since=since, until=state.until_on
    )  # fmt: skip


@router.get("/findings/found")
def found(page: Viewer, days: int = PAGE_DAYS) -> Response:
    """The findings, for those who wait for them."""
    return page.fragment(_found(page, days if days in _PERIODS else PAGE_DAYS))


@router.get("/findings/rules")
def rules(page: Viewer) -> Response:
    return page.render(
        "findings/rules.html", rules=finding_rules(page.workspace), phases=PHASES, sorts=SORTS, alarms=ALARMS
    )


@router.post("/findings/rules/{name}")
def set_rule(
    page: Editor, name: str, threshold: Annotated[str, Form(max_length=40)], is_on: Annotated[str, Form(max_length=10)] = ""
) -> Response:  # fmt: skip
    before = next((one for one in finding_rules(page.workspace) if one.rule.name == name), None)
    share = before is not None and before.rule.threshold.unit == "share"
    try:
        number = float(threshold.strip().replace(",", ".")) / (100 if share else 1)
    except ValueError:
        return page.go("/findings/rules", toast=page.text("no_number", text=threshold[:40]), bad=True)
    try:
        one = set_finding_rule(page.workspace, name, is_on=bool(is_on), threshold=number, actor=page.actor)
    except InputError as error:
        return page.go("/findings/rules", toast=page.sentence(error), bad=True)
    return page.go("/findings/rules", toast=page.text("rule_set", title=one.rule.title.in_(page.language)))


def _found(page: Page, days: int) -> str:
    cached = cached_diagnosis(page.workspace, days=days)
    values: dict[str, Any] = cards(page, cached.value)
    return page.html("findings/found.html", days=days, looked=cached.value.looked, **values)
