"""schwung init: a workspace in one command."""

import json as stdlib_json
from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.output import JsonOption, language, print_json
from schwung.core.text import Text

app = typer.Typer()

TEMPLATE = """\
# A schwung workspace. Every setting is described in docs/reference/settings.md.

[workspace]
name = {name}
zone = {zone}
currency = {currency}
language = {language}
as_of = {as_of}      # now, last_fact, or a date such as 2026-11-20

[store]
url = {store}

[lake]
path = "lake"

[serve]
host = "127.0.0.1"
port = 8080
"""
_CREATED = Text(
    en="Workspace created in {folder}.\nNext: schwung serve --workspace {given}",
    de="Arbeitsbereich in {folder} angelegt.\nWeiter mit: schwung serve --workspace {given}",
)


def quoted(text: str) -> str:
    """As a string of TOML, whatever it holds."""
    return stdlib_json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="Folder to create it in.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the company or shop.", show_default="name of the folder")
    ] = None,
    zone: Annotated[str, typer.Option(help="Time zone in which days are counted.")] = "Europe/Berlin",
    currency: Annotated[str, typer.Option(help="Reporting currency.")] = "EUR",
    as_of: Annotated[str, typer.Option(help="Moment for which numbers hold: now, last_fact or a date.")] = "now",
    store: Annotated[str, typer.Option(help="Operational store.")] = "sqlite:///store.db",
    json: JsonOption = False,
) -> None:
    """Create a workspace: a folder with schwung.toml, the operational store and the lake."""
    from schwung.app.wiring import create_workspace

    given = {"name": name or folder.resolve().name, "zone": zone, "currency": currency, "language": language()}
    content = TEMPLATE.format(
        **{key: quoted(value) for key, value in {**given, "as_of": as_of, "store": store}.items()}
    )
    workspace = create_workspace(folder, content)
    if json:
        print_json({"workspace": str(workspace.folder)})
    else:
        typer.echo(_CREATED.fill(folder=workspace.folder, given=folder).in_(language()))
