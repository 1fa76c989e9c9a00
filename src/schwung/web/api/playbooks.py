"""Playbooks over HTTP. Reading needs scope read, taking one over admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from schwung.app.playbooks import find_playbook, plan_playbook, playbooks, take_playbook
from schwung.core.text import Language
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(prefix="/playbooks", tags=["playbooks"])


@router.get("", summary="All playbooks")
def show_playbooks(caller: Reader) -> dict[str, Any]:
    """What each does, by what right its messages go, and what is to be done first."""
    return {"playbooks": [one.to_json() for one in playbooks()]}


@router.get("/{name}", summary="A playbook and what taking it over would change")
def show(name: str, request: Request, caller: Reader, language: Language | None = None) -> dict[str, Any]:
    """Its definitions as files say them."""
    workspace = workspace_of(request)
    found = find_playbook(name)
    written = found.in_language(language or workspace.settings.workspace.language)
    changes = plan_playbook(workspace, name, language)
    return found.to_json() | {"definitions": written, "changes": [one.to_json() for one in changes]}


@router.post("/{name}", summary="Take a playbook over")
def take(
    name: str,
    request: Request,
    caller: Admin,
    language: Language | None = None,
    over: Annotated[bool, Query(description="Write over what says something else.")] = False,
) -> dict[str, Any]:
    """Its journey comes as a draft. What is so already is left alone."""
    changes = take_playbook(workspace_of(request), name, language, actor=caller.actor, over=over)
    return {"changes": [one.to_json() for one in changes]}
