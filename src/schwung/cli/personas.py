"""schwung personas: groups of customers who buy alike."""

from typing import Annotated

import typer

from schwung.cli.customers import actor
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table

app = typer.Typer()


@app.command("personas")
def personas(
    find: Annotated[
        bool, typer.Option("--find", help="Find them anew from the last year; a worker does so every week.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show the personas: groups of customers who buy alike, with what sets each apart.

    Example: schwung personas --find
    """
    from schwung.app.personas import find_personas
    from schwung.app.personas import personas as read
    from schwung.app.wiring import open_workspace
    from schwung.renderers.numbers import number

    place, spoken = open_workspace(workspace), language()
    found = find_personas(place, actor=actor()) if find else read(place)
    if json:
        print_json(found.to_json())
        return
    german = spoken == "de"
    if found.computed_at is None:
        typer.echo("Noch keine Personas. Bestimmen mit: schwung personas --find" if german else "No personas yet. Find them with: schwung personas --find")  # fmt: skip
        return
    if found.remark is not None:
        typer.echo(found.remark.in_(spoken))
    heads = ("Liste", "Persona", "Kunden", "Anteil", "Umsatzanteil", "was sie ausmacht") if german else ("list", "persona", "customers", "share", "of revenue", "what sets it apart")  # fmt: skip
    rows = [
        (
            str(one.list.list_no), one.list.title.in_(spoken), number(one.list.size, "count", spoken), number(one.share, "share", spoken),
            number(one.revenue_share, "share", spoken), one.text.in_(spoken),
        )
        for one in found.personas
    ]  # fmt: skip
    print_table(heads, rows, right=heads[2:5], as_named=True)
