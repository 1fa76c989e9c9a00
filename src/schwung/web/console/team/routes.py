"""The team: who works in the console, with which role; invitations by link."""

from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from schwung.app import access
from schwung.core.errors import InputError
from schwung.web.console.area import Area
from schwung.web.console.page import Owner, Page
from schwung.web.console.shell import console_router

router = console_router()
AREA = Area("team", path="/team", group="data", icon="users-plus", role="owner", router=router)


@router.get("/team")
def team(page: Owner) -> Response:
    return _show(page)


@router.post("/team")
def invite(
    page: Owner,
    email: Annotated[str, Form(max_length=254)],
    role: Annotated[str, Form()] = "viewer",
    name: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    try:
        operator = access.create_operator(page.workspace, email, role, name)  # type: ignore[arg-type]
    except InputError as error:
        return _show(page, said=page.sentence(error), email=email, status=400)
    return _show(page, invited=operator, link=_address(page, access.link_for(page.workspace, operator.operator_id)))


@router.post("/team/{operator_id}/link")
def new_link(page: Owner, operator_id: int) -> Response:
    operator = _one(page, operator_id)
    return _show(page, invited=operator, link=_address(page, access.link_for(page.workspace, operator_id)))


@router.post("/team/{operator_id}/role")
def change_role(page: Owner, operator_id: int, role: Annotated[str, Form()]) -> Response:
    operator = _one(page, operator_id)
    access.set_role(page.workspace, operator_id, role)  # type: ignore[arg-type]
    said = page.text("role_changed", name=_name(page, operator), role=page.text(f"shell:role.{role}"))
    return page.go("/team", toast=said, undo=f"/team/{operator_id}/role/{operator.role}")


@router.post("/team/{operator_id}/role/{role}")
def restore_role(page: Owner, operator_id: int, role: str) -> Response:
    return change_role(page, operator_id, role)


@router.post("/team/{operator_id}/remove")
def remove(page: Owner, operator_id: int, confirmation: Annotated[str, Form()]) -> Response:
    operator = _one(page, operator_id)
    if confirmation.strip() != _key(operator):
        return page.go("/team", toast=page.text("not_typed"), bad=True)
    access.remove_operator(page.workspace, operator_id)
    return page.go("/team", toast=page.text("removed", name=_name(page, operator)))


def _show(
    page: Page,
    *,
    status: int = 200,
    said: str = "",
    email: str = "",
    invited: access.Operator | None = None,
    link: str = "",
) -> Response:
    people = access.operators(page.workspace)
    until = page.workspace.clock() + access.LINK_LASTS
    values = {"people": people, "roles": access.ROLES, "said": said, "email": email, "invited": invited, "link": link}
    return page.render("team/team.html", status=status, until=until, key_of=_key, **values)


def _one(page: Page, operator_id: int) -> access.Operator:
    return access.operator(page.workspace, operator_id)


def _key(operator: access.Operator) -> str:
    """What is typed to confirm."""
    return operator.email or str(operator.operator_id)


def _name(page: Page, operator: access.Operator) -> str:
    return operator.name or str(page.text("shell:owner_without_name"))


def _address(page: Page, path: str) -> str:
    base = page.workspace.settings.serve.public_url.rstrip("/") or str(page.request.base_url).rstrip("/")
    return base + path
