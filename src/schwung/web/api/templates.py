"""Templates over HTTP. Reading needs scope read, changing and sending admin."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from schwung.act.template import read_template as read
from schwung.app.post import send_test
from schwung.app.template_values import known_variables
from schwung.app.templates import check, delete_template, preview, read_template, save_template, templates
from schwung.core.text import Language
from schwung.web.api.caller import Admin, Reader
from schwung.web.api.customers import workspace_of

router = APIRouter(prefix="/templates", tags=["templates"])
Name = Annotated[str, Query(max_length=200, description="Name of the template.")]


class _Template(BaseModel):
    name: str = Field(max_length=200)
    definition: dict[str, Any] = Field(description="As in docs/how-to/templates.md, without its name.")


class _Test(BaseModel):
    name: str = Field(max_length=200)
    to: str = Field(max_length=320, description="Address of the team.")
    customer: int | None = None
    language: Language | None = None


@router.get("", summary="All templates")
def show_templates(request: Request, caller: Reader) -> dict[str, Any]:
    """The newest version of each."""
    return {"templates": [one.to_json() for one in templates(workspace_of(request))]}


@router.get("/one", summary="A template and what is to be mended")
def show(name: Name, request: Request, caller: Reader) -> dict[str, Any]:
    """findings: level error forbids sending."""
    workspace = workspace_of(request)
    found = read_template(workspace, name)
    return found.to_json() | {"findings": [one.to_json() for one in check(workspace, found.template)]}


@router.get("/variables", summary="What templates may ask for")
def show_variables(request: Request, caller: Reader) -> dict[str, Any]:
    """Each with what it is."""
    known = known_variables(workspace_of(request))
    return {"variables": {name: {"en": text.en, "de": text.de} for name, text in known.items()}}


@router.get("/preview", summary="A template as a customer would get it")
def show_preview(
    name: Name,
    request: Request,
    caller: Reader,
    customer: Annotated[int | None, Query(ge=1)] = None,
    language: Language | None = None,
) -> dict[str, Any]:
    """Subject, HTML, plain text and findings; `wrong` says why there are none. Nothing is sent."""
    workspace = workspace_of(request)
    template = read_template(workspace, name).template
    return preview(workspace, template, customer_id=customer, language=language).to_json()


@router.post("", summary="Save a template")
def save(asked: _Template, request: Request, caller: Admin) -> dict[str, Any]:
    """A new one, or a new version of the one of this name. What must not be sent is refused."""
    return save_template(workspace_of(request), asked.name, asked.definition, actor=caller.actor).to_json()


@router.post("/check", summary="Look at a template without saving it")
def look(asked: _Template, request: Request, caller: Reader) -> dict[str, Any]:
    """findings: level error forbids sending."""
    found = check(workspace_of(request), read(asked.name, asked.definition))
    return {"findings": [one.to_json() for one in found]}


@router.post("/send-test", summary="Send a preview to the team")
def send(asked: _Test, request: Request, caller: Admin) -> dict[str, Any]:
    """By the mail server of the settings."""
    workspace = workspace_of(request)
    template = read_template(workspace, asked.name).template
    sent = send_test(workspace, template, asked.to, customer_id=asked.customer, language=asked.language)
    return {"provider_id": sent.provider_id}


@router.delete("/one", summary="Delete a template")
def delete(name: Name, request: Request, caller: Admin) -> dict[str, Any]:
    """Refused while messages wait for it, or another template holds it."""
    return delete_template(workspace_of(request), name, actor=caller.actor).to_json()
