"""Experiments: all with what is known of each, and one with its effect over time, its groups, checks and method."""

from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from schwung.act.experiment.design import arm_title
from schwung.act.experiment.outcomes import CUT_CHANNEL, CUT_KIND, OUTCOMES
from schwung.act.experiment.result import LEAST, Compared, Result
from schwung.act.experiment.words import amount, interval, level_of, relative, sentence, short
from schwung.app.analyses.experiment import cached_result
from schwung.app.analyses.uplift import WhomItMoves, cached_uplift
from schwung.app.experiments import Experiment, end_experiment, experiments, numbered, save_experiment
from schwung.app.exposures import expose_list
from schwung.app.lists import lists
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.renderers import spec
from schwung.renderers.qini_spec import qini
from schwung.web.console import marks
from schwung.web.console.area import Area
from schwung.web.console.experiments import form
from schwung.web.console.page import Editor, Page, Viewer, sent_fields
from schwung.web.console.shell import console_router
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("experiments", path="/experiments", group="act", icon="flask", router=router)
TONES = {"gain": "good", "loss": "bad", "broken": "bad"}


@router.get("/experiments")
def every(page: Viewer) -> Response:
    found = experiments(page.workspace)
    part = inline(partial(_rows, page, found)) if found else ""
    return page.render("experiments/list.html", found=found, part=part)


@router.get("/experiments/rows")
def rows(page: Viewer) -> Response:
    """What is known of each, for those who wait for it."""
    return page.fragment(_rows(page, experiments(page.workspace)))


@router.get("/experiments/new")
def new(page: Editor) -> Response:
    return page.render("experiments/new.html", wrong="", **form.shown(page, {}, form.START))


@router.post("/experiments")
async def create(page: Editor, request: Request) -> Response:
    """The experiment of the form; or the form again, after a button within it, or with what is wrong."""
    sent = await request.form()
    arms, shares = (list(map(str, sent.getlist(name))) for name in ("arm", "percent"))
    return await run_in_threadpool(_create, page, await sent_fields(request), form.groups_of(arms, shares))


def _create(page: Page, fields: dict[str, str], groups: list[tuple[str, str]]) -> Response:
    wrong = ""
    if not fields.get("act"):
        try:
            design = form.design_of(page, fields, groups)
            found = save_experiment(page.workspace, fields.get("name", ""), design, actor=page.actor)
            return page.go(f"/experiments/{found.experiment_no}", toast=page.text("created", name=found.name))
        except InputError as error:
            wrong = page.sentence(error)
    return page.render("experiments/new.html", wrong=wrong, **form.shown(page, fields, groups))


@router.get("/experiments/{experiment_no}")
def one(page: Viewer, experiment_no: int, by: str = "") -> Response:
    found = numbered(page.workspace, experiment_no)
    known = {str(each.list_no): each.title for each in lists(page.workspace)}
    by = by if by in (CUT_KIND, CUT_CHANNEL) or by in known else ""
    part = inline(partial(_result, page, found, by))
    moved = inline(partial(_moved, page, found, ""))
    return page.render(
        "experiments/one.html", one=found, arm_title=arm_title, by=by, lists=known, part=part, moved=moved
    )


@router.get("/experiments/{experiment_no}/result")
def result(page: Viewer, experiment_no: int, by: str = "") -> Response:
    """The figures of one, for those who wait for them."""
    return page.fragment(_result(page, numbered(page.workspace, experiment_no), by))


@router.get("/experiments/{experiment_no}/uplift")
def moved(page: Viewer, experiment_no: int, arm: str = "") -> Response:
    """Whom it moves, for those who asked and wait for it."""
    return page.fragment(_moved(page, numbered(page.workspace, experiment_no), arm))


@router.post("/experiments/{experiment_no}/expose")
def expose(page: Editor, experiment_no: int, list_no: Annotated[str, Form()] = "") -> Response:
    """The customers of a list fall into the groups by lot."""
    found = numbered(page.workspace, experiment_no)
    try:
        entered = expose_list(page.workspace, found.name, list_no, actor=page.actor)
    except InputError as error:
        return page.go(f"/experiments/{experiment_no}", toast=page.sentence(error), bad=True)
    return page.go(f"/experiments/{experiment_no}", toast=page.text("exposed", new=entered.new, asked=entered.asked))


