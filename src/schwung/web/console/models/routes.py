"""Models: what each says, how good it was, when it was trained; and what they say of a customer."""

from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from schwung.app.event_names import event_names
from schwung.app.lead_points import lead_points, points_json, save_lead_points
from schwung.app.model_versions import STEPS, Version, latest_versions, newest_version, versions
from schwung.app.predictions import of_customer
from schwung.app.segments import segments
from schwung.app.train import ask_training
from schwung.core.errors import InputError
from schwung.predict.models import MODELS
from schwung.web.console.area import Area
from schwung.web.console.models import cards, points_form
from schwung.web.console.page import Editor, Page, Viewer, sent_fields
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state

router = console_router()
AREA = Area("models", path="/models", group="measure", icon="chart-dots", router=router)
_STEPS = list(STEPS)


@router.get("/models")
def models(page: Viewer) -> Response:
    return page.render("models/models.html", known=data_state(page.workspace).has_orders, **_listed(page))


@router.get("/models/now")
def now(page: Viewer) -> Response:
    """The list again, while something is trained."""
    return page.render("models/listed.html", **_listed(page))


@router.post("/models/train")
def train_all(page: Editor) -> Response:
    ask_training(page.workspace, actor=page.actor)
    return page.go("/models", toast=page.text("asked_all"))


@router.get("/models/lead_points/rules")
def points(page: Editor) -> Response:
    """The rules of the lead points, to be changed."""
    return _points(page, points_json(lead_points(page.workspace)))


@router.post("/models/lead_points/rules")
async def save_points(page: Editor, request: Request) -> Response:
    """Saved whole, and worked out at once."""
    written = points_form.written(await sent_fields(request))
    return await run_in_threadpool(_saved, page, written)


@router.get("/models/{name}")
def model(page: Viewer, name: str) -> Response:
    found = MODELS.find(name)
    try:
        holds: Version | None = newest_version(page.workspace, name)
    except InputError:
        holds = None
    trained = None if holds is None else holds.trained
    return page.render(
        "models/one.html",
        model=found,
        holds=holds,
        trained=trained,
        pictures=[] if trained is None else cards.pictures(page, trained),
        measures=[] if trained is None else cards.measures(trained),
        history=versions(page.workspace, name),
        latest=latest_versions(page.workspace).get(name),
        share=_share,
        steps=STEPS,
        of_customers=0 if holds is None else holds.predicted // len(found.targets),
        money_unit=page.workspace.settings.workspace.currency,
    )


@router.post("/models/{name}/train")
def train(page: Editor, name: str) -> Response:
    ask_training(page.workspace, name, actor=page.actor)
    return page.go(f"/models/{name}", toast=page.text("asked", name=MODELS[name].title.in_(page.language)))


@router.get("/models/{name}/now")
def one_now(page: Viewer, name: str) -> Response:
    """How far the training of a model is; the page anew when it is done."""
    latest = latest_versions(page.workspace).get(MODELS.find(name).name)
    if latest is None or latest.state not in ("asked", "running"):
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return page.render("models/progress.html", latest=latest, share=_share, steps=STEPS, name=name)


@router.get("/customers/{customer_id}/predictions")
def customer(page: Viewer, customer_id: int) -> Response:
    """What the models say of a customer, in words. The view was noted with the page that it belongs to."""
    told = of_customer(page.workspace, customer_id)
    names = {one.model.name for one in told}
    return page.render("models/customer.html", told=[one for one in told if one.model.part_of not in names])


def _saved(page: Page, written: dict[str, Any]) -> Response:
    try:
        save_lead_points(page.workspace, written, actor=page.actor)
    except InputError as error:
        return _points(page, written, page.sentence(error))
    ask_training(page.workspace, "lead_points", actor=page.actor)
    return page.go("/models/lead_points", toast=page.text("points_saved"))


def _points(page: Page, written: dict[str, Any], wrong: str = "") -> Response:
    lists = [one.name for one in segments(page.workspace)]
    names = [one.name for one in event_names(page.workspace)]
    return page.render(
        "models/points.html", wrong=wrong, segments=lists, events=names, **points_form.shown(written, page.language)
    )


def _listed(page: Page) -> dict[str, Any]:
    latest = latest_versions(page.workspace)
    busy = any(one.state in ("asked", "running") for one in latest.values())
    return {"models": MODELS, "latest": latest, "busy": busy, "share": _share, "steps": STEPS}


def _share(version: Version) -> float:
    """About how far a training is: by its steps."""
    return 0.0 if version.step is None else (_STEPS.index(version.step) + 0.5) / len(_STEPS)
