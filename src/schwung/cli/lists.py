"""schwung list: saved lists of customers."""

from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.customers import actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Saved lists of customers: from a filter, a file, or a funnel.")
ListArgument = Annotated[str, typer.Argument(metavar="LIST", help="Number or name of the list.")]
NoteOption = Annotated[str, typer.Option(help="What the list is for.")]


@app.command("ls")
def ls(workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """List all saved lists, newest first."""
    from schwung.app.lists import ORIGINS, lists

    found = lists(opened(workspace))
    if json:
        print_json([one.to_json() for one in found])
        return
    rows = [
        (one.list_no, one.title.in_(language()), one.size, ORIGINS[one.origin].in_(language()), one.note)
        for one in found
    ]
    print_table(("number", "name", "customers", "kind", "note"), rows, right=("number", "customers"))


@app.command("show")
def show(
    named: ListArgument,
    after: Annotated[int, typer.Option(help="Where the page before ended.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows of a page.")] = 25,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show a list and its customers. The view is noted in the audit."""
    from schwung.app import audit
    from schwung.app.lists import list_page, read_list

    place = opened(workspace)
    found = read_list(place, named)
    rows, following = list_page(place, found.list_no, after=after, limit=limit)
    audit.note(place, actor(), "list_viewed", list_no=found.list_no)
    if json:
        print_json(found.to_json() | {"customer_ids": [row["customer_id"] for row in rows], "next": following})
        return
    say("{name}: {n} customers", "{name}: {n} Kunden", name=found.title, n=found.size)
    told = [(row["customer_id"], row.get("full_name"), row.get("email"), row.get("kind")) for row in rows]
    print_table(("customer_id", "full_name", "email", "kind"), told, right=("customer_id",))
    if following:
        say("Next page: --after {place}", "Nächste Seite: --after {place}", place=following)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Name of the new list.")],
    kind: Annotated[str, typer.Option(help="lead, new, existing, dormant, lost, won_back.")] = "",
    search: Annotated[str, typer.Option("--search", "-s", help="Beginnings of words of name, e-mail or number.")] = "",
    note: NoteOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Save the customers that `schwung customers list` shows with the same filter."""
    from schwung.app.list_sources import list_from_filter

    found = list_from_filter(opened(workspace), name, kind=kind, search=search, note=note, actor=actor())
    _told(found, json)


@app.command("predicted")
def predicted(
    name: Annotated[str, typer.Argument(help="Name of the new list.")],
    model: Annotated[str, typer.Argument(help="Model whose predictions choose.")],
    target: Annotated[str | None, typer.Option(help="What of it; else its first target.")] = None,
    at_least: Annotated[
        float | None, typer.Option(help="Least value (probabilities 0 to 1, money in minor units).")
    ] = None,
    at_most: Annotated[float | None, typer.Option(help="Highest value.")] = None,
    label: Annotated[str | None, typer.Option(help="Label, such as hot.")] = None,
    by: Annotated[
        str | None, typer.Option(help="Target whose highest values come first, also of another model: model.target.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many customers.")] = 200,
    note: NoteOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Save customers by what a model predicts of them: the most valuable at risk, hot leads."""
    from schwung.app.list_predictions import list_from_predictions

    found = list_from_predictions(
        opened(workspace), name, model, target, at_least=at_least, at_most=at_most, label=label, by=by, most=most,
        note=note, actor=actor(),
    )  # fmt: skip
    _told(found, json)


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="Name of the new list.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Text or CSV; its first column names customers.")],
    note: NoteOption = "",
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Save the customers whom a file names: customer numbers, or identifiers such as anna@example.com or user_id:17."""
    from schwung.app.list_sources import lines_of, list_from_lines

    found, named = list_from_lines(
        opened(workspace), name, lines_of(file.read_bytes()), note=note or file.name, actor=actor()
    )
    _told(found, json, unknown=len(named.unknown), ambiguous=len(named.ambiguous))
    if not json and (named.unknown or named.ambiguous):
        say(
            "{n} lines fit nobody, {m} fit more than one customer.",
            "{n} Zeilen passen auf niemanden, {m} auf mehr als einen Kunden.",
            n=len(named.unknown), m=len(named.ambiguous),
        )  # fmt: skip


@app.command("rename")
def rename(
    named: ListArgument,
    name: Annotated[str, typer.Argument(help="New name.")],
    note: Annotated[str | None, typer.Option(help="New note.")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Give a list another name."""
    from schwung.app.lists import rename_list

    _told(rename_list(opened(workspace), named, name, note, actor=actor()), json)


@app.command("delete")
def delete(named: ListArgument, workspace: WorkspaceOption = HERE, json: JsonOption = False) -> None:
    """Delete a list; its customers stay as they are. `restore` brings it back."""
    from schwung.app.lists import delete_list

    _told(delete_list(opened(workspace), named, actor=actor()), json)


@app.command("restore")
def restore(
    number: Annotated[int, typer.Argument(help="Number of the list.")],
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Take a deletion back."""
    from schwung.app.lists import restore_list

    _told(restore_list(opened(workspace), number, actor=actor()), json)


def _told(found: object, json: bool, **more: int) -> None:
    from schwung.app.lists import SavedList

    assert isinstance(found, SavedList)
    if json:
        print_json(found.to_json() | more)
    else:
        say("List {no} “{name}”: {n} customers.", "Liste {no} „{name}“: {n} Kunden.", no=found.list_no, name=found.name, n=found.size)  # fmt: skip
