"""schwung demo: a real shop in one command."""

from pathlib import Path
from typing import Annotated

import typer

from schwung.cli.output import language
from schwung.core.text import Text

app = typer.Typer()

_CREATING = Text(
    "The demo shop (Online Retail II, 525,461 lines, CC BY 4.0) is imported into {folder}.",
    "Der Demoladen (Online Retail II, 525.461 Zeilen, CC BY 4.0) wird in {folder} eingelesen.",
)
_READY = Text("The demo shop lies in {folder}. Serve it with: schwung serve --workspace {folder}", "Der Demoladen liegt in {folder}. Starten mit: schwung serve --workspace {folder}")  # fmt: skip


@app.command("demo")
def demo(
    folder: Annotated[
        Path, typer.Option(help="Folder of the demo's workspace; kept for the next time.", file_okay=False)
    ] = Path("demo-shop"),
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.", show_default="8080")] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the console when the data are in.")] = True,
) -> None:
    """Create the demo shop (Online Retail II) and serve it. A second time it opens at once; what was stopped goes on."""
    from schwung.app.demo import fill_demo, is_filled, open_demo
    from schwung.app.refresh import refresh_touched
    from schwung.cli.imports import bar

    workspace = open_demo(folder, language())
    try:
        if not is_filled(workspace):
            typer.echo(_CREATING.fill(folder=folder).in_(language()))
            with bar("online_retail_2009_2010") as told:
                fill_demo(workspace, told)
            refresh_touched(workspace)
    finally:
        workspace.store.close()
    if serve:
        from schwung.cli.serve import serve as serve_workspace

        serve_workspace(workspace=folder, host=None, port=port, worker=True, console=True)
    else:
        typer.echo(_READY.fill(folder=folder).in_(language()))
