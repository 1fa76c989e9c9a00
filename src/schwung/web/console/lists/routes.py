"""Saved lists of customers: all of them, one with its customers, saving from a filter or a file, renaming, deleting."""

from typing import Annotated

from fastapi import File, Form, UploadFile
from fastapi.responses import Response

from schwung.app import audit
from schwung.app.list_sources import lines_of, list_from_filter, list_from_lines
from schwung.app.lists import ORIGINS, SavedList, delete_list, list_page, lists, read_list, rename_list, restore_list
from schwung.core.errors import InputError
from schwung.measure.acquisition import STAGES
from schwung.measure.funnel import Funnel
from schwung.measure.lifecycle import KINDS
from schwung.measure.phase import PHASES
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Page, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("lists", path="/lists", group="customers", icon="list", router=router)
ROWS = 25
MOST_BYTES = 20_000_000


@router.get("/lists")
def show_lists(page: Viewer) -> Response:
    found = [(one, _from(page, one)) for one in lists(page.workspace)]
    return page.render("lists/list.html", lists=found, kinds=KINDS)


@router.get("/lists/{list_no}")
def show_list(page: Viewer, list_no: int, after: int = 0, at: int = 1) -> Response:
    found = read_list(page.workspace, list_no)
    rows, following = list_page(page.workspace, list_no, after=min(max(0, after), 2**53), limit=ROWS)
    audit.note(page.workspace, page.actor, "list_viewed", list_no=list_no)
    return page.render(
        "lists/one.html",
        one=found,
        told=_from(page, found),
        rows=rows,
        next=following,
        at=min(max(1, at), 10**9),
        kinds=KINDS,
    )


@router.post("/lists")
def create(
    page: Editor,
    name: Annotated[str, Form(max_length=300)],
    kind: Annotated[str, Form(max_length=40)] = "",
    q: Annotated[str, Form(max_length=300)] = "",
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    try:
        found = list_from_filter(page.workspace, name, kind=kind, search=q, note=note, actor=page.actor)
    except InputError as error:
        return page.go("/lists", toast=page.sentence(error), bad=True)
    return page.go(f"/lists/{found.list_no}", toast=page.text("saved", name=found.name, n=found.size))


@router.post("/lists/import")
def import_lines(
    page: Editor,
    name: Annotated[str, Form(max_length=300)],
    file: Annotated[UploadFile | None, File()] = None,
    lines: Annotated[str, Form(max_length=1_000_000)] = "",
) -> Response:
    content = file.file.read(MOST_BYTES) if file is not None and file.filename else lines.encode()
    try:
        found, named = list_from_lines(page.workspace, name, lines_of(content), actor=page.actor)
    except InputError as error:
        return page.go("/lists", toast=page.sentence(error), bad=True)
    left = len(named.unknown) + len(named.ambiguous)
    said = page.text("saved_left", name=found.name, n=found.size, left=left) if left else page.text("saved", name=found.name, n=found.size)  # fmt: skip
    return page.go(f"/lists/{found.list_no}", toast=said)


@router.post("/lists/{list_no}/rename")
def rename(
    page: Editor,
    list_no: int,
    name: Annotated[str, Form(max_length=300)],
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    try:
        found = rename_list(page.workspace, list_no, name, note, actor=page.actor)
    except InputError as error:
        return page.go(f"/lists/{list_no}", toast=page.sentence(error), bad=True)
    return page.go(f"/lists/{list_no}", toast=page.text("renamed", name=found.name))


@router.post("/lists/{list_no}/delete")
def delete(page: Editor, list_no: int) -> Response:
    found = delete_list(page.workspace, list_no, actor=page.actor)
    return page.go("/lists", toast=page.text("deleted", name=found.name), undo=f"/lists/{list_no}/restore")


@router.post("/lists/{list_no}/restore")
def restore(page: Editor, list_no: int) -> Response:
    found = restore_list(page.workspace, list_no, actor=page.actor)
    return page.go(f"/lists/{list_no}", toast=page.text("restored", name=found.name))


def _from(page: Page, one: SavedList) -> str:
    """From what a list was made, in words."""
    basis = one.basis
    if one.origin == "filter":
        kind = KINDS[basis["kind"]].in_(page.language) if basis.get("kind") else ""
        words = f"“{basis['search']}”" if basis.get("search") else ""
        if basis.get("phase") in PHASES:
            words = PHASES[basis["phase"]].in_(page.language)
        elif basis.get("acquisition") in STAGES:
            words = STAGES[basis["acquisition"]].title.in_(page.language)
        return " · ".join(filter(None, (ORIGINS["filter"].in_(page.language), kind, words)))
    if one.origin == "funnel":
        funnel = Funnel.read(basis["funnel"])
        step = funnel.steps[basis["step"] - 1].label().in_(page.language)
        return page.words(f"from_{basis['which']}", step=step, name=funnel.name or page.words("a_funnel"))
    return ORIGINS[one.origin].in_(page.language)
