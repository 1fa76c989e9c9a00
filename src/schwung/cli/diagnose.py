"""schwung diagnose: what the numbers mean together."""

from typing import TYPE_CHECKING, Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json
from schwung.core.text import Text

if TYPE_CHECKING:
    from schwung.core.text import Language
    from schwung.measure.diagnosis.finding import Finding

app = typer.Typer()
_NONE = Text(
    "No findings: numbers compared with the times before: {n}; none is clearly worse, and no threshold is passed.",
    "Keine Befunde: mit den Zeiten davor verglichene Zahlen: {n}; keine ist klar schlechter, keine Schwelle ist überschritten.",
)
_NO_FACTS = Text(
    "No findings: too little is known of this time and the times before to compare anything. Import orders first (schwung import orders.csv --kind orders), or ask for a time with orders (--since, --until).",
    "Keine Befunde: Von dieser Zeit und den Zeiten davor ist zu wenig bekannt, um etwas zu vergleichen. Zuerst Bestellungen einlesen (schwung import orders.csv --kind orders) oder einen Zeitraum mit Bestellungen wählen (--since, --until).",
)


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
        typer.echo((_NONE.fill(n=found.looked) if found.looked else _NO_FACTS).in_(spoken))
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
