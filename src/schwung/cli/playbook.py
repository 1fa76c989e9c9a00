"""schwung playbook: journeys ready to be taken over, with their segments and templates."""

from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.customers import actor, opened
from schwung.cli.definitions import print_changes
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

if TYPE_CHECKING:
    from schwung.core.text import Language

app = typer.Typer(no_args_is_help=True, help="Playbooks: journeys ready to be taken over, with segments and templates.")
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the playbook.")]
InOption = Annotated[str | None, typer.Option("--in", help="Names in en or de; default: the workspace's language.")]


@app.command("list")
def list_(json: JsonOption = False) -> None:
    """List the playbooks and what each does."""
    from schwung.app.playbooks import playbooks

    found, spoken = playbooks(), language()
    if json:
        print_json([one.to_json() for one in found])
        return
    print_table(("name", "title", "text"), [(one.name, one.title.in_(spoken), one.text.in_(spoken)) for one in found])


@app.command("show")
def show(name: NameArgument, spoken: InOption = None) -> None:
    """Print a playbook as the file that `apply` reads, to keep and change it."""
    from schwung.app.playbooks import file_of, find_playbook

    typer.echo(file_of(find_playbook(name), "de" if (spoken or language()) == "de" else "en").rstrip())


@app.command("take")
def take(
    name: NameArgument,
    spoken: InOption = None,
    over: Annotated[
        bool, typer.Option("--over", help="Write over what has the same name and says something else.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Take a playbook over: its segments, its templates, its journey as a draft."""
    from schwung.app.playbooks import take_playbook

    place = opened(workspace)
    chosen: Language | None = None if spoken is None else "de" if spoken == "de" else "en"
    print_changes(take_playbook(place, name, chosen, actor=actor(), over=over), json)
