"""schwung operator: the people who work in the console."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.clock import to_datetime
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.access import Operator
    from schwung.app.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="Create and list the people who work in the console.")

EmailArgument = Annotated[str, typer.Argument(help="E-mail address of the operator.")]
_TEXTS = {
    "link": Text(
        en="{email} can set a password and sign in once with this link, for three days:\n{link}",
        de="{email} kann mit diesem Link einmal ein Passwort setzen und sich anmelden, drei Tage lang:\n{link}",
    ),
    "role": Text(en="{email} is now {role}.", de="{email} hat jetzt die Rolle {role}."),
    "removed": Text(en="{email} no longer has access.", de="{email} hat keinen Zugang mehr."),
    "none": Text(
        en="Nobody works here yet. Create the first: schwung operator create --email … --role owner",
        de="Noch arbeitet hier niemand. Anlegen mit: schwung operator create --email … --role owner",
    ),
    "password": Text(en="Password", de="Passwort"),
    "created": Text(en="{email} can sign in with this password.", de="{email} kann sich mit diesem Passwort anmelden."),
}


class Role(StrEnum):
    """owner: everything. editor: import, merge, export, replay. viewer: read."""

    owner = "owner"
    editor = "editor"
    viewer = "viewer"


@app.command("create")
def create(
    email: Annotated[str, typer.Option(help="E-mail address to sign in with.")],
    role: Annotated[Role, typer.Option(help="What the operator may do.")] = Role.viewer,
    name: Annotated[str, typer.Option(help="Name shown in the console.")] = "",
    password: Annotated[
        bool, typer.Option("--password", help="Ask for a password instead of printing a link.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Create an operator and print a one-time link that sets the password."""
    from schwung.app import access

    opened = _open(workspace)
    secret = (
        typer.prompt(_TEXTS["password"].in_(language()), hide_input=True, confirmation_prompt=True)
        if password
        else None
    )
    operator = access.create_operator(opened, email, role.value, name, secret)
    if secret is not None:
        _say("created", json, {"email": operator.email, "role": operator.role}, email=operator.email)
    else:
        _print_link(opened, operator, json)


@app.command("list")
def list_operators(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Who works in the console, with role and last visit."""
    from schwung.app import access

    people = access.operators(_open(workspace))
    rows = [
        {
            "email": one.email,
            "name": one.name,
            "role": one.role,
            "has_password": one.has_password,
            "seen_at": _when(one.seen_at),
        }
        for one in people
    ]
    if json:
        print_json(rows)
    elif not rows:
        typer.echo(_TEXTS["none"].in_(language()))
    else:
        print_table(("email", "name", "role", "password", "last here"), [tuple(row.values()) for row in rows])


@app.command("role")
def role(
    email: EmailArgument,
    role: Annotated[Role, typer.Argument(help="The new role.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Give an operator another role."""
    from schwung.app import access

    opened = _open(workspace)
    operator = access.find_operator(opened, email)
    access.set_role(opened, operator.operator_id, role.value)
    _say("role", json, {"email": operator.email, "role": role.value}, email=operator.email, role=role.value)


@app.command("remove")
def remove(email: EmailArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Take away an operator's access; open sessions end at once."""
    from schwung.app import access

    opened = _open(workspace)
    operator = access.find_operator(opened, email)
    access.remove_operator(opened, operator.operator_id)
    _say("removed", json, {"email": operator.email, "removed": True}, email=operator.email)


@app.command("link")
def link(email: EmailArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Print a one-time link that sets a new password; earlier links end."""
    from schwung.app import access

    opened = _open(workspace)
    _print_link(opened, access.find_operator(opened, email), json)


def _print_link(workspace: "Workspace", operator: "Operator", json: bool) -> None:
    from schwung.app import access

    serve = workspace.settings.serve
    host = "localhost" if serve.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else serve.host
    base = serve.public_url.rstrip("/") or f"http://{host}:{serve.port}"
    address = base + access.link_for(workspace, operator.operator_id)
    _say(
        "link",
        json,
        {"email": operator.email, "role": operator.role, "link": address},
        email=operator.email,
        link=address,
    )


def _say(text: str, json: bool, record: dict[str, Any], **values: Any) -> None:
    if json:
        print_json(record)
    else:
        typer.echo(_TEXTS[text].fill(**values).in_(language()))


def _when(instant: int | None) -> str | None:
    return to_datetime(instant).isoformat(timespec="seconds") if instant else None


def _open(workspace: Any) -> "Workspace":
    from schwung.app.wiring import open_workspace

    return open_workspace(workspace)
