"""schwung plan and apply: what is defined in a folder of YAML files, and making it so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.customers import actor, opened
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.app.definitions import Change

app = typer.Typer(no_args_is_help=True)
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder with YAML files.")]


@app.command("plan")
def plan(folder: FolderArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Show in words what `apply` would change; nothing is changed."""
    from schwung.app.definitions import plan as planned

    print_changes(planned(opened(workspace), folder), json)


@app.command("apply")
def apply(folder: FolderArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Make the workspace what the files of a folder say. Twice is once; what is in no file stays."""
    from schwung.app.definitions import apply as applied

    print_changes(applied(opened(workspace), folder, actor=actor()), json)


def print_changes(changes: "list[Change]", json: bool) -> None:
    """A table of them, or JSON."""
    if json:
        print_json([one.to_json() for one in changes])
        return
    words = {
        "en": {"new": "new", "changed": "changed", "same": "as it is", "elsewhere": "in no file"},
        "de": {"new": "neu", "changed": "geändert", "same": "unverändert", "elsewhere": "in keiner Datei"},
    }[language()]
    rows = [
        (one.kind, one.name, words[one.state], "; ".join(text.in_(language()) for text in one.words)) for one in changes
    ]
    print_table(("kind", "name", "state", "rule"), rows)
