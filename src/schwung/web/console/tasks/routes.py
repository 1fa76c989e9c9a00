"""Tasks: what journeys gave persons of the team to do, by owner; done by one click, and opened again."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Form, Query
from fastapi.responses import Response

from schwung.app.tasks import close_task, names_of, open_count, owners, reopen_task, tasks
from schwung.core.errors import InputError
from schwung.web.console.area import Area
from schwung.web.console.page import Editor, Viewer
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("tasks", path="/tasks", group="act", icon="checkbox", router=router, waiting=open_count)
MOST = 50
MINE = "me"
"""Instead of an owner: who is signed in."""
Owner = Annotated[str, Query(max_length=200)]


@router.get("/tasks")
def listed(
    page: Viewer, state: str = "", owner: Owner = "", skip: Annotated[int, Query(ge=0, le=2**31)] = 0
) -> Response:
    asked: Literal["open", "done"] = "done" if state == "done" else "open"
    names = names_of(page.me) if owner == MINE else ()
    found = tasks(
        page.workspace,
        asked,
        owner=owner,
        mine=names or ((page.actor,) if owner == MINE else ()),
        most=MOST + 1,
        skip=skip,
    )
    known = owners(page.workspace, asked)
    return page.render(
        "tasks/list.html",
        found=found[:MOST],
        further=skip + MOST if len(found) > MOST else None,
        earlier=max(0, skip - MOST) if skip else None,
        owners=known,
        mine=sum(
            number for name, number in known.items() if name.lower() in {one.lower() for one in names_of(page.me)}
        ),
        chosen=owner,
        is_done=asked == "done",
        open_tasks=open_count(page.workspace),
        at=page.workspace.clock(),
    )


@router.post("/tasks/{number}/{act}")
def turn(page: Editor, number: int, act: str, owner: Annotated[str, Form(max_length=200)] = "") -> Response:
    """done or reopen."""
    to = f"/tasks?{urlencode({'owner': owner})}" if owner else "/tasks"
    if act not in ("done", "reopen"):
        return page.go(to)
    try:
        found = (close_task if act == "done" else reopen_task)(page.workspace, number, page.actor)
    except InputError as error:
        return page.go(to, toast=error.message.in_(page.language), bad=True)
    undo = f"/tasks/{number}/reopen" if act == "done" else ""
    return page.go(to, toast=page.text(f"said_{act}", title=found.title), undo=undo)
