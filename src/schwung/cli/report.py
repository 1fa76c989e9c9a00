"""schwung report: a month, or other days, as a PDF."""

from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json
from schwung.core.errors import InputError
from schwung.core.text import LANGUAGES, Text

app = typer.Typer()


@app.command("report")
def report(
    month: Annotated[
        str | None, typer.Option(help="Calendar month, such as 2026-10.", show_default="the last one that is over")
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, in place of a month.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    spoken: Annotated[str, typer.Option("--language", help="en or de.", show_default="as set")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write.", show_default="report-MONTH-LANGUAGE.pdf")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Write the monthly report as a PDF: flywheel, key figures, growth, cohorts, findings, annotations.

    With --json its content is printed, and a file is written only where --out names one.
    Example: schwung report --month 2026-10 --language de
    """
    from schwung.app.analyses.report import report as compute
    from schwung.app.wiring import open_workspace

    if spoken not in ("", *LANGUAGES):
        raise InputError(
            "unknown_language",
            Text("There is no report in “{name}”.", "Einen Bericht in „{name}“ gibt es nicht.").fill(name=spoken[:20]),
            Text("Possible: {names}.", "Möglich: {names}.").fill(names=", ".join(LANGUAGES)),
        )
    tongue = "de" if (spoken or language()) == "de" else "en"
    place = open_workspace(workspace)
    found = compute(place, month, tongue, since=since, until=until, engine=engine_named(engine))  # type: ignore[arg-type]
    path = out or (None if json else Path(f"report-{found.label}-{tongue}.pdf"))
    if path is not None:
        path.write_bytes(found.to_pdf())
    if json:
        print_json(found.to_json())
    else:
        typer.echo(str(path))
