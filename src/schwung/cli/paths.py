"""schwung paths and schwung visits: sequences of events, and visits by channel."""

from typing import Annotated

import typer

from schwung.cli.measure import engine_named
from schwung.cli.output import HERE, JsonOption, WorkspaceOption, language, print_json, print_table
from schwung.core.text import Text

app = typer.Typer()
_NO_PATH = Text(
    'No visit of this period has the event “{event}”. Names of events stand under: schwung query "SELECT DISTINCT name FROM events"',
    'Kein Besuch dieses Zeitraums enthält das Ereignis „{event}“. Die Namen zeigt: schwung query "SELECT DISTINCT name FROM events"',
)


@app.command("paths")
def paths(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Name of the event, such as order_completed.")],
    to: Annotated[bool, typer.Option("--to", help="Sequences up to the event instead of from it on.")] = False,
    length: Annotated[int, typer.Option(min=2, max=8, help="Events of a sequence.")] = 5,
    repeats: Annotated[bool, typer.Option("--repeats", help="Keep the same event several times in a row.")] = False,
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """List the most frequent sequences of events from or to an event, within visits."""
    from schwung.app.analyses.paths import paths as compute
    from schwung.app.wiring import open_workspace
    from schwung.renderers.numbers import number

    found = compute(
        open_workspace(workspace), event, direction="to" if to else "from", length=length, collapse=not repeats,
        since=since, until=until, engine=engine_named(engine),
    )  # fmt: skip
    if json:
        print_json(found.to_json())
        return
    spoken = language()
    heads = ("Pfad", "Besuche", "Anteil", "Kunden") if spoken == "de" else ("path", "visits", "share", "customers")
    rows = [
        (" → ".join(row.names), *(number(value, unit, spoken) for value, unit in ((row.visits, "count"), (row.share.value, "share"), (row.customers, "count"))))
        for row in found.rows
    ]  # fmt: skip
    if not rows:
        typer.echo(_NO_PATH.fill(event=event).in_(spoken))
        return
    print_table(heads, rows, right=heads[1:], as_named=True)


@app.command("visits")
def visits(
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day; it counts.")] = None,
    engine: Annotated[str | None, typer.Option(help="duckdb or spark.", show_default="as set")] = None,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Count visits by channel, with customers and conversion."""
    from schwung.app.analyses.visits import visit_figures
    from schwung.app.wiring import open_workspace
    from schwung.renderers.numbers import number

    found = visit_figures(open_workspace(workspace), since=since, until=until, engine=engine_named(engine))
    if json:
        print_json(found.to_json())
        return
    spoken = language()
    heads = ("Kanal", "Besuche", "Kunden", "Konversion", "95 %") if spoken == "de" else (
        "channel", "visits", "customers", "conversion", "95%")  # fmt: skip
    rows = [
        (
            row.channel, number(row.visits, "count", spoken), number(row.customers, "count", spoken),
            "–" if row.too_few else number(row.conversion.value, "share", spoken),
            "" if row.too_few else f"{number(row.conversion.low, 'share', spoken)} – {number(row.conversion.high, 'share', spoken)}",
        )
        for row in (found.whole, *found.rows)
    ]  # fmt: skip
    rows[0] = ("alle" if spoken == "de" else "all", *rows[0][1:])
    print_table(heads, rows, right=heads[1:], as_named=True)