@router.post("/experiments/{experiment_no}/end")
def end(page: Editor, experiment_no: int) -> Response:
    found = numbered(page.workspace, experiment_no)
    try:
        end_experiment(page.workspace, found.name, actor=page.actor)
    except InputError as error:
        return page.go(f"/experiments/{experiment_no}", toast=page.sentence(error), bad=True)
    return page.go(f"/experiments/{experiment_no}", toast=page.text("ended", name=found.name))


def _rows(page: Page, found: list[Experiment]) -> str:
    told = [(one, cached_result(page.workspace, one).value) for one in found]
    lines = [(one, known, short(known)) for one, known in told]
    return page.html("experiments/rows.html", rows=lines, tones=TONES)


def _result(page: Page, one: Experiment, by: str) -> str:
    cached = cached_result(page.workspace, one, by or None)
    found: Result = cached.value
    values: dict[str, Any] = {
        "one": one, "found": found, "arm_title": arm_title, "words": sentence(found), "tones": TONES, "least": LEAST, "age": cached.age,
        "levels": _levels(found), "effects": [_effect(each, found) for each in found.compared],
        "pictures": _pictures(page, found), "by": by, "slices": _slices(found), "sliced": found.sliced,
    }  # fmt: skip
    return page.html("experiments/result.html", **values)


def _moved(page: Page, one: Experiment, arm: str) -> str:
    """With the curve of the best model beside plain response, or why there is none."""
    found: WhomItMoves | None = None
    why = picture = None
    try:
        found = cached_uplift(page.workspace, one, arm or None).value
    except InputError as error:
        why = page.sentence(error)
    if found is not None:
        picture = qini(
            [asdict(place) for place in found.models[0].drawn], [asdict(place) for place in found.response.drawn]
        )
    return page.html("experiments/moved.html", one=one, arm_title=arm_title, found=found, why=why, picture=picture)


def _levels(found: Result) -> list[tuple[Text, list[Text | None]]]:
    """Per outcome the mean of each group."""
    rows = []
    for outcome in OUTCOMES:
        means = [group.means.get(outcome.name) for group in found.groups]
        if any(one is not None for one in means):
            told = [None if one is None else level_of(one, outcome.unit, found.currency) for one in means]
            rows.append((outcome.title, told))
    return rows


def _effect(one: Compared, found: Result) -> dict[str, Any]:
    effect, unit = one.effect, one.outcome.unit
    reach = max(abs(effect.low), abs(effect.high)) or 1.0
    clear = effect.low > 0 or effect.high < 0
    good = (effect.low > 0) != one.outcome.is_harm
    told = [amount(value, unit, found.currency) for value in (effect.value, one.detectable)]
    tone = "flat" if not clear else "" if good else "bad"
    return {
        "title": one.outcome.title, "arm": one.arm, "value": told[0], "least": told[1],
        "range": interval(effect.low, effect.high, unit, found.currency),
        "relative": None if one.relative is None else relative(one.relative), "is_clear": clear, "is_good": good, "ratio": effect.variance_ratio,
        "mark": marks.interval_mark(effect.low, effect.value, effect.high, -reach, reach, 0.0, tone),
    }  # fmt: skip


def _pictures(page: Page, found: Result) -> list[tuple[Compared, spec.Spec]]:
    """The effect that decides, of each group, as it grew."""
    pictures = []
    for one in found.compared:
        if one.outcome.name == found.main and len(one.looks) > 1:
            points = [spec.Point(look.day.isoformat(), look.value, look.low, look.high) for look in one.looks]
            axis = spec.axis_for(points, zero=True)
            pictures.append((one, spec.line(points, axis, page.language, "day", number_format=",.2f", height=220)))
    return pictures


def _slices(found: Result) -> list[dict[str, Any]]:
    if found.sliced is None:
        return []
    unit = next(one.unit for one in OUTCOMES if one.name == found.sliced.outcome)
    rows = []
    for one in found.sliced.slices:
        told = None
        if one.effect is not None:
            range_ = interval(one.effect.low, one.effect.high, unit, found.currency)
            told = (amount(one.effect.value, unit, found.currency), range_)
        rows.append({"slice": one, "told": told})
    return rows
