"""Imports: files in, four steps: file, columns, check, run."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from schwung.app import import_uploads as uploads
from schwung.app.import_mapping import SOURCE
from schwung.app.import_runs import Progress, progress, row_of
from schwung.app.import_uploads import RUNNING
from schwung.collect.import_kind import KINDS
from schwung.collect.mapping import FileMapping, to_yaml
from schwung.core.errors import InputError
from schwung.web.console.area import Area
from schwung.web.console.imports import form as forms
from schwung.web.console.page import Editor, Page, Viewer, editor_writes, sent_fields
from schwung.web.console.shell import console_router

router = console_router(editor_writes)
AREA = Area("imports", path="/imports", group="data", icon="file-import", router=router)
LOOKS = 1_200
SECONDS = 1.0
MOST_SOURCE = 100
# What the last dry runs found, by import: the mapping, and (column, reason, rows). Lost at a restart; then the page says less.
_found: OrderedDict[tuple[Path, int], tuple[str, list[dict[str, Any]]]] = OrderedDict()


@router.get("/imports")
def imports(page: Viewer) -> Response:
    drafts = uploads.drafts(page.workspace) if page.me.may("editor") else ()
    runs = uploads.runs(page.workspace)
    return page.render("imports/list.html", runs=runs, drafts=drafts, kinds=KINDS, running=RUNNING)


@router.get("/imports/new")
def new(page: Editor, kind: str = "order_lines") -> Response:
    return _new(page, kind)


@router.post("/imports/new")
async def upload(page: Editor, request: Request) -> Response:
    form = await request.form()
    file, kind, source = form.get("file"), str(form.get("kind", "")), str(form.get("source", "")).strip()
    if not isinstance(file, UploadFile):
        return _new(page, kind, source or SOURCE, str(page.text("no_file")))
    return await run_in_threadpool(_upload, page, file, kind, source[:MOST_SOURCE] or SOURCE)


def _upload(page: Page, file: UploadFile, kind: str, source: str) -> Response:
    if not forms.SOURCE_NAME.fullmatch(source):
        return _new(page, kind, source, str(page.text("source_wrong")))
    try:
        KINDS.find(kind)
        path = uploads.save_upload(page.workspace, file.filename or "", file.file)
    except InputError as error:
        return _new(page, kind, source, page.sentence(error))
    try:
        import_no = uploads.create_draft(page.workspace, path, kind, source)
    except InputError as error:
        path.unlink(missing_ok=True)
        return _new(page, kind, source, page.sentence(error))
    return page.go(f"/imports/{import_no}/columns")


@router.get("/imports/{import_no}/columns")
def columns(page: Editor, import_no: int) -> Response:
    return _columns(page, import_no)


@router.post("/imports/{import_no}/columns")
async def correct(page: Editor, request: Request, import_no: int) -> Response:
    given = await sent_fields(request)
    return await run_in_threadpool(_correct, page, import_no, given)


def _correct(page: Page, import_no: int, given: dict[str, str]) -> Response:
    mapping = uploads.mapping_of(page.workspace, import_no)
    looked = uploads.inspect_draft(page.workspace, import_no)
    if given.get("do") == "earlier":
        earlier = _earlier(page, mapping, looked.layout.columns, given.get("source", "").strip() or mapping.source)
        if earlier is None:
            return page.go(f"/imports/{import_no}/columns", toast=page.text("no_earlier"), bad=True)
        uploads.map_draft(page.workspace, import_no, earlier)
        return page.go(f"/imports/{import_no}/columns", toast=page.text("earlier_loaded"))
    mapping = forms.filled(looked, mapping, given)
    wrong = forms.wrong(mapping)
    if wrong:
        return _columns(page, import_no, mapping=mapping, wrong=wrong)
    uploads.map_draft(page.workspace, import_no, mapping)
    if given.get("do") == "check" and not mapping.missing(KINDS.find(mapping.kind)):
        return page.go(f"/imports/{import_no}/check")
    return _columns(page, import_no)


@router.get("/imports/{import_no}/now")
def now(page: Editor, import_no: int) -> Response:
    """What else is running, for a page that waits beside it."""
    return page.render("imports/now.html", import_no=import_no, others=uploads.running(page.workspace, import_no))


@router.get("/imports/{import_no}/check")
def check(page: Editor, import_no: int) -> Response:
    return page.render("imports/check.html", step=3, **_head(page, import_no))


@router.get("/imports/{import_no}/dry")
def dry(page: Editor, import_no: int) -> Response:
    """What the import would do; reads the whole file."""
    mapping = uploads.mapping_of(page.workspace, import_no)
    try:
        found = uploads.dry_run_draft(page.workspace, import_no)
    except InputError as error:
        return page.render("imports/failed.html", said=page.sentence(error), import_no=import_no)
    groups = forms.groups(found)
    _found[page.workspace.folder, import_no] = (to_yaml(mapping), groups)
    while len(_found) > 50:
        _found.popitem(last=False)
    looked = uploads.inspect_draft(page.workspace, import_no)
    shown = [column for column in forms.columns(looked, mapping) if column.field]
    return page.render(
        "imports/dry.html",
        found=found,
        groups=groups,
        columns=shown,
        kind=KINDS.find(mapping.kind),
        import_no=import_no,
    )


@router.post("/imports/{import_no}/start")
def start(page: Editor, import_no: int) -> Response:
    uploads.start(page.workspace, import_no, actor=page.actor)
    return page.go(f"/imports/{import_no}")


@router.post("/imports/{import_no}/stop")
def stop(page: Editor, import_no: int) -> Response:
    stopped = uploads.stop(page.workspace, import_no, actor=page.actor)
    return page.go(f"/imports/{import_no}", toast=page.text("stopped" if stopped else "not_running"), bad=not stopped)


@router.post("/imports/{import_no}/discard")
def discard(page: Editor, import_no: int) -> Response:
    uploads.drop_draft(page.workspace, import_no)
    return page.go("/imports", toast=page.text("discarded"))


@router.get("/imports/{import_no}")
def run(page: Viewer, import_no: int) -> Response:
    found = progress(page.workspace, import_no)
    if found.state == "draft":
        return page.go(f"/imports/{import_no}/columns")
    head = _head(page, import_no)
    return page.render("imports/run.html", step=4, run=found, running=RUNNING, pace=None, left=None, **head)


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
    """Server-sent events: the state of the run as HTML, until it ends; its pace as seen since the stream began."""
    last, began = None, None
    for _ in range(LOOKS):
        found = await run_in_threadpool(progress, page.workspace, import_no)
        if began is None or began[1].state != found.state:
            began = (time.monotonic(), found)
        if found != last:
            html = page.html("imports/progress.html", run=found, running=RUNNING, **_pace(*began, found))
            data = "\n".join(f"data: {line}" for line in html.strip().splitlines())
            yield f"event: state\n{data}\n\n"
            last = found
        if found.state not in RUNNING:
            yield "event: end\ndata: \n\n"
            return
        await asyncio.sleep(SECONDS)
        if await page.request.is_disconnected():
            return


def _pace(began: float, first: Progress, now: Progress) -> dict[str, int | float | None]:
    """Rows a second and seconds left, from what was seen; None while too little was."""
    seconds = time.monotonic() - began
    rows = now.written - first.written if now.state == "writing" else now.rows_read - first.rows_read
    gained = now.share - first.share
    left = seconds / gained * (1 - now.share) if seconds >= SECONDS and gained > 0.01 else None
    return {"pace": round(rows / seconds) if rows > 0 and seconds >= SECONDS else None, "left": left}


def _new(page: Page, kind: str, source: str = SOURCE, said: str = "") -> Response:
    values: dict[str, Any] = {"kind": kind if kind in KINDS else "order_lines", "source": source, "said": said}
    return page.render("imports/new.html", status=400 if said else 200, step=1, kinds=KINDS, **values)


def _columns(
    page: Page, import_no: int, *, mapping: FileMapping | None = None, wrong: Mapping[str, str] | None = None
) -> Response:
    """mapping, wrong: what was filled in and cannot be kept, and the keys of the texts that say why, by field."""
    head = _head(page, import_no)
    if head["row"]["state"] != "draft":
        return page.go(f"/imports/{import_no}")
    mapping = mapping or uploads.mapping_of(page.workspace, import_no)
    looked = uploads.inspect_draft(page.workspace, import_no)
    kind = KINDS.find(mapping.kind)
    earlier = _earlier(page, mapping, looked.layout.columns, mapping.source)
    text, groups = _found.get((page.workspace.folder, import_no), ("", []))
    return page.render(
        "imports/columns.html",
        status=400 if wrong else 200,
        step=2,
        looked=looked,
        mapping=mapping,
        columns=forms.columns(looked, mapping),
        questions=forms.open_questions(looked, mapping),
        missing=[field for name in mapping.missing(kind) if (field := kind.find(name))],
        has_earlier=earlier is not None and earlier != mapping,
        groups=groups if text == to_yaml(mapping) else None,
        wrong=wrong or {},
        zones=forms.ZONES,
        others=uploads.running(page.workspace, import_no),
        **head,
    )


def _earlier(page: Page, mapping: FileMapping, names: Any, source: str) -> FileMapping | None:
    """The mapping of the source's last import of this kind, as far as this file has its columns."""
    earlier = uploads.earlier_mapping(page.workspace, mapping.kind, source)
    if earlier is None:
        return None
    known = {name: rule for name, rule in earlier.columns.items() if name in names}
    extra = {name: given for name, given in earlier.extra.items() if name in names}
    layout = {name: getattr(mapping, name) for name in ("format", "encoding", "delimiter", "sheet")}
    return replace(earlier, columns=known, extra=extra, **layout)


def _head(page: Page, import_no: int) -> dict[str, Any]:
    row = row_of(page.workspace, import_no)
    return {"import_no": import_no, "row": row, "kind": KINDS.find(row["kind"])}
