"""Segments: all of them, one with its history and overlap, the builder with live counts."""

from collections import defaultdict
from typing import Any

import yaml
from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from schwung.app.lists import list_page
from schwung.app.segment_past import cached_past, every_lacking
from schwung.app.segment_reach import reach
from schwung.app.segments import (
    Segment,
    delete_segment,
    overlap,
    portrait,
    preview,
    read_segment,
    save_segment,
    segments,
    sizes,
)
from schwung.core.errors import InputError
from schwung.measure.step import OPS
from schwung.renderers import spec
from schwung.segment.leaves import LEAVES
from schwung.segment.rule import read_rule
from schwung.segment.words import OPS as OP_TEXTS
from schwung.web.console.area import Area
from schwung.web.console.funnels.form import choices, properties
from schwung.web.console.page import Editor, Page, Viewer, sent_fields
from schwung.web.console.segments import form
from schwung.web.console.shell import console_router
from schwung.web.console.standing import data_state

router = console_router()
AREA = Area("segments", path="/segments", group="customers", icon="stack-2", router=router)
SAMPLE = 5
MOST_SHOWN = 8


@router.get("/segments")
def all_segments(page: Viewer) -> Response:
    return page.render(
        "segments/list.html", found=segments(page.workspace), known=data_state(page.workspace).published_at
    )


@router.get("/segments/new")
def new(page: Editor) -> Response:
    return _builder(page, dict(form.START), None)


@router.get("/segments/{segment_no}")
def one(page: Viewer, segment_no: int) -> Response:
    found = read_segment(page.workspace, segment_no)
    rows, _following = list_page(page.workspace, segment_no, limit=MOST_SHOWN)
    history = sizes(page.workspace, found)
    values: dict[str, Any] = {
        "one": found, "rows": rows, "overlap": overlap(page.workspace, found)[:MOST_SHOWN], "portrait": portrait(page.workspace, found),
        "picture": _history(page, history), "days": len(history), "file": _file(found),
    }  # fmt: skip
    return page.render("segments/one.html", **values)


@router.get("/segments/{segment_no}/reach")
def reached(page: Viewer, segment_no: int) -> Response:
    """Whom one may write to now, for those who wait for it."""
    found = reach(page.workspace, read_segment(page.workspace, segment_no).list)
    return page.render("segments/reach.html", found=found)


@router.get("/segments/{segment_no}/past")
def past(page: Viewer, segment_no: int) -> Response:
    """How large the rule would have been, for those who wait for it."""
    return page.fragment(_past(page, read_segment(page.workspace, segment_no).rule.to_json()))


@router.post("/segments/past")
async def past_of_rule(page: Editor, request: Request) -> Response:
    """The same of the rule in the builder."""
    rule = form.finished(form.rule_of(await sent_fields(request)))
    return await run_in_threadpool(lambda: page.fragment(_past(page, rule)))


@router.get("/segments/{segment_no}/edit")
def edit(page: Editor, segment_no: int) -> Response:
    found = read_segment(page.workspace, segment_no)
    return _builder(page, found.rule.to_json(), found)


@router.post("/segments/build")
async def build(page: Editor, request: Request) -> Response:
    """The builder after a button of the form, with the counts of what it says now."""
    fields = await sent_fields(request)
    known = read_segment(page.workspace, int(fields["no"])) if fields.get("no", "").isdecimal() else None
    return _builder(page, form.rule_of(fields), known, name=fields.get("name", ""))


@router.post("/segments/save")
async def save(page: Editor, request: Request) -> Response:
    fields = await sent_fields(request)
    rule, name = form.finished(form.rule_of(fields)), fields.get("name", "")
    known = read_segment(page.workspace, int(fields["no"])) if fields.get("no", "").isdecimal() else None
    try:
        found = save_segment(page.workspace, name, rule, note=fields.get("note", ""), actor=page.actor)
    except InputError as error:
        return _builder(page, rule, known, name=name, wrong=page.sentence(error))
    return page.go(f"/segments/{found.list.list_no}", toast=page.text("saved", name=found.name, n=found.list.size))


@router.post("/segments/{segment_no}/delete")
def delete(page: Editor, segment_no: int) -> Response:
    try:
        found = delete_segment(page.workspace, segment_no, actor=page.actor)
    except InputError as error:
        return page.go(f"/segments/{segment_no}", toast=page.sentence(error), bad=True)
    return page.go("/segments", toast=page.text("deleted", name=found.name))


def _builder(page: Page, rule: dict[str, Any], known: Segment | None, *, name: str = "", wrong: str = "") -> Response:
    seen, words = None, None
    written = form.finished(rule)
    try:
        words = read_rule(written).words
        seen = preview(page.workspace, written, sample=SAMPLE)
    except InputError as error:
        wrong = wrong or page.sentence(error)
    fields = form.fields_of(rule)
    used = [value for key, value in fields.items() if key.endswith(".what")]
    sample = []
    if seen is not None and seen.sample:
        sample = [(row, seen.sample[row["customer_id"]]) for row in _rows(page, list(seen.sample))]
    values: dict[str, Any] = {
        "rule": written, "fields": defaultdict(str, fields), "known": known, "name": name or (known.name if known else ""), "wrong": wrong, "seen": seen,
        "words": words, "leaves": LEAVES, "ops": OPS, "op_texts": OP_TEXTS, "choices": choices(page.workspace, page.language, used),
        "properties": properties, "sample": sample, "file": yaml.safe_dump({"rule": written}, allow_unicode=True, sort_keys=False).strip(),
        "is_changed": known is None or known.rule.to_json() != written,
    }  # fmt: skip
    return page.render("segments/build.html", **values)


def _rows(page: Page, ids: list[int]) -> list[dict[str, Any]]:
    with page.workspace.store.read() as tx:
        known = {row["customer_id"]: row for row in tx.rows("customer_list.existing", customer_ids=ids)}
    return [known.get(one, {"customer_id": one}) for one in ids]


def _history(page: Page, history: list[tuple[str, int]]) -> spec.Spec | None:
    points = [spec.Point(day, float(size)) for day, size in history]
    if len(points) < 2:
        return None
    return spec.line(points, spec.axis_for(points, zero=True), page.language, "day", number_format=",.0f", height=180)


def _past(page: Page, rule: Any) -> str:
    found, wrong = None, ""
    try:
        found = cached_past(page.workspace, rule).value
    except InputError as error:
        wrong = page.sentence(error)
    sizes = [(one.day.isoformat(), one.customers) for one in found.sizes] if found else []
    lacking = every_lacking(found.lacking) if found and found.lacking else None
    return page.html(
        "segments/past.html", wrong=wrong, found=found, lacking=lacking, picture=_history(page, sizes), sizes=sizes
    )


def _file(found: Segment) -> str:
    written = {"segment": found.name, "note": found.list.note, "rule": found.rule.to_json()}
    return yaml.safe_dump(
        {name: value for name, value in written.items() if value}, allow_unicode=True, sort_keys=False
    ).strip()
