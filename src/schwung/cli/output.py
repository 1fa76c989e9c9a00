"""What commands share: the workspace option, tables for people, JSON for machines, errors with exit codes."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from schwung.cli.heads import head
from schwung.core.errors import SchwungError
from schwung.core.text import Language, Text

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        envvar="SCHWUNG_WORKSPACE",
        help="Folder of the workspace.",
        show_default="current folder",
        file_okay=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables for people.")]
CsvOption = Annotated[
    bool, typer.Option("--csv", help="Print CSV: the rows of the answer, with the names and units of JSON.")
]
HERE = Path()
_YES, _NO = Text("yes", "ja"), Text("no", "nein")
_FILES = Text(
    en="{place} cannot be used: {why}. Check that the folder exists, may be written and has space left.",
    de="{place} ist nicht nutzbar: {why}. Prüfen, ob der Ordner vorhanden und beschreibbar ist und Platz hat.",
)
_UNEXPECTED = Text(
    en="This should not have happened ({error}: {why}). Nothing that was stored before is lost. "
    "With SCHWUNG_DEBUG=1 the same command shows where it happened; please report that.",
    de="Das hätte nicht geschehen dürfen ({error}: {why}). Was schon gespeichert war, ist nicht verloren. "
    "Mit SCHWUNG_DEBUG=1 zeigt derselbe Befehl die Stelle; bitte melden.",
)


def language() -> Language:
    """Language of messages on the command line, from SCHWUNG_LANGUAGE or the locale."""
    spoken = os.environ.get("SCHWUNG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "de" if spoken.lower().startswith("de") else "en"


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def print_csv(rows: Any, columns: Sequence[str] = ()) -> None:
    """An Arrow table, or dicts; columns: those that stand there even where no row has them. What is not known is empty."""
    if hasattr(rows, "schema"):
        import pyarrow.csv as arrow_csv

        arrow_csv.write_csv(rows, sys.stdout.buffer)
        return
    import csv

    listed = list(rows)
    names = dict.fromkeys([*columns, *(name for row in listed for name in row)])
    out = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    out.writeheader()
    out.writerows(listed)


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
    as_named: bool = False,
) -> None:
    """A Rich table; the columns named in `right` are aligned right. as_named: heads are the columns' own names."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        shown = column if as_named else head(column, language())
        table.add_column(shown, justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    Console().print(table)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return (_YES if value else _NO).in_(language())
    return "–" if value is None or value == "" else str(value)


def run(app: typer.Typer) -> None:
    """Run the app; an error of ours becomes a sentence, its next step, and its exit code."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except SchwungError as error:
        typer.echo(f"{error.message.in_(language())} {error.step.in_(language())}", err=True)
        sys.exit(error.exit_code)
    except typer.TyperException as error:
        show = getattr(error, "show", None)
        is_help = type(error).__name__ == "NoArgsIsHelpError"
        if language() == "de" and hasattr(error, "format_message") and not is_help:
            from schwung.cli.german import explain

            typer.echo(explain(error), err=True)
        elif show:
            show()
        else:
            typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OSError as error:
        place = error.filename or "?"
        typer.echo(_FILES.fill(place=place, why=error.strerror or str(error)).in_(language()), err=True)
        sys.exit(3)
    except Exception as error:
        if os.environ.get("SCHWUNG_DEBUG"):
            raise
        typer.echo(_UNEXPECTED.fill(error=type(error).__name__, why=str(error)).in_(language()), err=True)
        sys.exit(70)
