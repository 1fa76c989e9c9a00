"""schwung report: the month as a PDF."""

from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, WorkspaceOption, language
from schwung.core.errors import InputError
from schwung.core.text import LANGUAGES, Text

app = typer.Typer()


@app.command("report")
def report(
    month: Annotated[str, typer.Option(help="Calendar month, such as 2026-10.")],
    spoken: Annotated[str, typer.Option("--language", help="en or de.", show_default="as set")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write.", show_default="report-MONTH-LANGUAGE.pdf")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
) -> None:
    """Write the monthly report as a PDF: flywheel, key figures, growth, cohorts, findings, annotations.

    Example: schwung report --month 2026-10 --language de
    """
    from schwung.app.analyses.monthly import monthly_pdf
    from schwung.app.wiring import open_workspace

    if spoken not in ("", *LANGUAGES):
        raise InputError(
            "unknown_language",
            Text("There is no report in “{name}”.", "Einen Bericht in „{name}“ gibt es nicht.").fill(name=spoken[:20]),
            Text("Possible: {names}.", "Möglich: {names}.").fill(names=", ".join(LANGUAGES)),
        )
    tongue = "de" if (spoken or language()) == "de" else "en"
    pdf = monthly_pdf(open_workspace(workspace), month, tongue, engine_named(engine))  # type: ignore[arg-type]
    path = out or Path(f"report-{month}-{tongue}.pdf")
    path.write_bytes(pdf)
    typer.echo(str(path))
