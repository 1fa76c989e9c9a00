"""schwung doctor: is all well, and if not, who must do what."""

from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json
from schwung.core.errors import SchwungError
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.app.doctor import Finding

app = typer.Typer()

_STATES = {
    "ok": ("green", Text("well", "gut")),
    "note": ("yellow", Text("note", "Hinweis")),
    "error": ("red", Text("error", "Fehler")),
}
_ALL_WELL = Text("All is well.", "Alles ist gut.")
_REPAIRED = Text("repaired", "behoben")
_SETTINGS = Text("Settings and store can be opened", "Einstellungen und Speicher lassen sich öffnen")


@app.command("doctor")
def doctor(
    workspace: WorkspaceOption = HERE,
    repair: Annotated[
        bool, typer.Option("--repair", help="Repair what is safe: finish a batch, fold small files, free dead leases.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check the workspace and say who must do what. Exit code 0 when nothing is wrong (notes allowed), else 3."""
    from schwung.app.doctor import Finding, examine
    from schwung.app.log import configure_log
    from schwung.app.wiring import open_workspace

    configure_log()
    try:
        opened = open_workspace(workspace)
        opened.store  # noqa: B018
        findings = [Finding("opens", _SETTINGS, "ok", Text("Yes.", "Ja."), None), *examine(opened, repair=repair)]
        opened.store.close()
    except SchwungError as error:
        findings = [Finding("opens", _SETTINGS, "error", error.message, error.step)]
    wrong = any(finding.state == "error" for finding in findings)
    if json:
        print_json({"ok": not wrong, "checks": [finding.to_json(language()) for finding in findings]})
    else:
        _print(findings, wrong)
    if wrong:
        raise typer.Exit(3)


def _print(findings: "list[Finding]", wrong: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Styled

    spoken = language()
    table = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        color, word = _STATES[finding.state]
        told = finding.detail.in_(spoken)
        if finding.repaired:
            told += f" ({_REPAIRED.in_(spoken)})"
        if finding.step:
            told += f"\n→ {finding.step.in_(spoken)}"
        table.add_row(Styled(word.in_(spoken), style=color), Styled(finding.title.in_(spoken)), Styled(told))
    console = Console()
    console.print(table)
    if not wrong:
        console.print(_ALL_WELL.in_(spoken))
