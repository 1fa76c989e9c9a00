"""Imports: files in, four steps: file, columns, check, run."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Form, Request, UploadFile
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from schwung.app import import_uploads as uploads
from schwung.app.import_mapping import SOURCE
from schwung.app.import_runs import Progress, progress, row_of
from schwung.collect.import_kind import KINDS
from schwung.collect.mapping import to_yaml
from schwung.core.errors import InputError
from schwung.web.console.area import Area
from schwung.web.console.imports import form as forms
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("imports", path="/imports", group="data", icon="file-import", router=router)
RUNNING = ("waiting", "reading", "writing")
LOOKS = 1_200
SECONDS = 0.5


@router.get("/imports")
def imports(page: Viewer) -> Response:
    return page.render("imports/list.html", runs=uploads.runs(page.workspace), kinds=KINDS, running=RUNNING)


@router.get("/imports/new")
def new(page: Editor, kind: str = "order_lines") -> Response:
    return _new(page, kind)


@router.post("/imports/new")
def upload(
    page: Editor,
    file: UploadFile,
    kind: Annotated[str, Form()],
    source: Annotated[str, Form(max_length=100)] = SOURCE,
) -> Response:
    try:
        KINDS.find(kind)
        path = uploads.save_upload(page.workspace, file.filename or "", file.file)
        import_no = uploads.create_draft(page.workspace, path, kind, source.strip() or SOURCE)
    except InputError as error:
        return _new(page, kind, source, page.sentence(error))
    return page.go(f"/imports/{import_no}/columns")


@router.get("/imports/{import_no}/columns")
def columns(page: Editor, import_no: int) -> Response:
    return _columns(page, import_no)


@router.post("/imports/{import_no}/columns")
async def correct(page: Editor, request: Request, import_no: int) -> Response:
    given = {name: str(value) for name, value in (await request.form()).items()}
    return await run_in_threadpool(_correct, page, import_no, given)


def _correct(page: Page, import_no: int, given: dict[str, str]) -> Response:
    mapping = uploads.mapping_of(page.workspace, import_no)
    if given.get("do") == "earlier":
        earlier = uploads.earlier_mapping(page.workspace, mapping.kind, given.get("source", mapping.source))
        if earlier is None:
            return page.go(f"/imports/{import_no}/columns", toast=page.text("no_earlier"), bad=True)
        names = uploads.inspect_draft(page.workspace, import_no).layout.columns
        known = {name: rule for name, rule in earlier.columns.items() if name in names}
        uploads.map_draft(page.workspace, import_no, replace(earlier, columns=known))
        return page.go(f"/imports/{import_no}/columns", toast=page.text("earlier_loaded"))
    looked = uploads.inspect_draft(page.workspace, import_no)
    mapping = forms.filled(looked, mapping, given)
    uploads.map_draft(page.workspace, import_no, mapping)
    if given.get("do") == "check" and not mapping.missing(KINDS.find(mapping.kind)):
        return page.go(f"/imports/{import_no}/check")
    return _columns(page, import_no)


@router.get("/imports/{import_no}/check")
def check(page: Editor, import_no: int) -> Response:
    return page.render("imports/check.html", step=3, **_head(page, import_no))


@router.get("/imports/{import_no}/dry")
def dry(page: Editor, import_no: int) -> Response:
    """What the import would do; reads the whole file."""
    try:
        found = uploads.dry_run_draft(page.workspace, import_no)
    except InputError as error:
        return page.render("imports/failed.html", said=page.sentence(error), import_no=import_no)
    return page.render("imports/dry.html", found=found, import_no=import_no)


@router.post("/imports/{import_no}/start")
def start(page: Editor, import_no: int) -> Response:
    uploads.start(page.workspace, import_no)
    return page.go(f"/imports/{import_no}")


@router.post("/imports/{import_no}/discard")
def discard(page: Editor, import_no: int) -> Response:
    uploads.drop_draft(page.workspace, import_no)
    return page.go("/imports", toast=page.text("discarded"))


@router.get("/imports/{import_no}")
def run(page: Viewer, import_no: int) -> Response:
    found = progress(page.workspace, import_no)
    if found.state == "draft":
        return page.go(f"/imports/{import_no}/columns")
    return page.render("imports/run.html", step=4, run=found, running=RUNNING, **_head(page, import_no))


@router.get("/imports/{import_no}/stream")
async def stream(page: Viewer, import_no: int) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_news(page, import_no), media_type="text/event-stream", headers=headers)


@router.get("/imports/{import_no}/rejects.csv")
def rejects(page: Viewer, import_no: int) -> Response:
    path = row_of(page.workspace, import_no)["rejects_path"]
    if not path or not Path(path).exists():
        return page.go(f"/imports/{import_no}", toast=page.text("rejects_gone"), bad=True)
    return FileResponse(path, media_type="text/csv", filename=Path(path).name)


@router.get("/imports/{import_no}/mapping.yaml")
def mapping(page: Viewer, import_no: int) -> Response:
    text = to_yaml(uploads.mapping_of(page.workspace, import_no))
    headers = {"Content-Disposition": f'attachment; filename="import-{import_no}.mapping.yaml"'}
    return Response(text, media_type="application/yaml", headers=headers)


async def _news(page: Page, import_no: int) -> AsyncIterator[str]:
    """Server-sent events: the state of the run as HTML, until it ends."""
    last = None
    for _ in range(LOOKS):
        found = await run_in_threadpool(progress, page.workspace, import_no)
        if found != last:
            html = page.html("imports/progress.html", run=found, running=RUNNING)
            data = "\n".join(f"data: {line}" for line in html.strip().splitlines())
            yield f"event: state\n{data}\n\n"
            last = found
        if found.state not in RUNNING:
            yield "event: end\ndata: \n\n"
            return
        await asyncio.sleep(SECONDS)
        if await page.request.is_disconnected():
            return


def _new(page: Page, kind: str, source: str = SOURCE, said: str = "") -> Response:
    values: dict[str, Any] = {"kind": kind if kind in KINDS else "order_lines", "source": source, "said": said}
    return page.render("imports/new.html", status=400 if said else 200, step=1, kinds=KINDS, **values)


def _columns(page: Page, import_no: int) -> Response:
    head = _head(page, import_no)
    if head["row"]["state"] != "draft":
        return page.go(f"/imports/{import_no}")
    mapping = uploads.mapping_of(page.workspace, import_no)
    looked = uploads.inspect_draft(page.workspace, import_no)
    kind = KINDS.find(mapping.kind)
    missing = [field for name in mapping.missing(kind) if (field := kind.find(name))]
    return page.render(
        "imports/columns.html",
        step=2,
        looked=looked,
        mapping=mapping,
        columns=forms.columns(looked, mapping),
        questions=forms.open_questions(looked, mapping),
        missing=missing,
        has_earlier=uploads.earlier_mapping(page.workspace, mapping.kind, mapping.source) is not None,
        **head,
    )


def _head(page: Page, import_no: int) -> dict[str, Any]:
    row = row_of(page.workspace, import_no)
    return {"import_no": import_no, "row": row, "kind": KINDS.find(row["kind"])}


def eta_seconds(run: Progress, now: int) -> float | None:
    """How long it will still take, from how long it took so far."""
    if not run.started_at or run.share <= 0.02 or run.share >= 1:
        return None
    return (now - run.started_at) / 1e6 * (1 - run.share) / run.share
