"""schwung export, forget, retain: what the law asks for about a person's data."""

from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.customers import CustomerArgument, actor, opened, say
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.text import Text

app = typer.Typer()


@app.command("export")
def export(
    customer: CustomerArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the ZIP file.", file_okay=False)] = HERE,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Export everything about a person: JSON, CSV and a covering letter (Art. 15 GDPR)."""
    from schwung.app.customers import find_customer
    from schwung.app.export_person import export_person

    place = opened(workspace)
    customer_id = find_customer(place, customer)
    path = export_person(place, customer_id, actor(), folder=output)
    if json:
        print_json({"customer_id": customer_id, "file": str(path)})
    else:
        say("Written: {path}", "Geschrieben: {path}", path=path)


@app.command("forget")
def forget(
    customer: CustomerArgument,
    delete_orders: Annotated[
        bool, typer.Option("--delete-orders", help="Delete orders and returns too; totals shrink.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Erase a person for good (Art. 17 GDPR) and report what was done."""
    from schwung.app import forget as erasing
    from schwung.app.customers import find_customer

    place = opened(workspace)
    customer_id = find_customer(place, customer)
    if not yes:
        say(
            "Customer {id} with all identifiers will be erased. This cannot be undone.",
            "Kunde {id} wird mit allen Kennungen gelöscht. Das lässt sich nicht rückgängig machen.",
            id=customer_id,
        )
        typer.confirm(Text("Erase?", "Löschen?").in_(language()), abort=True)
    report = erasing.forget(place, customer_id, actor(), delete_orders=delete_orders)
    if json:
        print_json(erasing.report_json(report))
        return
    rows: list[tuple[str, str, int | None, int | None]] = [
        ("lake", name, count, report.lake_kept.get(name)) for name, count in report.lake_deleted.items()
    ]
    rows += [("lake", name, None, kept) for name, kept in report.lake_kept.items() if name not in report.lake_deleted]
    rows += [("store", name, count, None) for name, count in report.store.items()]
    rows += [("store", "events", report.events_emptied, None)]
    rows += [("files", name, count, None) for name, count in report.files.items()]
    columns = Text(
        "place, what, deleted or emptied, kept anonymously", "Ort, was, gelöscht oder geleert, anonym behalten"
    )
    print_table(columns.in_(language()).split(", "), [row for row in rows if row[2] or row[3]])
    for name in report.notes:
        typer.echo(f"– {erasing.NOTES[name].in_(language())}")


@app.command("retain")
def retain(
    apply: Annotated[bool, typer.Option("--apply", help="Delete; without it, only print what would go.")] = False,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Apply the retention periods of schwung.toml; a dry run unless --apply."""
    from schwung.app.retain import retain as keep

    found = keep(opened(workspace), dry_run=not apply)
    if json:
        print_json(
            {"applied": apply, "rows": [{"what": one.what, "days": one.days, "count": one.count} for one in found]}
        )
        return
    columns = Text("what, days kept, expired", "was, Tage, abgelaufen").in_(language()).split(", ")
    print_table(columns, [(one.title.in_(language()), one.days, one.count) for one in found], right=columns[1:])
    if not apply:
        say(
            "Nothing was deleted. To delete: schwung retain --apply",
            "Nichts wurde gelöscht. Löschen: schwung retain --apply",
        )
