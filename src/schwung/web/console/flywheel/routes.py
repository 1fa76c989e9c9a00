"""How the flywheel is computed, with every outflow and its basis; and the retention chain."""

import math
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import Response

from schwung.act.experiment.value import Proved
from schwung.app.analyses.flywheel import cached_flywheel, list_from_outflow
from schwung.app.analyses.retention_chain import cached_retention_chain
from schwung.app.analyses.value_proved import cached_value_proved
from schwung.app.lists import lists
from schwung.app.report import PAGE_DAYS
from schwung.core.errors import InputError
from schwung.measure.flywheel import Flywheel
from schwung.measure.friction import HAND_OVERS
from schwung.measure.friction_concerned import TITLES
from schwung.measure.retention_chain import MEASURES, STAGES, WORDS, Link, RetentionChain
from schwung.measure.weight import LEAST
from schwung.web.console import marks
from schwung.web.console.area import Area
from schwung.web.console.format import day
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state, list_asked
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("flywheel", path="/flywheel", icon="refresh", router=router)
KINDS = ("all", "new", "existing")
_PERIODS = (7, 28, 90, 365)


@router.get("/flywheel")
def how(page: Viewer, days: int = PAGE_DAYS) -> Response:
    days = days if days in _PERIODS else PAGE_DAYS
    known = data_state(page.workspace).has_orders
    part = inline(partial(_computed, page, days)) if known else None
    value = inline(partial(_proved, page)) if known else None
    return page.render("flywheel/how.html", days=days, known=known, part=part, value=value)


@router.get("/flywheel/proved")
def proved(page: Viewer) -> Response:
    """What journeys are proved to have earned, for those who wait for it."""
    return page.fragment(_proved(page))


@router.get("/flywheel/computed")
def computed(page: Viewer, days: int = PAGE_DAYS) -> Response:
    """The figures of the page, for those who wait for them."""
    return page.fragment(_computed(page, days if days in _PERIODS else PAGE_DAYS))


@router.post("/flywheel/{outflow}/list")
def save_list(page: Editor, outflow: str, days: Annotated[int, Form()] = PAGE_DAYS) -> Response:
    """The customers whom an outflow concerns, as a saved list with a name of its own."""
    days = days if days in _PERIODS else PAGE_DAYS
    until = data_state(page.workspace).until_on
    title = TITLES[outflow].in_(page.language) if outflow in TITLES else outflow
    name = page.words(
        "list_name",
        what=title,
        since=day(until - timedelta(days=days - 1), page.language),
        until=day(until, page.language),
    )
    try:
        saved = list_from_outflow(page.workspace, outflow, name, days=days, actor=page.actor)
    except InputError as error:
        return page.go(f"/flywheel?days={days}", toast=page.sentence(error), bad=True)
    return page.go(f"/flywheel?days={days}", toast=page.text("list_saved", name=saved.name, n=saved.size))


@router.get("/flywheel/chain")
def chain(page: Viewer, kind: str = "all", list: str = "") -> Response:
    kind, chosen = kind if kind in KINDS else KINDS[0], list_asked(page.workspace, list)
    known = data_state(page.workspace).has_orders
    part = inline(partial(_links, page, kind, chosen)) if known else None
    return page.render(
        "flywheel/chain.html",
        kind=kind,
        kinds=KINDS,
        known=known,
        part=part,
        lists=lists(page.workspace),
        chosen=chosen,
    )


@router.get("/flywheel/chain/links")
def links(page: Viewer, kind: str = "all", list: str = "") -> Response:
    """The links of the chain, for those who wait for them."""
    return page.fragment(_links(page, kind if kind in KINDS else KINDS[0], list_asked(page.workspace, list)))


def _computed(page: Page, days: int) -> str:
    cached = cached_flywheel(page.workspace, days=days)
    found: Flywheel = cached.value
    speed = found.speed.estimate
    hits = round((speed.value or 0) * speed.n)
    phases = [(name, one, one.n < LEAST) for name, one in found.phases.items()]
    return page.html(
        "flywheel/computed.html",
        wheel=found,
        hits=hits,
        base=speed.n,
        phases=phases,
        hand_overs=HAND_OVERS,
        age=cached.age,
        least=LEAST,
        lost_after=page.workspace.settings.lifecycle.lost_after_days,
    )


def _proved(page: Page) -> str:
    found: Proved = cached_value_proved(page.workspace).value
    ends = [abs(bound) for one in found.months.values() for bound in (one.low, one.high) if math.isfinite(bound)]
    reach = max(ends, default=1.0)
    marked = [
        (
            month,
            one,
            marks.interval_mark(one.low, one.value, one.high, -reach, reach, 0.0, "" if one.low > 0 else "flat"),
        )
        for month, one in found.months.items()
    ]
    return page.html("flywheel/proved.html", found=found, months=marked)


def _links(page: Page, kind: str, chosen: int | None) -> str:
    found: RetentionChain = cached_retention_chain(page.workspace, chosen).value
    rows = [_row(link) for link in (found.links if kind == "all" else found.by_kind.get(kind, ()))]
    return page.html("flywheel/links.html", rows=rows, stages=STAGES, missing=found.missing, kind=kind)


def _row(link: Link) -> dict[str, Any]:
    found = link.strength
    shown = link.word not in ("too_few", "no_variation")
    mark = ""
    if shown and found.low is not None and found.high is not None and found.value is not None:
        tone = "flat" if link.word == "not_supported" else ""
        mark = marks.interval_mark(found.low, found.value, found.high, -1.0, 1.0, 0.0, tone)
    return {
        "from": STAGES[link.source],
        "measure": MEASURES[link.measure],
        "to": STAGES[link.target],
        "effect": MEASURES[link.effect],
        "value": found.value if shown else None,
        "bounds": (found.low, found.high) if shown else None,
        "n": found.n,
        "word": WORDS[link.word],
        "is_shown": shown,
        "mark": mark,
    }
