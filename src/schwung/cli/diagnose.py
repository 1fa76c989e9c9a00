"""schwung diagnose: what the numbers mean together."""

from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json

if TYPE_CHECKING:
    from schwung.core.text import Language
    from schwung.measure.diagnosis.finding import Finding

app = typer.Typer()


@app.command("diagnose")
def diagnose(
    days: Annotated[int, typer.Option(min=1, max=731, help="Length of the period, without --since.")] = 28,
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Show findings by money: what is wrong, on which numbers it rests, what it costs, what to do.

    Example: schwung diagnose --since 2026-10-01 --until 2026-10-31
    """
    from schwung.app.analyses.diagnosis import diagnose as compute
    from schwung.app.wiring import open_workspace

    found = compute(open_workspace(workspace), days=days, since=since, until=until, engine=engine_named(engine))
    if json:
        return print_json(found.to_json())
    spoken = language()
    if not found.findings:
        typer.echo(
            "Keine Befunde: keine Regel spricht an, oder die Fakten reichen nicht."
            if spoken == "de"
            else "No findings: no rule speaks, or there are not enough facts."
        )
    for one in found.findings:
        _print(one, found.currency, spoken)
    return None


def _print(one: "Finding", currency: str, spoken: "Language") -> None:
    from schwung.measure.diagnosis.finding import PHASES, SORTS
    from schwung.renderers.numbers import number

    typer.echo(f"{one.rank}. {one.claim.in_(spoken)} [{PHASES[one.phase].in_(spoken)}, {SORTS[one.sort].in_(spoken)}]")
    if one.money is not None:
        amount, low, high = (
            number(part, currency, spoken) for part in (one.money.amount, one.money.low, one.money.high)
        )
        bounds = f" ({low} – {high})" if one.money.low is not None else ""
        typer.echo(f"   {amount}{bounds}: {one.money.basis.in_(spoken)}")
    elif one.unpriced is not None:
        typer.echo(f"   {one.unpriced.in_(spoken)}")
    part = f" ({one.action.part.in_(spoken)})" if one.action.part else ""
    typer.echo(f"   → {one.action.text.in_(spoken)}{part}")
    typer.echo()
