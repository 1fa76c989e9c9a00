"""Funnels: the saved ones, the builder with its result, who dropped as a list; paths and visits as tabs beside them."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

import yaml
from fastapi import Form
from fastapi.responses import Response

from schwung.app.analyses.funnel import cached_funnel, list_from_funnel
from schwung.app.analyses.paths import cached_paths
from schwung.app.analyses.visits import cached_visits
from schwung.app.saved_funnels import mark_funnel, save_funnel, saved_funnel, saved_funnels
from schwung.core.errors import InputError
from schwung.core.text import Text
from schwung.measure.funnel import BREAKDOWNS, MOST_STEPS, ORDER_TEXTS, ORDERS, UNIT_TEXTS, Funnel, window_parts
from schwung.measure.funnel_answer import LEAST
from schwung.measure.funnel_cut import CUTS, EXPLAINED
from schwung.measure.paths import DEFINITION as PATH_DEFINITION
from schwung.measure.paths import LONGEST
from schwung.measure.step import OPS, title_of, wrong
from schwung.measure.visits import DEFINITION as VISIT_DEFINITION
from schwung.renderers.funnel_spec import spec
from schwung.renderers.lasting import lasting
from schwung.web.console.area import Area
from schwung.web.console.funnels import form
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state
from schwung.web.console.warm import inline

router = console_router()
AREA = Area("funnels", path="/funnels", group="measure", icon="filter", router=router)
WINDOWS = (7, 28, 90, 365)
DAYS = 90
PATH_DAYS = 28


@router.get("/funnels")
def funnels(page: Viewer) -> Response:
    return page.render("funnels/list.html", saved=saved_funnels(page.workspace), tab="funnels", **_words(page))


@router.get("/funnels/build")
def build(page: Viewer) -> Response:
    """The builder. A button of the form comes with `act`: what it asks for is done, and the address says what is left."""
    fields = dict(page.request.query_params)
    days = _days(fields.get("days", ""), DAYS)
    number = fields.get("no", "")
    given = form.definition_of(fields) if fields.get("s0.what") else dict(form.START)
    if fields.get("act"):
        return page.go(f"/funnels/build?{_address(given, days, number)}")
    saved = saved_funnel(page.workspace, number) if number else None
    wrong, answer = "", None
    address = _address(given, days, number)
    try:
        asked = Funnel.read(form.finished(given))
        if data_state(page.workspace).published_at:
            answer = inline(partial(_result, page, asked, days, saved.name if saved else ""))
    except InputError as error:
        wrong, asked = page.sentence(error), None
    used = [one for name, one in form.fields_of(given).items() if name.endswith(".what")]
    values: dict[str, Any] = {
        "given": given, "fields": {"by": "", "later": "", **form.fields_of(given)}, "days": days, "saved": saved, "wrong": wrong, "answer": answer,
        "asked": asked, "address": address, "choices": form.choices(page.workspace, page.language, used), "ops": OPS,
        "properties": form.properties, "orders": ORDERS, "order_texts": ORDER_TEXTS, "units": UNIT_TEXTS, "cuts": CUTS,
        "breakdowns": BREAKDOWNS, "most": MOST_STEPS, "windows": WINDOWS, "state": data_state(page.workspace),
        "definition": json.dumps(form.finished(given), ensure_ascii=False),
        "file": yaml.safe_dump(asked.to_json(), allow_unicode=True, sort_keys=False).strip() if asked else "",
    }  # fmt: skip
    return page.render("funnels/build.html", tab="funnels", **values)


@router.get("/funnels/result")
def result(page: Viewer) -> Response:
    """The answer, for those who wait for it."""
    fields = dict(page.request.query_params)
    number = fields.get("no", "")
    name = saved_funnel(page.workspace, number).name if number else ""
    asked = Funnel.read(form.finished(form.definition_of(fields)))
    return page.fragment(_result(page, asked, _days(fields.get("days", ""), DAYS), name))


@router.get("/funnels/paths")
def paths(page: Viewer, event: str = "", direction: str = "to", length: int = 5, days: int = PATH_DAYS) -> Response:
    asked = _asked_path(page, event, direction, length, days)
    table = inline(partial(_paths, page, asked)) if data_state(page.workspace).published_at else ""
    events = form.choices(page.workspace, page.language, [asked["event"]])["events"]
    values: dict[str, Any] = {"events": events, "table": table, "lengths": range(2, LONGEST + 1), "windows": WINDOWS}
    return page.render("funnels/paths.html", tab="paths", definition=PATH_DEFINITION, state=data_state(page.workspace), **asked, **values)  # fmt: skip


@router.get("/funnels/paths/table")
def path_table(
    page: Viewer, event: str = "", direction: str = "to", length: int = 5, days: int = PATH_DAYS
) -> Response:
    return page.fragment(_paths(page, _asked_path(page, event, direction, length, days)))


@router.get("/funnels/visits")
def visits(page: Viewer, days: int = PATH_DAYS) -> Response:
    days = _days(str(days), PATH_DAYS)
    state = data_state(page.workspace)
    table = inline(partial(_visits, page, days)) if state.published_at else ""
    gap = page.workspace.settings.visits.gap_minutes
    return page.render("funnels/visits.html", tab="visits", days=days, windows=WINDOWS, table=table, definition=VISIT_DEFINITION, gap=gap, state=state)  # fmt: skip


@router.get("/funnels/visits/table")
def visit_table(page: Viewer, days: int = PATH_DAYS) -> Response:
    return page.fragment(_visits(page, _days(str(days), PATH_DAYS)))


@router.get("/funnels/{number}")
def open_saved(page: Viewer, number: int) -> Response:
    found = saved_funnel(page.workspace, number)
    return page.go(f"/funnels/build?{_address(found.funnel.to_json(), DAYS, str(number))}")


@router.post("/funnels/save")
def save(
    page: Editor,
    name: Annotated[str, Form(max_length=300)],
    definition: Annotated[str, Form(max_length=100_000)],
    no: Annotated[int | None, Form()] = None,
) -> Response:
    try:
        found = save_funnel(page.workspace, name, _read(definition), number=no, actor=page.actor)
    except InputError as error:
        return page.go("/funnels", toast=page.sentence(error), bad=True)
    return page.go(f"/funnels/{found.funnel_no}", toast=page.text("saved", name=found.name))


@router.post("/funnels/lists")
def save_list(
    page: Editor,
    name: Annotated[str, Form(max_length=300)],
    definition: Annotated[str, Form(max_length=100_000)],
    step: Annotated[int, Form()],
    days: Annotated[int, Form()] = DAYS,
) -> Response:
    """The customers who dropped after a step; after the last step those who came through."""
    try:
        since, until = _period(page, days)
        found = list_from_funnel(
            page.workspace, name, _read(definition), step, since=since, until=until, actor=page.actor
        )
    except InputError as error:
        return page.go("/funnels", toast=page.sentence(error), bad=True)
    return page.go(f"/lists/{found.list_no}", toast=page.text("list_saved", name=found.name, n=found.size))


@router.post("/funnels/{number}/delete")
def delete(page: Editor, number: int) -> Response:
    found = saved_funnel(page.workspace, number)
    mark_funnel(page.workspace, number, deleted=True)
    return page.go("/funnels", toast=page.text("deleted", name=found.name), undo=f"/funnels/{number}/restore")


@router.post("/funnels/{number}/restore")
def restore(page: Editor, number: int) -> Response:
    mark_funnel(page.workspace, number, deleted=False)
    return page.go(f"/funnels/{number}", toast=page.text("restored"))


def _result(page: Page, asked: Funnel, days: int, name: str) -> str:
    since, until = _period(page, days)
    found = cached_funnel(page.workspace, asked, since, until)
    answer = found.value
    title = name or page.words("title_one")
    shown = {
        "picture": spec(answer, page.language), "lasting": lambda time: lasting(time, page.language), "least": LEAST,
        "cut": CUTS.get(str(asked.by)), "explained": EXPLAINED.get(str(asked.by)), "since": since, "until": until,
        "definition": json.dumps(asked.to_json(), ensure_ascii=False),
    }  # fmt: skip
    return page.html("funnels/result.html", answer=answer, asked=asked, days=days, name=title, **shown)


def _paths(page: Page, asked: Mapping[str, Any]) -> str:
    since, until = _period(page, asked["days"])
    found = cached_paths(page.workspace, asked["event"], asked["direction"], asked["length"], since, until)
    return page.html(
        "funnels/path_table.html",
        found=found.value,
        titled=lambda name: title_of(name).in_(page.language),
        since=since,
        until=until,
    )


def _visits(page: Page, days: int) -> str:
    since, until = _period(page, days)
    found = cached_visits(page.workspace, since, until)
    return page.html("funnels/visit_table.html", found=found.value, since=since, until=until)


def _asked_path(page: Page, event: str, direction: str, length: int, days: int) -> dict[str, Any]:
    return {
        "event": event[:300] or "order_completed",
        "direction": direction if direction in ("from", "to") else "to",
        "length": min(max(length, 2), LONGEST),
        "days": _days(str(days), PATH_DAYS),
    }


def _period(page: Page, days: int) -> tuple[date, date]:
    until = data_state(page.workspace).until_on
    return until - timedelta(days=_days(str(days), DAYS) - 1), until


def _days(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and int(text) in WINDOWS else default


def _address(given: Mapping[str, Any], days: int, number: str) -> str:
    return urlencode(form.fields_of(given) | {"days": str(days)} | ({"no": number} if number else {}))


def _read(definition: str) -> Funnel:
    try:
        return Funnel.read(json.loads(definition))
    except ValueError as error:
        raise wrong(Text("it is no JSON", "sie ist kein JSON"), definition) from error


def _words(page: Page) -> dict[str, Any]:
    def told(funnel: Funnel) -> str:
        unit, size = window_parts(funnel.window)
        return page.words("within", n=size, unit=UNIT_TEXTS[unit].in_(page.language) if unit in UNIT_TEXTS else unit)

    return {"told": told, "orders": ORDERS}
