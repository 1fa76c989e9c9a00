"""schwung docs: writes the reference pages that the program itself declares."""

from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.output import JsonOption, print_json

app = typer.Typer()


@app.command("docs")
def docs(
    folder: Annotated[Path, typer.Argument(help="Folder of the documentation.")] = Path("docs"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a page is stale.")] = False,
    json: JsonOption = False,
) -> None:
    """Write docs/reference and the glossary from the registries of metrics, settings, errors, events, commands, tables."""
    from schwung.cli.reference import all_pages

    pages = all_pages()
    written = {path.relative_to(folder).as_posix() for path in (folder / "reference").rglob("*.md")}
    stale = sorted(path for path, text in pages.items() if _read(folder / path) != text)
    orphans = sorted(path for path in written - pages.keys() if _read(folder / path).startswith("<!-- Written by"))
    if not check:
        for path in stale:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(pages[path], encoding="utf-8")
        for path in orphans:
            (folder / path).unlink()
    if json:
        print_json({"pages": len(pages), "stale": stale, "orphans": orphans})
    else:
        typer.echo(
            f"{len(pages)} pages, {len(stale)} {'stale' if check else 'written'}, {len(orphans)} without a source."
        )
    raise typer.Exit(1 if check and (stale or orphans) else 0)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
